package measured

import (
	"math"
	"strings"
	"testing"
)

// TestUnits: symbols, names and other case stand for one unit. A spelling that
// could be two units is refused.
//
// The inch is exactly 25.4 mm.
func TestUnits(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     float64
	}{
		{"mm", "cm", 0.1}, {"um", "mm", 1e-3}, {"µm", "um", 1}, {"μm", "nm", 1e3}, {"m", "cm", 100},
		{"deg", "rad", math.Pi / 180}, {"kPa", "kPa", 1}, {"kPa", "MPa", 1e-3}, {"V", "V", 1},
		{"in", "mm", 25.4}, {"Inches", "cm", 2.54}, {"micrometer", "cm", 1e-4}, {"Micron", "µm", 1},
		{"MM", "mm", 1}, {"Cm", "cm", 1}, {"UM", "µm", 1}, {"millimetres", "mm", 1},
		{"KPA", "kPa", 1},
		{"°", "deg", 1}, {"Degrees", "rad", math.Pi / 180}, {"turn", "cycle", 1}, {" mm ", "mm", 1},
	} {
		if f, err := UnitFactor(c.from, c.to); err != nil || math.Abs(f/c.want-1) > 1e-14 {
			t.Errorf("%q in %q: %v, %v; want %v", c.from, c.to, f, err, c.want)
		}
	}
	for _, c := range []struct{ from, to, says string }{
		{"furlong", "mm", "units of length: m, dm, cm, mm, µm, nm, in"}, {"", "mm", "is not known"},
		{"mm", "rad", "a unit of angle is expected: rad, mrad, deg, cycle"},
		{"kPa", "cm", "a unit of pressure"},
		{"mm", "V", `only "V"`}, {"mm", "Mm", `only "Mm"`}, {"Mm", "cm", "megameters"},
		{"M", "cm", "may mean"}, {"NM", "m", "nautical"},
		{"mPa", "kPa", "millipascals"}, {"mpa", "kPa", "may mean"}, {"Mrad", "rad", "may mean"},
		{"m m", "mm", "is not known"},
	} {
		if f, err := UnitFactor(c.from, c.to); err == nil ||
			!strings.Contains(err.Error(), c.says) {
			t.Errorf("%q in %q: %v, %v; want %q", c.from, c.to, f, err, c.says)
		}
	}
}

// TestUnitsDiffer: no spelling stands for two units, not even in other case.
//
// Without it, a new unit could take over the spelling of another one.
func TestUnitsDiffer(t *testing.T) {
	seen := map[string]string{}
	for _, k := range kinds {
		for _, u := range k.units {
			for _, name := range append([]string{u.symbol}, u.names...) {
				low := strings.ToLower(name)
				if other, ok := seen[low]; ok {
					t.Errorf("%q is %s and %s", name, other, u.symbol)
				}
				seen[low] = u.symbol
			}
		}
	}
}

// TestLengths is a table of spellings. Each is refused or read in one way, and
// Reading shows which.
func TestLengths(t *testing.T) {
	for _, c := range []struct {
		text    string
		x, y    float64 // mm
		reading string
	}{
		{"0.5", 0.5, 0.5, "x = 0.5 mm (no unit is given), y = 0.5 mm (no unit is given)"},
		{"200um", 0.2, 0.2, "x = 200 µm, y = 200 µm"},
		{"26.297, 34.608", 26.297, 34.608,
			"x = 26.297 mm (no unit is given), y = 34.608 mm (no unit is given)"},
		{"1cm,-2 mm", 10, -2, "x = 1 cm, y = -2 mm"},
		{"1e-3m", 1, 1, "x = 0.001 m, y = 0.001 m"},
		{"10,10mm", 10, 10, "x = 10 mm, y = 10 mm"},
		{"1, 2 cm", 10, 20, "x = 1 cm, y = 2 cm"},
		{"1,5mm", 1, 5, "x = 1 mm, y = 5 mm"}, // a decimal comma looks like a list
		{"1in", 25.4, 25.4, "x = 1 in, y = 1 in"},
		{"1 Millimeter,2 MM", 1, 2, "x = 1 mm, y = 2 mm"},
	} {
		l, err := ParseLengths(c.text, "mm")
		if err != nil || math.Abs(l.X-c.x) > 1e-12 || math.Abs(l.Y-c.y) > 1e-12 ||
			l.Reading != c.reading {
			t.Errorf("%q: %+v, %v", c.text, l, err)
		}
	}
	for text, says := range map[string]string{
		"": "a length such as", "mm": "a length such as", "inf": "a length such as",
		"NaN":     "a length such as",
		"0x1p5mm": "a length such as", "1,,2": "3 parts", "1,2,3": "3 parts",
		"0,37,0,37mm": "with a decimal point",
		"1,":          "a length such as", ",1": "a length such as", "1_0mm": "a length such as",
		"1x2mm":     "a length such as",
		"1 furlong": "units of length", "0.3mm,0.2": "for the first length only",
		"1,2Mm": "megameters", "1e999": "a length such as",
		"5deg": "a unit of length is expected",
	} {
		if l, err := ParseLengths(text, "mm"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %+v, %v; want %q", text, l, err, says)
		}
	}
}
