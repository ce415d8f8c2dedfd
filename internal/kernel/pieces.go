package kernel

import "fmt"

// Method is a way to compute a convolution.
type Method string

const (
	// Direct sums products: tile by tile, or without vector kernels pixel by
	// pixel.
	Direct Method = "direct"
	// Winograd is Winograd's minimal filtering F(4×4, 3×3).
	Winograd Method = "winograd"
)

// Methods returns the methods of Forward, GradInput and GradWeights for an h×w
// image.
func (f *Filter[F]) Methods(h, w int) (forward, gradInput, gradWeights Method) {
	if t := f.tiled; t != nil {
		conv := t.method(h, w, convolveOverhead)
		return conv, conv, t.method(h, w, gradOverhead)
	}
	return Direct, Direct, Direct
}

// Only makes the filter use one method instead of the faster one, to measure
// that method. A filter that has Direct only keeps Direct. Only may not be
// called while the filter is in use.
func (f *Filter[F]) Only(m Method) {
	if m != Direct && m != Winograd {
		panic(fmt.Sprintf("kernel: Filter.Only(%q); want %q or %q", string(m), Direct, Winograd))
	}
	if f.tiled != nil {
		f.tiled.only = m
	}
}

// A Piece is part number Part, counted from 0, of Parts parts of an operation.
// All parts together, in any order, compute the operation with the same bits
// as the whole at once. They may run at the same time where each has scratch
// of its own.
type Piece struct{ Part, Parts int }

// whole is the only piece.
var whole = Piece{0, 1}

// check panics in the function op unless there is such a piece.
func (p Piece) check(op string) {
	if p.Part < 0 || p.Part >= p.Parts {
		panic(fmt.Sprintf("kernel: %s: part %d of %d; parts count from 0", op, p.Part, p.Parts))
	}
}

// of returns the range of n items that belongs to the piece.
func (p Piece) of(n int) (from, to int) { return n * p.Part / p.Parts, n * (p.Part + 1) / p.Parts }

// ForwardPart computes a piece of Forward, or with add a piece of ForwardAdd.
// Without vector kernels the first part does all of the work.
func (f *Filter[F]) ForwardPart(dst []F, x Image[F], bias []F, add bool, p Piece, scratch []F) {
	h, w := x.H, x.W
	f.check("Filter.ForwardPart", dst, x.Data, bias, h, w, scratch)
	p.check("Filter.ForwardPart")
	switch t := f.tiled; {
	case t != nil:
		t.run(false, convolution{as32(dst), as32(x.Data), as32(bias), h, w, add, p, as32(scratch)})
	case p.Part > 0:
	case add:
		f.ForwardAdd(dst, x.Data, bias, h, w, scratch)
	default:
		f.Forward(dst, x.Data, bias, h, w, scratch)
	}
}
