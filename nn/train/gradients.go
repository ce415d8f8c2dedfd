package train

import (
	"sync"

	"csdm/internal/kernel"
)

// gradients holds the gradients of a batch's groups until they are summed, in
// order. A gradient is as large as the network, and memory traffic is the main
// cost of a step after its samples. So there are two places per thread, not one
// per group. A worker that needs an occupied place first adds its content to
// the sum, while that content is in cache.
type gradients struct {
	groups int
	// Place 0 holds group 0 and becomes the sum; the other groups share the
	// rest in turn.
	places [][]float32

	mutex   sync.Mutex
	moved   sync.Cond
	done    []bool // by group
	summed  int    // groups in places[0]
	stopped bool
}

func newGradients(n, groups, threads int) *gradients {
	g := &gradients{groups: groups, done: make([]bool, groups),
		places: make([][]float32, 1+min(groups-1, 2*threads-1))}
	g.moved.L = &g.mutex
	for i := range g.places {
		g.places[i] = make([]float32, n)
	}
	return g
}

// begin discards all gradients.
func (g *gradients) begin() {
	clear(g.done)
	g.summed, g.stopped = 0, false
}

// of returns the place of a group.
func (g *gradients) of(group int) []float32 {
	if group == 0 {
		return g.places[0]
	}
	return g.places[1+(group-1)%(len(g.places)-1)]
}

// take returns a group's place, cleared, once the place is free, or nil if stop
// was called. Groups are taken in ascending order, so the first unfinished
// group never waits, and other groups wait at most for that one.
func (g *gradients) take(group int) []float32 {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	for before := group - len(g.places) + 1; before > 0 && g.summed <= before; {
		switch {
		case g.stopped:
			return nil
		case g.done[g.summed]:
			g.addNext()
		default:
			g.moved.Wait()
		}
	}
	place := g.of(group)
	clear(place)
	return place
}

// addNext adds the next group to the sum.
func (g *gradients) addNext() {
	if g.summed > 0 {
		kernel.Accumulate(g.places[0], g.of(g.summed))
	}
	g.summed++
}

// finish marks a group as complete.
func (g *gradients) finish(group int) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.done[group] = true
	g.moved.Broadcast()
}

// stop reports that some group cannot be completed.
func (g *gradients) stop() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.stopped = true
	g.moved.Broadcast()
}

// sum adds the remaining gradients, after all groups are complete, and returns
// the sum. It works on a range of the weights.
func (g *gradients) sum(from, to int) []float32 {
	sum := g.places[0][from:to]
	for group := max(g.summed, 1); group < g.groups; group++ {
		kernel.Accumulate(sum, g.of(group)[from:to])
	}
	return sum
}
