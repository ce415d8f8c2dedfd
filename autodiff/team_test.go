package autodiff

import (
	"runtime"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"csdm/internal/kernel"
)

// TestThreads checks that threads change no bit of the output of random
// networks, nor of the gradients. Some of the images have vector passes and
// more chunks than threads; some have none.
func TestThreads(t *testing.T) {
	for seed := range uint64(12) {
		checkThreads[float32](t, seed, 17, 18, 8)
		checkThreads[float32](t, seed, 17, 18, 16)
		checkThreads[float32](t, seed, 5, 4, 3)
		checkThreads[float64](t, seed, 6, 7, 8)
	}
}

func checkThreads[F kernel.Float](t *testing.T, seed uint64, h, w, c int) {
	tape, x, out := compiled[F](seed, Training, h, w, c)
	grads := make([]F, len(tape.params.Flat))
	run := func() (y, dx, dw []F) {
		tape.Forward()
		y = slices.Clone(out.Data)
		gradient := make([]F, len(out.Grad))
		fill(gradient, 3)
		clear(out.Grad)
		tape.Share(len(gradient), func(from, to int) {
			for i := from; i < to; i++ {
				out.Grad[i] += gradient[i] // each once
			}
		})
		clear(grads)
		tape.Backward(grads)
		return y, slices.Clone(x.Grad), slices.Clone(grads)
	}
	y, dx, dw := run()
	for _, threads := range []int{2, 3, 8, 1} {
		tape.setThreads(threads, 0)
		for range 3 { // several runs, to provoke a race
			if y1, dx1, dw1 := run(); !slices.Equal(y1, y) || !slices.Equal(dx1, dx) ||
				!slices.Equal(dw1, dw) {
				t.Fatalf("network %d on %dx%dx%d, %T: %d threads change the results", seed, h, w, c,
					y, threads)
			}
		}
	}
}

// compiled returns a random network with finite results, with its input set.
func compiled[F kernel.Float](
	seed uint64, mode Mode, h, w, c int,
) (tape *Tape[F], x, out *Tensor[F]) {
	p := NewParameters[F]()
	tape = NewTape(p, mode)
	x = tape.Variable(h, w, c)
	out = randomNetwork(seed, tape, p, x)
	tape.Compile(out)
	fill(p.Flat, 1)
	for i := range p.Flat {
		p.Flat[i] /= 8
	}
	p.Repack()
	fill(x.Data, 2)
	return tape, x, out
}

// TestSharedFloats checks that the caller computes small images alone, in one
// stage, and convolutions only if they have little work.
func TestSharedFloats(t *testing.T) {
	tape, _, _ := compiled[float32](1, Inference, 17, 18, 16)
	for _, c := range []struct{ least, want int }{{0, tape.means()},
		{17*18*16 + 1, len(tape.nodes) - tape.convs(8*(17*18*16+1))}} {
		stages, _, _ := tape.stages(c.least, 1)
		alone := 0
		for _, s := range stages {
			if s.part == nil {
				alone++
			}
		}
		if alone != c.want {
			t.Errorf("images of %d elements or more are shared: the caller alone has %d "+
				"operations, want %d", c.least, alone, c.want)
		}
	}
}

// means returns the number of means over all pixels, which are never shared.
func (t *Tape[F]) means() (n int) {
	for i := range t.nodes {
		if t.nodes[i].op == opMean {
			n++
		}
	}
	return n
}

// convs returns the number of convolutions of at least this many multiply-adds.
func (t *Tape[F]) convs(least int) (n int) {
	for i := range t.nodes {
		y, l := t.nodes[i].out, t.nodes[i].conv
		if l != nil && y.H*y.W*l.filter.Len() >= least {
			n++
		}
	}
	return n
}

// TestThreadsAreKept checks that passes on several threads create no goroutines
// and allocate nothing. Allocations of the runtime also count: a goroutine that
// goes to sleep needs a record from a store of its processor, and the runtime
// allocates 112 bytes where the store is empty.
func TestThreadsAreKept(t *testing.T) {
	tape, _, _ := compiled[float32](1, Inference, 9, 8, 16)
	tape.setThreads(3, 0)
	tape.Forward()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const passes = 500
	for range passes {
		tape.Forward()
		runtime.Gosched()
	}
	runtime.ReadMemStats(&after)
	if n := after.Mallocs - before.Mallocs; n > passes/10 {
		t.Errorf("%d allocations, %d bytes in %d passes", n, after.TotalAlloc-before.TotalAlloc,
			passes)
	}
	if n := testing.AllocsPerRun(10, tape.Forward); n != 0 {
		t.Errorf("%v allocations on one processor", n)
	}
}

// TestThreadsEnd checks that the goroutines of a tape end with its threads, and
// with the tape.
func TestThreadsEnd(t *testing.T) {
	ended := func(want int) bool {
		for range 1000 {
			if runtime.GC(); runtime.NumGoroutine() <= want {
				return true
			}
			time.Sleep(time.Millisecond)
		}
		return false
	}
	before := runtime.NumGoroutine()
	tape, _, _ := compiled[float32](2, Inference, 9, 8, 16)
	tape.setThreads(4, 0)
	tape.Forward()
	if n := runtime.NumGoroutine(); n < before+3 {
		t.Errorf("%d goroutines, %d before 4 threads", n, before)
	}
	tape.setThreads(1, 0)
	if !ended(before) {
		t.Errorf("goroutines are left after the threads")
	}
	tape.setThreads(4, 0)
	tape.Forward()
	tape = nil
	if !ended(before) {
		t.Errorf("goroutines are left after the tape")
	}
}
