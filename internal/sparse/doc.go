// Package sparse factorizes symmetric sparse matrices repeatedly on one
// pattern.
//
// The finite element problems of this project use one mesh and change the
// moduli. So the package divides the direct solution of A x = b into three
// parts:
//
//   - Analyze uses the pattern alone, once per mesh. It takes an ordering
//     (NestedDissection for meshes with coordinates, MinimumDegree for any
//     pattern), builds the elimination tree (tree.go), computes the column
//     counts of the factor (counts.go), gathers columns into relaxed supernodes
//     (supernodes.go) and lays out the storage and the order of all work
//     (symbolic.go). The result, a Symbolic, is read-only and shared by all
//     workers.
//   - Factor.Factorize computes P A Pᵀ = L D Lᵀ from the values of one matrix.
//     A Factor belongs to one worker and reuses its memory: its methods
//     allocate nothing.
//   - Factor.SolveTo, SolveManyTo and Refine use the factorization.
//
// Values are float64 or complex128; a complex matrix is symmetric, not
// Hermitian. D is diagonal: pivots are taken in the order of the analysis,
// without exchanges. This is backward stable for positive definite matrices.
// Indefinite matrices, such as the matrix of the Helmholtz equation, work if no
// leading block is nearly singular. Refine recovers a few lost digits, and a
// pivot that vanishes is a PivotError.
//
// # Why multifrontal, and why blocks of four
//
// The factorization is multifrontal (Duff and Reid 1983). The columns of a
// supernode and their update for the ancestors form one dense front. The
// updates of the children are added into it, its columns are eliminated
// densely, and the remaining update is passed to the parent. All arithmetic is
// then a dense product C −= A·Bᵀ on contiguous storage, which suits a SIMD
// kernel. The only sparse operation adds one dense matrix into another.
//
// The unknowns of each supernode are padded to a multiple of four with rows and
// columns of the identity. Everything, including row structures, is stored in
// 4×4 blocks, each of which is 16 contiguous numbers, column by column. A front
// is stored in row tiles of four rows and all columns. So kernels have no edge
// cases, products need no packing, and there are sixteen times fewer indices.
// Extend-add, the weak point of multifrontal codes on small matrices, adds
// contiguous runs. The cost is some zeros, which the amalgamation of supernodes
// counts.
//
// The analysis also plans the memory for updates: each update has a fixed
// place, chosen first-fit over its lifetime, so that small updates stay in
// cache.
package sparse
