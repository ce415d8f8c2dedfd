package train

import (
	"context"
	"sync"
	"sync/atomic"
)

// crew runs loops on several threads, as parallel.For does, but keeps its
// goroutines between loops, so a loop allocates nothing. It runs one loop at a
// time.
type crew struct {
	start []chan struct{} // one per additional goroutine; a message starts its part of a loop

	// of the loop under way
	ctx context.Context
	// items of the loop
	n int
	// body of the loop
	body func(worker, i int) error
	// next item to hand out
	next atomic.Int64
	// helpers at work
	busy sync.WaitGroup

	mutex sync.Mutex
	err   error // the first
}

// newCrew starts threads − 1 goroutines: the caller of a loop is the first
// worker.
func newCrew(threads int) *crew {
	c := &crew{}
	for worker := 1; worker < threads; worker++ {
		start := make(chan struct{}, 1)
		c.start = append(c.start, start)
		go func() {
			for range start {
				c.work(worker)
				c.busy.Done()
			}
		}()
	}
	return c
}

// close ends the goroutines. No loop may follow.
func (c *crew) close() {
	for _, start := range c.start {
		close(start)
	}
}

// few calls body(worker, i) for each i in [0, n), handed out in ascending order
// to the first workers, at most most ≥ 1. The first error, or the end of ctx,
// stops handing out. few returns that error after all running calls have
// returned.
func (c *crew) few(ctx context.Context, most, n int, body func(worker, i int) error) error {
	c.ctx, c.n, c.body, c.err = ctx, n, body, nil
	c.next.Store(0)
	helpers := c.start[:max(0, min(len(c.start), n-1, most-1))]
	c.busy.Add(len(helpers))
	for _, start := range helpers {
		start <- struct{}{}
	}
	c.work(0)
	c.busy.Wait()
	return c.err
}

// work runs items until none is left, or an error or the end of ctx stops the
// loop.
func (c *crew) work(worker int) {
	for {
		i := int(c.next.Add(1)) - 1
		if i >= c.n {
			return
		}
		err := c.ctx.Err()
		if err == nil {
			err = c.body(worker, i)
		}
		if err != nil {
			c.next.Store(int64(c.n)) // hand out no more items
			c.mutex.Lock()
			if c.err == nil {
				c.err = err
			}
			c.mutex.Unlock()
		}
	}
}
