package sparse

// columnCounts returns the number of entries of each column of L, the diagonal
// included, for a postordered matrix (parent[j] > j, descendants contiguous),
// by the method of Gilbert, Ng and Peyton (1994) that is nearly linear in the
// entries of A.
//
// Row i of L is the part of the tree between i and the columns of row i of A:
// its row subtree. The count of column j is the number of row subtrees that
// contain j. Each subtree is described by its leaves. A leaf adds one to its
// column. Where the paths of two neighboring leaves meet, at their lowest
// common ancestor, one is subtracted, and also at the parent of the root.
// Summing these deltas up the tree gives the counts.
func columnCounts(p *Pattern, perm, position, parent []int32) []int32 {
	n := len(parent)
	delta := make([]int32, n)
	first := make([]int32, n) // first descendant of each node in postorder
	for j := range first {
		first[j] = -1
	}
	for k := range int32(n) {
		for j := k; j != -1 && first[j] == -1; j = parent[j] {
			first[j] = k
			if j == k {
				delta[j] = 1 // a leaf of the tree
			}
		}
	}
	maxFirst, previousLeaf, ancestor := make([]int32, n), make([]int32, n), make([]int32, n)
	for i := range int32(n) {
		maxFirst[i], previousLeaf[i], ancestor[i] = -1, -1, i
	}
	for j := range int32(n) {
		if parent[j] != -1 {
			// j is the root of its own subtree's path, so its parent must not
			// count it again.
			delta[parent[j]]--
		}
		for _, u := range p.Neighbors(int(perm[j])) {
			i := position[u]
			if i <= j || first[j] <= maxFirst[i] {
				continue // not below the diagonal, or j is not a leaf of the subtree of row i
			}
			maxFirst[i] = first[j]
			delta[j]++
			if q := previousLeaf[i]; q != -1 {
				root := q
				for root != ancestor[root] {
					root = ancestor[root]
				}
				for q != root {
					q, ancestor[q] = ancestor[q], root
				}
				delta[root]-- // the paths of two leaves meet here
			}
			previousLeaf[i] = j
		}
		if parent[j] != -1 {
			ancestor[j] = parent[j]
		}
	}
	for j := range n {
		if parent[j] != -1 {
			delta[parent[j]] += delta[j]
		}
	}
	return delta
}
