package dataset

import (
	"fmt"
	"math"

	"csdm/priors"
	"csdm/rng"
)

// The probabilities with which a use of a pair shows the whole measurement,
// single values, or all but rectangles. Else it shows all but some rows and
// columns.
//
// The probabilities add up to 1 with 0.1875 for rows and columns. A quarter of
// the uses shows everything, so that a network with masks stays good on whole
// measurements.
const (
	wholeShare  = 0.25
	pointShare  = 0.375
	blockShare  = 0.1875
	mostBlocks  = 10_000 // after which the values that are left stay
	smallBlocks = 2      // a rectangle's side is at most the plane's over this
)

// checkMasks returns an error if masks cannot be combined with the other
// settings.
func (s *Settings) checkMasks(noise priors.Measurement) error {
	switch {
	case s.Masks == 0:
	case !(s.Masks > 0 && s.Masks <= 1):
		return fmt.Errorf("dataset: masks of %v; a share of at most 1 is expected", s.Masks)
	case s.Neighbors > 1:
		return fmt.Errorf("dataset: masks with %d neighbors: a measurement with gaps has other "+
			"neighbors: set neighbors to 0, or masks to 0", s.Neighbors)
	case priors.Period(noise) > 0:
		return fmt.Errorf("dataset: masks for phases (%v), which cannot be unwrapped over gaps: "+
			"set masks to 0", noise)
	}
	return nil
}

// mask is the memory for the values that a use of a pair hides.
//
// nodes and place are inverse to each other, so that a node is removed in
// constant time: the last one takes its place.
type mask struct {
	nodes []int // that are measured so far, in any order
	place []int // of each node in nodes; −1: it is not in nodes
}

// mask hides values of y, with the stream (Mask, i, j), if Settings.Masks is
// set. All channels miss the same nodes.
func (s *Source) mask(y []float32, f *fetch, i, j uint64) {
	if s.masks == 0 {
		return
	}
	p := s.store.Spec()
	f.stream.Reset(s.seed, rng.Mask, i, j)
	f.hide.hide(y, p.Rows, p.Cols, s.masks, &f.stream)
}

// Hide sets all but about the given share of the measured nodes of y to NaN, at
// random places. y holds planes of rows × cols values. At least one node stays.
func Hide(y []float64, rows, cols int, share float64, stream *rng.Stream) {
	var m mask
	start(&m, y, rows*cols)
	m.points(share, stream)
	apply(&m, y)
}

// hide hides values of y by a random pattern. The share that stays is
// log-uniform from least to 1.
//
// With U uniform, share = least^U has a uniform logarithm. Both random numbers
// are drawn first in every case, so that the stream continues alike.
func (m *mask) hide(y []float32, rows, cols int, least float64, s *rng.Stream) {
	toss := s.Float64()
	share := math.Pow(least, s.Float64())
	if toss < wholeShare {
		return
	}
	start(m, y, rows*cols)
	switch toss -= wholeShare; {
	case toss < pointShare:
		m.points(share, s)
	case toss < pointShare+blockShare:
		m.blocks(rows, cols, share, s)
	default:
		m.strips(rows, cols, share, s)
	}
	apply(m, y)
}

// start sets the nodes that y measures in every channel.
func start[F float32 | float64](m *mask, y []F, plane int) {
	m.nodes, m.place = m.nodes[:0], m.place[:0]
	for i := range plane {
		place := len(m.nodes)
		for k := i; k < len(y); k += plane {
			if y[k] != y[k] {
				place = -1
			}
		}
		if m.place = append(m.place, place); place >= 0 {
			m.nodes = append(m.nodes, i)
		}
	}
}

// apply sets the values of the nodes that are not measured to NaN.
func apply[F float32 | float64](m *mask, y []F) {
	for i := range y {
		if m.place[i%len(m.place)] < 0 {
			y[i] = F(math.NaN())
		}
	}
}

// stay returns the number of nodes of a share.
func (m *mask) stay(share float64) int {
	return max(1, int(math.Round(share*float64(len(m.nodes)))))
}

// remove removes a node. The last node stays.
func (m *mask) remove(node int) {
	at, last := m.place[node], len(m.nodes)-1
	if at < 0 || last < 1 {
		return
	}
	moved := m.nodes[last]
	m.nodes[at], m.place[moved] = moved, at
	m.nodes, m.place[node] = m.nodes[:last], -1
}

// points removes single nodes until the share is left.
//
// Each node is equally likely to stay.
func (m *mask) points(share float64, s *rng.Stream) {
	for left := m.stay(share); len(m.nodes) > left; {
		m.remove(m.nodes[s.Uint64n(uint64(len(m.nodes)))])
	}
}

// blocks removes rectangles until at most the share is left.
//
// Sides are uniform from 1 to half of the plane. The corner is uniform over all
// positions that meet the plane, so that a corner node is as likely to be
// hidden as any other.
func (m *mask) blocks(rows, cols int, share float64, s *rng.Stream) {
	for left, n := m.stay(share), 0; len(m.nodes) > left && n < mostBlocks; n++ {
		h := 1 + int(s.Uint64n(uint64(max(1, rows/smallBlocks))))
		w := 1 + int(s.Uint64n(uint64(max(1, cols/smallBlocks))))
		// A rectangle may reach over an edge, so that all nodes are alike.
		r0, c0 := int(s.Uint64n(uint64(rows+h-1)))-h+1, int(s.Uint64n(uint64(cols+w-1)))-w+1
		for r := max(0, r0); r < min(rows, r0+h); r++ {
			for c := max(0, c0); c < min(cols, c0+w); c++ {
				m.remove(r*cols + c)
			}
		}
	}
}

// strips removes rows and columns until at most the share is left.
//
// It stands for lost lines of a scan.
func (m *mask) strips(rows, cols int, share float64, s *rng.Stream) {
	for left, n := m.stay(share), 0; len(m.nodes) > left && n < mostBlocks; n++ {
		k := int(s.Uint64n(uint64(rows + cols)))
		if k < rows {
			for c := range cols {
				m.remove(k*cols + c)
			}
			continue
		}
		for r := range rows {
			m.remove(r*cols + k - rows)
		}
	}
}
