package train

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
)

// TestCrew checks that every item is visited once in every loop, that a worker
// never runs two items at once, that an error or the end of the context stops a
// loop, and that the next loop runs.
func TestCrew(t *testing.T) {
	for _, threads := range []int{1, 2, 7} {
		c := newCrew(threads)
		defer c.close()
		for _, n := range []int{0, 1, 5, 1000} {
			visits, busy := make([]atomic.Int32, n), make([]atomic.Bool, threads)
			if err := c.few(t.Context(), n, n, func(worker, i int) error {
				if busy[worker].Swap(true) {
					t.Error("a worker runs two items at once")
				}
				visits[i].Add(1)
				busy[worker].Store(false)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			for i := range visits {
				if v := visits[i].Load(); v != 1 {
					t.Errorf("%d threads: item %d of %d visited %d times", threads, i, n, v)
				}
			}
		}
		bad := errors.New("bad")
		var after atomic.Int32
		if err := c.few(t.Context(), 1_000_000, 1_000_000, func(_, i int) error {
			if i == 10 {
				return bad
			}
			if i > 10 {
				after.Add(1)
			}
			return nil
		}); !errors.Is(err, bad) || after.Load() > 900_000 {
			t.Errorf("%d threads: %v, and %d items after it", threads, err, after.Load())
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := c.few(ctx, 5, 5, func(int, int) error {
			t.Error("visited")
			return nil
		}); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	}
}
