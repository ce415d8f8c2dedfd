package kernel

import (
	"math"
	"unsafe"
)

// Norms of float32 images by vector passes, for channels in multiples of
// eight. Sums are taken in float32 over a chunk of the image, in four
// interleaved sums, and in float64 from chunk to chunk. They are about as
// accurate as the definition, and a chunk stays in the first-level cache.

const (
	normBlock  = 64   // channels of a pass at most: room on the stack
	normFloats = 2048 // elements of a chunk
)

// normArgs are the arguments of the passes over one chunk; stride in bytes.
type normArgs struct {
	x, dy, y, dst              unsafe.Pointer // images
	mean, first, second, third unsafe.Pointer // channel vectors, read or (in sums) written
	stride                     int            // from pixel to pixel
	pixels                     int
	vectors                    int // eights of channels
}

// A normOp is one pass; norm_amd64.go has what each computes.
type normOp int

const (
	normSums normOp = iota
	normSquares
	normApply
	normGradSums
	normGradApply
)

// A normRun makes passes over one image of hw pixels and c channels, block by
// block of its channels. An image that a pass does not use is nil.
type normRun struct {
	x, dy, y, dst []float32
	hw, c         int
	piece         Piece // of the chunks
}

// A normChannels is a block of channels of a pass: n channels from first on,
// and the vectors of the pass.
type normChannels struct {
	first, n int
	vectors  [4][normBlock]float32 // mean, first, second and third of normArgs
}

// A normTotals receives the sums of a pass: the totals of the first and the
// second vector over all chunks, or if chunks is not nil the first vector of
// each chunk, and if seconds is not nil the second.
type normTotals struct {
	values          [2][normBlock]float64
	chunks, seconds []float32
}

// normChunk is the number of pixels in a chunk of n channels.
func normChunk(n int) int { return normFloats / max(n, 16) }

// next moves b to the next block of channels, the first one at the start. It
// reports whether there is such a block.
func (r *normRun) next(b *normChannels) bool {
	b.first += b.n
	b.n = min(normBlock, r.c-b.first)
	return b.n > 0
}

// pass makes a pass over a block of channels. A pass of sums has the first
// vector, and in a gradient the second, as its results for each chunk, which go
// to totals.
func (r *normRun) pass(op normOp, elu bool, b *normChannels, totals *normTotals) {
	v, first, n, c, hw := &b.vectors, b.first, b.n, r.c, r.hw
	a := normArgs{stride: 4 * c}
	a.mean, a.first = unsafe.Pointer(&v[0]), unsafe.Pointer(&v[1])
	a.second, a.third = unsafe.Pointer(&v[2]), unsafe.Pointer(&v[3])
	if totals != nil {
		clear(totals.values[0][:n])
		clear(totals.values[1][:n])
	}
	x, dy, y, dst := r.x, r.dy, r.y, r.dst
	chunk := normChunk(n)
	from, to := r.piece.of(ceil(hw, chunk))
	begin, end := from*chunk, min(hw, to*chunk)
	if totals == nil { // there are no sums: all chunks at once
		chunk = max(1, end-begin)
	}
	for p := begin; p < end; p += chunk {
		at := p*c + first
		a.x, a.dy = place(x, at), place(dy, at)
		a.y, a.dst = place(y, at), place(dst, at)
		a.pixels, a.vectors = min(chunk, end-p), n/8
		normPassVector(op, elu, &a)
		switch {
		case totals == nil:
		case totals.chunks != nil:
			k := p / chunk * n
			copy(totals.chunks[k:][:n], v[1][:n])
			if totals.seconds != nil {
				copy(totals.seconds[k:][:n], v[2][:n])
			}
		default:
			addTo(totals.values[0][:n], v[1][:n])
			if op == normGradSums {
				addTo(totals.values[1][:n], v[2][:n])
			}
		}
	}
}

// place is the address of an element of an image, nil for no image.
func place(image []float32, i int) unsafe.Pointer {
	if image == nil {
		return nil
	}
	return unsafe.Pointer(&image[i])
}

// addTo adds x to sums.
func addTo(sums []float64, x []float32) {
	x = x[:len(sums)]
	for i := range sums {
		sums[i] += float64(x[i])
	}
}

// squares makes the passes that end in the sums of squared distances from the
// means, and sets the means of the channels of b.
func (r *normRun) squares(mean []float32, b *normChannels, totals *normTotals) {
	r.pass(normSums, false, b, totals)
	setMeans(mean[b.first:][:b.n], &totals.values[0], r.hw)
	copy(b.vectors[0][:], mean[b.first:][:b.n])
	r.pass(normSquares, false, b, totals)
}

// setMeans sets the means of channels from their sums over hw pixels.
func setMeans(mean []float32, totals *[normBlock]float64, hw int) {
	for i := range mean {
		mean[i] = float32(totals[i] / float64(hw))
	}
}

// setDeviations sets 1/√(v+ε) of channels from their sums of squares.
func setDeviations(rstd []float32, totals *[normBlock]float64, hw int) {
	for i := range rstd {
		rstd[i] = float32(1 / math.Sqrt(totals[i]/float64(hw)+normEps))
	}
}

// normVector is InstanceNormPlus by passes.
func normVector(n *InstanceNormPlus[float32]) {
	r := normRun{x: n.X, dst: n.Dst, hw: n.HW, c: n.C, piece: whole}
	c, saved := n.C, n.Saved
	var b normChannels
	var totals normTotals
	for r.next(&b) {
		r.squares(saved[:c], &b, &totals)
		setDeviations(saved[c+b.first:][:b.n], &totals.values[0], n.HW)
	}
	saved[3*c] = float32(normalizeMeans(saved[2*c:3*c], saved[:c]))
	normApplyVector(n, whole)
}

// normApplyVector sets a piece of the output from the input and the
// statistics.
func normApplyVector(n *InstanceNormPlus[float32], p Piece) {
	r := normRun{x: n.X, dst: n.Dst, hw: n.HW, c: n.C, piece: p}
	c := n.C
	mean, rstd, z := n.Saved[:c], n.Saved[c:2*c], n.Saved[2*c:3*c]
	var b normChannels
	for r.next(&b) {
		v := &b.vectors
		for i := range b.n {
			ch := b.first + i
			v[0][i] = mean[ch]
			v[1][i] = n.Gamma[ch] * rstd[ch]
			v[2][i] = n.Gamma[ch]*n.Alpha[ch]*z[ch] + n.Beta[ch]
		}
		r.pass(normApply, n.ELU, &b, nil)
	}
}

// normGradVector is InstanceNormPlusGrad by passes.
func normGradVector(n *InstanceNormPlusGrad[float32]) {
	r := normRun{x: n.X, dy: n.DY, y: n.Y, dst: n.DX, hw: n.HW, c: n.C, piece: whole}
	c := n.C
	mean, s, t := n.Saved[:c], n.Saved[3*c+1:][:c], n.Saved[4*c+1:][:c]
	var b normChannels
	var totals normTotals
	for r.next(&b) {
		copy(b.vectors[0][:], mean[b.first:][:b.n])
		r.pass(normGradSums, n.ELU, &b, &totals)
		for i := range b.n {
			s[b.first+i] = float32(totals.values[0][i])
			t[b.first+i] = float32(totals.values[1][i])
		}
	}
	n.parameters()
	normGradApplyVector(n, whole)
}

// normGradApplyVector adds a piece of the gradient of the input, from the sums
// in Saved.
func normGradApplyVector(n *InstanceNormPlusGrad[float32], p Piece) {
	r := normRun{x: n.X, dy: n.DY, y: n.Y, dst: n.DX, hw: n.HW, c: n.C, piece: p}
	zetas := n.zetas()
	var b normChannels
	for r.next(&b) {
		v := &b.vectors
		for i := range b.n {
			v[0][i] = n.Saved[b.first+i]
			v[1][i], v[2][i], v[3][i] = n.coefficients(zetas, b.first+i)
		}
		r.pass(normGradApply, n.ELU, &b, nil)
	}
}
