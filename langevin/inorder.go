package langevin

import (
	"context"
	"sync"
	"time"
)

// result holds the outcome of one draw.
type result struct {
	// the draw, dim components; a copy, because the chain goes to the next draw
	x []float64
	// score evaluations of the draw
	evaluations int
	// time that the draw took on its thread
	busy time.Duration
	// why there is no draw
	err error
	// the draw waits for its turn
	ready bool
}

// inOrder delivers the results of a parallel loop in the order of their index.
// Early results wait in a ring of a few slots, so that a slow core does not
// hold up a fast one. A goroutine that finds the ring full waits for a free
// slot. Items are handed out in ascending order, so the item that all wait for
// is always in progress.
type inOrder struct {
	// its end wakes all that wait
	ctx context.Context
	// stops the watch on ctx
	close func() bool
	// called in the order of i, by one goroutine at a time
	deliver func(i int, r *result) error

	mu    sync.Mutex
	moved sync.Cond
	next  int // index to deliver next, from slot next mod len(ring)
	// result i waits in slot i mod len(ring)
	ring []result
	// first error, of a draw or of deliver; ends the loop
	failed error
}

// newInOrder returns a queue of slots results with dim components. More slots
// let fast threads run farther ahead, at slots·dim numbers of memory.
func newInOrder(ctx context.Context, slots, dim int,
	deliver func(i int, r *result) error) *inOrder {
	q := &inOrder{ctx: ctx, deliver: deliver, ring: make([]result, slots)}
	q.moved.L = &q.mu
	for k := range q.ring {
		q.ring[k].x = make([]float64, dim)
	}
	// A loop that stops early may never make the item that all wait for.
	q.close = context.AfterFunc(ctx, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.moved.Broadcast()
	})
	return q
}

// put stores a copy of r. If i is the next index, put delivers r and every
// waiting result that follows it. It returns the error that ended the
// deliveries, which is the error of the lowest index.
func (q *inOrder) put(i int, r result) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i >= q.next+len(q.ring) && q.failed == nil {
		if err := q.ctx.Err(); err != nil {
			return err
		}
		q.moved.Wait()
	}
	slot := &q.ring[i%len(q.ring)]
	copy(slot.x, r.x)
	r.x, r.ready = slot.x, true
	*slot = r
	for q.failed == nil && q.ring[q.next%len(q.ring)].ready {
		head := &q.ring[q.next%len(q.ring)]
		q.failed = q.deliver(q.next, head)
		head.ready = false
		q.next++
		q.moved.Broadcast()
	}
	return q.failed
}
