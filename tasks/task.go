package tasks

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"csdm/rng"
)

// Task is an inference problem with vectors: a prior of an unknown u and a
// distribution of measurements y given u. Rates and other positive parameters
// are unknown by their logarithms.
type Task struct {
	Name string
	X, Y int  // components of u and y
	Log  bool // the parameters are the exponentials of u

	// prior draws u, and measure draws y given u.
	prior   func(u []float64, s *rng.Stream)
	measure func(y, u []float64, s *rng.Stream)
	// logLikelihood returns ln p(y|u), and logPrior ln p(u), up to constants;
	// logPrior is nil for a uniform prior.
	logLikelihood func(u, y []float64) float64
	logPrior      func(u []float64) float64
	// show replaces y by the values that the network sees, before it
	// standardizes them; nil: they are y.
	show func(y []float64)
	// exact draws from the posterior; nil: it has no closed form.
	exact func(u, y []float64, s *rng.Stream)
	// inside reports whether the prior is positive; nil: it is everywhere.
	inside func(u []float64) bool

	folder      string // of the observations and reference draws among sbibm's files
	observation string // file of the observations
}

// makers make the tasks of Lueckmann, Boelts, Greenberg, Gonçalves and Macke
// (2021, "Benchmarking simulation-based inference").
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
func (t *Task) Pair(u, y []float64, seed, index uint64) {
	t.prior(u, rng.New(seed, rng.Prior, index, 0))
	t.measure(y, u, rng.New(seed, rng.Noise, index, 0))
}

// logPosterior returns ln p(u)p(y|u) up to a constant; −Inf where the prior is
// zero.
func (t *Task) logPosterior(u, y []float64) float64 {
	if !t.holds(u) {
		return math.Inf(-1)
	}
	l := t.logLikelihood(u, y)
	if t.logPrior != nil {
		l += t.logPrior(u)
	}
	return l
}

// holds reports whether the prior is positive at u.
func (t *Task) holds(u []float64) bool { return t.inside == nil || t.inside(u) }

// uniform sets the prior to independent uniform components within ±limit.
func (t *Task) uniform(limit float64) {
	t.prior = func(u []float64, s *rng.Stream) {
		for i := range u {
			u[i] = s.Uniform(-limit, limit)
		}
	}
	t.inside = func(u []float64) bool {
		for _, v := range u {
			if !(math.Abs(v) <= limit) {
				return false
			}
		}
		return true
	}
}

// normalPrior sets the prior to independent normal components.
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
