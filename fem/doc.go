// Package fem solves plane and axisymmetric problems of mechanics by finite
// elements, repeatedly on one mesh.
//
// Solving a problem has two parts. The analysis is done once for a mesh and its
// essential conditions: it numbers the unknowns, orders and analyzes the matrix
// (package sparse), integrates the element matrices for a modulus of one, and
// records the place of each entry. Its result is read-only. Each worker has a
// solver, which holds the storage; a solve with new moduli allocates nothing.
//
//	analysis, err := fem.NewPlaneStress(m, fem.Compression(m, 0, -0.01))
//	solver := analysis.NewSolver()
//	err = solver.SolveTo(ux, uy, mu)
//
// After a solve, AdjointTo gives the derivative of a weighted sum of the
// displacements with respect to all moduli, for one more solution with the same
// factor.
//
// A second field may vary too: Poisson's ratio ([NewIsotropic]) or the density
// of a wave (SolveDensityTo).
//
// An Element is the weak form on one cell. Each element has its own file, with
// the equation next to the loop. [Elements] holds the element of triangles and
// the one of quadrilaterals. Fixed degrees of freedom are eliminated: they are
// not among the unknowns.
//
// A solver factorizes one matrix at a time, in dense panels padded to 4×4
// blocks. docs/decisions/012-one-matrix-at-a-time.md has the trial of four
// matrices interleaved in the lanes of SIMD registers.
package fem
