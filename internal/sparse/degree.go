package sparse

import (
	"math"
	"slices"
)

// MinimumDegree returns an elimination order for any pattern. Each step
// eliminates an unknown that couples to the fewest others, by the approximate
// minimum degree of Amestoy, Davis and Duff (1996). Among equal unknowns the
// one that got its degree last comes first. The result lists the unknowns in
// order of elimination and depends on the pattern alone.
//
// The remaining graph is stored as a quotient graph: an eliminated unknown
// becomes an element, an implicit clique of the unknowns that it was coupled
// to. Elements within another element are absorbed. Indistinguishable unknowns
// are merged and counted with a weight. Unknowns with more than 10√n neighbors
// are eliminated last, because the cost of updating one is proportional to its
// number of neighbors.
func MinimumDegree(p *Pattern) []int32 {
	n := p.N()
	q := newQuotient(p)
	order := make([]int32, 0, n)
	for eliminated := len(q.crowded); eliminated < n; {
		pivot := q.takeLeast()
		eliminated += q.eliminate(pivot, n-eliminated)
	}
	for _, pivot := range q.pivots {
		for u := pivot; u >= 0; u = q.nextMerged[u] {
			order = append(order, u)
		}
	}
	return append(order, q.crowded...)
}

// quotient is the quotient graph. Its numbers stand for unknowns, and for
// elements after elimination.
type quotient struct {
	weight    []int32   // number of unknowns merged into each; 0 for merged and eliminated ones
	variables [][]int32 // of an unknown: the unknowns it is coupled to directly
	elements  [][]int32 // of an unknown: the elements that contain it
	members   [][]int32 // of an element: its unknowns; nil when absorbed
	size      []int32   // of an element: weight of its members

	nextMerged, lastMerged []int32 // chain of the unknowns merged into each
	// eliminated unknowns in order, without the merged ones
	pivots  []int32
	crowded []int32 // unknowns that are eliminated last; their weight is 0

	// bound of the external degree of each unknown (Amestoy, Davis and Duff
	// 1996)
	degree []int32
	head   []int32 // first unknown of each degree
	// list of the unknowns of one degree
	next, prev []int32
	// no unknown has a smaller degree
	least int32

	mark []int32 // scratch: stamps
	// current value of mark; a larger one clears all marks at once
	stamp   int32
	outside []int32 // scratch: weight of an element outside of the current one
	seen    []int32 // scratch: stamp of outside
	// scratch: unknowns by a hash of their neighbors, to find equal ones
	buckets map[uint64][]int32
}

// newQuotient returns the graph of the matrix, before any elimination.
func newQuotient(p *Pattern) *quotient {
	n := p.N()
	ints := func(value int32) []int32 {
		s := make([]int32, n)
		for i := range s {
			s[i] = value
		}
		return s
	}
	q := &quotient{
		weight: ints(1), variables: make([][]int32, n), elements: make([][]int32, n),
		members: make([][]int32, n), size: ints(0),
		nextMerged: ints(-1), lastMerged: ints(0), degree: ints(0), head: ints(-1), next: ints(-1),
		prev: ints(-1),
		mark: ints(0), outside: ints(0), seen: ints(0), buckets: make(map[uint64][]int32),
	}
	most := max(16, int(10*math.Sqrt(float64(n))))
	for i := range n {
		if len(p.Neighbors(i)) > most {
			q.crowded = append(q.crowded, int32(i))
			q.weight[i] = 0
		}
	}
	adj := slices.Clone(p.adj)
	for i := n - 1; i >= 0; i-- {
		if q.weight[i] == 0 {
			continue
		}
		variables := adj[p.ptr[i]:p.ptr[i+1]:p.ptr[i+1]]
		q.variables[i] = slices.DeleteFunc(variables, func(v int32) bool {
			return q.weight[v] == 0
		})
		q.lastMerged[i] = int32(i)
		q.insert(int32(i), int32(len(q.variables[i])))
	}
	return q
}

// insert puts unknown i into the list of the given degree.
func (q *quotient) insert(i, degree int32) {
	q.degree[i] = degree
	q.next[i], q.prev[i] = q.head[degree], -1
	if h := q.head[degree]; h >= 0 {
		q.prev[h] = i
	}
	q.head[degree] = i
	q.least = min(q.least, degree)
}

// remove removes unknown i from its list.
func (q *quotient) remove(i int32) {
	if q.prev[i] >= 0 {
		q.next[q.prev[i]] = q.next[i]
	} else {
		q.head[q.degree[i]] = q.next[i]
	}
	if q.next[i] >= 0 {
		q.prev[q.next[i]] = q.prev[i]
	}
}

// takeLeast removes an unknown of least degree and returns it.
func (q *quotient) takeLeast() int32 {
	for q.head[q.least] < 0 {
		q.least++
	}
	i := q.head[q.least]
	q.remove(i)
	return i
}

// absorb appends the chain of j to the chain of i.
func (q *quotient) absorb(i, j int32) {
	q.nextMerged[q.lastMerged[i]] = j
	q.lastMerged[i] = q.lastMerged[j]
	q.weight[j] = 0
	q.variables[j], q.elements[j] = nil, nil
}

// eliminate turns an unknown into an element and updates the unknowns around
// it. left is the weight of all remaining unknowns, including the pivot. It
// returns the weight of the eliminated unknowns.
func (q *quotient) eliminate(pivot int32, left int) int {
	q.pivots = append(q.pivots, pivot)
	done := int(q.weight[pivot])
	q.weight[pivot] = 0
	front := q.gather(pivot)
	total := int32(0)
	for _, i := range front {
		total += q.weight[i]
	}
	// Weight of each neighboring element outside of the front.
	q.stamp++
	for _, i := range front {
		for _, e := range q.elements[i] {
			if q.members[e] == nil {
				continue
			}
			if q.seen[e] != q.stamp {
				q.seen[e], q.outside[e] = q.stamp, q.size[e]
			}
			q.outside[e] -= q.weight[i]
		}
	}
	for _, i := range front {
		q.mark[i] = q.stamp
	}
	clear(q.buckets)
	var hashes []uint64
	for _, i := range front {
		q.remove(i)
		hash, degree := uint64(0), total-q.weight[i]
		kept := q.elements[i][:0]
		for _, e := range q.elements[i] {
			if q.members[e] == nil {
				continue // absorbed into the new element
			}
			if q.outside[e] == 0 { // within the new element, so also absorbed
				continue
			}
			kept = append(kept, e)
			hash += uint64(e)
			degree += q.outside[e]
		}
		q.elements[i] = append(kept, pivot)
		hash += uint64(pivot)
		variables := q.variables[i][:0]
		for _, v := range q.variables[i] {
			// Unknowns in the front are now coupled through the element.
			if q.weight[v] > 0 && q.mark[v] != q.stamp {
				variables = append(variables, v)
				hash += uint64(v)
				degree += q.weight[v]
			}
		}
		q.variables[i] = variables
		// There is nothing beyond the front: it is eliminated with the pivot,
		// at no cost.
		if len(kept) == 0 && len(variables) == 0 {
			done += int(q.weight[i])
			total -= q.weight[i]
			q.absorb(pivot, i)
			continue
		}
		q.degree[i] = min(degree, q.degree[i]+total-q.weight[i])
		if q.buckets[hash] == nil {
			hashes = append(hashes, hash)
		}
		q.buckets[hash] = append(q.buckets[hash], i)
	}
	for _, hash := range hashes {
		q.mergeAlike(q.buckets[hash])
	}
	members := make([]int32, 0, len(front))
	for _, i := range front {
		if q.weight[i] > 0 {
			members = append(members, i)
		}
	}
	q.members[pivot], q.size[pivot] = members, total
	for _, i := range members {
		most := int32(left-done) - q.weight[i]
		q.insert(i, max(0, min(q.degree[i], total-q.weight[i]+q.beyond(i, pivot), most)))
	}
	return done
}

// beyond returns an upper bound of the weight that unknown i is coupled to
// outside of the element pivot.
func (q *quotient) beyond(i, pivot int32) int32 {
	sum := int32(0)
	for _, e := range q.elements[i] {
		if e != pivot {
			sum += q.outside[e]
		}
	}
	for _, v := range q.variables[i] {
		sum += q.weight[v]
	}
	return sum
}

// gather returns the unknowns that the pivot is coupled to, and absorbs its
// elements.
func (q *quotient) gather(pivot int32) []int32 {
	q.stamp++
	var front []int32
	add := func(list []int32) {
		for _, v := range list {
			if q.weight[v] > 0 && q.mark[v] != q.stamp {
				q.mark[v] = q.stamp
				front = append(front, v)
			}
		}
	}
	add(q.variables[pivot])
	for _, e := range q.elements[pivot] {
		add(q.members[e])
		q.members[e] = nil
	}
	q.variables[pivot], q.elements[pivot] = nil, nil
	return front
}

// mergeAlike merges the candidates that have the same neighbors.
func (q *quotient) mergeAlike(candidates []int32) {
	for a, i := range candidates {
		if q.weight[i] == 0 {
			continue
		}
		for _, j := range candidates[a+1:] {
			if q.weight[j] == 0 || !q.alike(i, j) {
				continue
			}
			q.weight[i] += q.weight[j]
			q.degree[i] -= q.weight[j] // i is not coupled to itself
			q.absorb(i, j)
		}
	}
}

// alike reports whether two unknowns are in the same elements and coupled to
// the same others.
func (q *quotient) alike(i, j int32) bool {
	if len(q.elements[i]) != len(q.elements[j]) || len(q.variables[i]) != len(q.variables[j]) {
		return false
	}
	q.stamp++
	for _, e := range q.elements[i] {
		q.mark[e] = q.stamp
	}
	for _, v := range q.variables[i] {
		q.mark[v] = q.stamp
	}
	for _, e := range q.elements[j] {
		if q.mark[e] != q.stamp {
			return false
		}
	}
	for _, v := range q.variables[j] {
		if q.mark[v] != q.stamp {
			return false
		}
	}
	return true
}
