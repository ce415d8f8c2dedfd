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
	"csdm/rng"
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

// reference reads measurement k of a file of posteriors that FEniCS made, in
// normalized units, with its y in cm.
func reference(t testing.TB, name string, k int) (y []float64, p *bench.Posterior) {
	t.Helper()
	arrays, err := format.ReadNPZFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	part := func(key string) []float64 {
		v := arrays[key].Float64()
		shape := arrays[key].Shape
		n := shape[len(shape)-1] * shape[len(shape)-2]
		return v[k*n : (k+1)*n]
	}
	return part("y"), &bench.Posterior{Mean: part("mean"), Std: part("std")}
}

func normalized(p *bench.Posterior) *bench.Posterior {
	return p.Scaled(quasistatic.Background, quasistatic.Inclusion-quasistatic.Background)
}

// TestQuadratureAgreesWithFEniCS compares with posteriors from another finite
// element program on another grid of centers. The error of these posteriors is
// about 0.003. The noise of the measurements also comes from that program.
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
		{"quasistatic_56_n25.npz", 0, 56, 2.5, 12, 3000},
	} {
		y, want := reference(t, c.file, c.k)
		r, err := bench.Quadrature(ctx, newQuasistatic(t, c.grid, c.noise), y,
			bench.QuadratureSettings{Coarse: c.coarse, Threads: 2})
		if err != nil {
			t.Fatal(err)
		}
		got := bench.Compare(normalized(&r.Posterior), want)
		t.Logf("%s %d: RMSE of mean %.5f, of std %.5f; own error %.5f, %.5f; %d levels, %d "+
			"cells, %d solves, %v",
			c.file, c.k, got.Mean, got.Std, got.MeanErrorA, got.StdErrorA, r.Levels, r.Cells,
			r.Solves, r.Elapsed)
		if !r.Converged || got.Mean > 0.005 || got.Std > 0.005 || !(got.MeanErrorA < 1e-3) {
			t.Errorf("%s %d: %+v", c.file, c.k, got)
		}
		if r.Solves > c.solves {
			t.Errorf("%s %d: %d solves", c.file, c.k, r.Solves)
		}
	}
}

// TestQuadratureOfALinearModel compares mean, deviation and evidence with the
// closed form of a linear-Gaussian model, to 10⁻⁵ of a deviation. The evidence
// is compared too, since it alone sees a factor that all cell volumes share.
func TestQuadratureOfALinearModel(t *testing.T) {
	for _, paired := range []bool{false, true} {
		p := newLinear()
		p.paired = paired
		y := p.measure()
		mean, std, thetaMean, thetaStd, logEvidence := p.exact(y)
		var first *bench.QuadratureResult
		for _, threads := range []int{1, 3} {
			r, err := bench.Quadrature(ctx, p, y,
				bench.QuadratureSettings{Coarse: 20, Threads: threads})
			if err != nil {
				t.Fatal(err)
			}
			// The midpoint rule is far better than its order for a smooth
			// integrand that vanishes at the ends. The error comes from the cut
			// at e⁻¹⁶ and the tail beyond the box.
			const tolerance = 1e-5
			for k := range mean {
				if math.Abs(r.Mean[k]-mean[k]) > tolerance*std[k] ||
					math.Abs(r.Std[k]-std[k]) > tolerance*std[k] {
					t.Errorf("pixel %d: %v ± %v, want %v ± %v", k, r.Mean[k], r.Std[k], mean[k],
						std[k])
				}
			}
			for k := range thetaMean {
				if math.Abs(r.ThetaMean[k]-thetaMean[k]) > tolerance*thetaStd[k] ||
					math.Abs(r.ThetaStd[k]-thetaStd[k]) > tolerance*thetaStd[k] {
					t.Errorf("variable %d: %v ± %v, want %v ± %v", k, r.ThetaMean[k], r.ThetaStd[k],
						thetaMean[k], thetaStd[k])
				}
			}
			// The density on the grid has the moments of the variables, with
			// the tails beyond four deviations cut off.
			planeMean, planeStd := planeMoments(r.Plane)
			for k := range thetaMean {
				if math.Abs(planeMean[k]-thetaMean[k]) > 0.01*thetaStd[k] ||
					math.Abs(planeStd[k]-thetaStd[k]) > 0.02*thetaStd[k] {
					t.Errorf("variable %d: the plane has %v ± %v, want %v ± %v", k, planeMean[k],
						planeStd[k], thetaMean[k], thetaStd[k])
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

// TestQuadratureFindsANarrowPosterior uses likelihoods so narrow that the
// centers of the first grid see only a slope: a spot, and a ridge across the
// axes. The center that is nearest in the likelihood's metric may be far from
// the top of the ridge.
func TestQuadratureFindsANarrowPosterior(t *testing.T) {
	for name, along := range map[string]float64{"spot": 0, "ridge": 0.97} {
		p := newLinear()
		for k := range pixels {
			p.b[2*k+1] = along*p.b[2*k] + (1-along)*p.b[2*k+1]
		}
		y := p.measure()
		p.law.Std = 2e-4
		// A cell of the first grid is 1,500 standard deviations wide.
		p.Field(y, []float64{0.123456, 3.456789})
		mean, std, _, _, _ := p.exact(y)
		r, err := bench.Quadrature(ctx, p, y,
			bench.QuadratureSettings{Coarse: 8, Levels: 16, Tolerance: 1e-9, Threads: 2})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d levels, %d cells, %d solves", name, r.Levels, r.Cells, r.Solves)
		for k := range mean {
			if math.Abs(r.Mean[k]-mean[k]) > 0.01*std[k] ||
				math.Abs(r.Std[k]-std[k]) > 0.01*std[k] {
				t.Fatalf("%s: pixel %d: %v ± %v, want %v ± %v", name, k, r.Mean[k], r.Std[k],
					mean[k], std[k])
			}
		}
	}
}

// stairs has fields that are piecewise constant in θ, like the fields of an
// inclusion on nodes. Pixel k is one if θ_0 > edges[k], and pixel 6 + k is one
// if θ_1 > edges[k]. The posterior is a sum over the rectangles between the
// edges.
type stairs struct{ *linear }

var edges = [6]float64{0.113, 0.247, 0.391, 0.518, 0.706, 0.8913}

func (stairs) Box() (lo, hi []float64) { return []float64{0, 0}, []float64{1, 1} }
func (stairs) Field(x, theta []float64) {
	for k := range x {
		x[k] = 0
		if theta[k/6] > edges[k%6] {
			x[k] = 1
		}
	}
}
func (s stairs) NewGenerator() (problems.Generator, error) {
	return forwarder{simulator{s.linear}}, nil
}

// TestQuadratureOfAPiecewiseConstantModel takes a field of 7 × 7 steps in θ,
// whose moments are a sum of 49 terms. No rule gains from smoothness here, so
// that the error is of the order of the cell's width. Each of the 49 fields may
// be solved only once.
func TestQuadratureOfAPiecewiseConstantModel(t *testing.T) {
	p := stairs{newLinear()}
	p.law.Std = 0.8
	y := make([]float64, pixels)
	p.Field(y, []float64{0.45, 0.3})
	p.law.Sample(y, y, rng.New(4, rng.Test, 2, 0))
	// The exact moments are sums over the rectangles.
	total, mean, x := 0.0, make([]float64, pixels), make([]float64, pixels)
	cuts := append(append([]float64{0}, edges[:]...), 1)
	for i := range 7 {
		for j := range 7 {
			p.Field(x, []float64{(cuts[i] + cuts[i+1]) / 2, (cuts[j] + cuts[j+1]) / 2})
			w := (cuts[i+1] - cuts[i]) * (cuts[j+1] - cuts[j]) * math.Exp(p.law.LogLikelihood(y, x))
			total += w
			for k := range mean {
				mean[k] += w * x[k]
			}
		}
	}
	r, err := bench.Quadrature(ctx, p, y, bench.QuadratureSettings{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	if r.Solves != 49 {
		t.Errorf("%d solves for 49 different fields", r.Solves)
	}
	// Without a likelihood a pixel's mean is the share of centers beyond its
	// edge, with an error of at most half a cell.
	flat := p
	flat.linear = newLinear()
	flat.law.Std = 1e6
	share, err := bench.Quadrature(ctx, flat, y,
		bench.QuadratureSettings{Coarse: 9, Levels: 1, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	for k := range mean {
		if math.Abs(share.Mean[k]-(1-edges[k%6])) > 0.5001*share.Width[0] {
			t.Errorf("pixel %d: share %v, want %v ± %v", k, share.Mean[k], 1-edges[k%6],
				share.Width[0]/2)
		}
	}
	// Each pixel's moments depend on one edge only, which the grid resolves to
	// half a cell.
	tolerance := 2 * r.Width[0]
	for k := range mean {
		m := mean[k] / total
		if math.Abs(r.Mean[k]-m) > tolerance ||
			math.Abs(r.Std[k]-math.Sqrt(m*(1-m))) > 2*tolerance {
			t.Errorf("pixel %d: %v ± %v, want %v ± %v", k, r.Mean[k], r.Std[k], m,
				math.Sqrt(m*(1-m)))
		}
	}
	if math.Abs(r.LogEvidence-math.Log(total)) > tolerance {
		t.Errorf("log-evidence %v, want %v", r.LogEvidence, math.Log(total))
	}
}

// TestQuadratureEndsAtAnError checks that MaxError saves most solves where few
// values are measured, and that the errors that are then stated are at most
// MaxError and at least the true ones, which a finer sum gives.
func TestQuadratureEndsAtAnError(t *testing.T) {
	p := newQuasistatic(t, 16, 5)
	_, y, err := problems.MeasuredPair(p, 3, 0)
	if err != nil {
		t.Fatal(err)
	}
	for k := range y {
		if k%19 != 0 {
			y[k] = math.NaN()
		}
	}
	fine, err := bench.Quadrature(ctx, p, y, bench.QuadratureSettings{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, most := range []float64{0.01, 0.003} {
		r, err := bench.Quadrature(ctx, p, y,
			bench.QuadratureSettings{MaxError: most, Threads: 2})
		if err != nil {
			t.Fatal(err)
		}
		width := quasistatic.Inclusion - quasistatic.Background
		got := bench.Compare(normalized(&r.Posterior), normalized(&fine.Posterior))
		t.Logf("at most %v: %d of %d solves; stated %.5f and %.5f, true %.5f and %.5f", most,
			r.Solves, fine.Solves, r.ErrorMean/width, r.ErrorStd/width, got.Mean, got.Std)
		if !r.Converged || r.Solves >= fine.Solves {
			t.Errorf("at most %v: %d solves, converged %v", most, r.Solves, r.Converged)
		}
		if e := max(r.ErrorMean, r.ErrorStd) / width; !(e <= most) {
			t.Errorf("an error of %v is stated; it must be at most %v", e, most)
		}
		if got.Mean > r.ErrorMean/width || got.Std > r.ErrorStd/width {
			t.Errorf("errors of %v and %v; %v and %v are stated", got.Mean, got.Std,
				r.ErrorMean/width, r.ErrorStd/width)
		}
	}
}

// TestQuadratureRejects holds that input without a meaning is an error and no
// number: a measurement of another length or with an infinite value, no
// threads, a negative error, and a limit on cells that the first grid exceeds.
func TestQuadratureRejects(t *testing.T) {
	p := newLinear()
	y := p.measure()
	broken := append([]float64(nil), y...)
	broken[3] = math.Inf(1)
	for name, run := range map[string]func() error{
		"short measurement": func() error {
			return quadratureError(p, y[1:], bench.QuadratureSettings{Threads: 1})
		},
		"infinite value": func() error {
			return quadratureError(p, broken, bench.QuadratureSettings{Threads: 1})
		},
		"no threads": func() error {
			return quadratureError(p, y, bench.QuadratureSettings{})
		},
		"negative error": func() error {
			return quadratureError(p, y, bench.QuadratureSettings{Threads: 1, MaxError: -1})
		},
		"no room": func() error {
			return quadratureError(p, y, bench.QuadratureSettings{Threads: 1, MaxCells: 100})
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

// BenchmarkQuadrature times one exact posterior of the paper's first problem,
// at 28×28.
func BenchmarkQuadrature(b *testing.B) {
	y, _ := reference(b, "quasistatic_28_n5.npz", 0)
	p := newQuasistatic(b, 28, 5)
	for b.Loop() {
		r, err := bench.Quadrature(ctx, p, y, bench.QuadratureSettings{Threads: 2})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(r.Solves), "solves")
	}
}
