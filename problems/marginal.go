package problems

import "io"

// Marginal is a Parametric problem with model error: its noise-free y depends
// only on the first variables of θ, and given these, the moments of x over the
// others are known in closed form. So a posterior can be computed over the
// first variables alone.
type Marginal interface {
	Parametric

	// Measured returns the number of variables, the first of θ, on which y
	// depends.
	Measured() int

	// Moments sets mean and square to the means of x and of x² over the other
	// variables, given theta, the first Measured variables. square may be nil.
	Moments(mean, square, theta []float64)
}

// Reduce returns the problem of the variables on which y depends. It has the y
// of m. Its field is the mean of x over the other variables. It is Smooth if m
// is.
func Reduce(m Marginal) Parametric {
	r := &reduced{Parametric: m, marginal: m, spec: *m.Spec()}
	r.spec.Variables = r.spec.Variables[:m.Measured()]
	if _, ok := m.(Smooth); ok {
		return reducedSmooth{r}
	}
	return r
}

type reduced struct {
	Parametric
	marginal Marginal
	spec     Spec
}

type reducedSmooth struct{ *reduced }

// Smooth marks the problem as smooth in θ, as the full problem is.
func (reducedSmooth) Smooth() {}

// Spec returns the problem's, with the measured variables only.
func (r *reduced) Spec() *Spec { return &r.spec }

// Box returns the part of the box that the measurement depends on.
func (r *reduced) Box() (lo, hi []float64) {
	lo, hi = r.Parametric.Box()
	return lo[:r.marginal.Measured()], hi[:r.marginal.Measured()]
}

// Latent draws all variables, so that pair i is the full problem's pair i, and
// keeps the measured ones.
func (r *reduced) Latent(theta []float64, seed, i uint64) {
	all := make([]float64, len(r.marginal.Spec().Variables))
	r.Parametric.Latent(all, seed, i)
	copy(theta, all)
}

// Field sets x to the mean field over the variables that are integrated out.
func (r *reduced) Field(x, theta []float64) { r.marginal.Moments(x, nil, theta) }

// NewGenerator returns a simulator that holds the integrated variables at the
// middle of the box: no measurement depends on them.
func (r *reduced) NewGenerator() (Generator, error) {
	g, err := r.Parametric.NewGenerator()
	if err != nil {
		return nil, err
	}
	lo, hi := r.Parametric.Box()
	theta := make([]float64, len(lo))
	for k := range theta {
		theta[k] = (lo[k] + hi[k]) / 2
	}
	return &reducedSimulator{r, g.(Simulator), theta}, nil
}

// reducedSimulator simulates with any model error, which does not change y.
type reducedSimulator struct {
	problem   *reduced
	simulator Simulator
	theta     []float64
}

// Simulate computes y of the measured variables theta, and the mean field.
func (g *reducedSimulator) Simulate(x, y, theta []float64) error {
	copy(g.theta, theta)
	err := g.simulator.Simulate(x, y, g.theta)
	g.problem.Field(x, theta)
	return err
}

// Pair draws the variables of pair i and simulates.
func (g *reducedSimulator) Pair(x, y []float64, seed, i uint64) error {
	theta := make([]float64, g.problem.marginal.Measured())
	g.problem.Latent(theta, seed, i)
	return g.Simulate(x, y, theta)
}

// Close ends the simulator, if it needs that.
func (g *reducedSimulator) Close() error {
	if c, ok := g.simulator.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
