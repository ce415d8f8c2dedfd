package plot

import (
	"math"
	"testing"
)

// TestOutlineOfARectangle checks that the outline of a rectangle is its
// perimeter, in the fewest runs, and that a small step of noise adds nothing.
func TestOutlineOfARectangle(t *testing.T) {
	const rows, cols = 10, 14
	field := make([]float64, rows*cols)
	for k := range field {
		field[k] = 0.01 * math.Sin(float64(k))
		if r, c := k/cols, k%cols; r >= 2 && r < 5 && c >= 4 && c < 11 {
			field[k]++
		}
	}
	perimeter := 0.0
	runs := jumps(field, rows, cols)
	for _, r := range runs {
		perimeter += math.Abs(r[1].x-r[0].x) + math.Abs(r[1].y-r[0].y)
		for _, p := range r {
			if p.x < 4 || p.x > 11 || p.y < 2 || p.y > 5 {
				t.Errorf("%v is not on the edge of the rectangle", p)
			}
		}
	}
	if len(runs) != 4 || perimeter != 2*(7+3) {
		t.Errorf("%d runs of length %g, want 4 of %d", len(runs), perimeter, 2*(7+3))
	}
}

// TestNoOutline checks that fields without regions have no outline: constant,
// smooth, or rough everywhere.
func TestNoOutline(t *testing.T) {
	const n = 40
	for name, value := range map[string]func(row, col int) float64{
		"constant": func(row, col int) float64 { return 3 },
		"smooth":   func(row, col int) float64 { return math.Sin(float64(row) / 20) },
		"checks":   func(row, col int) float64 { return float64((row + col) % 2) },
		"NaN":      func(row, col int) float64 { return math.NaN() },
	} {
		field := make([]float64, n*n)
		for k := range field {
			field[k] = value(k/n, k%n)
		}
		if runs := jumps(field, n, n); len(runs) > 0 {
			t.Errorf("%s: %d runs", name, len(runs))
		}
	}
}

// TestBarText checks that a bar names its quantity with factor and unit along
// its height, and that a bar too short for the text has a header with factor
// and unit. A figure without the factor would be wrong by a power of ten.
func TestBarText(t *testing.T) {
	s := &sharedScale{lo: 0, hi: 0.004, quantity: "displacement *u*_{y}", unit: "cm"}
	along, header := s.barText(200)
	if len(along) != 1 || along[0] != "displacement *u*_{y} (×10^{−3}\u00a0cm)" || header != "" {
		t.Errorf("a bar of 200 has %q and the header %q", along, header)
	}
	if along, header = s.barText(100); len(along) != 2 || header != "" {
		t.Errorf("a bar of 100 has %q and the header %q", along, header)
	}
	if along, header = s.barText(40); along != nil || header != "×10^{−3} cm" {
		t.Errorf("a bar of 40 has %q and the header %q", along, header)
	}
	s.unit, s.hi = "", 1
	if along, _ = s.barText(200); along[0] != s.quantity {
		t.Errorf("a pure number is %q", along)
	}
}

// TestBarTicks checks that every bar has two ticks or more, however short it is
// and wherever its limits lie between round numbers.
func TestBarTicks(t *testing.T) {
	for _, limits := range [][2]float64{{-4.7, 4.7}, {0.001, 0.999}, {-0.499, 0.499}, {3, 3.01},
		{-2e-7, 9e-7}, {1e6, 4e6}} {
		for height := 20.0; height < 300; height += 7 {
			ts, _ := (&sharedScale{lo: limits[0], hi: limits[1]}).barTicks(height)
			if len(ts) < 2 {
				t.Errorf("limits %v, height %g: %d ticks", limits, height, len(ts))
			}
			for _, k := range ts {
				if k.value < limits[0]-1e-9 || k.value > limits[1]+1e-9 {
					t.Errorf("limits %v: a tick at %g", limits, k.value)
				}
			}
		}
	}
}

// TestEqualAxes checks that equal axes have units of one length, whichever
// range is wider. A circle must look round.
func TestEqualAxes(t *testing.T) {
	for _, x := range []float64{0.1, 1, 10} {
		c := &Chart{Equal: true, XLabel: "*x*", YLabel: "*y*",
			Series: []Series{{X: []float64{0, x}, Y: []float64{0, 1}, Style: Dots}}}
		l := c.layout()
		perX := (l.right - l.left) / (l.x.hi - l.x.lo)
		perY := (l.bottom - l.top) / (l.y.hi - l.y.lo)
		if math.Abs(perX/perY-1) > 0.05 || l.x.lo > 0 || l.x.hi < x || l.y.lo > 0 || l.y.hi < 1 {
			t.Errorf("width %g: %g and %g pixels per unit, over %v and %v", x, perX, perY, l.x, l.y)
		}
	}
}
