package phase

import (
	"math"
	"slices"
	"sync"
)

// edge joins a pixel with its right neighbor, or with the pixel in the next
// row.
type edge struct {
	key uint32 // by graph.key; edges with smaller keys are joined first
	at  int32  // twice the pixel, plus 1 for the next row
}

// ends returns the two pixels in an image of cols columns.
func (e edge) ends(cols int) (a, b int32) {
	a = e.at >> 1
	if e.at&1 == 1 {
		return a, a + int32(cols)
	}
	return a, a + 1
}

// graph is the image while it is being joined. A group of joined pixels is a
// tree. Each pixel stores its turns relative to its parent.
type graph struct {
	value         []float64 // in turns
	rating        []float32 // unreliability, 0 to 1
	edges, spare  []edge
	parent, turns []int32
	size          []int32 // size of the group of a root
}

var graphs = sync.Pool{New: func() any { return new(graph) }}

// newGraph returns a graph of n pixels, each in its own group. Its memory is
// reused after method free.
func newGraph(n int) *graph {
	g := graphs.Get().(*graph)
	g.value, g.rating = slices.Grow(g.value[:0], n)[:n], slices.Grow(g.rating[:0], n)[:n]
	g.parent, g.turns, g.size = slices.Grow(g.parent[:0], n)[:n], slices.Grow(g.turns[:0], n)[:n],
		slices.Grow(g.size[:0], n)[:n]
	for p := range g.parent {
		g.parent[p], g.turns[p], g.size[p] = int32(p), 0, 1
	}
	return g
}

func (g *graph) free() { graphs.Put(g) }

// scan sets the turns of all pixels along the first column and then along each
// row. It reports whether all other paths give the same turns: around each
// square of four pixels the turns sum to 0. If not, the turns are as before.
func (g *graph) scan(rows, cols int) bool {
	step := func(p, q int) int32 { return int32(math.RoundToEven(g.value[q] - g.value[p])) }
	for p := range (rows - 1) * cols {
		if (p+1)%cols == 0 {
			continue
		}
		if step(p, p+1)+step(p+1, p+1+cols) != step(p, p+cols)+step(p+cols, p+cols+1) {
			return false
		}
	}
	for p := range g.turns {
		switch {
		case p%cols > 0:
			g.turns[p] = g.turns[p-1] + step(p-1, p)
		case p > 0:
			g.turns[p] = g.turns[p-cols] + step(p-cols, p)
		}
	}
	return true
}

// byReliability sets the turns of all pixels by joining neighbors in the order
// of their reliability.
func (g *graph) byReliability(rows, cols int) {
	g.rate(rows, cols)
	g.collect(rows, cols)
	g.sort()
	for _, e := range g.edges {
		a, b := e.ends(cols)
		g.join(a, b, int32(math.RoundToEven(g.value[b]-g.value[a])))
	}
	for p := range g.turns {
		// Method root makes p a child of its root, so that its turns are
		// relative to the root.
		g.root(int32(p))
	}
}

// rate sets the unreliability of each pixel: the mean square of its wrapped
// second differences in the four directions, in turns. Border pixels have only
// the differences along the border, and corners have none; these are joined
// last.
func (g *graph) rate(rows, cols int) {
	for r := range rows {
		for c := range cols {
			p := r*cols + c
			sum, count := 0.0, 0.0
			second := func(step int) {
				d := wrap(g.value[p-step]-g.value[p]) - wrap(g.value[p]-g.value[p+step])
				sum, count = sum+d*d, count+1
			}
			inRow, inCol := c > 0 && c < cols-1, r > 0 && r < rows-1
			if inRow {
				second(1)
			}
			if inCol {
				second(cols)
			}
			if inRow && inCol {
				second(cols + 1)
				second(cols - 1)
			}
			g.rating[p] = 1
			if count > 0 {
				g.rating[p] = float32(sum / count)
			}
		}
	}
}

// wrap subtracts whole turns from v; the result is in [−½, ½].
func wrap(v float64) float64 { return v - math.RoundToEven(v) }

// key returns the unreliability of the edge between two pixels, as the bits of
// a float32. It is the sum of the unreliabilities of the pixels and the square
// of their difference. The paper uses the pixels alone. In noise of 0.8 rad on
// a smooth phase this leaves about 100 of 4,096 pixels wrong by a turn; with
// the difference it leaves 2.
func (g *graph) key(a, b int) uint32 {
	d := wrap(g.value[b] - g.value[a])
	return math.Float32bits(g.rating[a] + g.rating[b] + float32(d*d))
}

// collect lists the edges in the order of their pixels.
func (g *graph) collect(rows, cols int) {
	g.edges = g.edges[:0]
	for r := range rows {
		for c := range cols {
			p := r*cols + c
			if c+1 < cols {
				g.edges = append(g.edges, edge{g.key(p, p+1), int32(2 * p)})
			}
			if r+1 < rows {
				g.edges = append(g.edges, edge{g.key(p, p+cols), int32(2*p + 1)})
			}
		}
	}
	g.spare = slices.Grow(g.spare[:0], len(g.edges))[:len(g.edges)]
}

// sort orders the edges by their keys and keeps the order of equal ones. The
// bits of nonnegative floats have the same order as the floats. It makes three
// passes by 11 bits.
func (g *graph) sort() {
	const bits = 11
	for shift := 0; shift < 32; shift += bits {
		var start [1 << bits]int
		for _, e := range g.edges {
			start[e.key>>shift&(1<<bits-1)]++
		}
		at := 0
		for digit, n := range start {
			start[digit], at = at, at+n
		}
		for _, e := range g.edges {
			digit := e.key >> shift & (1<<bits - 1)
			g.spare[start[digit]] = e
			start[digit]++
		}
		g.edges, g.spare = g.spare, g.edges
	}
}

// root returns the root of a pixel's group, and the pixel's turns relative to
// the root. It shortens the path for later calls.
func (g *graph) root(p int32) (root, turns int32) {
	for root = p; g.parent[root] != root; root = g.parent[root] {
		turns += g.turns[root]
	}
	for left := turns; g.parent[p] != root && p != root; {
		up, own := g.parent[p], g.turns[p]
		g.parent[p], g.turns[p] = root, left
		p, left = up, left-own
	}
	return root, turns
}

// join merges the groups of a and b, such that b has turns more turns than a.
// Pixels of one group do not change.
func (g *graph) join(a, b, turns int32) {
	ra, ta := g.root(a)
	rb, tb := g.root(b)
	if ra == rb {
		return
	}
	between := ta + turns - tb // turns of rb relative to ra
	if g.size[ra] < g.size[rb] {
		ra, rb, between = rb, ra, -between
	}
	g.parent[rb], g.turns[rb] = ra, between
	g.size[ra] += g.size[rb]
}
