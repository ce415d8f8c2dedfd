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
// With one pattern and many samples there are two ways to keep SIMD units busy: dense panels of one matrix, padded to 4×4 blocks,
// or four matrices interleaved in the lanes, which needs no padding and no code for small blocks. This package does the first, for
// three reasons. The products run at the FMA peak already, from eight columns on, and are two fifths of the time of a
// 56×56 solve; the rest is traffic, which interleaving does not reduce. It would quadruple the working set: factor and updates of
// a 56×56 grid take 4 MB, more than a second-level cache as it is, and four times that for each worker would leave the
// third level too. And it makes a worker's unit of work a batch of samples, which callers (an index of a data set, a Monte Carlo
// draw, one measurement) do not have. What padding costs is counted by sparse.Stats: 37 % more operations than the
// sparse factor needs at 56×56 points, 12 % at 256×256.
package fem
