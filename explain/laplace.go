package explain

import (
	"context"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"csdm/problems"
	"csdm/rng"
)

// uniformPrecision is the inverse of the variance of a uniform variable on
// [0, 1].
const uniformPrecision = 12

// Around returns n rows of variables near m, the nearest member of a Smooth
// problem: draws from the normal approximation of the posterior (Laplace 1774)
// in z = Φ⁻¹(u), with u in units of the prior's box. The prior of z is standard
// normal, so the covariance is (JᵀJ + 1)⁻¹. J holds the derivatives of the
// residual by z at the member. The mean is one Gauss–Newton step from it, which
// the prior causes. For a member of Nearest it takes one forward
// solve per variable and one more.
//
// The posterior density of z is proportional to exp(−‖r(z)‖²/2 − ‖z‖²/2). With
// r(z) ≈ r₀ + J (z − z₀) its precision is JᵀJ + 1. At a member with Jᵀ r₀ = 0
// its mean is
//
//	z₀ − (JᵀJ + 1)⁻¹ z₀
//
// The map u = Φ(z) turns derivatives by u into derivatives by z with the factor
// φ(z), and keeps every draw in the box.
func (m *Member) Around(ctx context.Context, problem problems.Parametric, y []float64, n int,
	seed uint64) ([]float64, error) {
	s := newSearch(problem, y, 1)
	defer func() { CloseAll(s.generators) }()
	d := len(s.lo)
	u := s.unit(m.Theta)
	precision := m.precision
	if precision == nil {
		var err error
		if precision, err = s.precision(ctx, u); err != nil {
			return nil, err
		}
	}
	// In z = Φ⁻¹(u) the prior is standard normal, and the derivatives by z are
	// those by u times the density of z.
	z, slope := make([]float64, d), make([]float64, d)
	for k, v := range u {
		z[k] = distuv.UnitNormal.Quantile(min(max(v, nearestEnd), 1-nearestEnd))
		slope[k] = distuv.UnitNormal.Prob(z[k])
	}
	inZ := mat.NewSymDense(d, nil)
	for i := range d {
		for j := range i {
			inZ.SetSym(i, j, precision.At(i, j)*slope[i]*slope[j])
		}
		inZ.SetSym(i, i, (precision.At(i, i)-uniformPrecision)*slope[i]*slope[i]+1)
	}
	var factor mat.Cholesky
	factor.Factorize(inZ) // positive definite by its diagonal
	var pull mat.VecDense
	// A condition number is no reason to stop, here and below.
	_ = factor.SolveVecTo(&pull, mat.NewVecDense(d, slices.Clone(z)))
	var upper mat.TriDense
	factor.UTo(&upper)
	var out []float64
	step := mat.NewVecDense(d, nil)
	for i := range n {
		stream := rng.New(seed, rng.Reference, uint64(i), aroundTag)
		normal := mat.NewVecDense(d, nil)
		for k := range d {
			normal.SetVec(k, stream.Normal())
		}
		// With precision UᵀU, the solution of Us = normal has its inverse as
		// covariance.
		_ = step.SolveVec(&upper, normal)
		for k := range d {
			at := distuv.UnitNormal.CDF(z[k] - pull.AtVec(k) + step.AtVec(k))
			out = append(out, s.lo[k]+at*(s.hi[k]-s.lo[k]))
		}
	}
	m.Solves += s.solves
	return out, nil
}

// nearestEnd is the share of the box at its ends in which no approximation
// begins: z is infinite there.
//
// Φ⁻¹(10⁻³) = −3.1.
const nearestEnd = 1e-3

// aroundTag separates the streams of Around from other streams of
// rng.Reference.
const aroundTag = 6
