package fem

import (
	"fmt"
	"math/cmplx"

	"csdm/internal/sparse"
)

// The wave equation's matrix is indefinite, and its factorization does not
// exchange pivots. A leading block close to its own resonance gives a small
// pivot, and digits are lost although the whole problem is well conditioned. So
// each solution is checked against its equations.
//
// The other matrices of this package need no such check. Stiffness, mass and
// the matrix of a time step are symmetric and positive definite. For such
// matrices elimination without pivoting is backward stable (Higham 2002,
// "Accuracy and Stability of Numerical Algorithms", Theorem 10.3).
const (
	// A solution with a smaller residual is kept unchanged. The threshold is
	// above the rounding error of a regular problem. So a regular problem costs
	// only one product with the matrix, and its solution keeps its bits.
	residualGood = 1e-13
	// A larger residual after refinement is an error.
	residualLimit = 1e-12
	// Refinement stops after this number of steps.
	refinements = 5
)

// ResidualError reports that a solution does not satisfy its equations.
type ResidualError struct {
	Residual float64 // largest component of b − A u divided by the largest of b, after refinement
	Limit    float64 // largest allowed residual
}

// Error gives the residual and its limit, with the cause and two ways out.
func (e *ResidualError) Error() string {
	return fmt.Sprintf("fem: the solution's residual is %.2g of the right-hand side; at most %.0e "+
		"is allowed. The frequency is at a resonance of the specimen: change the frequency, or "+
		"give a dissipation alpha above 0", e.Residual, e.Limit)
}

// refine checks the solution x of A x = b, improves it by iterative refinement
// if necessary (Higham 2002, chapter 12), and returns the residual: the largest
// magnitude in b − A x divided by the largest in b. The error is a
// *ResidualError. values are the values that were factorized.
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

// largest returns the largest magnitude, or NaN if there is any.
func largest(v []complex128) float64 {
	worst := 0.0
	for _, z := range v {
		worst = max(worst, cmplx.Abs(z))
	}
	return worst
}
