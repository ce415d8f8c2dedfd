package parallel

import (
	"context"
	"errors"
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
