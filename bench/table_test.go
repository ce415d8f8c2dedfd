package bench_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"csdm/bench"
	"csdm/problems"
	"csdm/problems/quasistatic"
)

// TestTable compares a table with the closed form of a linear problem. The
// midpoint rule is exact to rounding for a smooth density that its cells
// resolve.
func TestTable(t *testing.T) {
	l := newLinear()
	table, err := bench.NewTable(l, 2)
	if err != nil {
		t.Fatal(err)
	}
	y := l.measure()
	if _, err := table.Posterior(t.Context(), y, l.law.Std); !errors.Is(err, bench.ErrNotFilled) {
		t.Errorf("an empty table gives the error %v", err)
	}
	last := 0
	if err := table.FillMiddles(t.Context(), func(cells int) { last = cells }); err != nil {
		t.Fatal(err)
	}
	if last != table.Blocks() || table.Solves() != last {
		t.Errorf("%d of %d cells were reported, %d solved", last, table.Blocks(), table.Solves())
	}
	for range 2 { // the second call finds all cells solved
		p, err := table.Posterior(t.Context(), y, l.law.Std)
		if err != nil {
			t.Fatal(err)
		}
		m, std, thetaMean, thetaStd, _ := l.exact(y)
		near := func(what string, got, want []float64) {
			t.Helper()
			for k, v := range got {
				// d is stored with 24 bits, and the cut-off is e⁻¹⁶.
				if math.Abs(v-want[k]) > 1e-4 {
					t.Errorf("%s %d is %v, want %v", what, k, v, want[k])
				}
			}
		}
		near("mean", p.Mean, m)
		near("std", p.Std, std)
		near("mean of variable", p.ThetaMean, thetaMean)
		near("std of variable", p.ThetaStd, thetaStd)
		inPlane, spread := planeMoments(p.Plane)
		near("mean in the plane", inPlane[:], thetaMean)
		near("std in the plane", spread[:], thetaStd)
		if p.Coarse || p.ErrorMean > 1e-4 || p.ErrorStd > 1e-4 {
			t.Errorf("errors %v and %v, coarse %v", p.ErrorMean, p.ErrorStd, p.Coarse)
		}
		if last += p.Solves; last != table.Solves() {
			t.Errorf("%d solves were reported, %d made", last, table.Solves())
		}
	}
	if p, err := table.Posterior(t.Context(), y, 1e-3); err != nil || !p.Coarse {
		t.Errorf("noise far below the cells: %v, coarse %v", err, p.Coarse)
	}
	if _, err := table.Posterior(t.Context(), y[1:], 1); err == nil {
		t.Error("a short measurement was accepted")
	}
}

// TestTableAgainstQuadrature compares the two for discs on nodes, where the
// integrand has jumps. The difference must be within the errors that both
// state.
func TestTableAgainstQuadrature(t *testing.T) {
	p, err := quasistatic.New(problems.Options{Grid: 9, NoisePercent: 10})
	if err != nil {
		t.Fatal(err)
	}
	_, y, err := problems.MeasuredPair(p, 1, 4)
	if err != nil {
		t.Fatal(err)
	}
	q, err := bench.Quadrature(context.Background(), p, y, bench.QuadratureSettings{Threads: 2,
		Levels: 2})
	if err != nil {
		t.Fatal(err)
	}
	table, err := bench.NewTable(p, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := table.FillMiddles(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	got, err := table.Posterior(t.Context(), y, 0.1*quasistatic.UMax)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []struct {
		what               string
		difference, stated float64
	}{{"mean", bench.RMSE(got.Mean, q.Mean), got.ErrorMean + q.ErrorMean},
		{"std", bench.RMSE(got.Std, q.Std), got.ErrorStd + q.ErrorStd}} {
		t.Logf("%s differs by %.2g kPa; the stated errors are %.2g", v.what, v.difference, v.stated)
		if !(v.difference < 2*v.stated) {
			t.Errorf("%s differs by %v, stated are %v", v.what, v.difference, v.stated)
		}
	}
}
