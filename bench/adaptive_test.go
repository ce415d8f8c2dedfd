package bench_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"csdm/bench"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// apart is a problem like the one of two layers. It has six variables; y
// informs three of them, and the field depends on all. y is linear in three
// features of the first three variables; x is linear in all six. With the
// variables themselves as features the posterior has a closed form: normal in
// the first three variables, and the prior in the others.
type apart struct {
	lo, hi   []float64
	toX, toY []float64 // pixels×6 and pixels×3
	std      float64
	feature  func(theta0 float64) float64 // first feature; the other two are variables
}

// newApart returns an apart whose noise leaves the three variables standard
// deviations of a few thousandths of the box.
func newApart() *apart {
	a := &apart{
		lo: []float64{-3, 1, 10, 0.8, 0.8, -0.2}, hi: []float64{1, 25, 30, 1.2, 1.2, 0.2},
		toX: make([]float64, 6*pixels), toY: make([]float64, 3*pixels), std: 0.004,
		feature: func(v float64) float64 { return v },
	}
	s := rng.New(11, rng.Test, 0, 0)
	for i := range a.toX {
		a.toX[i] = s.Normal() / (a.hi[i%6] - a.lo[i%6])
	}
	for i := range a.toY {
		a.toY[i] = s.Normal() / (a.hi[i%3] - a.lo[i%3])
	}
	return a
}

func (a *apart) Spec() *problems.Spec {
	return &problems.Spec{Name: "apart", Rows: 3, Cols: 4, YChannels: 1, ImagesPerSimulation: 1,
		XRange: problems.Range{Min: -5, Max: 10}}
}
func (a *apart) Measurement() priors.Measurement { return priors.Gaussian{Std: a.std} }
func (a *apart) Box() (lo, hi []float64) {
	return append([]float64(nil), a.lo...), append([]float64(nil), a.hi...)
}
func (a *apart) Latent(theta []float64, seed, i uint64) {
	priors.Draw(theta, a.lo, a.hi, rng.New(seed, rng.Prior, i, 0))
}
func (a *apart) Field(x, theta []float64) {
	for k := range x {
		x[k] = 0
		for j, v := range theta {
			x[k] += a.toX[6*k+j] * v
		}
	}
}
func (a *apart) NewGenerator() (problems.Generator, error) { return apartSolver{a}, nil }

type apartSolver struct{ a *apart }

func (s apartSolver) Pair(x, y []float64, seed, i uint64) error {
	theta := make([]float64, 6)
	s.a.Latent(theta, seed, i)
	return s.Simulate(x, y, theta)
}
func (s apartSolver) Simulate(x, y, theta []float64) error {
	s.a.Field(x, theta)
	for k := range y {
		y[k] = s.a.toY[3*k]*s.a.feature(theta[0]) + s.a.toY[3*k+1]*theta[1] +
			s.a.toY[3*k+2]*theta[2]
	}
	return nil
}

func (a *apart) measure(theta ...float64) []float64 {
	x, y := make([]float64, pixels), make([]float64, pixels)
	if err := (apartSolver{a}).Simulate(x, y, theta); err != nil {
		panic(err)
	}
	a.Measurement().Sample(y, y, rng.New(12, rng.Test, 0, 0))
	return y
}

// exact returns mean and standard deviation of the variables and of the field,
// and ln p(y), for a feature that is the variable itself. Given y = Aθ + e the
// first three variables are normal with covariance std²(AᵀA)⁻¹; the box cuts
// off a negligible part.
func (a *apart) exact(y []float64) (variables, field bench.Posterior, logEvidence float64) {
	toY := mat.NewDense(pixels, 3, a.toY)
	var precision, inverse mat.Dense
	precision.Mul(toY.T(), toY)
	if err := inverse.Inverse(&precision); err != nil {
		panic(err)
	}
	var right, theta, fit mat.VecDense
	right.MulVec(toY.T(), mat.NewVecDense(pixels, y))
	theta.MulVec(&inverse, &right)
	fit.MulVec(toY, &theta)
	covariance := mat.NewDense(6, 6, nil)
	box := 1.0
	for j := range 6 {
		mean, width := (a.lo[j]+a.hi[j])/2, a.hi[j]-a.lo[j]
		covariance.Set(j, j, width*width/12)
		if j < 3 {
			mean, box = theta.AtVec(j), box*width
			for l := range 3 {
				covariance.Set(j, l, a.std*a.std*inverse.At(j, l))
			}
		}
		variables.Mean, variables.Std = append(variables.Mean, mean),
			append(variables.Std, math.Sqrt(covariance.At(j, j)))
	}
	for k := range pixels {
		row := mat.NewVecDense(6, a.toX[6*k:6*k+6])
		field.Mean = append(field.Mean, mat.Dot(row, mat.NewVecDense(6, variables.Mean)))
		field.Std = append(field.Std, math.Sqrt(mat.Inner(row, covariance, row)))
	}
	rss := 0.0
	for k, v := range y {
		rss += (v - fit.AtVec(k)) * (v - fit.AtVec(k))
	}
	v := a.std * a.std
	logEvidence = -rss/(2*v) - (pixels-3)/2.*math.Log(2*math.Pi*v) -
		math.Log(mat.Det(&precision))/2 - math.Log(box)
	return variables, field, logEvidence
}

// TestAdaptiveErrorsAreStandardErrors repeats a run under many seeds for a
// posterior that fills about 10⁻⁷ of the box. The deviations from the exact
// moments and evidence, divided by the stated standard errors, must have mean
// square one.
func TestAdaptiveErrorsAreStandardErrors(t *testing.T) {
	p := newApart()
	y := p.measure(0.3, 8, 14, 1, 1, 0)
	variables, field, logEvidence := p.exact(y)
	for k := range 3 {
		t.Logf("variable %d: %.4f of the box", k, variables.Std[k]/(p.hi[k]-p.lo[k]))
	}
	const runs = 12
	var square [5]float64
	evidence, solves := 0.0, 0
	for seed := range uint64(runs) {
		r, err := bench.Adaptive(ctx, p, y, bench.AdaptiveSettings{Seed: seed, Threads: 2,
			ESS: 500})
		if err != nil {
			t.Fatal(err)
		}
		if !r.Converged || r.ESS < 500 || r.Temperature != 1 {
			t.Fatalf("seed %d: converged %v, ESS %.0f, temperature %v", seed, r.Converged, r.ESS,
				r.Temperature)
		}
		add := func(sum *float64, got, want, err []float64) {
			for k := range got {
				z := (got[k] - want[k]) / err[k]
				*sum += z * z / float64(runs*len(got))
			}
		}
		add(&square[0], r.Variables.Mean, variables.Mean, r.Variables.MeanError)
		add(&square[1], r.Variables.Std, variables.Std, r.Variables.StdError)
		add(&square[2], r.Mean, field.Mean, r.MeanError)
		add(&square[3], r.Std, field.Std, r.StdError)
		add(&square[4], []float64{r.LogEvidence}, []float64{logEvidence},
			[]float64{r.LogEvidenceError})
		evidence += math.Exp(r.LogEvidence-logEvidence) / runs
		solves += r.Solves / runs
	}
	t.Logf("mean squares %.2f, evidence %.3f of the exact, %d solves per run", square, evidence,
		solves)
	// Of the moments of six variables, or of twelve pixels that are functions
	// of them, at least six per run are independent. A mean square of 12·6
	// normal numbers has a standard deviation of √(2/72) = 0.17, and a mean
	// square of 12 numbers one of 0.41.
	for k, name := range []string{"mean of the variables", "std of the variables",
		"mean of the field", "std of the field", "log-evidence"} {
		if limit := []float64{0.65, 0.65, 0.65, 0.65, 1.6}[k]; math.Abs(square[k]-1) > limit {
			t.Errorf("%s: mean square deviation %v, in standard errors", name, square[k])
		}
	}
	if math.Abs(evidence-1) > 5/math.Sqrt(runs*500) {
		t.Errorf("evidence over the exact one is %v", evidence)
	}
	if solves > 4500 {
		t.Errorf("%d solves per run; a posterior of known shape takes about 3500", solves)
	}
}

// TestAdaptiveFindsBothModes uses a posterior with two modes. The feature rises
// on one side and falls three times as slowly on the other, so that the mode on
// the slow side, at the far end of the box, holds three quarters of the
// posterior.
func TestAdaptiveFindsBothModes(t *testing.T) {
	p := newApart()
	y := p.measure(0.5, 8, 14, 1, 1, 0)
	one, _, logEvidence := p.exact(y) // of the feature
	f, v := one.Mean[0], one.Std[0]*one.Std[0]
	wantMean, wantStd := (f-3*3*f)/4, math.Sqrt((f*f+v+3*9*(f*f+v))/4-4*f*f)
	p.feature = func(theta float64) float64 {
		if theta < 0 {
			return -theta / 3
		}
		return theta
	}
	for seed := range uint64(3) {
		r, err := bench.Adaptive(ctx, p, y, bench.AdaptiveSettings{Seed: seed, Threads: 2,
			ESS: 800})
		if err != nil {
			t.Fatal(err)
		}
		q := r.Variables
		t.Logf("%d solves; mean %.4f ± %.4f, want %.4f; std %.4f ± %.4f, want %.4f; "+
			"error of log-evidence %.4f ± %.4f; %d parts", r.Solves,
			q.Mean[0], q.MeanError[0], wantMean, q.Std[0], q.StdError[0], wantStd,
			r.LogEvidence-logEvidence-math.Log(4), r.LogEvidenceError,
			r.Stages[len(r.Stages)-1].Parts)
		if !r.Converged || q.MeanError[0] > 0.05 ||
			math.Abs(q.Mean[0]-wantMean) > 5*q.MeanError[0] ||
			math.Abs(q.Std[0]-wantStd) > 5*q.StdError[0] ||
			math.Abs(r.LogEvidence-logEvidence-math.Log(4)) > 5*r.LogEvidenceError {
			t.Errorf("seed %d: mean %v ± %v, want %v; std %v ± %v, want %v", seed, q.Mean[0],
				q.MeanError[0], wantMean, q.Std[0], q.StdError[0], wantStd)
		}
		// One proposal for both modes would stretch over the gap between them,
		// which is a hundred times as wide as a mode.
		if r.Solves > 6000 {
			t.Errorf("seed %d: %d solves", seed, r.Solves)
		}
	}
}

// TestAdaptiveAgreesWithQuadrature compares the two methods for fields that are
// piecewise constant in the variables, whose posterior has flat pieces.
func TestAdaptiveAgreesWithQuadrature(t *testing.T) {
	p := newQuasistatic(t, 12, 5)
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, p.Spec().XLen()), make([]float64, p.Spec().YLen())
	if err := g.Pair(x, y, 5, 2); err != nil {
		t.Fatal(err)
	}
	problems.Measure(p.Measurement(), y, y, 5, 2)
	exact, err := bench.Quadrature(ctx, p, y, bench.QuadratureSettings{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	r, err := bench.Adaptive(ctx, p, y, bench.AdaptiveSettings{Seed: 1, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	c := bench.Compare(normalized(&r.Posterior), normalized(&exact.Posterior))
	t.Logf("%+v; ESS %.0f, %d solves; quadrature %d solves", c, r.ESS, r.Solves, exact.Solves)
	// The errors of neighboring pixels are correlated, so the RMS itself
	// scatters, by less than a factor of two.
	if !r.Converged || c.Mean > 2*c.MeanErrorA || c.Std > 2*c.StdErrorA+c.MeanErrorA ||
		c.Mean < c.MeanErrorA/4 {
		t.Errorf("converged %v, %+v", r.Converged, c)
	}
	if math.Abs(r.LogEvidence-exact.LogEvidence) > 5*r.LogEvidenceError+0.01 {
		t.Errorf("log-evidence %v ± %v, quadrature %v", r.LogEvidence, r.LogEvidenceError,
			exact.LogEvidence)
	}
	for k, mean := range exact.ThetaMean {
		if math.Abs(r.Variables.Mean[k]-mean) > 5*r.Variables.MeanError[k] {
			t.Errorf("variable %d: %v ± %v, quadrature %v", k, r.Variables.Mean[k],
				r.Variables.MeanError[k], mean)
		}
	}
}

// TestAdaptiveDoesNotDependOnThreads holds all results of one and of three
// threads equal, to the last digit. A draw that took its random numbers from a
// stream of its thread, or a sum whose order depends on the schedule, would
// differ.
func TestAdaptiveDoesNotDependOnThreads(t *testing.T) {
	p := newApart()
	y := p.measure(0.3, 8, 14, 1, 1, 0)
	var first *bench.AdaptiveResult
	for _, threads := range []int{1, 3} {
		r, err := bench.Adaptive(ctx, p, y, bench.AdaptiveSettings{Seed: 7, Threads: threads,
			ESS: 100})
		if err != nil {
			t.Fatal(err)
		}
		r.Elapsed = 0
		if first == nil {
			first = r
		} else if !reflect.DeepEqual(r, first) {
			t.Error("result depends on the number of threads")
		}
	}
}

// TestAdaptiveSaysWhereItStopped reaches the limit of solves before temperature
// 1 and after it.
func TestAdaptiveSaysWhereItStopped(t *testing.T) {
	p := newApart()
	y := p.measure(0.3, 8, 14, 1, 1, 0)
	run := func(s bench.AdaptiveSettings) *bench.AdaptiveResult {
		t.Helper()
		s.Threads = 2
		r, err := bench.Adaptive(ctx, p, y, s)
		if err != nil {
			t.Fatal(err)
		}
		if r.Converged || r.Solves != s.MaxSolves ||
			r.Stages[len(r.Stages)-1].Draws != s.MaxSolves {
			t.Errorf("converged %v after %d solves of at most %d", r.Converged, r.Solves,
				s.MaxSolves)
		}
		for k, v := range append(r.Mean, r.Std...) {
			if math.IsNaN(v) {
				t.Fatalf("value %d is NaN", k)
			}
		}
		for k, v := range append(append([]float64{}, r.MeanError...), r.StdError...) {
			if math.IsNaN(v) != (r.Doubt != nil) {
				t.Fatalf("error %d is %v, doubt %v", k, v, r.Doubt)
			}
		}
		return r
	}
	if r := run(bench.AdaptiveSettings{MaxSolves: 700}); r.Temperature > 0.1 || r.ESS > 30 ||
		r.Draws != 700 || r.Doubt == nil || !strings.Contains(r.Doubt.Error(), "to the power") {
		t.Errorf("temperature %v, ESS %v of %d draws, doubt %v", r.Temperature, r.ESS, r.Draws,
			r.Doubt)
	}
	// A limit between temperature 1 and the wanted ESS gives a posterior with
	// larger errors, which are stated correctly.
	r := run(bench.AdaptiveSettings{MaxSolves: 4500, ESS: 1e6})
	variables, _, _ := p.exact(y)
	if r.Temperature != 1 || r.ESS < 200 || r.Draws >= 4500 || r.Doubt != nil ||
		!(r.KHat < bench.MaxKHat) {
		t.Errorf("temperature %v, ESS %v of %d draws, k̂ %v, doubt %v", r.Temperature, r.ESS,
			r.Draws, r.KHat, r.Doubt)
	}
	for k, mean := range variables.Mean {
		if math.Abs(r.Variables.Mean[k]-mean) > 5*r.Variables.MeanError[k] {
			t.Errorf("variable %d: %v ± %v, want %v", k, r.Variables.Mean[k],
				r.Variables.MeanError[k], mean)
		}
	}

	stop, cancel := context.WithCancel(ctx)
	_, err := bench.Adaptive(stop, p, y,
		bench.AdaptiveSettings{Threads: 2, Watch: func(s bench.AdaptiveStage) {
			if s.Draws > 500 {
				cancel()
			}
		}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled run: %v", err)
	}
	var impossible *bench.ImpossibleError
	if _, err := bench.Adaptive(ctx, never{p}, y,
		bench.AdaptiveSettings{Threads: 2, MaxSolves: 500}); !errors.As(err, &impossible) {
		t.Errorf("a measurement without a likelihood: %v", err)
	}
	if _, err := bench.Adaptive(ctx, p, y,
		bench.AdaptiveSettings{Threads: 2, Batch: 100}); err == nil {
		t.Error("a batch that is too small for a fit was accepted")
	}
}

// never is a problem under which every measurement has likelihood zero.
type never struct{ *apart }

func (never) Measurement() priors.Measurement { return noLikelihood{} }

type noLikelihood struct{ priors.Gaussian }

func (noLikelihood) LogLikelihood(_, _ []float64) float64 { return math.Inf(-1) }
