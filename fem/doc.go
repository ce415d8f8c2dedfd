// Package fem solves plane and axisymmetric problems of mechanics by finite
// elements, again and again on one mesh.
//
// Solving a problem has two parts. The analysis is done once for a mesh and its
// essential conditions: it numbers the unknowns, orders and analyzes the matrix
// (package sparse), integrates the element matrices for a modulus of one, and
// records where each of their entries goes. Its result is read-only. Solvers,
// one a worker, hold storage; a solve with new moduli moves numbers only and
// allocates nothing.
//
//	analysis, err := fem.NewPlaneStress(m, fem.Compression(m, 0, -0.01))
//	solver := analysis.NewSolver()
//	err = solver.SolveTo(ux, uy, mu)
//
// An Element is the weak form on one cell, and reads like it; each is in a file
// of its own, the equation beside the loop. A Physics says which element
// triangles and quadrilaterals get. Essential conditions are met by
// elimination: fixed degrees of freedom are no unknowns.
//
// # One matrix at a time, not four
//
// With one pattern and many samples there are two ways to keep SIMD units busy:
// dense panels of one matrix, padded to 4×4 blocks, or four matrices
// interleaved in the lanes, which needs no padding and spreads the bookkeeping
// of each front over four samples. Both were built and timed. The second was a
// trial: the same multifrontal method and order, unpadded fronts, AVX2 kernels
// for 3×3 blocks of four lanes, four weightings of the amalgamation, checked
// against the first to 1e-9. Factorization and solve of square grids with two
// unknowns a point, the least of many runs on one core of a busy AMD Zen 3, in
// µs a sample:
//
//	points     panels   interleaved   ratio   memory of the latter
//	14×14          44            33    0.74   0.7 MB
//	28×28         248           200    0.81   3.4 MB
//	56×56        1492          1588    1.06    16 MB
//	112×112     11587         12096    1.04    79 MB
//
// So interleaving gains a fifth to a quarter on small grids, and loses from
// 56×56 on, where it streams four times the memory. This package has panels
// alone: problems are of 56×56 points and more, and a unit of work would have
// to be a batch of samples, which callers (an index of a data set, a Monte
// Carlo draw, one measurement) do not have.
package fem
