// Package fem solves plane and axisymmetric problems of mechanics by finite elements, again and again on one mesh.
//
// Solving a problem has two parts. The analysis is done once for a mesh and its essential conditions: it numbers
// the unknowns, orders and analyzes the matrix (package sparse), integrates the element matrices for a modulus of
// one, and records where each of their entries goes. Its result is read-only. Solvers,
// one a worker, hold storage; a solve with new moduli moves numbers only and allocates nothing.
//
//	analysis, err := fem.NewPlaneStress(m, fem.Compression(m, 0, -0.01))
//	solver := analysis.NewSolver()
//	err = solver.SolveTo(ux, uy, mu)
//
// An Element is the weak form on one cell, and reads like it; each is in a file of its own, the equation beside the
// loop. A Physics says which element triangles and quadrilaterals get. Essential conditions are met by elimination: fixed
// degrees of freedom are no unknowns.
//
// # One matrix at a time, not four
//
// With one pattern and many samples there are two ways to keep SIMD units busy: panels of one matrix, padded to 4×4 blocks,
// or four matrices interleaved in the lanes, which needs no padding and no small-block code. Interleaving quadruples the
// working set, so that factor and updates of a 56×56 grid (4 MB times four) leave the second-level cache, and it makes a worker's unit of
// work a batch, which the callers (a dataset index, a Monte Carlo draw, one measurement) do not have.
// The first way is what package sparse does.
package fem
