package autodiff

import (
	"fmt"
	"math"
	"testing"

	"csdm/internal/kernel"
	"csdm/rng"
)

// recording is a small network under test.
type recording struct {
	name  string
	build func(t *Tape[float64], p *Parameters[float64], x *Tensor[float64]) *Tensor[float64]
	rough bool // not differentiable everywhere
}

// recordings lists networks that cover each operation alone, and the ways in
// which tensors fan out and share memory.
var recordings = []recording{
	{name: "Conv3", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		return t.Conv(p.Conv("a", x.C, 5, 3, 1, true), x)
	}},
	{name: "Conv3Dilated", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		return t.Conv(p.Conv("b", 4, 2, 3, 4, false), t.Conv(p.Conv("a", x.C, 4, 3, 2, true), x))
	}},
	{name: "Conv1", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		return t.Conv(p.Conv("a", x.C, 2, 1, 1, true), x)
	}},
	{name: "ConvAdd", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		return t.ConvAdd(p.Conv("a", x.C, 4, 3, 1, true), x,
			t.Conv(p.Conv("b", x.C, 4, 1, 1, false), x))
	}},
	{name: "ConvAddToItself", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		h := t.Conv(p.Conv("a", x.C, 3, 1, 1, false), x)
		return t.ConvAdd(p.Conv("b", 3, 3, 3, 1, true), h, h)
	}},
	{name: "Norm", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		return t.Norm(p.Norm("a", x.C), x)
	}},
	{name: "NormELU", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		return t.NormELU(p.Norm("b", 4), t.Norm(p.Norm("a", 4),
			t.Conv(p.Conv("c", x.C, 4, 1, 1, false), x)))
	}},
	{name: "GroupNormELU", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		h := t.GroupNormELU(p.GroupNorm("a", 4, 2), t.Conv(p.Conv("c", x.C, 4, 1, 1, true), x))
		return t.GroupNormELU(p.GroupNorm("b", 4, 4), t.Conv(p.Conv("d", 4, 4, 1, 1, true), h))
	}},
	{name: "GroupNormELUOfInput", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		return t.GroupNormELU(p.GroupNorm("a", x.C, x.C), x)
	}},
	{name: "ModulatedNormELU", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		one := t.Conv(p.Conv("m", 3, 8, 1, 1, true), t.Input(1, 1, 3))
		h := t.Conv(p.Conv("c", x.C, 4, 1, 1, true), x)
		return t.ModulatedNormELU(t.ModulatedNormELU(h, one, 2), one, 4)
	}},
	{name: "ModulatedByInput", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		h := t.Conv(p.Conv("c", x.C, 4, 1, 1, true), x)
		m := t.Conv(p.Conv("m", x.C, 8, 1, 1, true), t.Resize(x, 1, 1))
		return t.ModulatedNormELU(h, m, 2)
	}},
	{name: "ModulatedByNothing", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		return t.ModulatedNormELU(x, t.Input(1, 1, 2*x.C), x.C)
	}},
	{name: "Mean", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		m := t.Mean(t.Conv(p.Conv("a", x.C, 3, 3, 1, true), x))
		return t.Add(t.ELU(t.Mean(x)), t.Conv(p.Conv("b", 3, x.C, 1, 1, true), m))
	}},
	{name: "Tiles", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		h := t.Tiles(t.Resize(x, 6, 4), 2)
		return t.Untile(t.ConvAdd(p.Conv("a", h.C, h.C, 3, 1, true), h, h), 2)
	}},
	{name: "ELU", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		return t.ELU(x)
	}},
	{name: "ELUTwice", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		return t.ELU(t.ELU(t.Conv(p.Conv("a", x.C, 3, 1, 1, true), x)))
	}},
	{name: "Add", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		return t.Add(t.ELU(x), x)
	}},
	{name: "AddToItself", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		h := t.ELU(x)
		return t.Add(h, h)
	}},
	{name: "SumOfSums", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		a, b := t.ELU(x), t.Conv(p.Conv("a", x.C, x.C, 1, 1, true), x)
		return t.Add(t.Add(a, b), t.Add(b, t.ELU(a)))
	}},
	{name: "MaxPool5", rough: true, build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		return t.MaxPool5(x)
	}},
	{name: "AvgPool5", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		return t.AvgPool5(x)
	}},
	{name: "MeanPool2", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		return t.MeanPool2(x)
	}},
	{name: "Resize", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		return t.Resize(t.Resize(x, 2*x.H+1, x.W), x.H, 2*x.W)
	}},
	{name: "ResizeDown", build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		return t.Resize(x, 2, 3)
	}},
	{name: "FanOut", rough: true, build: func(t *Tape[float64], p *Parameters[float64],
		x *Tensor[float64]) *Tensor[float64] {
		h := t.NormELU(p.Norm("n", x.C), x)
		a := t.ConvAdd(p.Conv("a", x.C, x.C, 3, 1, true), h, x)
		m := t.MaxPool5(t.ELU(h))
		b := t.ConvAdd(p.Conv("b", x.C, x.C, 3, 2, false), m, a)
		s := t.Resize(t.MeanPool2(t.Add(a, h)), x.H, x.W)
		return t.ConvAdd(p.Conv("c", x.C, x.C, 3, 1, true), s, t.Add(b, h))
	}},
}

var sizes = [][3]int{{7, 5, 3}, {2, 9, 2}, {4, 4, 2}, {3, 11, 4}}

// fill sets a to normal numbers, as a function of key alone.
func fill[F kernel.Float](a []F, key uint64) {
	s := rng.New(1, rng.Test, key, 0)
	for i := range a {
		a[i] = F(s.Normal())
	}
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

// TestGradients checks derivatives of φ = ⟨w, f(x, θ)⟩, with a random w,
// against central differences: along random directions of all inputs and
// parameters at once, where they compare ⟨Jv, w⟩ with ⟨v, Jᵀw⟩, and along each
// coordinate alone.
func TestGradients(t *testing.T) {
	for _, r := range recordings {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s/%dx%dx%d", r.name, size[0], size[1], size[2]),
				func(t *testing.T) {
					checkGradients(t, r, size)
				})
		}
	}
}

func checkGradients(t *testing.T, r recording, size [3]int) {
	p := NewParameters[float64]()
	tape := NewTape(p, Training)
	x := tape.Variable(size[0], size[1], size[2])
	y := r.build(tape, p, x)
	p.Freeze()
	tape.Compile(y)

	// All inputs and parameters, as one vector.
	fill(p.Flat, 1)
	fill(x.Data, 2)
	w := make([]float64, y.size())
	fill(w, 3)
	grads := make([]float64, len(p.Flat))
	fill(grads, 4)
	before := append([]float64(nil), grads...)
	run := func() float64 {
		p.Repack()
		tape.Forward()
		return dot(w, y.Data)
	}
	run()
	copy(y.Grad, w)
	tape.Backward(grads)
	for i := range grads {
		grads[i] -= before[i] // Backward adds
	}
	all := [][]float64{p.Flat, x.Data}
	gradient := [][]float64{grads, append([]float64(nil), x.Grad...)}
	scale := 0.0 // ‖gradient‖, the scale of the rounding error of a difference
	for _, g := range gradient {
		scale += dot(g, g)
	}
	scale = math.Sqrt(scale) + 1

	const h = 1e-5 // truncation error h²·φ'''/6 ≈ 1e-10·φ''', rounding error eps·|φ|/h ≈ 1e-11·|φ|
	along := func(move func(by float64)) float64 {
		move(h)
		plus := run()
		move(-2 * h)
		minus := run()
		move(h)
		return (plus - minus) / (2 * h)
	}
	tol := 2e-8 * scale
	for k, v := range all {
		for i := range v {
			d := along(func(by float64) { v[i] += by })
			if math.Abs(d-gradient[k][i]) > tol {
				t.Fatalf("coordinate %d of %d: difference %v, gradient %v", i, k, d, gradient[k][i])
			}
		}
	}
	if r.rough {
		return // a step in all directions at once crosses the edges
	}
	for key := range uint64(3) {
		directions := [][]float64{make([]float64, len(p.Flat)), make([]float64, len(x.Data))}
		want := 0.0
		for k, v := range directions {
			fill(v, 10+2*key+uint64(k))
			want += dot(v, gradient[k])
		}
		d := along(func(by float64) {
			for k, v := range directions {
				for i := range v {
					all[k][i] += by * v[i]
				}
			}
		})
		if n := math.Sqrt(float64(len(p.Flat) + len(x.Data))); math.Abs(d-want) > tol*n {
			t.Fatalf("direction %d: ⟨Jv,w⟩ = %v, ⟨v,Jᵀw⟩ = %v", key, d, want)
		}
	}
}

// TestInputAsVariable checks that a tape over an Input computes the same
// parameter gradients as a tape over a Variable.
func TestInputAsVariable(t *testing.T) {
	for _, r := range recordings {
		p := NewParameters[float64]()
		var got [2][]float64
		for i := range got {
			tape := NewTape(p, Training)
			x := tape.Input(5, 6, 3)
			if i == 1 {
				tape = NewTape(p, Training)
				x = tape.Variable(5, 6, 3)
			}
			y := r.build(tape, p, x)
			tape.Compile(y)
			fill(p.Flat, 1)
			p.Repack()
			fill(x.Data, 2)
			tape.Forward()
			if y.Grad == nil { // no parameters
				continue
			}
			fill(y.Grad, 3)
			got[i] = make([]float64, len(p.Flat))
			tape.Backward(got[i])
		}
		if got[0] != nil && fmt.Sprint(got[0]) != fmt.Sprint(got[1]) {
			t.Errorf("%s: the gradients differ", r.name)
		}
	}
}
