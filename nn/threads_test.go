package nn

import (
	"slices"
	"testing"
)

// TestScoreThreads checks that the threads of a scorer change no bit of a score
// and allocate nothing. The sizes cover all kinds of parts: whole and cut
// tiles, dilation with more phases than tiles, more threads than tiles, and
// images large enough to share every operation.
func TestScoreThreads(t *testing.T) {
	for _, c := range []struct {
		arch       Arch
		rows, cols int
		runs       int // repetitions, to provoke a race
	}{
		{Arch{16, 2, 1, MaxPool, Base, false, 0, false}, 20, 13, 10},
		{Arch{16, 1, 1, MaxPool, Light, false, 0, false}, 28, 32, 4},
		{Arch{16, 1, 0, AvgPool, Deeper, false, 0, false}, 9, 8, 10},
		{Arch{5, 1, 0, MaxPool, Base, false, 0, false}, 8, 8, 10},
		{Arch{8, 1, 0, MaxPool, Base, false, 0, false}, 56, 38, 1},
	} {
		n := NewNet[float32](c.arch)
		n.Init(3)
		x, y, _ := sample[float64](c.arch, c.rows, c.cols, 1)
		m := &Model{Net: n, Parameterization: parameterizationFor(c.arch),
			Meta: Metadata{Rows: c.rows, Cols: c.cols}}
		s := m.Condition(y)()
		want, got := make([]float64, len(x)), make([]float64, len(x))
		if err := s.Score(want, x, 0.7); err != nil {
			t.Fatal(err)
		}
		for _, threads := range []int{2, 3, 8, 1} {
			s.w.tape.SetThreads(threads) // even for a small network
			for range c.runs {
				clear(got)
				if err := s.Score(got, x, 0.7); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%+v: %d threads change the score", c.arch, threads)
				}
			}
			if k := testing.AllocsPerRun(c.runs, func() { _ = s.Score(got, x, 0.7) }); k != 0 {
				t.Errorf("%d threads: %v allocations", threads, k)
			}
		}
	}
}

// TestGradientThreads checks that the threads of a worker change no bit of a
// loss or a gradient and allocate nothing, for each kind of network.
func TestGradientThreads(t *testing.T) {
	for _, c := range []struct {
		arch       Arch
		rows, cols int
	}{
		{Arch{16, 2, 1, MaxPool, Base, false, 0, false}, 20, 13},
		{Arch{16, 1, 1, MaxPool, Light, false, 0, false}, 28, 32},
		{Arch{16, 1, 0, AvgPool, Deeper, false, 0, false}, 9, 8},
		{Arch{16, 2, 1, MaxPool, Light4, false, 0, false}, 64, 32},
	} {
		n := NewNet[float32](c.arch)
		n.Init(3)
		x, y, z := sample[float32](c.arch, c.rows, c.cols, 1)
		w := n.NewWorker(parameterizationFor(c.arch), c.rows, c.cols)
		want, got := make([]float32, len(n.Flat())), make([]float32, len(n.Flat()))
		loss := w.LossGrad(want, x, y, z, 0.7)
		for _, threads := range []int{2, 7, 1} {
			w.tape.SetThreads(threads) // even for a small network
			for range 2 {
				clear(got)
				if l := w.LossGrad(got, x, y, z, 0.7); l != loss || !slices.Equal(got, want) {
					t.Fatalf("%+v: %d threads change the gradient", c.arch, threads)
				}
			}
			if k := testing.AllocsPerRun(2, func() { w.LossGrad(got, x, y, z, 0.7) }); k != 0 {
				t.Errorf("%+v: %d threads: %v allocations", c.arch, threads, k)
			}
		}
	}
}

// TestThreadsWhereTheyPay checks that a small score stays with one thread and a
// large one uses all. A team of threads has scratch memory, which makes it
// visible.
func TestThreadsWhereTheyPay(t *testing.T) {
	for _, c := range []struct {
		ngf, size int
		more      bool
	}{{16, 28, false}, {32, 28, true}} {
		a := Arch{c.ngf, 1, 1, MaxPool, Base, false, 0, false}
		m := &Model{Net: NewNet[float32](a), Parameterization: preconditioned(1),
			Meta: Metadata{Rows: c.size, Cols: c.size}}
		s := m.Condition(make([]float64, c.size*c.size))()
		before := s.w.Bytes()
		s.SetThreads(2)
		if more := s.w.Bytes() > before; more != c.more {
			t.Errorf("ngf %d, size %d: more than one thread is %v", c.ngf, c.size, more)
		}
		if s.SetThreads(1); s.w.Bytes() != before {
			t.Errorf("ngf %d, size %d: threads are left", c.ngf, c.size)
		}
	}
}
