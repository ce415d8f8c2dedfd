package fem

import (
	"fmt"
	"math/cmplx"

	"csdm/internal/sparse"
)

// The wave equation's matrix is indefinite, and its factorization takes the
// pivots as they come. A leading block near a resonance of its own gives a
// small pivot, and digits are lost although the whole problem is well
// conditioned. So each solution is held against its equations.
//
// The other matrices of this package need no such check. Stiffness, mass and
// the matrix of a time step are symmetric and positive definite, and for these
// elimination without pivoting is backward stable (Higham 2002, "Accuracy and
// Stability of Numerical Algorithms", Theorem 10.3).
const (
	// A solution with a smaller residual is kept as it is. It is above what
	// rounding leaves of a regular problem, so that such a one costs one
	// product with the matrix and keeps its bits.
	residualGood = 1e-13
	// A larger residual after refinement is an error.
	residualLimit = 1e-12
	// Refinement stops at the latest after so many steps.
	refinements = 5
)

// A ResidualError says that a solution does not satisfy its equations.
type ResidualError struct {
	Residual float64 // largest component of b − A u over that of b, after refinement
	Limit    float64 // what is allowed
}

func (e *ResidualError) Error() string {
	return fmt.Sprintf("fem: the solution's residual is %.2g of the right-hand side, and at most "+
		"%.0e is allowed: the frequency is at a resonance of the specimen: change the frequency, "+
		"or give a dissipation alpha above 0", e.Residual, e.Limit)
}

// refine holds the solution x of A x = b against its equations, improves it by
// iterative refinement where it is needed (Higham 2002, chapter 12), and
// returns the residual that is left: the largest magnitude in b − A x over that
// in b. The error is a *ResidualError. values are those that were factorized.
func (s *HelmholtzSolver) refine(x, b []complex128) (residual float64, err error) {
	scale := largest(b)
	if scale == 0 {
		return 0, nil
	}
	for step := 0; ; step++ {
		copy(s.residual, b)
		sparse.MultiplySubtract(s.h.l.sym, s.residual, s.values, x)
		residual = largest(s.residual) / scale
		if residual <= residualGood || step == refinements {
			break
		}
		s.factor.SolveTo(s.residual, s.residual)
		for i, v := range s.residual {
			x[i] += v
		}
	}
	if !(residual <= residualLimit) {
		return residual, &ResidualError{Residual: residual, Limit: residualLimit}
	}
	return residual, nil
}

// largest returns the largest magnitude; NaN if any is.
func largest(v []complex128) float64 {
	worst := 0.0
	for _, z := range v {
		worst = max(worst, cmplx.Abs(z))
	}
	return worst
}
