package bench

import (
	"context"
	"math"

	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// MarginalESS is the effective sample size at which Adaptive stops by default
// for a problems.Marginal. Most of the spread of x is then the model error,
// which needs no draws, so fewer draws than elsewhere give the same error.
const MarginalESS = 500

// marginalTag distinguishes the streams of the model errors of adaptMarginal
// from the streams of Adaptive.
const marginalTag = 3

// adaptMarginal is Adaptive for a problem with model error. It draws the
// variables on which y depends, and integrates over the others in closed form.
// Moments and errors of x are therefore without the scatter of the model error
// (Rao and Blackwell). The draws of θ in the result have drawn model errors.
//
// If y depends on the first variables α only, p(α, β | y) = p(α | y) p(β): the
// others keep their prior, and E[f] = E_α[E_β f(α, β)].
func adaptMarginal(ctx context.Context, m problems.Marginal, y []float64,
	s AdaptiveSettings) (*AdaptiveResult, error) {
	lo, hi := m.Box()
	measured, d := m.Measured(), len(lo)
	var start []float64
	for k := 0; k+d <= len(s.Start); k += d {
		start = append(start, s.Start[k:k+measured]...)
	}
	s.Start, s.MeanError = start, 0
	if s.ESS == 0 {
		s.ESS = MarginalESS
	}
	r, err := Adaptive(ctx, problems.Reduce(m), y, s)
	if err != nil {
		return nil, err
	}
	r.integrate(m)
	theta := make([]float64, 0, len(r.LogWeights)*d)
	for i := range r.LogWeights {
		theta = append(theta, r.Theta[i*measured:(i+1)*measured]...)
		rest := theta[len(theta) : len(theta)+d-measured]
		priors.Draw(rest, lo[measured:], hi[measured:],
			rng.New(s.Seed, rng.Reference, uint64(i), marginalTag))
		theta = theta[:len(theta)+d-measured]
	}
	r.Theta = theta
	v := &r.Variables
	for k := measured; k < d; k++ {
		v.Mean, v.Std = append(v.Mean, (lo[k]+hi[k])/2), append(v.Std, (hi[k]-lo[k])/math.Sqrt(12))
		v.MeanError, v.StdError = append(v.MeanError, 0), append(v.StdError, 0)
		r.EndMass = append(r.EndMass, [2]float64{endShare, endShare})
	}
	return r, nil
}

// integrate sets the moments of x from weighted draws of the measured
// variables. With mᵢ and sᵢ the means of x and x² given draw i, the mean m and
// the variance v of x are means of mᵢ and of qᵢ = sᵢ − 2m mᵢ + m². The standard
// errors follow from these means as in moments.posterior.
//
// The variance is E[x²] − E[x]² = mean of s_i − 2m m_i + m², computed about m
// to keep its digits.
func (r *AdaptiveResult) integrate(m problems.Marginal) {
	d, size := m.Measured(), len(r.Mean)
	mean, square := make([]float64, size), make([]float64, size)
	top := math.Inf(-1)
	for _, l := range r.LogWeights {
		top = max(top, l)
	}
	total := 0.0
	// each calls add for each draw with its weight, in order.
	each := func(add func(w float64)) {
		for i, l := range r.LogWeights {
			if w := math.Exp(l - top); w > 0 {
				m.Moments(mean, square, r.Theta[i*d:(i+1)*d])
				add(w)
			}
		}
	}
	clear(r.Mean)
	each(func(w float64) {
		total += w
		for k, v := range mean {
			r.Mean[k] += w * v
		}
	})
	variance := make([]float64, size)
	for k := range r.Mean {
		r.Mean[k] /= total
	}
	each(func(w float64) {
		for k, at := range r.Mean {
			variance[k] += w / total * (square[k] - 2*at*mean[k] + at*at)
		}
	})
	ofMean, ofVariance := make([]float64, size), make([]float64, size)
	each(func(w float64) {
		w /= total
		for k, at := range r.Mean {
			q := square[k] - 2*at*mean[k] + at*at - variance[k]
			ofMean[k] += w * w * (mean[k] - at) * (mean[k] - at)
			ofVariance[k] += w * w * q * q
		}
	})
	for k, v := range variance {
		r.Std[k] = math.Sqrt(max(v, 0))
		if r.Doubt == nil {
			r.MeanError[k], r.StdError[k] = standardErrors(v, ofMean[k], ofVariance[k])
		}
	}
}
