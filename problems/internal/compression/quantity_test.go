package compression_test

import (
	"math"
	"testing"

	"csdm/internal/rng"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/internal/compression"
)

// TestQuantify compares the quantities of discs with the variables that made them. A disc on nodes differs from the disc by
// nodes at its rim: its area by some √(8 r/h) of them, its centre by less than half the spacing h.
func TestQuantify(t *testing.T) {
	const n, size = 57, 7.0
	prior := priors.CircularInclusion{
		Grid: priors.Grid{Rows: n, Cols: n, Width: size, Height: size},
		X:    priors.Uniform{Lo: 2, Hi: 5}, Y: priors.Uniform{Lo: 2, Hi: 5},
		Radius: priors.Uniform{Lo: 0.8, Hi: 1.6}, Ratio: priors.Uniform{Lo: 2, Hi: 8}, Background: 3,
	}
	p, err := compression.New(problems.Spec{Name: "test", LengthUnit: "mm", XUnit: "kPa"}, prior, 0, -0.1, priors.Gaussian{Std: 1})
	if err != nil {
		t.Fatal(err)
	}
	const h = size / (n - 1)
	q, x, theta := make([]float64, len(p.Quantities())), make([]float64, n*n), make([]float64, 4)
	noise := rng.New(1, rng.Test, 0, 0)
	for i := range uint64(50) {
		p.Latent(theta, 1, i)
		p.Field(x, theta)
		for k := range x {
			x[k] += 0.1 * noise.Normal()
		}
		p.Quantify(q, x)
		r := theta[2]
		area := math.Pi * q[2] * q[2] / 4
		if math.Abs(q[0]-theta[0]) > h/2 || math.Abs(q[1]-theta[1]) > h/2 ||
			math.Abs(area-math.Pi*r*r) > 4*math.Sqrt(8*r/h)*h*h || math.Abs(q[3]-3*theta[3]) > 0.1 {
			t.Errorf("θ = %v: quantities %v", theta, q)
		}
	}
	for k := range x {
		x[k] = 3
	}
	p.Quantify(q, x)
	if q[0] != size/2 || q[1] != size/2 || q[2] != 0 || q[3] != 3 {
		t.Errorf("a uniform field has quantities %v", q)
	}
}
