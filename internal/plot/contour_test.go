package plot

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// lengthOf returns the length of lines whose points NaN separates.
func lengthOf(x, y []float64) (sum float64) {
	for i := 1; i < len(x); i++ {
		if d := math.Hypot(x[i]-x[i-1], y[i]-y[i-1]); !math.IsNaN(d) {
			sum += d
		}
	}
	return sum
}

// TestContourOfALinearField checks that the contour of a linear field is the
// straight line on which the field has the level, whatever the line's slope:
// interpolation along edges is exact for it.
func TestContourOfALinearField(t *testing.T) {
	const rows, cols = 9, 12
	e := Extent{X0: -1, X1: 5, Y0: 2, Y1: 4}
	rapid.Check(t, func(t *rapid.T) {
		angle := rapid.Float64Range(0, 2*math.Pi).Draw(t, "angle")
		a, b := math.Cos(angle), math.Sin(angle)
		values := make([]float64, rows*cols)
		at := func(k int) (x, y float64) {
			return e.X0 + (float64(k%cols)+0.5)*(e.X1-e.X0)/cols,
				e.Y0 + (float64(k/cols)+0.5)*(e.Y1-e.Y0)/rows
		}
		for k := range values {
			x, y := at(k)
			values[k] = a*x + b*y
		}
		level := a*2 + b*3 // through the middle
		x, y := Contour(values, rows, cols, e, level)
		for i := range x {
			if v := a*x[i] + b*y[i]; math.Abs(v-level) > 1e-12 {
				t.Fatalf("at (%g, %g) the field is %g, not %g", x[i], y[i], v, level)
			}
		}
		// The chord through the middle of the rectangle of cell centers.
		w, h := (e.X1-e.X0)*(cols-1)/cols, (e.Y1-e.Y0)*(rows-1)/rows
		want := min(w/math.Abs(b), h/math.Abs(a))
		if got := lengthOf(x, y); math.Abs(got-want) > 1e-9 {
			t.Fatalf("length %g, want %g", got, want)
		}
	})
}

// TestContourOfACone checks that the contours of a cone are circles, up to the
// square of the spacing, the error of linear interpolation.
func TestContourOfACone(t *testing.T) {
	const n = 80
	values := make([]float64, n*n)
	for k := range values {
		values[k] = math.Hypot((float64(k%n)+0.5)/n-0.5, (float64(k/n)+0.5)/n-0.5)
	}
	for _, r := range []float64{0.1, 0.3, 0.45} {
		x, y := Contour(values, n, n, Extent{X1: 1, Y1: 1}, r)
		if got, want := lengthOf(x, y), 2*math.Pi*r; math.Abs(got-want) > 0.004*want {
			t.Errorf("radius %g: length %g, want %g", r, got, want)
		}
	}
}

// TestContourOfASaddle checks that a saddle is cut so that its mean stays with
// the two corners on the mean's side of the level, and that a square with a NaN
// has no line.
func TestContourOfASaddle(t *testing.T) {
	for _, c := range []struct {
		corners [4]float64
		level   float64
		near    point // a corner with a line around it
	}{
		{[4]float64{1, 0, 1, 0}, 0.4, point{1, 0}},
		{[4]float64{1, 0, 1, 0}, 0.6, point{0, 0}},
		{[4]float64{0, 1, 0, 1}, 0.4, point{0, 0}},
		{[4]float64{0, 1, 0, 1}, 0.6, point{1, 0}},
	} {
		lines := crossings(c.corners, c.level)
		if len(lines) != 2 {
			t.Fatalf("%v at %g: %d lines", c.corners, c.level, len(lines))
		}
		around := false
		for _, l := range lines {
			d := math.Abs(l[0].x-c.near.x) + math.Abs(l[0].y-c.near.y) +
				math.Abs(l[1].x-c.near.x) + math.Abs(l[1].y-c.near.y)
			around = around || math.Abs(d-0.8) < 1e-12
		}
		if !around {
			t.Errorf("%v at %g: no line around %v: %v", c.corners, c.level, c.near, lines)
		}
	}
	if lines := crossings([4]float64{0, 1, math.NaN(), 1}, 0.5); lines != nil {
		t.Errorf("a square with a NaN has the lines %v", lines)
	}
}
