package autodiff

import (
	"slices"
	"testing"

	"csdm/internal/kernel"
	"csdm/rng"
)

// randomRecording returns the randomNetwork of a seed.
func randomRecording(seed uint64) recording {
	return recording{build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		return randomNetwork(seed, t, p, x)
	}}
}

// randomNetwork returns a random network of all operations on small images,
// whose tensors fan out at random.
func randomNetwork[F kernel.Float](seed uint64, t *Tape[F], p *Parameters[F],
	x *Tensor[F]) *Tensor[F] {
	s := rng.New(seed, rng.Test, 0, 0)
	c := x.C
	alive := []*Tensor[F]{x}
	unused := map[*Tensor[F]]bool{}
	take := func() *Tensor[F] {
		h := alive[s.Uint64n(uint64(len(alive)))]
		delete(unused, h)
		return h
	}
	name := func(i int) string { return string(rune('a' + i)) }
	for i := range 14 {
		var h *Tensor[F]
		switch s.Uint64n(11) {
		case 0:
			h = t.Conv(p.Conv(name(i), c, c, 3, 1, true), take())
		case 1:
			h = t.ConvAdd(p.Conv(name(i), c, c, 3, 2, false), take(), take())
		case 2:
			h = t.NormELU(p.Norm(name(i), c), take())
		case 3:
			h = t.ELU(take())
		case 4:
			h = t.Add(take(), take())
		case 5:
			h = t.MaxPool5(take())
		case 6:
			h = t.AvgPool5(take())
		case 7:
			h = t.Resize(t.MeanPool2(take()), x.H, x.W)
		case 8:
			h = t.GroupNormELU(p.GroupNorm(name(i), c, c), take())
		case 9:
			m := t.Conv(p.Conv(name(i), c, 2*c, 1, 1, true), t.Mean(take()))
			h = t.ModulatedNormELU(take(), m, 1)
		case 10:
			h = t.Resize(t.Untile(t.Tiles(t.Resize(take(), 4, 6), 2), 2), x.H, x.W)
		}
		alive = append(alive, h)
		unused[h] = true
	}
	out := alive[len(alive)-1]
	delete(unused, out)
	for _, h := range alive { // in a fixed order
		if unused[h] {
			out = t.Add(out, h)
		}
	}
	return t.Conv(p.Conv("out", c, 1, 1, 1, true), out)
}

// runOnce returns the output, the gradient of the input and the gradient of the
// parameters.
func runOnce(r recording, mode Mode, separate bool) (y, dx, grads []float64, bytes int) {
	p := NewParameters[float64]()
	t := NewTape(p, mode)
	t.separate = separate
	x := t.Variable(5, 6, 2)
	out := r.build(t, p, x)
	t.Compile(out)
	fill(p.Flat, 1)
	p.Repack()
	fill(x.Data, 2)
	for range 2 { // the second run starts with the memory of the first
		t.Forward()
		y = slices.Clone(out.Data)
		if mode == Training {
			fill(out.Grad, 3)
			grads = make([]float64, len(p.Flat))
			t.Backward(grads)
			dx = slices.Clone(x.Grad)
		}
	}
	return y, dx, grads, len(t.memory)
}

// TestPlan checks that sharing memory changes no bit of output or gradients,
// for random networks.
func TestPlan(t *testing.T) {
	var shared, full int
	for seed := range uint64(300) {
		r := randomRecording(seed)
		y, dx, grads, n := runOnce(r, Training, true)
		y1, dx1, grads1, n1 := runOnce(r, Training, false)
		if !slices.Equal(y, y1) || !slices.Equal(dx, dx1) || !slices.Equal(grads, grads1) {
			t.Fatalf("network %d: sharing memory changes the results", seed)
		}
		y2, _, _, n2 := runOnce(r, Inference, false)
		if !slices.Equal(y, y2) {
			t.Fatalf("network %d: inference differs from training", seed)
		}
		if n1 > n || n2 > n1 {
			t.Fatalf("network %d: memory %d unshared, %d shared, %d for inference", seed, n, n1, n2)
		}
		full, shared = full+n, shared+n1
	}
	if 2*shared > full {
		t.Errorf("shared memory is %d of %d", shared, full)
	}
}

// TestPrefix checks that ForwardRest computes the same as Forward after an
// input of the rest has changed, for random networks, on one thread and on
// several.
func TestPrefix(t *testing.T) {
	for seed := range uint64(60) {
		p := NewParameters[float32]()
		tape := NewTape(p, []Mode{Inference, Training}[seed%2])
		y, x := tape.Input(17, 18, 8), tape.Input(17, 18, 8)
		h := randomNetwork(seed, tape, p, y)
		tape.EndPrefix()
		first := tape.ConvAdd(p.Conv("both", h.C, x.C, 3, 1, true), h, x)
		// The results of the prefix are also read late.
		out := tape.ConvAdd(p.Conv("late", x.C, h.C, 3, 1, true), tape.ELU(tape.MaxPool5(first)), h)
		tape.Compile(out)
		fill(p.Flat, 1)
		p.Repack()
		fill(y.Data, 2)
		for _, threads := range []int{1, 3} {
			tape.setThreads(threads, 1)
			fill(x.Data, 3)
			tape.Forward()
			for k := range uint64(2) {
				fill(x.Data, 4+k)
				tape.ForwardRest()
				rest := slices.Clone(out.Data)
				tape.Forward()
				if !slices.Equal(rest, out.Data) {
					t.Fatalf("network %d, %d threads: ForwardRest differs from Forward", seed,
						threads)
				}
			}
		}
		tape.setThreads(1, 1)
	}
}

// TestNoAllocation checks that a compiled tape allocates nothing.
func TestNoAllocation(t *testing.T) {
	p := NewParameters[float64]()
	for _, r := range recordings {
		if r.name != "FanOut" {
			continue
		}
		tape := NewTape(p, Training)
		x := tape.Variable(9, 8, 3)
		y := r.build(tape, p, x)
		tape.Compile(y)
		grads := make([]float64, len(p.Flat))
		if n := testing.AllocsPerRun(3, func() {
			tape.Forward()
			clear(y.Grad)
			tape.Backward(grads)
		}); n != 0 {
			t.Errorf("%s: %v allocations", r.name, n)
		}
	}
}

func TestPanics(t *testing.T) {
	p := NewParameters[float64]()
	l := p.Conv("a", 2, 2, 3, 1, true)
	p.Freeze()
	compiled := NewTape(p, Inference)
	in := compiled.Input(4, 4, 2)
	compiled.Compile(compiled.Conv(l, in))
	for name, f := range map[string]func(){
		"channels": func() { t := NewTape(p, Training); t.Conv(l, t.Input(4, 4, 3)) },
		"shapes of a sum": func() {
			t := NewTape(p, Training)
			t.Add(t.Input(4, 4, 2), t.Input(4, 5, 2))
		},
		"another tape": func() { t := NewTape(p, Training); t.ELU(in) },
		"unused output": func() {
			t := NewTape(p, Training)
			x := t.Input(4, 4, 2)
			t.ELU(x)
			t.Compile(t.Conv(l, x))
		},
		"halving one row": func() { t := NewTape(p, Training); t.MeanPool2(t.Input(1, 4, 2)) },
		"after Compile":   func() { compiled.ELU(in) },
		"before Compile":  func() { NewTape(p, Training).Forward() },
		"backward":        func() { compiled.Backward(make([]float64, len(p.Flat))) },
		"after Freeze":    func() { p.Norm("new", 2) },
		"other shape":     func() { p.Conv("a", 2, 3, 3, 1, true) },
		"gradient's length": func() {
			t := NewTape(p, Training)
			t.Compile(t.Conv(l, t.Input(4, 4, 2)))
			t.Backward(nil)
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

func TestNameAt(t *testing.T) {
	p := NewParameters[float32]()
	p.Conv("c", 2, 3, 3, 1, true)
	p.Norm("n", 3)
	for i, want := range map[int]string{0: "c.weight", 53: "c.weight", 54: "c.bias", 56: "c.bias",
		57: "n.alpha", 60: "n.gamma", 65: "n.beta"} {
		if got := p.NameAt(i); got != want {
			t.Errorf("NameAt(%d) = %s, want %s", i, got, want)
		}
	}
}
