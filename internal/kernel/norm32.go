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
// the vectors of the pass, and what its sums go to.
type normChannels struct {
	first, n int
	vectors  [4][normBlock]float32 // mean, first, second and third of normArgs
	totals   [2][normBlock]float64 // of the first and the second vector, over chunks
	sums     []float32             // if not nil: the first vector, n for each chunk
}

// normChunk is the number of pixels in a chunk of n channels.
func normChunk(n int) int { return normFloats / max(n, 16) }

// next moves b to the next block of channels, the first one at the start, and
// clears the totals. It reports whether there is such a block.
func (r *normRun) next(b *normChannels) bool {
	b.first += b.n
	b.n = min(normBlock, r.c-b.first)
	b.totals = [2][normBlock]float64{}
	return b.n > 0
}

// pass makes a pass over a block of channels. The first and the second vector
// of sums are results of each chunk. They are added to totals.
func (r *normRun) pass(op normOp, elu bool, b *normChannels) {
	a := normArgs{stride: 4 * r.c}
	v := &b.vectors
	a.mean, a.first = unsafe.Pointer(&v[0]), unsafe.Pointer(&v[1])
	a.second, a.third = unsafe.Pointer(&v[2]), unsafe.Pointer(&v[3])
	chunk := normChunk(b.n)
	at := func(image []float32, p int) unsafe.Pointer {
		if image == nil {
			return nil
		}
		return unsafe.Pointer(&image[p*r.c+b.first])
	}
	summing := op == normSums || op == normSquares || op == normGradSums
	from, to := r.piece.of(ceil(r.hw, chunk))
	for k := from; k < to; k++ {
		p := k * chunk
		a.x, a.dy, a.y, a.dst = at(r.x, p), at(r.dy, p), at(r.y, p), at(r.dst, p)
		a.pixels, a.vectors = min(chunk, r.hw-p), b.n/8
		normPassVector(op, elu, &a)
		switch {
		case b.sums != nil:
			copy(b.sums[k*b.n:][:b.n], v[1][:b.n])
		case summing:
			for i := range b.n {
				b.totals[0][i] += float64(v[1][i])
				b.totals[1][i] += float64(v[2][i])
			}
		}
	}
}

// squares makes the passes that end in the sums of squared distances from the
// means, and sets the means of the channels of b.
func (r *normRun) squares(mean []float32, b *normChannels) {
	r.pass(normSums, false, b)
	setMeans(mean[b.first:][:b.n], &b.totals[0], r.hw)
	copy(b.vectors[0][:], mean[b.first:][:b.n])
	b.totals = [2][normBlock]float64{}
	r.pass(normSquares, false, b)
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
func normVector(n InstanceNormPlus[float32]) {
	r := normRun{x: n.X, dst: n.Dst, hw: n.HW, c: n.C, piece: whole}
	c, saved := n.C, n.Saved
	for b := (normChannels{}); r.next(&b); {
		r.squares(saved[:c], &b)
		setDeviations(saved[c+b.first:][:b.n], &b.totals[0], n.HW)
	}
	saved[3*c] = float32(normalizeMeans(saved[2*c:3*c], saved[:c]))
	normApplyVector(n, whole)
}

// normApplyVector sets a piece of the output from the input and the
// statistics.
func normApplyVector(n InstanceNormPlus[float32], p Piece) {
	r := normRun{x: n.X, dst: n.Dst, hw: n.HW, c: n.C, piece: p}
	c := n.C
	mean, rstd, z := n.Saved[:c], n.Saved[c:2*c], n.Saved[2*c:3*c]
	for b := (normChannels{}); r.next(&b); {
		v := &b.vectors
		for i := range b.n {
			ch := b.first + i
			v[0][i] = mean[ch]
			v[1][i] = n.Gamma[ch] * rstd[ch]
			v[2][i] = n.Gamma[ch]*n.Alpha[ch]*z[ch] + n.Beta[ch]
		}
		r.pass(normApply, n.ELU, &b)
	}
}

// normGradVector is InstanceNormPlusGrad by passes.
func normGradVector(n InstanceNormPlusGrad[float32]) {
	r := normRun{x: n.X, dy: n.DY, y: n.Y, dst: n.DX, hw: n.HW, c: n.C, piece: whole}
	c := n.C
	mean, s, t := n.Saved[:c], n.Saved[3*c+1:][:c], n.Saved[4*c+1:][:c]
	for b := (normChannels{}); r.next(&b); {
		copy(b.vectors[0][:], mean[b.first:][:b.n])
		r.pass(normGradSums, n.ELU, &b)
		for i := range b.n {
			s[b.first+i], t[b.first+i] = float32(b.totals[0][i]), float32(b.totals[1][i])
		}
	}
	zetas := n.parameters()
	for b := (normChannels{}); r.next(&b); {
		v := &b.vectors
		for i := range b.n {
			v[0][i] = mean[b.first+i]
			v[1][i], v[2][i], v[3][i] = n.coefficients(zetas, b.first+i)
		}
		r.pass(normGradApply, n.ELU, &b)
	}
}
