// Package sparse factorizes symmetric sparse matrices, many times over on one
// pattern.
//
// Finite element work of this project repeats one mesh and changes the moduli.
// So the package splits the direct solution of A x = b in three:
//
//   - Analyze looks at the pattern alone, once a mesh. It takes an ordering
//     (NestedDissection for meshes with coordinates, MinimumDegree for
//     anything), builds the elimination tree (tree.go), counts the columns of
//     the factor (counts.go), gathers columns into relaxed supernodes
//     (supernodes.go) and lays out the storage and the order of all work
//     (symbolic.go). The result, a Symbolic, is read-only and shared by all
//     workers.
//   - Factor.Factorize turns the values of one matrix into P A Pᵀ = L D Lᵀ. A
//     Factor is owned by one worker and reuses its memory: nothing allocates
//     after NewFactor.
//   - Factor.SolveTo, SolveManyTo and Refine use the factorization.
//
// Values are float64 or complex128; a complex matrix is symmetric, not
// Hermitian. D is diagonal: pivots are taken in the order of the analysis,
// without exchanges. That is backward stable for positive definite matrices;
// indefinite ones, as of the Helmholtz equation, work as long as no leading
// block is nearly singular. Refine recovers a few lost digits, and a pivot that
// vanishes is a PivotError.
//
// # Why multifrontal, and why blocks of four
//
// The factorization is multifrontal (Duff and Reid 1983): a supernode's columns
// and the update they leave for their ancestors form one dense front. The
// updates of the children are added into it, its columns are eliminated
// densely, and what remains is handed to the parent. All arithmetic is then a
// dense product C −= A·Bᵀ on contiguous storage, which is what a SIMD kernel
// wants; the sparse bookkeeping shrinks to adding one dense matrix into
// another.
//
// The unknowns of each supernode are padded to a multiple of four with rows and
// columns of the identity, and everything, row structures included, is kept in
// 4×4 blocks, each of them 16 contiguous numbers, column by column. A front is
// stored in row tiles: four rows, all columns. So there are no edge cases in
// any kernel, no packing before a product, indices shrink by sixteen, and
// extend-add, the weak point of multifrontal codes on small matrices, adds
// contiguous runs. The price is some zeros: the amalgamation of supernodes
// counts them.
//
// The memory for updates is planned at analysis time too: each has a fixed
// place, chosen first-fit over the time it lives, so that small updates stay in
// cache.
package sparse
