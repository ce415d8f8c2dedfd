package parallel

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
)

func TestForVisitsEachItemOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 7} {
		for _, n := range []int{0, 1, 2, 100} {
			visits := make([]atomic.Int32, n)
			busy := make([]atomic.Bool, threads)
			err := For(context.Background(), threads, n, func(worker, i int) error {
				if busy[worker].Swap(true) {
					t.Errorf("worker %d entered twice", worker)
				}
				visits[i].Add(1)
				busy[worker].Store(false)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for i := range visits {
				if v := visits[i].Load(); v != 1 {
					t.Errorf("threads=%d n=%d: item %d visited %d times", threads, n, i, v)
				}
			}
		}
	}
}

func TestForStopsAtTheFirstError(t *testing.T) {
	broken := errors.New("broken")
	for _, threads := range []int{1, 4} {
		var calls atomic.Int32
		err := For(context.Background(), threads, 1_000_000, func(_, i int) error {
			calls.Add(1)
			if i == 3 {
				return broken
			}
			return nil
		})
		if !errors.Is(err, broken) {
			t.Errorf("threads=%d: error %v", threads, err)
		}
		if calls.Load() == 1_000_000 {
			t.Errorf("threads=%d: went on to the end after an error", threads)
		}
	}
}

func TestForStopsWithItsContext(t *testing.T) {
	for _, threads := range []int{1, 3} {
		ctx, cancel := context.WithCancel(context.Background())
		err := For(ctx, threads, 1_000_000, func(_, i int) error {
			if i == 5 {
				cancel()
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("threads=%d: error %v", threads, err)
		}
	}
}

// TestInOrderKeepsInOrder ends items in another order than they begin, and
// fails at one of them.
func TestInOrderKeepsInOrder(t *testing.T) {
	const n = 50
	failed := errors.New("failed")
	for _, threads := range []int{1, 4} {
		for _, bad := range []int{-1, 20} {
			done, kept := make([]atomic.Bool, n), 0
			err := InOrder(t.Context(), threads, n, func(_, i int) error {
				if i == bad {
					return failed
				}
				if i%4 == 0 {
					runtime.Gosched()
				}
				done[i].Store(true)
				return nil
			}, func(i int) error {
				if i != kept {
					t.Errorf("item %d is kept after %d items", i, kept)
				}
				if kept++; !done[i].Load() {
					t.Errorf("item %d is kept and not done", i)
				}
				return nil
			})
			if want := n; bad < 0 && (err != nil || kept != want) {
				t.Errorf("%d threads: %v, %d kept", threads, err, kept)
			}
			if bad >= 0 && (!errors.Is(err, failed) || kept > bad) {
				t.Errorf("%d threads: %v, %d kept before item %d", threads, err, kept, bad)
			}
		}
	}
}
