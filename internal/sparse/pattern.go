package sparse

import (
	"fmt"
	"slices"
)

// Number is the type of the matrix entries. Complex matrices are symmetric, not
// Hermitian.
type Number interface{ float64 | complex128 }

// Pattern is the structure of a symmetric matrix of order N: for each unknown,
// the sorted list of the others that it is coupled to. The diagonal is always
// part of the matrix and never listed.
type Pattern struct {
	// the neighbors of i are adj[ptr[i]:ptr[i+1]]
	ptr []int
	// neighbors, ascending for each unknown
	adj []int32
}

// NewPattern returns the pattern of a sum of dense matrices on groups of
// unknowns, as in finite elements. Group g couples the unknowns
// members[start[g]:start[g+1]], without negative members. NewPattern panics if
// a member is n or more.
func NewPattern(n int, start []int, members []int32) *Pattern {
	groups := max(len(start)-1, 0)
	// of[ofPtr[i]:ofPtr[i+1]] are the groups that contain unknown i.
	ofPtr := make([]int, n+1)
	for _, i := range members {
		if int(i) >= n {
			panic(fmt.Sprintf("sparse: unknown %d is out of range for %d unknowns", i, n))
		}
		if i >= 0 {
			ofPtr[i+1]++
		}
	}
	for i := range n {
		ofPtr[i+1] += ofPtr[i]
	}
	of := make([]int32, ofPtr[n])
	next := slices.Clone(ofPtr[:n])
	for g := range groups {
		for _, i := range members[start[g]:start[g+1]] {
			if i >= 0 {
				of[next[i]] = int32(g)
				next[i]++
			}
		}
	}
	p := &Pattern{ptr: make([]int, n+1)}
	seen := make([]int32, n)
	for i := range seen {
		seen[i] = -1
	}
	for i := range n {
		from := len(p.adj)
		for _, g := range of[ofPtr[i]:ofPtr[i+1]] {
			for _, j := range members[start[g]:start[g+1]] {
				if j >= 0 && int(j) != i && seen[j] != int32(i) {
					seen[j] = int32(i)
					p.adj = append(p.adj, j)
				}
			}
		}
		slices.Sort(p.adj[from:])
		p.ptr[i+1] = len(p.adj)
	}
	return p
}

// N returns the order of the matrix.
func (p *Pattern) N() int { return len(p.ptr) - 1 }

// Neighbors returns the unknowns coupled to i, ascending, without i. The caller
// must not change the slice.
func (p *Pattern) Neighbors(i int) []int32 { return p.adj[p.ptr[i]:p.ptr[i+1]] }
