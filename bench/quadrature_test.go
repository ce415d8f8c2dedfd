package bench_test

import (
	"context"
	"math"
	"testing"

	"csdm/bench"
	"csdm/internal/format"
	"csdm/problems"
	"csdm/problems/quasistatic"
)

func newQuasistatic(t testing.TB, grid int, noise float64) problems.Parametric {
	t.Helper()
	p, err := quasistatic.New(problems.Options{Grid: grid, NoisePercent: noise})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestQuadratureAgreesWithFEniCS(t *testing.T) {
	arrays, err := format.ReadNPZFile("testdata/quasistatic_28_n5.npz")
	if err != nil {
		t.Fatal(err)
	}
	for k, a := range arrays {
		t.Log(k, a.Shape, a.DType)
	}
	p := newQuasistatic(t, 28, 5)
	n := p.Spec().XLen()
	ys, means, stds := arrays["y"].Float64(), arrays["mean"].Float64(), arrays["std"].Float64()
	for k := range 2 {
		r, err := bench.Quadrature(context.Background(), p, ys[k*n:(k+1)*n], bench.QuadratureSettings{Threads: 2})
		if err != nil {
			t.Fatal(err)
		}
		q := r.Scaled(quasistatic.Background, quasistatic.Inclusion-quasistatic.Background)
		t.Logf("levels %d width %v cells %d solves %d ess %.0f errs %.2g %.2g conv %v %v theta %v %v", r.Levels, r.Width, r.Cells, r.Solves, r.ESS, r.ErrorMean, r.ErrorStd, r.Converged, r.Elapsed, r.ThetaMean, r.ThetaStd)
		t.Logf("RMSE %.5f %.5f", bench.RMSE(q.Mean, means[k*n:(k+1)*n]), bench.RMSE(q.Std, stds[k*n:(k+1)*n]))
		_ = math.Pi
	}
}
