package bench_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"

	"gonum.org/v1/gonum/mat"

	"csdm/bench"
	"csdm/internal/rng"
	"csdm/priors"
	"csdm/problems"
)

// apart is a problem like that of two layers: six variables, of which y tells three, while the field depends on all of them. y is linear in
// three features of the first three variables; x is linear in all six. With the variables themselves as features the posterior has a
// closed form: normal in three of them, and the prior in the others.
type apart struct {
	lo, hi   []float64
	toX, toY []float64 // pixels×6 and pixels×3
	std      float64
	feature  func(theta0 float64) float64 // of the first variable; the other two are their own
}

// newApart has a noise that leaves the three variables standard deviations of some thousandths of the box.
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
	return &problems.Spec{Name: "apart", Rows: 3, Cols: 4, YChannels: 1, ImagesPerSimulation: 1, XRange: problems.Range{Min: -5, Max: 10}}
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
		y[k] = s.a.toY[3*k]*s.a.feature(theta[0]) + s.a.toY[3*k+1]*theta[1] + s.a.toY[3*k+2]*theta[2]
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

// exact returns mean and standard deviation of the variables and of the field, and ln p(y), where the feature is the variable: y = Aθ + e
// makes the first three normal, of covariance std²(AᵀA)⁻¹, but for what the box cuts off.
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
		variables.Mean, variables.Std = append(variables.Mean, mean), append(variables.Std, math.Sqrt(covariance.At(j, j)))
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
	logEvidence = -rss/(2*v) - (pixels-3)/2.*math.Log(2*math.Pi*v) - math.Log(mat.Det(&precision))/2 - math.Log(box)
	return variables, field, logEvidence
}

// TestAdaptiveErrorsAreStandardErrors repeats a run of a posterior that fills some 10⁻⁷ of the box under many seeds: the deviations from the
// exact moments and evidence, over the standard errors that each run states, must have mean square one.
func TestAdaptiveErrorsAreStandardErrors(t *testing.T) {
	p := newApart()
	y := p.measure(0.3, 8, 14, 1, 1, 0)
	variables, field, logEvidence := p.exact(y)
	for k := range 3 {
		t.Logf("variable %d: %.4f of the box", k, variables.Std[k]/(p.hi[k]-p.lo[k]))
	}
	const runs = 40
	var square [5]float64
	evidence, solves := 0.0, 0
	for seed := range uint64(runs) {
		r, err := bench.Adaptive(ctx, p, y, bench.AdaptiveSettings{Seed: seed, Threads: 2, ESS: 500})
		if err != nil {
			t.Fatal(err)
		}
		if seed == 0 {
			for _, s := range r.Stages {
				t.Logf("%+v", s)
			}
			t.Logf("%v", r.Elapsed)
		}
		if !r.Converged || r.ESS < 500 || r.Temperature != 1 {
			t.Fatalf("seed %d: converged %v, ESS %.0f, temperature %v", seed, r.Converged, r.ESS, r.Temperature)
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
		add(&square[4], []float64{r.LogEvidence}, []float64{logEvidence}, []float64{r.LogEvidenceError})
		evidence += math.Exp(r.LogEvidence-logEvidence) / runs
		solves += r.Solves / runs
	}
	t.Logf("mean squares %.3f; evidence %.4f; %d solves", square, evidence, solves)
}

var _ = context.Background
var _ = errors.New
var _ = reflect.DeepEqual
