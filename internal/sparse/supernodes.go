package sparse

import "slices"

// block is the edge of the square blocks that everything is stored in.
const block = 4

// A supernode is a set of columns of L that share one row structure below them.
type supernode struct {
	columns []int32 // in elimination order
	rows    int     // rows below the last column
	parent  int32   // −1 for roots
}

// fundamentalSupernodes gathers maximal chains of columns j, j+1, … where j+1
// is the parent of j, has no other child, and loses exactly the diagonal of j
// from its structure (Liu, Ng and Peyton 1993).
func fundamentalSupernodes(parent, counts []int32) []supernode {
	n := len(parent)
	children := make([]int32, n)
	for _, q := range parent {
		if q >= 0 {
			children[q]++
		}
	}
	var nodes []supernode
	of := make([]int32, n)
	for j := range int32(n) {
		if j > 0 && parent[j-1] == j && children[j] == 1 && counts[j] == counts[j-1]-1 {
			s := &nodes[len(nodes)-1]
			s.columns = append(s.columns, j)
			s.rows = int(counts[j]) - 1
		} else {
			nodes = append(nodes, supernode{columns: []int32{j}, rows: int(counts[j]) - 1})
		}
		of[j] = int32(len(nodes) - 1)
	}
	for s := range nodes {
		last := nodes[s].columns[len(nodes[s].columns)-1]
		nodes[s].parent = -1
		if q := parent[last]; q >= 0 {
			nodes[s].parent = of[q]
		}
	}
	return nodes
}

// frontCost models the time, in nanoseconds, that a front with so many columns
// and further rows takes: a constant for the calls, the traffic of its panel
// and of the update that is added into the parent, and the arithmetic, all in
// padded sizes. The weights were chosen among a few by timing grids from 28×28
// to 256×256. Only their ratios matter, and broadly: halving or doubling any
// one of them costs up to 6 % of a solve on 28×28 points and changes it by −2
// to 2 % on 56×56, while merging nothing but what costs no operations takes 13
// % and 7 % more.
func frontCost(columns, rows int) float64 {
	const perFront, perTile, perEntry, perMultiply = 60.0, 12.0, 0.25, 0.04
	c := float64((columns + block - 1) / block * block)
	r := float64((rows + block - 1) / block * block)
	entries := c*(c/2+r) + r*r/2
	multiplies := c*c*c/6 + c*c*r/2 + c*r*r/2
	return perFront + perTile*(c+r)/block + perEntry*entries + perMultiply*multiplies
}

// amalgamate merges children into parents where the model says that one larger
// front, zeros included, is cheaper than two (relaxed supernodes, Ashcraft and
// Grimes 1989). It returns the supernodes that are left, in postorder. The rows
// of a child lie in the columns and rows of its parent, so the merged front is
// as large as the parent's with the child's columns added.
func amalgamate(nodes []supernode) []supernode {
	children := make([][]int32, len(nodes))
	for s := range nodes {
		if q := nodes[s].parent; q >= 0 {
			children[q] = append(children[q], int32(s))
		}
	}
	gone := make([]bool, len(nodes))
	for s := range nodes {
		p := &nodes[s]
		// the child with the largest update first: it brings in the fewest
		// zeros
		queue := slices.Clone(children[s])
		slices.SortStableFunc(queue, func(a, b int32) int { return nodes[b].rows - nodes[a].rows })
		var kept []int32
		for _, k := range queue {
			c := &nodes[k]
			apart := frontCost(len(c.columns), c.rows) + frontCost(len(p.columns), p.rows)
			if frontCost(len(c.columns)+len(p.columns), p.rows) > apart {
				kept = append(kept, k)
				continue
			}
			p.columns = append(slices.Clone(c.columns), p.columns...)
			gone[k] = true
			kept = append(kept, children[k]...)
		}
		slices.Sort(kept)
		children[s] = kept
	}
	// renumber what is left in postorder
	parent := make([]int32, len(nodes))
	for s := range parent {
		parent[s] = -1
	}
	for s := range nodes {
		if !gone[s] {
			for _, c := range children[s] {
				parent[c] = int32(s)
			}
		}
	}
	number := make([]int32, len(nodes))
	var left []supernode
	for _, s := range postorder(parent) {
		if gone[s] {
			continue
		}
		number[s] = int32(len(left))
		left = append(left, nodes[s])
		left[len(left)-1].parent = parent[s] // renumbered below, once parents have numbers
	}
	for s := range left {
		if left[s].parent >= 0 {
			left[s].parent = number[left[s].parent]
		}
	}
	return left
}
