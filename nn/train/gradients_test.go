package train

import (
	"errors"
	"slices"
	"sync"
	"testing"
)

// TestGradients checks that, for any number of groups and threads and in
// whatever order the groups finish, the sum equals the ordered sum bit for bit,
// with at most two places per thread. The values are such that another order
// rounds differently.
func TestGradients(t *testing.T) {
	const n = 37
	value := func(group, k int) float32 { return 1 / float32(3+group*n+k) }
	for _, groups := range []int{1, 2, 5, 16} {
		want := make([]float32, n)
		for k := range want {
			for group := range groups {
				want[k] += value(group, k)
			}
		}
		for _, threads := range []int{1, 2, 3, 20} {
			g := newGradients(n, groups, threads)
			if len(g.places) > min(groups, 2*threads) {
				t.Errorf("%d groups, %d threads: %d places", groups, threads, len(g.places))
			}
			c := newCrew(threads)
			defer c.close()
			for range 20 { // several times in sequence, to provoke a race
				g.begin()
				if err := c.each(t.Context(), groups, func(_, group int) error {
					place := g.take(group)
					for k := range place {
						place[k] += value(group, k)
					}
					g.finish(group)
					return nil
				}); err != nil {
					t.Fatal(err)
				}
				g.sum(0, 10)
				g.sum(10, n)
				if !slices.Equal(g.places[0], want) {
					t.Fatalf("%d groups, %d threads: the sum is off", groups, threads)
				}
			}
		}
	}
}

// TestGradientsStop checks that a goroutine that waits for a failed group is
// released, and that the next step runs.
func TestGradientsStop(t *testing.T) {
	g := newGradients(3, 9, 2)
	bad := errors.New("bad")
	c := newCrew(2)
	defer c.close()
	for range 2 {
		g.begin()
		var waiting sync.WaitGroup
		waiting.Add(1)
		if err := c.each(t.Context(), 9, func(_, group int) error {
			if group == 2 { // the other group runs until it needs the place of group 2
				waiting.Wait()
				g.stop()
				return bad
			}
			if group == 5 {
				waiting.Done()
			}
			if g.take(group) != nil {
				g.finish(group)
			} else if group < 5 {
				t.Errorf("no place for group %d", group)
			}
			return nil
		}); !errors.Is(err, bad) {
			t.Errorf("error %v", err)
		}
	}
}
