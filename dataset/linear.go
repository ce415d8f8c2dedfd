package dataset

import (
	"context"
	"errors"
	"slices"

	"gonum.org/v1/gonum/mat"

	"csdm/internal/parallel"
	"csdm/priors"
	"csdm/rng"
)

// Linear is the linear estimate of x from a measurement that has the smallest
// mean square error over the training pairs, with the covariance of its error
// (the linear minimum mean square error estimate: Kay 1993, "Fundamentals of
// statistical signal processing: estimation theory", section 12.3). Of a
// problem that is linear with normal distributions it is the posterior. x and y
// are normalized:
//
//	x̂ᵢ = offsetᵢ + Σₖ weightᵢₖ y(placeₖ)
//	Cov(x − x̂) ≈ Σₖ λₖ uₖuₖᵀ + ρ (I − Σₖ uₖuₖᵀ)
type Linear struct {
	Places     []int     // indices in y, (C, H, W), ascending
	Weights    []float32 // (len(x), len(Places)), row by row
	Offset     []float32 // (len(x))
	Components []float32 // (K, len(x)), row by row: the orthonormal uₖ
	Variances  []float32 // (K + 1): the λₖ, and ρ
}

// The limits of Source.Linear.
const (
	linearValues     = 128     // of a measurement
	linearWeights    = 1 << 21 // which a model file holds
	linearPairs      = 1 << 16 // that are read
	linearField      = 1 << 10 // values of x, for a covariance
	linearComponents = 256
	// Pairs for each value of x, for a covariance.
	covariancePairs = 20
	// Share of the variance that the components may leave out.
	linearRest = 1e-3
	// Least ρ, as a share of the mean variance of the error.
	leastRest = 1e-6
	// Least variance in normalized units, far below any noise level.
	leastVariance = 1e-12
	// Added to the variance of each value of y, relative to it, so that values
	// that always agree have a factorization.
	linearRidge = 1e-9
)

// noiseLinear is the second index of the noise streams for Linear.
const noiseLinear = ^uint64(3)

// linearSums holds sums over pairs, of the used values v of y and of x. xx has
// the diagonal alone if x has more than linearField values.
type linearSums struct {
	y, yy, x, xy, xx []float64 // Σ v, Σ vvᵀ, Σ x, Σ xvᵀ, Σ xxᵀ; lower halves
	other            int       // pairs that miss other values than the first pair
}

// newLinearSums returns sums of nothing, for x of size and v of count values.
func newLinearSums(size, count int) *linearSums {
	squares := size
	if size <= linearField {
		squares = size * size
	}
	return &linearSums{y: make([]float64, count), yy: make([]float64, count*count),
		x: make([]float64, size), xy: make([]float64, size*count),
		xx: make([]float64, squares)}
}

// Linear returns the linear estimate of x, for measurements that all miss the
// same values and have at most linearValues. It returns nil for others: whole
// maps, of which networks learn more than a linear estimate, gaps that differ
// (Settings.Masks below 1), phases, too few pairs, and a value that is always
// the same. A network for few sensors needs it,
// because convolutions alone hardly learn that each sensor has its own
// influence on each place. The result does not depend on the number of
// threads.
func (s *Source) Linear(ctx context.Context, threads int) (*Linear, error) {
	spec := s.store.Spec()
	if s.scaling.YPeriod > 0 || s.masks > 0 && s.masks < 1 {
		return nil, nil
	}
	f := s.scratch.Get().(*fetch)
	err := s.linearPair(f, 0)
	places := present(f.noisy)
	s.scratch.Put(f)
	size, count, pairs := spec.XLen(), len(places), min(s.count, linearPairs)
	if err != nil || count == 0 || count == spec.YLen() || count > linearValues ||
		count*size > linearWeights || pairs < covariancePairs*count {
		return nil, err
	}
	parts := make([]*linearSums, 8)
	err = parallel.For(ctx, threads, len(parts), func(_, part int) error {
		sums := newLinearSums(size, count)
		f := s.scratch.Get().(*fetch)
		defer s.scratch.Put(f)
		v := make([]float64, count)
		for k := part * pairs / len(parts); k < (part+1)*pairs/len(parts); k++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := s.linearPair(f, int(int64(k)*int64(s.count)/int64(pairs))); err != nil {
				return err
			}
			if !slices.Equal(present(f.noisy), places) {
				sums.other++
				continue
			}
			for i, place := range places {
				v[i] = f.noisy[place]
			}
			sums.add(f.field, v)
		}
		parts[part] = sums
		return nil
	})
	if err != nil {
		return nil, err
	}
	total := parts[0]
	for _, p := range parts[1:] {
		total.other += p.other
		for _, to := range [][2][]float64{{total.y, p.y}, {total.yy, p.yy}, {total.x, p.x},
			{total.xy, p.xy}, {total.xx, p.xx}} {
			for i, v := range to[1] {
				to[0][i] += v
			}
		}
	}
	if total.other > 0 {
		return nil, nil
	}
	return total.solve(places, pairs)
}

// linearPair reads training pair k, with noise, and normalizes it: x to f.field
// and y to f.noisy.
func (s *Source) linearPair(f *fetch, k int) error {
	i := s.store.index(0, k)
	if err := s.store.Pair(i, f.x, f.y); err != nil {
		return err
	}
	f.stream.Reset(s.seed, rng.Noise, uint64(i), noiseLinear)
	f.measure(s.noise)
	n := &s.scaling.Normalization
	n.Y.Apply(f.noisy, f.noisy)
	for k, v := range f.x {
		r := n.RangeX(k, len(f.x))
		f.field[k] = (float64(v) - r.Min) / r.Width()
	}
	return nil
}

// present returns the indices of the values of y that are measured.
func present(y []float64) (places []int) {
	for i, v := range y {
		if !priors.Missing(v) {
			places = append(places, i)
		}
	}
	return places
}

// add adds a pair.
func (s *linearSums) add(x, v []float64) {
	n := len(v)
	for i, a := range v {
		s.y[i] += a
		for j, b := range v[:i+1] {
			s.yy[i*n+j] += a * b
		}
	}
	for i, a := range x {
		s.x[i] += a
		row := s.xy[i*n:][:n]
		for j, b := range v {
			row[j] += a * b
		}
		if len(s.xx) == len(x) {
			s.xx[i] += a * a
			continue
		}
		row = s.xx[i*len(x):][:i+1]
		for j, b := range x[:i+1] {
			row[j] += a * b
		}
	}
}

// solve returns the estimate from sums over a number of pairs: the weights are
// Cov(x, v) Cov(v)⁻¹, the offset makes the means agree, and the covariance of
// the error is Cov(x) − Cov(x, v) Cov(v)⁻¹ Cov(v, x).
func (s *linearSums) solve(places []int, pairs int) (*Linear, error) {
	n, size, one := len(places), len(s.x), 1/float64(pairs)
	within := mat.NewSymDense(n, nil) // Cov(v)
	for i := range n {
		for j := range i + 1 {
			within.SetSym(i, j, s.yy[i*n+j]*one-s.y[i]*s.y[j]*one*one)
		}
		within.SetSym(i, i, within.At(i, i)*(1+linearRidge))
	}
	across := mat.NewDense(n, size, nil) // Cov(v, x)
	for i := range size {
		for j := range n {
			across.Set(j, i, s.xy[i*n+j]*one-s.x[i]*s.y[j]*one*one)
		}
	}
	var factor mat.Cholesky
	if !factor.Factorize(within) { // a sensor always has the same value
		return nil, nil
	}
	var weights mat.Dense // (n, size)
	if err := factor.SolveTo(&weights, across); err != nil {
		return nil, err
	}
	out := &Linear{Places: places, Weights: make([]float32, size*n), Offset: make([]float32, size)}
	for i := range size {
		offset := s.x[i] * one
		for j := range n {
			w := weights.At(j, i)
			offset -= w * s.y[j] * one
			out.Weights[i*n+j] = float32(w)
		}
		out.Offset[i] = float32(offset)
	}
	return out, s.spread(out, &weights, across, pairs)
}

// spread sets the covariance of the error of an estimate: its principal
// components, or the mean variance alone if x has too many values for the
// pairs.
func (s *linearSums) spread(l *Linear, weights, across *mat.Dense, pairs int) error {
	size, one := len(s.x), 1/float64(pairs)
	prior := func(i, j, k int) float64 { // k is the place of Σ xᵢxⱼ
		return s.xx[k]*one - s.x[i]*s.x[j]*one*one
	}
	total := 0.0
	if len(s.xx) == size || pairs < covariancePairs*size {
		for i := range size {
			k := i
			if len(s.xx) > size {
				k = i*size + i
			}
			total += prior(i, i, k) - mat.Dot(across.ColView(i), weights.ColView(i))
		}
		l.Variances = []float32{float32(max(total/float64(size), leastVariance))}
		return nil
	}
	var explained mat.Dense
	explained.Mul(across.T(), weights)
	covariance := mat.NewSymDense(size, nil)
	for i := range size {
		for j := range i + 1 {
			covariance.SetSym(i, j,
				prior(i, j, i*size+j)-(explained.At(i, j)+explained.At(j, i))/2)
		}
		total += covariance.At(i, i)
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(covariance, true) {
		return errors.New("dataset: the covariance of x given y has no eigenvectors")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	values, left := eigen.Values(nil), total
	for k := size - 1; k > 0 && len(l.Variances) < linearComponents && left > linearRest*total &&
		values[k] > leastVariance; k-- {
		left -= values[k]
		l.Variances = append(l.Variances, float32(values[k]))
		for i := range size {
			l.Components = append(l.Components, float32(vectors.At(i, k)))
		}
	}
	rest := left / float64(size-len(l.Variances))
	l.Variances = append(l.Variances,
		float32(max(rest, leastRest*total/float64(size), leastVariance)))
	return nil
}
