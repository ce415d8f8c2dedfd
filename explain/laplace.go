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
// Rows are moved into the box. Around takes one forward solve per variable and
// one more.
func (m *Member) Around(ctx context.Context, problem problems.Parametric, y []float64, n int,
	seed uint64) ([]float64, error) {
	s := &search{problem: problem, y: y, threads: 1, generators: make([]problems.Generator, 1)}
	s.lo, s.hi = problem.Box()
	defer func() { CloseAll(s.generators) }()
	d := len(s.lo)
	u := make([]float64, d)
	for k, v := range m.Theta {
		u[k] = (v - s.lo[k]) / (s.hi[k] - s.lo[k])
	}
	_, rows, err := s.jacobian(ctx, u)
	if err != nil {
		return nil, err
	}
	precision := mat.NewSymDense(d, nil)
	for i := range d {
		for j := range i + 1 {
			precision.SetSym(i, j, dot(rows[i], rows[j]))
		}
		precision.SetSym(i, i, precision.At(i, i)+uniformPrecision)
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
