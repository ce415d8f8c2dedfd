package train

import (
	"math/bits"
	"sync"

	"csdm/internal/kernel"
)

// gradients adds the gradients of a batch's samples in a binary tree over their
// indices. A node of level l covers the samples [k·2^l, (k+1)·2^l) that the
// batch has, and is the sum of its left half plus its right half. So the shape
// of the tree, and with it every rounding, depends on the size of the batch
// alone.
//
// A gradient is as large as the network. Half a tree therefore never waits in
// memory: who completes a node adds it to its neighbor as soon as both are
// complete. After the last sample has begun, the rest of the tree is left to
// the function sum, which all threads call for different ranges of the weights.
type gradients struct {
	// samples of the batch
	samples int
	// all memory for gradients, used again in each step
	all [][]float32

	// guards the fields below
	mutex sync.Mutex
	// signals that memory is free
	moved sync.Cond
	// gradients that nobody uses
	free   [][]float32
	next   int         // first sample that nobody has taken
	parts  [][]float32 // by the first sample of a complete node; nil: none begins there
	levels []int       // by the first sample of a complete node
	// a sample failed: nobody waits any more
	stopped bool
}

// newGradients makes room for gradients of n weights.
func newGradients(n, samples, threads int) *gradients {
	g := &gradients{samples: samples, parts: make([][]float32, samples),
		levels: make([]int, samples), all: make([][]float32, GradientCount(samples, threads))}
	g.moved.L = &g.mutex
	for i := range g.all {
		g.all[i] = kernel.OnHugePages(make([]float32, n))
	}
	g.free = make([][]float32, 0, len(g.all))
	return g
}

// GradientCount returns the number of gradients that a training with a batch of
// samples keeps. Threads that finish out of order leave complete nodes behind
// whose neighbor is not complete yet, on average fewer than one for two
// threads. A sample that is still running may hold up one node of each level.
// With less room, threads would wait; with more, memory would be wasted.
func GradientCount(samples, threads int) int {
	return min(samples, threads+threads/2+bits.Len(uint(samples-1)))
}

// begin discards all gradients.
func (g *gradients) begin() {
	clear(g.parts)
	g.free = append(g.free[:0], g.all...)
	g.next, g.stopped = 0, false
}

// take returns the next sample and room for its gradient, once there is room,
// or nil if stop was called. It hands out both together, so that running and
// complete samples are always the first ones. So when no sample is running,
// there is room: at most one node for each level is complete.
func (g *gradients) take() (sample int, room []float32) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	for len(g.free) == 0 && !g.stopped {
		g.moved.Wait()
	}
	if g.stopped {
		return 0, nil
	}
	last := len(g.free) - 1
	sample, room = g.next, g.free[last]
	g.free = g.free[:last]
	g.next++
	return sample, room
}

// finish enters the complete gradient of a sample, and adds nodes up for as
// long as the neighbor is complete and there are samples to begin.
func (g *gradients) finish(sample int, gradient []float32) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	first, level := sample, 0
	for g.next < g.samples {
		left, right := first&^(1<<level), first|1<<level
		if right >= g.samples { // the batch ends before the right half
			level++
			continue
		}
		neighbor := left ^ right ^ first
		other := g.parts[neighbor]
		if other == nil || g.levels[neighbor] != level {
			break
		}
		g.parts[neighbor] = nil
		g.mutex.Unlock()
		kernel.Accumulate(gradient, other) // the halves may come in any order
		g.mutex.Lock()
		g.free = append(g.free, other)
		g.moved.Signal()
		first = left
		level++
	}
	g.parts[first], g.levels[first] = gradient, level
}

// stop reports that some sample cannot be completed.
func (g *gradients) stop() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.stopped = true
	g.moved.Broadcast()
}

// sum adds the rest of the tree, after all samples are complete, and
// returns the sum. It works on a range of the weights.
func (g *gradients) sum(from, to int) []float32 {
	g.add(0, 1<<bits.Len(uint(g.samples-1)), from, to)
	return g.parts[0][from:to]
}

// add completes the node of size samples from first on.
func (g *gradients) add(first, size, from, to int) {
	if size == 1 {
		return
	}
	size /= 2
	g.add(first, size, from, to)
	if right := first + size; right < g.samples && g.parts[right] != nil {
		g.add(right, size, from, to)
		kernel.Accumulate(g.parts[first][from:to], g.parts[right][from:to])
	}
}
