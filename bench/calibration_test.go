package bench_test

import (
	"math"
	"reflect"
	"testing"

	"gonum.org/v1/gonum/mat"

	"csdm/bench"
	"csdm/priors"
	"csdm/rng"
)

// gaussian is a model with a posterior in closed form: θ is standard normal,
// the field is x = Bθ, and y is x plus noise. Given y, θ is normal with
// precision I + BᵀB/s².
type gaussian struct {
	b          *mat.Dense
	law        priors.Gaussian
	covariance mat.Dense
	root       mat.Cholesky
}

const gaussianPixels, gaussianTheta = 9, 3

func newGaussian(t *testing.T) *gaussian {
	g := &gaussian{b: mat.NewDense(gaussianPixels, gaussianTheta, nil),
		law: priors.Gaussian{Std: 0.6}}
	s := rng.New(1, rng.Test, 0, 0)
	for i := range gaussianPixels {
		for j := range gaussianTheta {
			g.b.Set(i, j, s.Normal())
		}
	}
	precision := mat.NewSymDense(gaussianTheta, nil)
	precision.SymOuterK(1/(g.law.Std*g.law.Std), g.b.T())
	for j := range gaussianTheta {
		precision.SetSym(j, j, precision.At(j, j)+1)
	}
	if err := g.covariance.Inverse(precision); err != nil {
		t.Fatal(err)
	}
	symmetric := mat.NewSymDense(gaussianTheta, nil)
	for i := range gaussianTheta {
		for j := i; j < gaussianTheta; j++ {
			symmetric.SetSym(i, j, g.covariance.At(i, j))
		}
	}
	if !g.root.Factorize(symmetric) {
		t.Fatal("the covariance is not positive definite")
	}
	return g
}

func (g *gaussian) field(x, theta []float64) {
	mat.NewVecDense(gaussianPixels, x).MulVec(g.b, mat.NewVecDense(gaussianTheta, theta))
}

func (g *gaussian) prior(x []float64, s *rng.Stream) {
	g.field(x, []float64{s.Normal(), s.Normal(), s.Normal()})
}

func (g *gaussian) quantify(x []float64) []float64 {
	return []float64{x[0] + x[1] + x[2], x[7] - x[5]}
}

func (g *gaussian) add(t *bench.Trial, x []float64) {
	t.Draws, t.DrawQuantities = append(t.Draws, x...), append(t.DrawQuantities, g.quantify(x)...)
}

var gaussianNames = bench.Names{Quantities: []string{"sum", "difference"},
	References: []string{"random", "nearest"}}

// scores returns the records of n measurements, first for exact posteriors and
// then for each of the spoilings.
func (g *gaussian) scores(n int, seed uint64, spoilings ...bench.Spoiling) [][]*bench.Record {
	const draws, pool = 99, 200
	lattice := bench.NewLattice(0.001)
	fields, measured := make([][]float64, pool), make([][]float64, pool)
	for j := range fields {
		s := rng.New(seed, rng.Test, 1, uint64(j))
		fields[j], measured[j] = make([]float64, gaussianPixels), make([]float64, gaussianPixels)
		g.prior(fields[j], s)
		g.law.Sample(measured[j], fields[j], s)
	}
	out := make([][]*bench.Record, len(spoilings)+1)
	y, x := make([]float64, gaussianPixels), make([]float64, gaussianPixels)
	var spoiled bench.Trial
	for i := range n {
		s := rng.New(seed, rng.Test, 2, uint64(i))
		trial, prior := &bench.Trial{Truth: make([]float64, gaussianPixels)}, &bench.Trial{}
		g.prior(trial.Truth, s)
		truth := append([]float64(nil), trial.Truth...)
		trial.Quantities = g.quantify(truth)
		g.law.Sample(y, truth, s)
		var bty, middle, theta mat.VecDense
		bty.MulVec(g.b.T(), mat.NewVecDense(gaussianPixels, y))
		bty.ScaleVec(1/(g.law.Std*g.law.Std), &bty)
		middle.MulVec(&g.covariance, &bty)
		var lower mat.TriDense
		g.root.LTo(&lower)
		for range draws {
			theta.MulVec(&lower, mat.NewVecDense(gaussianTheta,
				[]float64{s.Normal(), s.Normal(), s.Normal()}))
			theta.AddVec(&theta, &middle)
			g.field(x, theta.RawVector().Data)
			g.add(trial, x)
			g.prior(x, s)
			g.add(prior, x)
		}
		near, least := 0, math.Inf(1)
		for j := range measured {
			if d := bench.RMSE(y, measured[j]); d < least {
				near, least = j, d
			}
		}
		references := [][]float64{fields[s.Uint64n(pool)], fields[near]}
		for k, p := range append([]bench.Spoiling{{Scale: 1}}, spoilings...) {
			p.Apply(&spoiled, trial, prior)
			misfit := &bench.Misfit{Truth: bench.Deviance(g.law, y, truth), Residue: 1}
			for _, at := range []int{0, 50} {
				misfit.Draws += bench.Deviance(g.law, y,
					spoiled.Draws[at*gaussianPixels:(at+1)*gaussianPixels]) / 2
			}
			score := bench.NewRecord(&spoiled, references, lattice,
				rng.New(seed, rng.Test, 3+uint64(k), uint64(i)))
			score.Misfit = misfit
			out[k] = append(out[k], score)
		}
	}
	return out
}

func assess(scores []*bench.Record) *bench.Assessment {
	tol := bench.DefaultTolerance()
	tol.Misfit = 0.1 // nine values scatter more than the thousands of a field
	return bench.Assess(scores, gaussianNames, tol, rng.New(1, rng.Test, 9, 9))
}

// TestCheckCatches checks that exact posteriors pass and that every spoiled
// posterior fails the tests that must detect it. Ranks of quantities, and
// distances from references that ignore the measurement, cannot distinguish the
// prior from the posterior. This is a theorem, not a defect.
func TestCheckCatches(t *testing.T) {
	spoilings := bench.Spoilings()
	all := newGaussian(t).scores(500, 1, spoilings...)
	exact := assess(all[0])
	if exact.Verdict != bench.Pass || exact.LeastP < 0.01 || len(exact.Tests) != 4 {
		t.Errorf("exact posteriors: %+v", exact)
	}
	seen := map[string][]string{
		"shift": {bench.TestSBC}, "narrow": {bench.TestSBC, bench.TestCoverage, bench.TestTARP},
		"wide":  {bench.TestSBC, bench.TestCoverage, bench.TestTARP},
		"prior": {bench.TestTARP, bench.TestPredictive},
	}
	for k, p := range spoilings {
		a := assess(all[k+1])
		if a.Verdict != bench.Fail || a.LeastP > 1e-6 {
			t.Errorf("%s: %v, p = %v", p.Name, a.Verdict, a.LeastP)
		}
		for _, test := range seen[p.Name] {
			if a.Tests[test] != bench.Fail {
				t.Errorf("%s: test %s has the verdict %s", p.Name, test, a.Tests[test])
			}
		}
		for _, r := range a.Ranks[:2] {
			t.Logf("%s, %s: bias %.2f, spread %.2f", p.Name, r.Of, r.Bias.Value, r.Spread.Value)
			// Normal scores of 99 draws stop at 2.3 to 2.7, which hardly
			// reduces a spread of 1/0.7.
			want := map[string][2]float64{"shift": {-0.5, 1}, "narrow": {0, 1 / 0.7},
				"wide": {0, 1 / 1.4}, "prior": {0, 1}}[p.Name]
			if math.Abs(r.Bias.Value-want[0]) > 4*r.Bias.Error ||
				math.Abs(r.Spread.Value-want[1]) > 4*r.Spread.Error+0.05 {
				t.Errorf("%s: bias %v and spread %v of %s, want %v", p.Name, r.Bias, r.Spread, r.Of,
					want)
			}
		}
		if p.Prior && (a.Tests[bench.TestSBC] == bench.Fail ||
			a.Ranks[2].Bias.Decision == bench.Fail || a.Ranks[3].Bias.Decision != bench.Fail) {
			t.Errorf("prior: %+v", a)
		}
	}
	if small := assess(all[0][:40]); small.Verdict == bench.Fail || small.Verdict == bench.Pass {
		t.Errorf("40 measurements of exact posteriors: %v", small.Verdict)
	}
}

// TestFalseAlarms checks exact posteriors 30 times. No check fails and at most
// one is undecided; each passes with a probability of 0.99 or more.
func TestFalseAlarms(t *testing.T) {
	g, undecided, smallP := newGaussian(t), 0, 0
	for seed := range uint64(30) {
		a := assess(g.scores(500, 100+seed)[0])
		if a.Verdict == bench.Fail {
			t.Errorf("seed %d fails: %+v", seed, a)
		}
		if a.Verdict == bench.Undecided {
			undecided++
		}
		if a.LeastP < 0.05 { // in at most 5 % of the checks
			smallP++
		}
	}
	if undecided > 1 || smallP > 5 {
		t.Errorf("%d undecided, %d with p < 0.05", undecided, smallP)
	}
}

// TestAtoms uses pixels that are 0 or 1, each with its own probability. Their
// coverage equals the level once the sampler's noise is rounded away. Without
// rounding the noise hides that true value and draws are equal.
func TestAtoms(t *testing.T) {
	const n, dim, draws, noise = 300, 12, 49, 0.02
	for _, c := range []struct {
		lattice bench.Lattice
		exact   bool
	}{{bench.NewLattice(noise), true}, {1 << 20, false}} {
		var scores []*bench.Record
		for i := range n {
			s := rng.New(5, rng.Test, uint64(i), 0)
			p := make([]float64, dim)
			for k := range p {
				p[k] = s.Float64()
			}
			bernoulli := func() (x []float64) {
				for _, p := range p {
					v := 0.0
					if s.Float64() < p {
						v = 1
					}
					x = append(x, v)
				}
				return x
			}
			trial := &bench.Trial{Truth: bernoulli()}
			for range draws {
				for _, v := range bernoulli() {
					trial.Draws = append(trial.Draws, v+noise*s.Normal())
				}
			}
			scores = append(scores, bench.NewRecord(trial, nil, c.lattice, s))
		}
		a := bench.Assess(scores, bench.Names{}, bench.DefaultTolerance(),
			rng.New(1, rng.Test, 0, 0))
		for _, cover := range a.Coverage {
			if off := math.Abs(cover.Value - cover.Level); c.exact && off > 4*cover.Error {
				t.Errorf("coverage of %v: %v ± %v", cover.Level, cover.Value, cover.Error)
			}
		}
		if !c.exact && a.Tests[bench.TestCoverage] != bench.Fail {
			t.Error("the check passes without rounding")
		}
	}
}

// TestRankStatistics compares rank, Holm's method, PIT, coverage and bands with
// closed forms.
func TestRankStatistics(t *testing.T) {
	s := rng.New(2, rng.Test, 0, 0)
	counts := make([]float64, 5)
	// The true value 1 ties with two of four draws: ranks 1, 2 and 3 have
	// probability 1/3 each.
	for range 10_000 {
		counts[bench.Rank(1, []float64{0, 1, 1, 2}, s)]++
	}
	for rank, want := range []float64{0, 1. / 3, 1. / 3, 1. / 3, 0} {
		if math.Abs(counts[rank]/10_000-want) > 5*math.Sqrt(want/10_000) {
			t.Errorf("rank %d: %v of 10000", rank, counts[rank])
		}
	}
	if got, want := bench.Holm([]float64{0.01, 0.04, 0.03, 0.005}),
		[]float64{0.03, 0.06, 0.06, 0.02}; !near(got, want, 1e-15) {
		t.Errorf("Holm: %v, want %v", got, want)
	}
	// Equally spaced values have a distance of 1/2n. They are moved by
	// 1.3581/√n, the 5 % point of Kolmogorov's distribution.
	u := make([]float64, 1000)
	for i := range u {
		u[i] = (float64(i)+0.5)/1000*(1-0.0423) + 0.0423
	}
	r := bench.NewRanks(u, bench.DefaultTolerance(), s)
	if math.Abs(r.Distance-0.0423-0.0005*(1-0.0423)) > 1e-12 || math.Abs(r.P-0.0500) > 0.003 {
		t.Errorf("distance %v, p = %v", r.Distance, r.P)
	}
	if got := bench.ExpectedCoverage([]float64{0.5, 0.1, 0.9, 0.5},
		[]float64{0.05, 0.1, 0.5, 1}); !near(got, []float64{0, 0.25, 0.75, 1}, 0) {
		t.Errorf("expected coverage %v", got)
	}
	// 50 ± 3.02·6.9
	if lo, hi := bench.CountBand(1000, 20, 0.95); lo != 31 && lo != 30 || hi != 71 && hi != 72 {
		t.Errorf("band from %d to %d", lo, hi)
	}
	score := &bench.Record{Quantities: []float64{0.1, 0.2}, References: []float64{0.3}, Weight: 4,
		Misfit: &bench.Misfit{Truth: 1, Residue: 2, Draws: 3}}
	score.Coverage[7] = 0.5
	packed := make([]float64, bench.RecordLen(2, 1))
	score.Pack(packed)
	if back := bench.UnpackRecord(packed, 2, 1); !reflect.DeepEqual(back, score) {
		t.Errorf("%+v comes back as %+v", score, back)
	}
}

func near(a, b []float64, tolerance float64) bool {
	for k := range a {
		if math.Abs(a[k]-b[k]) > tolerance {
			return false
		}
	}
	return len(a) == len(b)
}
