package kernel

import "fmt"

// Method is a way to compute a convolution.
type Method string

const (
	Direct   Method = "direct"   // sums of products, tile by tile or, without vector kernels, pixel by pixel
	Winograd Method = "winograd" // Winograd's minimal filtering F(4×4, 3×3)
)

// Methods returns the methods of Forward, GradInput and GradWeights for an h×w image.
func (f *Filter[F]) Methods(h, w int) (forward, gradInput, gradWeights Method) {
	if t := f.tiled; t != nil {
		conv := t.method(h, w, convolveOverhead)
		return conv, conv, t.method(h, w, gradOverhead)
	}
	return Direct, Direct, Direct
}

// Only makes the filter use one method in place of the faster, to measure it; a filter that has no other stays with
// Direct. It may not be called while the filter is in use.
func (f *Filter[F]) Only(m Method) {
	if m != Direct && m != Winograd {
		panic(fmt.Sprintf("kernel: Filter.Only(%q)", string(m)))
	}
	if f.tiled != nil {
		f.tiled.only = m
	}
}

// piece is one of several parts of an operation.
type piece struct{ part, parts int }

// whole is all of it.
var whole = piece{0, 1}

// pieceOf returns a piece, for the function op.
func pieceOf(op string, part, parts int) piece {
	if part < 0 || part >= parts {
		panic(fmt.Sprintf("kernel: %s: part %d of %d", op, part, parts))
	}
	return piece{part, parts}
}

// of returns the range of n items that belongs to the piece.
func (p piece) of(n int) (from, to int) { return n * p.part / p.parts, n * (p.part + 1) / p.parts }

// ForwardPart computes a part of Forward, or with add of ForwardAdd. Parts 0 to parts−1, in any order, or at the same time
// where each has scratch of its own, make the whole, to the same bits. The direct method has one part: the first is all
// of it, and the others are nothing.
func (f *Filter[F]) ForwardPart(dst, x, bias []F, h, w int, add bool, part, parts int, scratch []F) {
	f.check("Filter.ForwardPart", dst, x, bias, h, w, scratch)
	p := pieceOf("Filter.ForwardPart", part, parts)
	switch t := f.tiled; {
	case t != nil:
		t.run(false, as32(dst), as32(x), as32(bias), h, w, add, p, as32(scratch))
	case part > 0:
	case add:
		f.ForwardAdd(dst, x, bias, h, w, scratch)
	default:
		f.Forward(dst, x, bias, h, w, scratch)
	}
}
