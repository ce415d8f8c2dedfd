package bench_test

import (
	"context"
	"math"
	"reflect"
	"testing"

	"csdm/bench"
	"csdm/internal/format"
	"csdm/problems"
	"csdm/problems/quasistatic"
)

var ctx = context.Background()

func newQuasistatic(t testing.TB, grid int, noise float64) problems.Parametric {
	t.Helper()
	p, err := quasistatic.New(problems.Options{Grid: grid, NoisePercent: noise})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// reference reads measurement k of a file of posteriors that FEniCS made, in normalized units, with its y in cm.
func reference(t testing.TB, name string, k int) (y []float64, p *bench.Posterior) {
	t.Helper()
	arrays, err := format.ReadNPZFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	part := func(key string) []float64 {
		v := arrays[key].Float64()
		n := arrays[key].Shape[len(arrays[key].Shape)-1] * arrays[key].Shape[len(arrays[key].Shape)-2]
		return v[k*n : (k+1)*n]
	}
	return part("y"), &bench.Posterior{Mean: part("mean"), Std: part("std")}
}

func normalized(p *bench.Posterior) *bench.Posterior {
	return p.Scaled(quasistatic.Background, quasistatic.Inclusion-quasistatic.Background)
}

// TestQuadratureAgreesWithFEniCS compares with posteriors from another finite element program on another grid of centres, whose own
// error is about 0.003. The measurements hold its noise, too.
func TestQuadratureAgreesWithFEniCS(t *testing.T) {
	for _, c := range []struct {
		file    string
		k, grid int
		noise   float64
		coarse  int
		solves  int // what the table of fields and the refinement should need at most
	}{
		{"quasistatic_28_n5.npz", 0, 28, 5, 0, 2500},
		{"quasistatic_28_n5.npz", 1, 28, 5, 0, 2500},
		{"quasistatic_56_n25.npz", 0, 56, 2.5, 12, 2300},
	} {
		y, want := reference(t, c.file, c.k)
		r, err := bench.Quadrature(ctx, newQuasistatic(t, c.grid, c.noise), y, bench.QuadratureSettings{Coarse: c.coarse, Threads: 2})
		if err != nil {
			t.Fatal(err)
		}
		got := bench.Compare(normalized(&r.Posterior), want)
		t.Logf("%s %d: RMSE of mean %.5f, of std %.5f; own error %.5f, %.5f; %d levels, %d cells, %d solves, %v",
			c.file, c.k, got.Mean, got.Std, got.MeanErrorA, got.StdErrorA, r.Levels, r.Cells, r.Solves, r.Elapsed)
		if !r.Converged || got.Mean > 0.005 || got.Std > 0.005 || got.MeanErrorA > 5e-4 {
			t.Errorf("%s %d: %+v", c.file, c.k, got)
		}
		if r.Solves > c.solves {
			t.Errorf("%s %d: %d solves", c.file, c.k, r.Solves)
		}
	}
}

func TestQuadratureOfALinearModel(t *testing.T) {
	for _, paired := range []bool{false, true} {
		p := newLinear()
		p.paired = paired
		y := p.measure()
		mean, std, thetaMean, thetaStd, logEvidence := p.exact(y)
		var first *bench.QuadratureResult
		for _, threads := range []int{1, 3} {
			r, err := bench.Quadrature(ctx, p, y, bench.QuadratureSettings{Coarse: 20, Threads: threads})
			if err != nil {
				t.Fatal(err)
			}
			// The midpoint rule is far better than its order for a smooth integrand that vanishes at the ends: what
			// remains is the cut at e⁻¹⁶ and the tail beyond the box.
			const tolerance = 1e-5
			for k := range mean {
				if math.Abs(r.Mean[k]-mean[k]) > tolerance*std[k] || math.Abs(r.Std[k]-std[k]) > tolerance*std[k] {
					t.Errorf("pixel %d: %v ± %v, want %v ± %v", k, r.Mean[k], r.Std[k], mean[k], std[k])
				}
			}
			for k := range thetaMean {
				if math.Abs(r.ThetaMean[k]-thetaMean[k]) > tolerance*thetaStd[k] || math.Abs(r.ThetaStd[k]-thetaStd[k]) > tolerance*thetaStd[k] {
					t.Errorf("variable %d: %v ± %v, want %v ± %v", k, r.ThetaMean[k], r.ThetaStd[k], thetaMean[k], thetaStd[k])
				}
			}
			if math.Abs(r.LogEvidence-logEvidence) > tolerance {
				t.Errorf("log-evidence %v, want %v", r.LogEvidence, logEvidence)
			}
			r.Elapsed = 0
			if first == nil {
				first = r
			} else if !reflect.DeepEqual(r, first) {
				t.Error("result depends on the number of threads")
			}
		}
	}
}

// TestQuadratureFindsANarrowPosterior has a likelihood so narrow that no centre of the first grid sees it as more than a slope.
func TestQuadratureFindsANarrowPosterior(t *testing.T) {
	p := newLinear()
	y := p.measure()
	p.law.Std = 2e-4
	p.Field(y, []float64{0.123456, 3.456789}) // a cell of the first grid is 1,500 posterior deviations wide
	mean, std, _, _, _ := p.exact(y)
	r, err := bench.Quadrature(ctx, p, y, bench.QuadratureSettings{Coarse: 8, Levels: 16, Tolerance: 1e-8, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	for k := range mean {
		if math.Abs(r.Mean[k]-mean[k]) > 0.01*std[k] || math.Abs(r.Std[k]-std[k]) > 0.01*std[k] {
			t.Fatalf("pixel %d: %v ± %v, want %v ± %v", k, r.Mean[k], r.Std[k], mean[k], std[k])
		}
	}
}

func TestQuadratureRejects(t *testing.T) {
	p := newLinear()
	y := p.measure()
	broken := append([]float64(nil), y...)
	broken[3] = math.NaN()
	for name, run := range map[string]func() error{
		"short measurement": func() error { return quadratureError(p, y[1:], bench.QuadratureSettings{Threads: 1}) },
		"NaN":               func() error { return quadratureError(p, broken, bench.QuadratureSettings{Threads: 1}) },
		"no threads":        func() error { return quadratureError(p, y, bench.QuadratureSettings{}) },
		"no room":           func() error { return quadratureError(p, y, bench.QuadratureSettings{Threads: 1, MaxCells: 100}) },
		"one resolution": func() error {
			return quadratureError(p, y, bench.QuadratureSettings{Threads: 1, Coarse: 8, MaxSolves: 64})
		},
	} {
		if run() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func quadratureError(p problems.Parametric, y []float64, s bench.QuadratureSettings) error {
	_, err := bench.Quadrature(ctx, p, y, s)
	return err
}
