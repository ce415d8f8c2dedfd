package problems

import (
	"io"

	"csdm/priors"
	"csdm/rng"
)

// Problem is an inverse problem: infer the field x from a measurement of y. Its
// methods may be called from several goroutines at once.
type Problem interface {
	// Spec returns the names and numbers of the problem. The caller must not
	// change them.
	Spec() *Spec

	// NewGenerator returns a generator for the use of one goroutine at a time.
	// Data that generators can share is made once. A generator that is also an
	// io.Closer must be closed by its user.
	NewGenerator() (Generator, error)

	// Measurement returns the distribution of a measurement given the
	// noise-free y.
	Measurement() priors.Measurement
}

// Generator makes pairs.
type Generator interface {
	// Pair sets x, of Rows·Cols values, and y, of YChannels planes of Rows·Cols
	// values, to pair i of the seed, in physical units. y is noise-free. The
	// result depends on (seed, i) alone, not on earlier calls. Where a
	// simulation gives several images, calls in ascending order save work.
	Pair(x, y []float64, seed, i uint64) error
}

// Forwarder is a Generator that can compute the noise-free measurement from the
// field alone.
type Forwarder interface {
	Generator

	// Forward sets y to the noise-free measurement of x. The two may not
	// overlap.
	Forward(y, x []float64) error
}

// Differentiable is a Forwarder that knows its derivative.
type Differentiable interface {
	Forwarder

	// Adjoint sets gx to the derivative of Σ gy·y with respect to x, where y is
	// the result of the last Forward. It costs less than a forward solve.
	Adjoint(gx, gy []float64)
}

// Parametric is a problem whose prior is a map from a few variables θ, uniform
// on a box. θ covers all randomness of a pair, including model error. Its
// generators are Simulators.
type Parametric interface {
	Problem

	// Box returns the limits of θ, in new slices; Spec().Variables names its
	// elements.
	Box() (lo, hi []float64)

	// Latent sets theta to the variables of pair i.
	Latent(theta []float64, seed, i uint64)

	// Field sets x to the field of variables theta.
	Field(x, theta []float64)
}

// Smooth is a Parametric problem whose noise-free measurement is a continuous
// function of its variables, and smooth except at corners. Its field need not
// be continuous.
type Smooth interface {
	Parametric

	// Smooth does nothing. Its presence marks the problem as smooth.
	Smooth()
}

// Multimodal is a problem whose posterior has several modes, such as one per
// order of equal inclusions. A search that ends at one of them misses the
// others.
type Multimodal interface {
	Problem

	// Multimodal does nothing. Its presence marks the problem.
	Multimodal()
}

// Modal is a Multimodal problem whose posteriors all have the same modes with
// the same known weights.
type Modal interface {
	Multimodal

	// ModeWeights returns the weights of the modes, in a new slice. They sum
	// to 1.
	ModeWeights() []float64

	// ModeShares sets dst to the shares of the modes in x, which is a posterior
	// draw, perhaps with noise, or the mean of a posterior. A field of the
	// prior has a share of 1 of its mode. The mean of a posterior has the
	// weights of the modes. Shares are NaN if x shows no mode.
	ModeShares(dst, x []float64)
}

// Simulator is the Generator of a Parametric problem. Method Pair is Latent
// followed by Simulate.
type Simulator interface {
	Generator

	// Simulate sets x and y to the pair of variables theta.
	Simulate(x, y, theta []float64) error
}

// Subgrid is a Parametric problem that may know more of a specimen than its
// field on the grid shows, such as the place of a rim between two nodes. The y
// of Simulate is then more exact than Forward of the field, which differs by
// the error of the grid.
type Subgrid interface {
	Parametric

	// Subgrid reports whether that is so.
	Subgrid() bool
}

// IsSubgrid reports whether Forward of a pair's field is not exactly its y
// because of Subgrid.
func IsSubgrid(p Problem) bool {
	q, ok := p.(Subgrid)
	return ok && q.Subgrid()
}

// Structured is a problem whose prior is a map from many variables θ. The
// variables are independent, with one condition: a draw that is not Possible is
// replaced by a new draw. Its generators are Simulators.
type Structured interface {
	Problem

	// Variables names the elements of θ. Spec().Variables is empty: the prior
	// is not uniform on a box.
	Variables() []Variable

	// Latent sets theta to the variables of pair i.
	Latent(theta []float64, seed, i uint64)

	// Field sets x to the field of variables theta.
	Field(x, theta []float64)

	// Probabilities sets u[k] to the probability that variable k is at most
	// theta[k], without the condition. Quantiles is its inverse, for u in
	// [0, 1]. The two slices may be the same.
	Probabilities(u, theta []float64)
	Quantiles(theta, u []float64)

	// Possible reports whether theta meets the condition.
	Possible(theta []float64) bool
}

// Local is a Structured whose field is cheaper at a few nodes than at all.
type Local interface {
	Structured

	// FieldAt sets dst[i] to the value at node nodes[i] of the field of
	// variables theta.
	FieldAt(dst []float64, nodes []int, theta []float64)
}

// ClosedForm is a problem whose posterior is known in closed form.
type ClosedForm interface {
	Problem

	// Posterior returns mean and standard deviation of the field given the
	// measurement y, each of Rows·Cols values in physical units, and ln p(y).
	Posterior(y []float64) (mean, std []float64, logEvidence float64, err error)
}

// Gapped is a problem whose measurements may miss values, at random places.
type Gapped interface {
	Problem
	// LeastShare returns the least share of its values that a measurement has;
	// 0 if it has all of them.
	LeastShare() float64
}

// Masked is a Simulator whose noise-free measurement is a smooth function of
// the variables, multiplied by a mask of zeros and ones that also depends on
// them.
type Masked interface {
	Simulator

	// SimulateWhole sets x and y to the pair of variables theta without the
	// mask.
	SimulateWhole(x, y, theta []float64) error

	// Shown sets dst[i] to whether the mask of variables theta keeps pixel
	// pixels[i] of all channels of y.
	Shown(dst []bool, pixels []int, theta []float64)
}

// Driven is a problem in which some values of every noise-free measurement are
// known, because the forward model imposes them.
type Driven interface {
	Problem

	// Driven returns the known values and their places in y. Where the specimen
	// ends, a value may be 0 instead.
	Driven() (places []int, values []float64)
}

// sampleNoise is the second index of the stream of pair i's own noise. It
// differs from the streams of training, which use step and slot.
const sampleNoise = ^uint64(0)

// Measure sets dst to the one measurement that belongs to pair i of the seed,
// whose noise-free value is y. Exports and test cases use the same measurement.
// dst and y may be the same slice.
func Measure(noise priors.Measurement, dst, y []float64, seed, i uint64) {
	noise.Sample(dst, y, rng.New(seed, rng.Noise, i, sampleNoise))
}

// MeasuredPair returns the field x of pair i of the seed and its one
// measurement y, both in physical units.
func MeasuredPair(p Problem, seed, i uint64) (x, y []float64, err error) {
	generator, err := p.NewGenerator()
	if err != nil {
		return nil, nil, err
	}
	if closer, ok := generator.(io.Closer); ok {
		defer closer.Close()
	}
	x, y = make([]float64, p.Spec().XLen()), make([]float64, p.Spec().YLen())
	if err := generator.Pair(x, y, seed, i); err != nil {
		return nil, nil, err
	}
	Measure(p.Measurement(), y, y, seed, i)
	return x, y, nil
}
