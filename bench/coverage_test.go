package bench_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"csdm/bench"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/builtin"
)

// covered counts how often stated errors cover true errors, RMS over pixels.
type covered struct {
	references, refused int
	ratios              []float64 // true over stated error, of mean and of std
}

func (c *covered) add(t *testing.T, name string, got *bench.Posterior, doubt *bench.DoubtError,
	truth *bench.Posterior) {
	t.Helper()
	c.references++
	if doubt != nil {
		c.refused++
		return
	}
	d := bench.Compare(got, truth)
	for k, r := range []float64{d.Mean / d.MeanErrorA, d.Std / d.StdErrorA} {
		c.ratios = append(c.ratios, r)
		if !(r <= 5) {
			t.Errorf("%s: %s has an error of %.2g, %.1f times the stated error", name,
				[]string{"mean", "std"}[k], []float64{d.Mean, d.Std}[k], r)
		}
	}
}

func (c *covered) check(t *testing.T, name string, leastRMS, mostRMS float64) {
	t.Helper()
	one, two, square := 0, 0, 0.0
	for _, r := range c.ratios {
		if r <= 1 {
			one++
		}
		if r <= 2 {
			two++
		}
		square += r * r
	}
	n := float64(len(c.ratios))
	rms := math.Sqrt(square / n)
	t.Logf("%s: %d references, %d refused; within one stated error %.0f %%, within two %.0f %%; "+
		"true over stated RMS %.2f",
		name, c.references, c.refused, 100*float64(one)/n, 100*float64(two)/n, rms)
	if n == 0 || float64(one) < 0.6*n || float64(two) < 0.9*n {
		t.Errorf("%s: %d of %.0f within one, %d within two", name, one, n, two)
	}
	if !(rms >= leastRMS && rms <= mostRMS) {
		t.Errorf("%s: true over stated error is %.2f (RMS), want %.1f to %.1f", name, rms,
			leastRMS, mostRMS)
	}
}

// TestStatedErrorsCoverTrueOnes computes more than a hundred references of four
// problems by all methods, over seeds, noise levels and budgets. Some budgets
// are too small. It compares them with posteriors that are known by other
// means.
func TestStatedErrorsCoverTrueOnes(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: 119 references take a minute, and many under the race detector")
	}
	var quadrature, importance, adaptive covered

	// Discs on nodes: the posterior is a sum over a finite number of fields.
	fields := newFields(t, newQuasistatic(t, 8, 5), 1200)
	for _, noise := range []float64{1, 2.5, 5, 10} {
		p := newQuasistatic(t, 8, noise)
		for i := range uint64(4) {
			y := pairOf(t, p, i)
			truth := fields.posterior(y, p.Measurement().(priors.Likelihood))
			name := fmt.Sprintf("quasistatic, %v %% noise, pair %d", noise, i)
			q, err := bench.Quadrature(ctx, p, y, bench.QuadratureSettings{Threads: 2})
			if err != nil {
				t.Fatal(err)
			}
			quadrature.add(t, name+", quadrature", &q.Posterior, q.Doubt, truth)
			a, err := bench.Adaptive(ctx, p, y, bench.AdaptiveSettings{Threads: 2, Seed: i})
			if err != nil {
				t.Fatal(err)
			}
			adaptive.add(t, name+", adaptive", &a.Posterior, a.Doubt, truth)
			for _, n := range []int{1000, 20_000} {
				m, err := bench.Importance(ctx, p, y,
					bench.ImportanceSettings{Draws: n, Seed: i, Threads: 2})
				if err != nil {
					t.Fatal(err)
				}
				importance.add(t, fmt.Sprintf("%s, %d prior draws", name, n), &m.Posterior, m.Doubt,
					truth)
			}
		}
	}

	// A linear model with smooth fields. The midpoint rule is exact to 10⁻⁵
	// there.
	for _, std := range []float64{0.03, 0.25, 0.6} {
		p := newLinear()
		y := p.measure()
		p.law.Std = std
		fine, err := bench.Quadrature(ctx, p, y,
			bench.QuadratureSettings{Tolerance: 1e-9, Threads: 2})
		if err != nil {
			t.Fatal(err)
		}
		q, err := bench.Quadrature(ctx, p, y, bench.QuadratureSettings{Threads: 2})
		if err != nil {
			t.Fatal(err)
		}
		quadrature.add(t, fmt.Sprintf("linear, noise %v, quadrature", std), &q.Posterior, q.Doubt,
			&fine.Posterior)
		for seed := range uint64(5) {
			for _, n := range []int{500, 10_000} {
				m, err := bench.Importance(ctx, p, y,
					bench.ImportanceSettings{Draws: n, Seed: seed, Threads: 2})
				if err != nil {
					t.Fatal(err)
				}
				importance.add(t, fmt.Sprintf("linear, noise %v, %d prior draws", std, n),
					&m.Posterior, m.Doubt, &fine.Posterior)
			}
		}
	}

	// Six variables, three of which a measurement informs: closed form.
	p := newApart()
	y := p.measure(0.3, 8, 14, 1, 1, 0)
	_, field, _ := p.exact(y)
	for seed := range uint64(8) {
		for _, solves := range []int{1500, 20_000} {
			a, err := bench.Adaptive(ctx, p, y, bench.AdaptiveSettings{Seed: seed, Threads: 2,
				ESS: 400, MaxSolves: solves})
			if err != nil {
				t.Fatal(err)
			}
			adaptive.add(t, fmt.Sprintf("apart, %d solves", solves), &a.Posterior, a.Doubt, &field)
		}
	}

	// Four variables with a forward model by finite elements. The difference of
	// two runs is compared with the errors of both.
	for i := range uint64(2) {
		q, err := builtin.Lookup("phantom", problems.Options{Grid: 8,
			NoisePercent: []float64{2, 10}[i]})
		if err != nil {
			t.Fatal(err)
		}
		p := q.(problems.Parametric)
		y := pairOf(t, p, i)
		var runs [4]*bench.AdaptiveResult
		for seed := range runs {
			if runs[seed], err = bench.Adaptive(ctx, p, y,
				bench.AdaptiveSettings{Seed: uint64(seed), Threads: 2, ESS: 300}); err != nil {
				t.Fatal(err)
			}
		}
		for k := range len(runs) / 2 {
			a, b := runs[2*k], runs[2*k+1]
			for j := range a.MeanError {
				a.MeanError[j], a.StdError[j] = math.Hypot(a.MeanError[j], b.MeanError[j]),
					math.Hypot(a.StdError[j], b.StdError[j])
			}
			doubt := a.Doubt
			if doubt == nil {
				doubt = b.Doubt
			}
			adaptive.add(t, fmt.Sprintf("phantom %d, adaptive", i), &a.Posterior, doubt,
				&b.Posterior)
		}
		grid, err := bench.Quadrature(ctx, p, y,
			bench.QuadratureSettings{Threads: 2, Coarse: 5, MaxSolves: 2000})
		if err != nil {
			t.Fatal(err)
		}
		quadrature.add(t, fmt.Sprintf("phantom %d, quadrature", i), &grid.Posterior, grid.Doubt,
			&runs[1].Posterior)
	}

	quadrature.check(t, "quadrature", 0.02, 1.2)
	importance.check(t, "importance", 0.5, 1.4)
	adaptive.check(t, "adaptive", 0.5, 1.4)
	if n := quadrature.references + importance.references + adaptive.references; n < 100 {
		t.Errorf("%d references", n)
	}
	for name, c := range map[string]covered{"quadrature": quadrature, "importance": importance,
		"adaptive": adaptive} {
		if c.refused == 0 || c.refused == c.references {
			t.Errorf("%s: %d of %d references refused", name, c.refused, c.references)
		}
	}
}

func pairOf(t testing.TB, p problems.Problem, i uint64) []float64 {
	t.Helper()
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, p.Spec().XLen()), make([]float64, p.Spec().YLen())
	if err := g.Pair(x, y, 5, i); err != nil {
		t.Fatal(err)
	}
	problems.Measure(p.Measurement(), y, y, 5, i)
	return y
}

// fields holds all fields of a problem with two variables and piecewise
// constant fields on a grid of the variables, with the share of each.
type fields struct {
	x, y  [][]float64
	share []float64
}

func newFields(t *testing.T, p problems.Parametric, cells int) *fields {
	t.Helper()
	f := &fields{}
	number := make(map[[sha256.Size]byte]int)
	lo, hi := p.Box()
	x, bytes := make([]float64, p.Spec().XLen()), make([]byte, 8*p.Spec().XLen())
	for i := range cells {
		for j := range cells {
			p.Field(x, []float64{
				lo[0] + (float64(i)+0.5)/float64(cells)*(hi[0]-lo[0]),
				lo[1] + (float64(j)+0.5)/float64(cells)*(hi[1]-lo[1]),
			})
			for k, v := range x {
				binary.LittleEndian.PutUint64(bytes[8*k:], math.Float64bits(v))
			}
			key := sha256.Sum256(bytes)
			n, ok := number[key]
			if !ok {
				n = len(f.x)
				number[key] = n
				f.x, f.share = append(f.x, append([]float64(nil), x...)), append(f.share, 0)
			}
			f.share[n]++
		}
	}
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range f.x {
		y := make([]float64, p.Spec().YLen())
		if err := g.(problems.Forwarder).Forward(y, x); err != nil {
			t.Fatal(err)
		}
		f.y = append(f.y, y)
	}
	return f
}

// posterior is the sum over all fields, free of Monte Carlo and of refinement.
func (f *fields) posterior(y []float64, law priors.Likelihood) *bench.Posterior {
	n := len(f.x[0])
	p := &bench.Posterior{Mean: make([]float64, n), Std: make([]float64, n)}
	logW, top, total := make([]float64, len(f.x)), math.Inf(-1), 0.0
	for i := range f.x {
		logW[i] = law.LogLikelihood(y, f.y[i]) + math.Log(f.share[i])
		top = max(top, logW[i])
	}
	for i, x := range f.x {
		w := math.Exp(logW[i] - top)
		total += w
		for k, v := range x {
			p.Mean[k] += w * v
		}
	}
	for k := range p.Mean {
		p.Mean[k] /= total
	}
	for i, x := range f.x {
		for k, v := range x {
			p.Std[k] += math.Exp(logW[i]-top) / total * (v - p.Mean[k]) * (v - p.Mean[k])
		}
	}
	for k := range p.Std {
		p.Std[k] = math.Sqrt(p.Std[k])
	}
	return p
}
