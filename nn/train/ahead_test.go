package train

import (
	"runtime"
	"slices"
	"testing"
)

// TestPlan checks the plan where the best is known.
func TestPlan(t *testing.T) {
	for _, c := range []struct {
		threads, batch, most int
		draw, gradient       float64
		share, drawers       int
	}{
		{1, 8, 9, 1, 9, 1, 0},   // fewer threads than samples
		{8, 8, 9, 1, 9, 1, 0},   // as many
		{9, 8, 9, 1, 9, 1, 1},   // 9 beside 8
		{16, 8, 9, 1, 9, 2, 0},  // 5.5; with eight that draw it takes 9
		{64, 8, 9, 1, 9, 7, 8},  // 9/7 beside 1
		{64, 8, 9, 4, 9, 5, 24}, // 9/5 beside 4/3; with 6 there are two that draw a sample
		{64, 8, 3, 1, 9, 3, 40}, // no more than three can share
		{64, 8, 9, 0, 9, 8, 0},  // nothing to draw
	} {
		share, drawers := plan(c.threads, c.batch, c.most, c.draw, c.gradient)
		if share != c.share || drawers != c.drawers {
			t.Errorf("%+v: %d threads for each sample, %d draw", c, share, drawers)
		}
	}
}

// TestDrawnAhead trains with samples drawn ahead and on one thread, and
// compares the weights. It also checks the step that an error of a pair names.
func TestDrawnAhead(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(40))
	s := toySettings() // six samples
	s.Steps = 6
	weights := func(threads int) []float32 {
		s.Threads = threads
		st := newStepper(toyNetwork(), toyData(), s)
		defer st.close()
		for k := range s.Steps {
			if st.made = 2; k == 1 && threads > s.Batch { // no plan by measured times
				st.drawAhead(1, threads-s.Batch)
			}
			if _, _, err := st.step(); err != nil {
				t.Fatal(err)
			}
		}
		return st.weights
	}
	want := weights(1)
	for _, threads := range []int{7, 9, 40} {
		if !slices.Equal(weights(threads), want) {
			t.Errorf("with %d threads the weights differ", threads)
		}
	}
	source := toyData()
	source.poison = func(step, slot uint64) bool { return step == 4 && slot == 2 }
	st := newStepper(toyNetwork(), source, s)
	defer st.close()
	for step := range 5 {
		switch _, _, err := st.step(); e := err.(type) {
		case nil:
			if step == 4 {
				t.Error("a NaN in a pair is no error")
			}
		case *NonFiniteError:
			if step != 4 || e.Step != 4 || e.Slot != 2 || e.Layer != "x" {
				t.Errorf("after %d steps: %v", step, e)
			}
		default:
			t.Error(err)
		}
	}
}

// TestAheadKeepsPlaces lets a thread pause between the choice of a sample and
// its drawing. Another thread must not take the place meanwhile, however far
// the training has come.
func TestAheadKeepsPlaces(t *testing.T) {
	const threads, places, end = 3, 4, 400
	ring := make([]sample, places)
	a := newAhead(threads, 0, end, ring, func(s *sample, number int64) error {
		if number%7 == 0 {
			for range 50 {
				runtime.Gosched()
			}
		}
		s.sigma = float64(number)
		return nil
	})
	defer a.close()
	for number := range int64(end) {
		d, err := a.take(number)
		if err != nil || d.sigma != float64(number) {
			t.Fatalf("sample %d is sample %v (%v)", number, d.sigma, err)
		}
		a.give(number)
	}
}
