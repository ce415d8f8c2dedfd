package bench

import (
	"context"
	"fmt"
	"math"

	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// GradientError reports that a problem has no gradient of its likelihood.
type GradientError struct{ Problem, Reason string }

// Error names the problem that gives no gradient, with the reason.
func (e *GradientError) Error() string {
	return fmt.Sprintf("bench: kernel %q needs a gradient: %s: %s", Langevin, e.Problem, e.Reason)
}

// mala is what the chains of kernel Langevin share. Its gradient is
//
//	∂ ln p(u|y)/∂u_k = Σᵢ ∂ln p(y|x)/∂xᵢ · ∂xᵢ/∂u_k − u_k
//
// The first factor comes from the adjoint of the forward model, and the second
// from central differences of the field, which take no solve. A field on nodes
// is piecewise constant in u, so that the differences span a part of the
// posterior. Whatever the drift, Metropolis's rule keeps the posterior.
type mala struct {
	*likelihood
	// gives ∂ln p(y|x)/∂x of the prediction
	noise priors.DifferentiableLikelihood
	start []float64 // rows of u
	root  []float64 // L, d×d
	span  []float64 // of the differences, by variable
}

// Of the differences, in standard deviations of Start, and of the norm of the
// drift Lᵀ∇ln p over √d, which is about 1 in a normal posterior. Without a
// limit a state far outside would propose still farther ones (Roberts and
// Tweedie 1996).
const differenceSpan, mostDrift = 0.5, 4

// langevin returns the kernel for rows of θ, a *StartError or a *GradientError.
//
// The covariance of the start rows preconditions: in coordinates L⁻¹u the
// posterior is about as wide in every direction.
func (l *likelihood) langevin(theta []float64) (*mala, error) {
	d, name := l.dim(), l.problem.Spec().Name
	k := &mala{likelihood: l, start: l.normal(theta), root: make([]float64, d*d),
		span: make([]float64, d)}
	var known bool
	if k.noise, known = l.targets[0].Noise.(priors.DifferentiableLikelihood); !known {
		return nil, &GradientError{name, "the density of its noise has no known derivative"}
	}
	if _, ok := l.workers[0].forward.(problems.Differentiable); !ok {
		return nil, &GradientError{name, "its forward model has no adjoint"}
	}
	n := len(theta) / d
	mean, covariance := make([]float64, d), make([]float64, d*d)
	for i, v := range k.start {
		mean[i%d] += v / float64(n)
	}
	for i := range n {
		row := k.start[i*d:][:d]
		for a := range d {
			for b := range d {
				covariance[a*d+b] += (row[a] - mean[a]) * (row[b] - mean[b]) / float64(n)
			}
		}
	}
	if n < leastStart(d) || !cholesky(k.root, covariance, d) {
		return nil, &StartError{Langevin, n, leastStart(d)}
	}
	for a := range d {
		k.span[a] = differenceSpan * math.Sqrt(covariance[a*d+a])
	}
	return k, nil
}

// malaState is a state of a chain.
type malaState struct {
	// the state in both coordinates
	u, theta []float64
	logP     float64   // ln p(u|y) up to a constant
	gradient []float64 // of it
	drift    []float64 // Lᵀ gradient, of limited norm
}

// newMalaState returns memory for a state of d variables.
func newMalaState(d int) *malaState {
	return &malaState{u: make([]float64, d), theta: make([]float64, d),
		gradient: make([]float64, d), drift: make([]float64, d)}
}

// set computes the parts of a state that follow from its u. It takes a forward
// solve and an adjoint solve. up and down are scratch for fields, and gy for a
// measurement.
//
// ∂x_i/∂u_k is (x_i(u + h e_k) − x_i(u − h e_k))/(2h) with h = span_k.
func (k *mala) set(s *malaState, w *solver, up, down, gy []float64) error {
	at := func(c int, u float64) float64 { return k.lo[c] + (k.hi[c]-k.lo[c])*normalCDF(u) }
	s.logP = 0
	for c, u := range s.u {
		s.theta[c] = at(c, u)
		s.logP -= u * u / 2
	}
	var logL [1]float64
	if err := w.logLikelihood(k.likelihood, logL[:], s.theta); err != nil {
		return err
	}
	s.logP += logL[0]
	k.noise.LogLikelihoodGradient(gy, k.targets[0].Y, w.y)
	gx := w.x // the field is not needed any more
	w.forward.(problems.Differentiable).Adjoint(gx, gy)
	for c, u := range s.u {
		center := s.theta[c]
		s.theta[c] = at(c, u+k.span[c])
		k.problem.Field(up, s.theta)
		s.theta[c] = at(c, u-k.span[c])
		k.problem.Field(down, s.theta)
		s.theta[c] = center
		s.gradient[c] = -u
		for i, g := range gx {
			s.gradient[c] += g * (up[i] - down[i]) / (2 * k.span[c])
		}
	}
	d, square := len(s.u), 0.0
	for a := range d {
		s.drift[a] = 0
		for b := a; b < d; b++ {
			s.drift[a] += k.root[b*d+a] * s.gradient[b]
		}
		square += s.drift[a] * s.drift[a]
	}
	if most := mostDrift * math.Sqrt(float64(d)); square > most*most {
		for a := range d {
			s.drift[a] *= most / math.Sqrt(square)
		}
	}
	return nil
}

// walk fills kept with the states of one chain. With a(u) = Lᵀ∇ln p(u|y) it
// proposes v = u + L(½ε²a(u) + εz). The way back from v would need the normal
// numbers −z − ½ε(a(u) + a(v)).
//
// ln q(u | v) − ln q(v | u) = (‖z‖² − ‖back‖²)/2, since both proposals have the
// same covariance.
func (k *mala) walk(ctx context.Context, w *solver, kept []float64, s MCMCSettings,
	chain int) (accepted, solves int, err error) {
	d := k.dim()
	stream := rng.New(s.Seed, rng.Reference, uint64(chain), 1)
	state, proposal, z := newMalaState(d), newMalaState(d), make([]float64, d)
	up, down, gy := make([]float64, len(w.x)), make([]float64, len(w.x)), make([]float64, len(w.y))
	rows := len(k.start) / d
	copy(state.u, k.start[chain*rows/s.Chains*d:])
	if err := k.set(state, w, up, down, gy); err != nil {
		return 0, 1, err
	}
	size := s.Step
	for step := range s.BurnIn + s.Steps {
		if err := ctx.Err(); err != nil {
			return accepted, solves, err
		}
		for c := range z {
			z[c] = stream.Normal()
		}
		for a := range d {
			proposal.u[a] = state.u[a]
			for b := range a + 1 {
				proposal.u[a] += k.root[a*d+b] * size * (size*state.drift[b]/2 + z[b])
			}
		}
		if err := k.set(proposal, w, up, down, gy); err != nil {
			return accepted, solves, err
		}
		ratio := proposal.logP - state.logP
		for c, v := range z {
			back := v + size*(state.drift[c]+proposal.drift[c])/2
			ratio += (v*v - back*back) / 2
		}
		moved := 0.0
		if math.Log(stream.Float64()) < ratio {
			state, proposal, moved = proposal, state, 1
			accepted++
		}
		if s.Adapt && step < s.BurnIn {
			size *= math.Exp((moved - goodLangevin) / math.Sqrt(float64(1+step)))
		}
		if step >= s.BurnIn {
			copy(kept[(step-s.BurnIn)*d:], state.theta)
		}
	}
	return accepted, 1 + s.BurnIn + s.Steps, nil
}
