package tasks

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"csdm/rng"
)

// Task is an inference problem with vectors: a prior of parameters p and a
// distribution of measurements y given p. The unknown u that posteriors are
// computed of is p itself, or a function of each parameter whose prior has no
// edges: the logarithm of a positive one, and of a uniform one the standard
// normal number of the same rank.
//
// All functions are up to constants that do not depend on u, since only ratios
// of densities are used.
type Task struct {
	Name string
	X, Y int // components of u and y

	// prior draws u. parameter returns the parameter of a component of u; nil:
	// they are the same. measure draws y given p.
	prior     func(u []float64, s *rng.Stream)
	parameter func(u float64) float64
	measure   func(y, p []float64, s *rng.Stream)
	// logPrior returns ln p(u), and logLikelihood ln p(y|p), up to constants.
	logPrior      func(u []float64) float64
	logLikelihood func(p, y []float64) float64
	// show replaces y by the values that the network sees, before it
	// standardizes them; nil: they are y.
	show func(y []float64)
	// exact draws parameters from the posterior; nil: it has no closed form.
	exact func(p, y []float64, s *rng.Stream)

	folder      string // of the observations and reference draws among sbibm's files
	observation string // file of the observations
}

// makers make the tasks of Lueckmann, Boelts, Greenberg, Gonçalves and Macke
// (2021, "Benchmarking simulation-based inference").
//
// Their order is the order of the rows.
var makers = []func() *Task{gaussianLinear, gaussianLinearUniform, gaussianMixture, twoMoons,
	func() *Task { return slcp(false) }, func() *Task { return slcp(true) },
	func() *Task { return bernoulliGLM(false) }, func() *Task { return bernoulliGLM(true) },
	sir, lotkaVolterra}

// Names returns the names of the tasks.
func Names() (names []string) {
	for _, made := range makers {
		names = append(names, made().Name)
	}
	return names
}

// New returns the task of a name.
func New(name string) (*Task, error) {
	k := slices.Index(Names(), name)
	if k < 0 {
		return nil, fmt.Errorf("there is no task %q; the tasks are %s", name,
			strings.Join(Names(), ", "))
	}
	t := makers[k]()
	if t.folder == "" {
		t.folder = t.Name
	}
	if t.observation == "" {
		t.observation = "observation.csv"
	}
	return t, nil
}

// Pair draws an unknown from the prior and a measurement of it. It is a
// function of seed and index.
//
// The prior and the noise have streams of their own.
func (t *Task) Pair(u, y []float64, seed, index uint64) {
	t.prior(u, rng.New(seed, rng.Prior, index, 0))
	t.measure(y, t.parameters(u), rng.New(seed, rng.Noise, index, 0))
}

// parameters returns the parameters of rows of u, in a new slice.
func (t *Task) parameters(u []float64) []float64 {
	p := slices.Clone(u)
	if t.parameter != nil {
		for i, v := range u {
			p[i] = t.parameter(v)
		}
	}
	return p
}

// logPosterior returns ln p(u)p(y|u) up to a constant.
func (t *Task) logPosterior(u, y []float64) float64 {
	return t.logPrior(u) + t.logLikelihood(t.parameters(u), y)
}

// uniform sets the prior to independent uniform parameters within ±limit.
//
// u is standard normal and p = limit · erf(u/√2) = limit · (2Φ(u) − 1), which
// is uniform. A diffusion model has no edges to respect in u.
func (t *Task) uniform(limit float64) {
	zero, one := make([]float64, t.X), make([]float64, t.X)
	for i := range one {
		one[i] = 1
	}
	t.normalPrior(zero, one)
	t.parameter = func(u float64) float64 { return limit * math.Erf(u/math.Sqrt2) }
}

// within reports whether no parameter exceeds a limit.
func within(p []float64, limit float64) bool {
	for _, v := range p {
		if math.Abs(v) > limit {
			return false
		}
	}
	return true
}

// normalPrior sets the prior of u to independent normal components.
//
// deviations are standard deviations.
func (t *Task) normalPrior(means, deviations []float64) {
	t.prior = func(u []float64, s *rng.Stream) {
		for i := range u {
			u[i] = means[i] + deviations[i]*s.Normal()
		}
	}
	t.logPrior = func(u []float64) float64 {
		sum := 0.0
		for i, v := range u {
			z := (v - means[i]) / deviations[i]
			sum -= z * z / 2
		}
		return sum
	}
}
