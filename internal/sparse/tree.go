package sparse

// eliminationTree returns the parent of each column of the Cholesky factor, −1
// for roots, of a matrix with the given pattern eliminated in the given order
// (Liu 1990, algorithm 4.2): the parent of column j is the row of the first
// entry below the diagonal in column j of L. perm[k] is the unknown eliminated
// k-th and position its inverse. Paths are compressed through virtual
// ancestors, so the cost is nearly linear in the number of entries.
func eliminationTree(p *Pattern, perm, position []int32) []int32 {
	n := p.N()
	parent, ancestor := make([]int32, n), make([]int32, n)
	for j := range int32(n) {
		parent[j], ancestor[j] = -1, -1
		for _, u := range p.Neighbors(int(perm[j])) {
			// Walk from the row's own column up to its current root, and make j
			// the parent of that root.
			for i := position[u]; i != -1 && i < j; {
				next := ancestor[i]
				ancestor[i] = j
				if next == -1 {
					parent[i] = j
				}
				i = next
			}
		}
	}
	return parent
}

// postorder returns the nodes of a forest such that each node comes after all
// of its descendants, and the descendants of each are contiguous. Children come
// in ascending order.
func postorder(parent []int32) []int32 {
	n := len(parent)
	firstChild, sibling := make([]int32, n), make([]int32, n)
	for i := range firstChild {
		firstChild[i] = -1
	}
	for i := n - 1; i >= 0; i-- { // backwards, so that the lists ascend
		if q := parent[i]; q >= 0 {
			sibling[i] = firstChild[q]
			firstChild[q] = int32(i)
		}
	}
	order := make([]int32, 0, n)
	var stack []int32
	for root := range int32(n) {
		if parent[root] >= 0 {
			continue
		}
		stack = append(stack, root)
		for len(stack) > 0 {
			top := stack[len(stack)-1]
			if child := firstChild[top]; child >= 0 {
				firstChild[top] = sibling[child] // each child is entered once
				stack = append(stack, child)
				continue
			}
			order = append(order, top)
			stack = stack[:len(stack)-1]
		}
	}
	return order
}
