package langevin

import (
	"context"
	"sync"
	"time"
)

// result is what became of one draw.
type result struct {
	x           []float64
	evaluations int
	busy        time.Duration
	err         error
	ready       bool
}

// inOrder passes the results of a parallel loop on in the order of their index.
// Those that come early wait in a ring of a few slots, so that a slow core does
// not hold up a fast one; who finds the ring full waits for room. Items are
// handed out in ascending order, so the one that all wait for is always under
// way.
type inOrder struct {
	ctx     context.Context
	close   func() bool
	deliver func(i int, r *result) error

	mu     sync.Mutex
	moved  sync.Cond
	next   int // index to deliver next; slot next mod len(ring) is its own
	ring   []result
	failed error
}

func newInOrder(ctx context.Context, slots, dim int,
	deliver func(i int, r *result) error) *inOrder {
	q := &inOrder{ctx: ctx, deliver: deliver, ring: make([]result, slots)}
	q.moved.L = &q.mu
	for k := range q.ring {
		q.ring[k].x = make([]float64, dim)
	}
	// a loop that stops may leave the item that all wait for unmade
	q.close = context.AfterFunc(ctx, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.moved.Broadcast()
	})
	return q
}

// put copies r and delivers it and what waited for it, if it is next. It
// returns the error that ended the deliveries: that of the lowest index.
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
