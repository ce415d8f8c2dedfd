package explain

import (
	"context"

	"gonum.org/v1/gonum/mat"

	"csdm/problems"
	"csdm/rng"
)

// uniformPrecision is the inverse of the variance of a uniform variable on
// [0, 1].
const uniformPrecision = 12

// Around returns n rows of variables near m, the nearest member of a Smooth
// problem: draws from the normal approximation of the posterior (Laplace 1774).
// In units of the prior's box its covariance is (JᵀJ + 12)⁻¹. J holds the
// derivatives of the residual, and 12 is the precision of a uniform variable.
// Rows are moved into the box. For a member of Nearest it takes one forward
// solve per variable and one more.
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
	var factor mat.Cholesky
	factor.Factorize(precision) // positive definite by its diagonal
	var upper mat.TriDense
	factor.UTo(&upper)
	var out []float64
	step := mat.NewVecDense(d, nil)
	for i := range n {
		stream := rng.New(seed, rng.Reference, uint64(i), aroundTag)
		z := mat.NewVecDense(d, nil)
		for k := range d {
			z.SetVec(k, stream.Normal())
		}
		// With precision UᵀU, the solution of Us = z has its inverse as
		// covariance. A condition number is no reason to stop.
		_ = step.SolveVec(&upper, z)
		for k := range d {
			at := min(max(u[k]+step.AtVec(k), 0), 1)
			out = append(out, s.lo[k]+at*(s.hi[k]-s.lo[k]))
		}
	}
	m.Solves += s.solves
	return out, nil
}

// aroundTag separates the streams of Around from other streams of
// rng.Reference.
const aroundTag = 6
