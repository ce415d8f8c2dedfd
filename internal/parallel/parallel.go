package parallel

import (
	"context"
	"fmt"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// For calls do(worker, i) for each i in [0, n), on at most threads goroutines.
// worker, in [0, threads), identifies the calling goroutine, so that each
// goroutine can have its own scratch memory. Items are handed out one at a
// time, in ascending order. The first error, or the end of ctx, stops handing
// out items; For returns that error after all running calls have returned. With
// one thread For starts no goroutine. It panics if threads < 1.
func For(ctx context.Context, threads, n int, do func(worker, i int) error) error {
	if threads < 1 {
		panic(fmt.Sprintf("parallel: %d threads; at least 1 is needed", threads))
	}
	threads = min(threads, n)
	if threads <= 1 {
		for i := range n {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := do(0, i); err != nil {
				return err
			}
		}
		return nil
	}
	// A separate name, because capturing ctx would also allocate on the path
	// above.
	group, inner := errgroup.WithContext(ctx)
	var next atomic.Int64
	for worker := range threads {
		group.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return nil
				}
				if err := inner.Err(); err != nil {
					return err
				}
				if err := do(worker, i); err != nil {
					return err
				}
			}
		})
	}
	return group.Wait()
}
