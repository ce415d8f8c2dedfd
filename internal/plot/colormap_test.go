package plot

import (
	"image/color"
	"math"
	"testing"
)

// TestColorMaps checks that every map is uniform (equal steps in value look
// equally large) and lies inside the gamut. The lightness of a sequential map
// rises throughout. The lightness of the other maps falls on both sides of the
// middle, and equally fast. A map with a flat part would hide a step in the
// data, and one with a jump would invent it.
func TestColorMaps(t *testing.T) {
	for m, runs := range curves {
		for _, run := range runs {
			path := walk(run, levels)
			total := 0.0
			for i := 1; i < len(path); i++ {
				total += path[i].distance(path[i-1])
			}
			step := total / float64(len(path)-1)
			var clipped, uneven, turning []int
			for i, p := range path {
				if !p.inGamut() {
					clipped = append(clipped, i)
				}
				if i == 0 {
					continue
				}
				if d := p.distance(path[i-1]); math.Abs(d-step) > 0.01*step {
					uneven = append(uneven, i)
				}
				if rising := p.l > path[i-1].l; rising == (len(runs) == 2) {
					turning = append(turning, i)
				}
			}
			if clipped != nil || uneven != nil || turning != nil {
				t.Errorf("map %d: outside sRGB at %v; steps uneven at %v; lightness turns at %v", m,
					clipped, uneven, turning)
			}
		}
	}
	for _, m := range []ColorMap{DifferenceMap, SignedMap, CyclicMap} {
		palette := m.palette()
		lightness := func(i int) float64 { return toOKLab(palette[i].(color.RGBA)).l }
		for i := range levels / 2 {
			if d := math.Abs(lightness(i) - lightness(levels-1-i)); d > 0.015 {
				t.Errorf("map %d: lightness differs by %g between colors %d and %d", m, d, i,
					levels-1-i)
			}
		}
	}
}

// TestCyclicMapCloses checks that the ends of a cyclic map are one color, and
// that its sides meet only there: a step over the wrap is as small as any
// other.
func TestCyclicMapCloses(t *testing.T) {
	palette := CyclicMap.palette()
	at := func(i int) oklab { return toOKLab(palette[i].(color.RGBA)) }
	if palette[0] != palette[levels-1] {
		t.Errorf("the ends are %v and %v", palette[0], palette[levels-1])
	}
	for i := 10; i < levels/2-10; i++ {
		if d := at(i).distance(at(levels - 1 - i)); d < 0.02 {
			t.Errorf("colors %d and %d, of opposite phases, differ by %g only", i, levels-1-i, d)
		}
	}
}

// TestEndsWithoutRedOrGreenCones checks that diverging maps stay readable for
// eyes without red cones or without green cones: the two ends of a map differ
// in lightness or in blueness by far more than one step. The matrices are the
// simulation of Viénot, Brettel and Mollon (1999) in linear sRGB.
func TestEndsWithoutRedOrGreenCones(t *testing.T) {
	blind := map[string][3][3]float64{
		"protanope": {{0.11238, 0.88762, 0}, {0.11238, 0.88762, 0}, {0.00401, -0.00401, 1}},
		"deuteranope": {{0.29275, 0.70725, 0}, {0.29275, 0.70725, 0},
			{-0.02234, 0.02234, 1}},
	}
	decode := func(v uint8) float64 { return math.Pow(float64(v)/255, 2.2) }
	for _, m := range []ColorMap{DifferenceMap, SignedMap} {
		palette := m.palette()
		for eye, matrix := range blind {
			see := func(i int) oklab {
				c := palette[i].(color.RGBA)
				in := [3]float64{decode(c.R), decode(c.G), decode(c.B)}
				var out [3]uint8
				for k, row := range matrix {
					v := row[0]*in[0] + row[1]*in[1] + row[2]*in[2]
					out[k] = uint8(255 * math.Pow(min(max(v, 0), 1), 1/2.2))
				}
				return toOKLab(color.RGBA{out[0], out[1], out[2], 255})
			}
			if d := see(0).distance(see(levels - 1)); d < 0.1 {
				t.Errorf("map %d: a %s sees its ends %g apart", m, eye, d)
			}
		}
	}
}

// TestOKLab checks that the conversions invert each other on all gray and some
// colored 8-bit values, and that white and the red primary have the coordinates
// that Ottosson prints.
func TestOKLab(t *testing.T) {
	for v := range 256 {
		for _, c := range []color.RGBA{{uint8(v), uint8(v), uint8(v), 255},
			{uint8(v), 100, uint8(255 - v), 255}} {
			if got := toOKLab(c).rgba(); got != c {
				t.Errorf("%v comes back as %v", c, got)
			}
		}
	}
	for _, c := range []struct {
		in   color.RGBA
		want oklab
	}{{color.RGBA{255, 255, 255, 255}, oklab{1, 0, 0}},
		{color.RGBA{255, 0, 0, 255}, oklab{0.6280, 0.2249, 0.1258}}} {
		if got := toOKLab(c.in); got.distance(c.want) > 1e-4 {
			t.Errorf("toOKLab(%v) = %+v, want %+v", c.in, got, c.want)
		}
	}
}

// TestMapIndex checks the entries at both ends of a scale, beyond them, and for
// values that are not finite, which must not take an end color.
func TestMapIndex(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want uint8
	}{{-1, 0}, {0, 0}, {0.5, levels / 2}, {1, levels - 1}, {7, levels - 1},
		{math.NaN(), missing}, {math.Inf(1), missing}, {math.Inf(-1), missing}} {
		if got := FieldMap.index(c.v, 0, 1); got != c.want {
			t.Errorf("index(%g) = %d, want %d", c.v, got, c.want)
		}
	}
}

// inGamut reports whether an sRGB screen can show p.
func (p oklab) inGamut() bool {
	r, g, b := p.linear()
	return min(r, g, b) >= 0 && max(r, g, b) <= 1
}

// toOKLab is the inverse of rgba.
func toOKLab(c color.RGBA) oklab {
	decode := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	r, g, b := decode(c.R), decode(c.G), decode(c.B)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	return oklab{
		0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		0.0259040371*l + 0.7827717662*m - 0.8086757660*s,
	}
}
