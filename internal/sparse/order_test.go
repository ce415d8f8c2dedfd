package sparse

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"csdm/rng"
)

// chain returns the pattern of a tridiagonal matrix, and arrow returns the
// pattern of a matrix with a hub that couples to all others.
func chain(n int) *Pattern {
	start, members := []int{0}, []int32{}
	for i := range int32(n - 1) {
		members = append(members, i, i+1)
		start = append(start, len(members))
	}
	return NewPattern(n, start, members)
}

func arrow(n, hub int) *Pattern {
	start, members := []int{0}, []int32{}
	for i := range n {
		if i != hub {
			members = append(members, int32(i), int32(hub))
			start = append(start, len(members))
		}
	}
	return NewPattern(n, start, members)
}

func treeOf(p *Pattern, perm []int32) []int32 {
	return eliminationTree(p, perm, invert(perm, p.N()))
}

// TestEliminationTreesInClosedForm checks the trees of simple patterns.
func TestEliminationTreesInClosedForm(t *testing.T) {
	const n = 7
	path := []int32{1, 2, 3, 4, 5, 6, -1}
	star := []int32{6, 6, 6, 6, 6, 6, -1}
	for _, c := range []struct {
		name string
		p    *Pattern
		perm []int32
		want []int32
	}{
		{"a chain in its own order is a path", chain(n), naturalOrder(n), path},
		{"a chain by odd and even is a binary tree", chain(n), []int32{0, 2, 1, 4, 6, 5, 3},
			[]int32{2, 2, 6, 5, 5, 6, -1}},
		{"an arrow with its hub last is a star", arrow(n, n-1), naturalOrder(n), star},
		{"an arrow with its hub first fills up", arrow(n, 0), naturalOrder(n), path},
		{"unknowns without couplings are roots", NewPattern(3, nil, nil), naturalOrder(3),
			[]int32{-1, -1, -1}},
	} {
		if got := treeOf(c.p, c.perm); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// symbolicDense eliminates a dense boolean matrix, which is the definition of
// fill: parent is the first entry below the diagonal, and counts are the column
// counts.
func symbolicDense(p *Pattern, perm []int32) (parent, counts []int32) {
	n := p.N()
	position := invert(perm, n)
	l := make([][]bool, n) // l[j][i]: entry in row i of column j
	for j := range l {
		l[j] = make([]bool, n)
		for _, u := range p.Neighbors(int(perm[j])) {
			l[j][position[u]] = true
		}
	}
	parent, counts = make([]int32, n), make([]int32, n)
	for j := range n {
		parent[j], counts[j] = -1, 1
		for i := j + 1; i < n; i++ {
			if !l[j][i] {
				continue
			}
			counts[j]++
			if parent[j] < 0 {
				parent[j] = int32(i)
			}
			for k := j + 1; k < n; k++ {
				if l[j][k] && k != i {
					l[i][k] = true
				}
			}
		}
	}
	return parent, counts
}

func TestTreeAndCountsAgainstDenseElimination(t *testing.T) {
	r := rng.New(1, rng.Test, 0, 0)
	for trial := range 60 {
		n := 2 + trial
		p := scattered(r, n, n+trial%5*n/4)
		perm := shuffled(r, n)
		// The counts need a postordered tree.
		perm = compose(perm, postorder(treeOf(p, perm)))
		parent, counts := symbolicDense(p, perm)
		got := treeOf(p, perm)
		if !slices.Equal(got, parent) {
			t.Fatalf("trial %d: tree %v, want %v", trial, got, parent)
		}
		if got := columnCounts(p, perm, invert(perm, n), parent); !slices.Equal(got, counts) {
			t.Fatalf("trial %d: counts %v, want %v", trial, got, counts)
		}
	}
}

func TestPostorder(t *testing.T) {
	//      6
	//    4   5
	//   0 2  1    and 3, a tree of its own
	if got, want := postorder([]int32{4, 5, 4, -1, 6, 6, -1}),
		[]int32{3, 0, 2, 4, 1, 5, 6}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestFundamentalSupernodes checks closed forms before any costly merge: a
// dense matrix is one supernode; in a chain only the last two columns share
// their rows; in an arrow with its hub last no columns do, because the hub has
// many children.
func TestFundamentalSupernodes(t *testing.T) {
	const n = 8
	for name, c := range map[string]struct {
		p    *Pattern
		want int
	}{"dense": {full(n), 1}, "chain": {chain(n), n - 1}, "arrow": {arrow(n, n-1), n},
		"loose": {NewPattern(n, nil, nil), n}} {
		perm := naturalOrder(n)
		parent := treeOf(c.p, perm)
		nodes := fundamentalSupernodes(parent, columnCounts(c.p, perm, perm, parent))
		if len(nodes) != c.want {
			t.Errorf("%s: %d supernodes, want %d", name, len(nodes), c.want)
		}
	}
}

// TestUpdatesShareMemory checks that the plan for the updates never lets two
// live updates overlap, and needs far less memory than their sum.
func TestUpdatesShareMemory(t *testing.T) {
	p, x, y := grid(40, 40, 2)
	s := analyze(p, NestedDissection(p, x, y))
	live := make(map[int32]bool)
	sum := 0
	for k := range s.fronts {
		f := &s.fronts[k]
		sum += f.updateLen()
		for other := range live {
			o := &s.fronts[other]
			if f.updateLen() > 0 && f.update < o.update+o.updateLen() && o.update < f.update+
				f.updateLen() {
				t.Fatalf("the updates of fronts %d and %d overlap", k, other)
			}
		}
		for _, c := range f.children {
			delete(live, c)
		}
		if f.updateLen() > 0 {
			live[int32(k)] = true
		}
		if f.update+f.updateLen() > s.updateLen {
			t.Fatalf("the update of front %d ends outside", k)
		}
	}
	if len(live) != 0 || s.updateLen > sum/5 {
		t.Errorf("%d updates left; %d numbers of memory for %d in all", len(live), s.updateLen, sum)
	}
}

// George (1973) bounds the fill of nested dissection of an n×n grid with
// nine-point coupling by 31/4·n² log₂ n + O(n²). A random order causes far more
// fill.
func TestNestedDissectionOnGrids(t *testing.T) {
	for _, n := range []int{16, 33, 64} {
		p, x, y := grid(n, n, 1)
		perm := NestedDissection(p, x, y)
		bound := 7.75 * float64(n*n) * math.Log2(float64(n))
		if got := analyze(p, perm).Stats().FactorNNZ; float64(got) > bound {
			t.Errorf("%d×%d: %d nonzeros, bound %.0f", n, n, got, bound)
		}
		// The last unknowns are a grid line in the middle fifth of the domain.
		line := perm[n*n-n:]
		axis := x
		if y[line[0]] == y[line[1]] {
			axis = y
		}
		for _, u := range line {
			if axis[u] != axis[line[0]] ||
				math.Abs(axis[u]-float64(n-1)/2) > 0.1*float64(n)+1 {
				t.Fatalf("%d×%d: the first separator is no line in the middle", n, n)
			}
		}
	}
}

func TestOrdersArePermutations(t *testing.T) {
	r := rng.New(2, rng.Test, 0, 0)
	for n := 1; n < 80; n += 3 {
		p := scattered(r, n, 2*n)
		x, y := make([]float64, n), make([]float64, n)
		for i := range x {
			// Many unknowns at one position.
			x[i], y[i] = math.Floor(r.Uniform(0, 5)), math.Floor(r.Uniform(0, 2))
		}
		invert(NestedDissection(p, x, y), n) // panics if it is not a permutation
		invert(MinimumDegree(p), n)
	}
}

// Minimum degree finds orders without fill for trees, and is not worse than
// nested dissection on a grid.
func TestMinimumDegreeFill(t *testing.T) {
	r := rng.New(3, rng.Test, 0, 0)
	start, members := []int{0}, []int32{}
	const n = 200
	for i := 1; i < n; i++ { // a random tree
		members = append(members, int32(i), int32(r.Uint64n(uint64(i))))
		start = append(start, len(members))
	}
	for name, p := range map[string]*Pattern{"tree": NewPattern(n, start, members),
		"arrow": arrow(n, 0), "chain": chain(n)} {
		if got := analyze(p, MinimumDegree(p)).Stats().FactorNNZ; got != 2*n-1 {
			t.Errorf("%s: %d nonzeros, %d are possible", name, got, 2*n-1)
		}
	}
	for _, size := range []int{20, 50} {
		p, x, y := grid(size, size, 2)
		md := analyze(p, MinimumDegree(p)).Stats()
		nd := analyze(p, NestedDissection(p, x, y)).Stats()
		if float64(md.FactorNNZ) > 1.15*float64(nd.FactorNNZ) {
			t.Errorf("%d×%d grid: %d nonzeros, nested dissection has %d", size, size, md.FactorNNZ,
				nd.FactorNNZ)
		}
	}
}

// Brute force on a small matrix: no order is better than the best one, and
// minimum degree comes close.
func TestMinimumDegreeAgainstAllOrders(t *testing.T) {
	r := rng.New(4, rng.Test, 0, 0)
	for trial := range 20 {
		const n = 6
		p := scattered(r, n, 7)
		best := n * n
		var visit func(perm []int32, k int)
		visit = func(perm []int32, k int) {
			if k == n {
				_, counts := symbolicDense(p, perm)
				sum := 0
				for _, c := range counts {
					sum += int(c)
				}
				best = min(best, sum)
				return
			}
			for i := k; i < n; i++ {
				perm[k], perm[i] = perm[i], perm[k]
				visit(perm, k+1)
				perm[k], perm[i] = perm[i], perm[k]
			}
		}
		visit(naturalOrder(n), 0)
		if got := analyze(p, MinimumDegree(p)).Stats().FactorNNZ; got > best+1 {
			t.Errorf("trial %d: %d nonzeros, the best order has %d", trial, got, best)
		}
	}
}

// An arrow with its hub first causes fill; of several orders Analyze uses the
// one without.
func TestAnalyzeTakesTheBestOrder(t *testing.T) {
	const n = 50_000
	p := arrow(n, 0)
	var size *SizeError
	if _, err := Analyze(p, naturalOrder(n)); !errors.As(err, &size) || size.Front != n {
		t.Errorf("a dense factor of %d unknowns: %v", n, err)
	}
	if got := analyze(p, naturalOrder(n), MinimumDegree(p)).Stats().FactorNNZ; got != 2*n-1 {
		t.Errorf("%d nonzeros, %d are possible", got, 2*n-1)
	}
}

func ExampleAnalyze() {
	p := NewPattern(3, []int{0, 2, 4}, []int32{0, 1, 1, 2}) // a chain of three
	s, err := Analyze(p, MinimumDegree(p))
	if err != nil {
		panic(err)
	}
	values := make([]float64, s.Entries())
	for i := range 3 {
		values[s.Slot(i, i)] = 2
	}
	values[s.Slot(0, 1)], values[s.Slot(1, 2)] = -1, -1
	f := NewFactor[float64](s)
	x := []float64{1, 0, 1}
	if err := f.FactorizeAndSolveTo(x, x, values); err != nil {
		panic(err)
	}
	fmt.Printf("%.3f\n", x)
	// Output: [1.000 1.000 1.000]
}
