package kernel

import (
	"math"
	"unsafe"
)

// InstanceNorm++ of float32 images by vector passes, for channels in multiples of eight. Sums are taken in float32 over
// chunks of the image, in four interleaved sums, and from chunk to chunk in float64: about as accurate as the definition,
// and a chunk stays in the first-level cache.

const (
	normBlock  = 64   // channels a pass takes at once: room on the stack
	normFloats = 2048 // elements of a chunk
)

// normArgs are the arguments of the passes over one chunk; stride in bytes.
type normArgs struct {
	x, dy, y, dst              unsafe.Pointer // images
	mean, first, second, third unsafe.Pointer // channel vectors, read or (in sums) written
	stride                     int            // from pixel to pixel
	pixels                     int
	vectors                    int // eights of channels; counted down
}

// A normOp is one pass; norm_amd64.go says what each computes.
type normOp int

const (
	normSums normOp = iota
	normSquares
	normApply
	normGradSums
	normGradApply
)

// normImages are the images of a pass, those it doesn't use being nil.
type normImages struct{ x, dy, y, dst []float32 }

// channelVectors are the vectors of a pass, one element per channel of its block.
type channelVectors [4][normBlock]float32

// normChunk is the number of pixels in a chunk of n channels.
func normChunk(n int) int { return normFloats / max(n, 16) }

// run makes a pass over channels b to b+n of images of hw pixels and c channels, or over a piece of their chunks. With sums,
// v[1] and v[2] are results, chunk by chunk: totals, if not nil, adds them up, and sums gets the first of them, n for each chunk.
func (im *normImages) run(op normOp, elu bool, v *channelVectors, totals *[2][normBlock]float64, sums []float32, hw, c, b, n int, p piece) {
	a := normArgs{stride: 4 * c}
	a.mean, a.first = unsafe.Pointer(&v[0]), unsafe.Pointer(&v[1])
	a.second, a.third = unsafe.Pointer(&v[2]), unsafe.Pointer(&v[3])
	chunk := normChunk(n)
	at := func(image []float32, p int) unsafe.Pointer {
		if image == nil {
			return nil
		}
		return unsafe.Pointer(&image[p*c+b])
	}
	from, to := p.of(ceil(hw, chunk))
	for k := from; k < to; k++ {
		p := k * chunk
		a.x, a.dy, a.y, a.dst = at(im.x, p), at(im.dy, p), at(im.y, p), at(im.dst, p)
		a.pixels, a.vectors = min(chunk, hw-p), n/8
		normPassVector(op, elu, &a)
		if sums != nil {
			copy(sums[k*n:][:n], v[1][:n])
		}
		if totals != nil {
			for i := range n {
				totals[0][i] += float64(v[1][i])
				totals[1][i] += float64(v[2][i])
			}
		}
	}
}

// normVector is normForward by passes.
func normVector(dst, x, gamma, alpha, beta, saved []float32, hw, c int, elu bool) {
	im := normImages{x: x, dst: dst}
	for b := 0; b < c; b += normBlock {
		n := min(normBlock, c-b)
		var v channelVectors
		var totals [2][normBlock]float64
		im.run(normSums, false, &v, &totals, nil, hw, c, b, n, whole)
		setMeans(saved[b:][:n], &totals[0], hw)
		copy(v[0][:], saved[b:][:n])
		totals = [2][normBlock]float64{}
		im.run(normSquares, false, &v, &totals, nil, hw, c, b, n, whole)
		setDeviations(saved[c+b:][:n], &totals[0], hw)
	}
	saved[3*c] = float32(normalizeMeans(saved[2*c:3*c], saved[:c]))
	im.apply(gamma, alpha, beta, saved, hw, c, elu, whole)
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

// apply sets a piece of dst from x and the statistics.
func (im *normImages) apply(gamma, alpha, beta, saved []float32, hw, c int, elu bool, p piece) {
	mean, rstd, z := saved[:c], saved[c:2*c], saved[2*c:3*c]
	for b := 0; b < c; b += normBlock {
		n := min(normBlock, c-b)
		var v channelVectors
		for i := range n {
			ch := b + i
			v[0][i] = mean[ch]
			v[1][i] = gamma[ch] * rstd[ch]
			v[2][i] = gamma[ch]*alpha[ch]*z[ch] + beta[ch]
		}
		im.run(normApply, elu, &v, nil, nil, hw, c, b, n, p)
	}
}

// normGradVector is normBackward by passes.
func normGradVector(dx, dgamma, dalpha, dbeta, dy, x, y, gamma, alpha, saved []float32, hw, c int, elu bool) {
	mean := saved[:c]
	s, t := saved[3*c+1:][:c], saved[4*c+1:][:c]
	im := normImages{x: x, dy: dy, y: y, dst: dx}
	for b := 0; b < c; b += normBlock {
		n := min(normBlock, c-b)
		var v channelVectors
		var totals [2][normBlock]float64
		copy(v[0][:], mean[b:b+n])
		im.run(normGradSums, elu, &v, &totals, nil, hw, c, b, n, whole)
		for i := range n {
			s[b+i], t[b+i] = float32(totals[0][i]), float32(totals[1][i])
		}
	}
	zetas := normParameterGrads(dgamma, dalpha, dbeta, gamma, alpha, saved, c)
	for b := 0; b < c; b += normBlock {
		n := min(normBlock, c-b)
		var v channelVectors
		for i := range n {
			v[0][i] = mean[b+i]
			v[1][i], v[2][i], v[3][i] = zetas.coefficients(gamma, alpha, saved, hw, c, b+i)
		}
		im.run(normGradApply, elu, &v, nil, nil, hw, c, b, n, whole)
	}
}
