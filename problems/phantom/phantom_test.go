package phantom_test

import (
	"math"
	"testing"

	"csdm/internal/format"
	"csdm/problems"
	"csdm/problems/phantom"
	"csdm/problems/problemstest"
)

func TestProblem(t *testing.T) {
	a, err := format.ReadNPZFile("testdata/phantom_56.npz")
	if err != nil {
		t.Fatal(err)
	}
	problemstest.Problem(t, problemstest.Case{
		New:      func(o problems.Options) (problems.Problem, error) { return phantom.New(o) },
		Options:  problems.Options{Grid: 28},
		NoiseStd: func(float64) float64 { return 0.001 },
		References: []problemstest.ReferencePair{
			{Name: "56", X: a["mu"].Float64(), Y: a["uy"].Float64(), Tolerance: 1e-9},
		},
	})
}

// TestUMax checks that the displacements are between the displacements of the
// plates, so that UMax is the scale of y.
func TestUMax(t *testing.T) {
	p, err := phantom.New(problems.Options{Grid: 20})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, 400), make([]float64, 400)
	for i := range uint64(20) {
		if err := g.Pair(x, y, 1, i); err != nil {
			t.Fatal(err)
		}
		for _, v := range y {
			if v > phantom.UBottom*(1+1e-12) || v < phantom.UTop*(1-1e-12) {
				t.Fatalf("pair %d: displacement %v", i, v)
			}
		}
	}
	if s := (phantom.UBottom - phantom.UTop) / phantom.Height; math.Abs(s-0.0089) > 5e-5 {
		t.Errorf("compression of %v, the paper's is 0.89 %%", s)
	}
}
