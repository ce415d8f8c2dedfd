package parallel

import (
	"context"
	"sync"
)

// InOrder calls do as For does, and calls keep(i) once do has ended without
// error for all items up to i. The calls of keep come one at a time and in
// ascending order, so that a caller can append results to a file as they become
// complete. The first error of do or keep ends InOrder.
func InOrder(ctx context.Context, threads, n int, do func(worker, i int) error,
	keep func(i int) error) error {
	var mu sync.Mutex
	done, next := make([]bool, n), 0
	return For(ctx, threads, n, func(worker, i int) error {
		if err := do(worker, i); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		done[i] = true
		for next < n && done[next] {
			if err := keep(next); err != nil {
				return err
			}
			next++
		}
		return nil
	})
}
