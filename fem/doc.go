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
// With one pattern and many samples there are two ways to keep SIMD units busy: dense panels of one matrix, padded to 4×4
// blocks, or four matrices interleaved in the lanes, which needs no padding and spreads the bookkeeping of each front over
// four samples. This package does the first. Its products run near the FMA peak from eight columns on and take two
// fifths of the time of a 56×56 solve; padding adds 37 % to the operations that the sparse factor needs there, and 12 % at
// 256×256 points (sparse.Stats counts it). By these numbers, interleaving could save at best a third of the time on small grids
// and nothing on large ones; that is an estimate, it was not built. Against it stand the working set (factor and updates of a 56×56
// grid take 4 MB, four times that for each worker would crowd a shared third-level cache) and the interface: a worker's unit
// of work would be a batch of samples, which callers (an index of a data set, a Monte Carlo draw, one measurement) do not have.
package fem
