package train

import (
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
)

// TestGradients checks that, for any number of samples and threads and in
// whatever order the samples finish, the sum equals the tree's bit for
// bit, with the memory that newGradients states. The values are such that
// another order rounds differently.
func TestGradients(t *testing.T) {
	const n = 37
	value := func(sample, k int) float32 { return 1 / float32(3+sample*n+k) }
	// tree returns the sum of the samples [first, first+size), by halves.
	var tree func(samples, first, size, k int) float32
	tree = func(samples, first, size, k int) float32 {
		if size == 1 {
			return value(first, k)
		}
		sum, right := tree(samples, first, size/2, k), first+size/2
		if right < samples {
			sum += tree(samples, right, size/2, k)
		}
		return sum
	}
	for samples, levels := range map[int]int{1: 0, 2: 1, 5: 3, 6: 3, 16: 4, 100: 7} {
		want := make([]float32, n)
		for k := range want {
			want[k] = tree(samples, 0, 1<<levels, k)
		}
		for _, threads := range []int{1, 2, 3, 20, 128} {
			g := newGradients(n, samples, threads)
			if len(g.all) > min(samples, threads*3/2+levels) {
				t.Errorf("%d samples, %d threads: %d gradients", samples, threads, len(g.all))
			}
			c := newCrew(threads)
			defer c.close()
			for range 20 { // several times in sequence, to provoke a race
				g.begin()
				if err := c.few(t.Context(), samples, samples, func(int, int) error {
					sample, gradient := g.take()
					for range sample * 7 % 5 { // let others overtake
						runtime.Gosched()
					}
					for k := range gradient {
						gradient[k] = value(sample, k)
					}
					g.finish(sample, gradient)
					return nil
				}); err != nil {
					t.Fatal(err)
				}
				if got := slices.Concat(g.sum(0, 10), g.sum(10, n)); !slices.Equal(got, want) {
					t.Fatalf("%d samples, %d threads: the sum is off", samples, threads)
				}
			}
		}
	}
}

// TestGradientsInAnyOrder finishes the samples of a batch in all orders in
// which two threads can finish them. So each sum of the tree is made from the
// left and from the right, at once and at the end.
func TestGradientsInAnyOrder(t *testing.T) {
	for samples := 1; samples <= 7; samples++ {
		var want []float32
		for order := range 1 << samples {
			g := newGradients(1, samples, 2)
			g.begin()
			type running struct {
				sample   int
				gradient []float32
			}
			var now []running
			finish := func(i int) {
				now[i].gradient[0] = 1 / float32(3+now[i].sample)
				g.finish(now[i].sample, now[i].gradient)
				now = slices.Delete(now, i, i+1)
			}
			for step := range samples {
				sample, gradient := g.take()
				if now = append(now, running{sample, gradient}); len(now) == 2 {
					finish(order >> step & 1)
				}
			}
			for len(now) > 0 {
				finish(0)
			}
			if got := g.sum(0, 1); want == nil {
				want = slices.Clone(got)
			} else if got[0] != want[0] {
				t.Errorf("%d samples in order %b: %v, want %v", samples, order, got, want)
			}
		}
	}
}

// TestGradientsStop checks that goroutines that wait for room are released when
// a sample fails, and that the next step runs.
func TestGradientsStop(t *testing.T) {
	const samples = 40
	g := newGradients(3, samples, 2)
	bad := errors.New("bad")
	c := newCrew(2)
	defer c.close()
	for range 2 {
		g.begin()
		var full sync.WaitGroup
		full.Add(1)
		if err := c.few(t.Context(), samples, samples, func(int, int) error {
			switch sample, gradient := g.take(); {
			case gradient == nil:
			case sample == 0: // the other samples run until there is no room
				full.Wait()
				g.stop()
				return bad
			case len(g.free) == 0:
				full.Done()
			case sample%2 == 0: // its neighbor never completes, and so it keeps its room
				g.finish(sample, gradient)
			}
			return nil
		}); !errors.Is(err, bad) {
			t.Errorf("error %v", err)
		}
	}
}
