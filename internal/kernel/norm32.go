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

// run makes a pass over channels b to b+n of images of hw pixels and c channels. With sums, v[1] and v[2] are results: of
// each chunk, added up in totals.
func (im *normImages) run(op normOp, elu bool, v *channelVectors, totals *[2][normBlock]float64, hw, c, b, n int) {
	a := normArgs{stride: 4 * c}
	a.mean, a.first = unsafe.Pointer(&v[0]), unsafe.Pointer(&v[1])
	a.second, a.third = unsafe.Pointer(&v[2]), unsafe.Pointer(&v[3])
	chunk := normFloats / max(n, 16)
	at := func(image []float32, p int) unsafe.Pointer {
		if image == nil {
			return nil
		}
		return unsafe.Pointer(&image[p*c+b])
	}
	for p := 0; p < hw; p += chunk {
		a.x, a.dy, a.y, a.dst = at(im.x, p), at(im.dy, p), at(im.y, p), at(im.dst, p)
		a.pixels, a.vectors = min(chunk, hw-p), n/8
		normPass(op, elu, &a)
		if totals != nil {
			for i := range n {
				totals[0][i] += float64(v[1][i])
				totals[1][i] += float64(v[2][i])
			}
		}
	}
}

// norm32 is normForward by passes.
func norm32(dst, x, gamma, alpha, beta, saved []float32, hw, c int, elu bool) {
	mean, rstd, z := saved[:c], saved[c:2*c], saved[2*c:3*c]
	im := normImages{x: x, dst: dst}
	count := float64(hw)
	for b := 0; b < c; b += normBlock {
		n := min(normBlock, c-b)
		var v channelVectors
		var totals [2][normBlock]float64
		im.run(normSums, false, &v, &totals, hw, c, b, n)
		for i := range n {
			mean[b+i] = float32(totals[0][i] / count)
		}
		copy(v[0][:], mean[b:b+n])
		totals = [2][normBlock]float64{}
		im.run(normSquares, false, &v, &totals, hw, c, b, n)
		for i := range n {
			rstd[b+i] = float32(1 / math.Sqrt(totals[0][i]/count+normEps))
		}
	}
	saved[3*c] = float32(normalizeMeans(z, mean))
	for b := 0; b < c; b += normBlock {
		n := min(normBlock, c-b)
		var v channelVectors
		for i := range n {
			ch := b + i
			v[0][i] = mean[ch]
			v[1][i] = gamma[ch] * rstd[ch]
			v[2][i] = gamma[ch]*alpha[ch]*z[ch] + beta[ch]
		}
		im.run(normApply, elu, &v, nil, hw, c, b, n)
	}
}

// normGrad32 is normBackward by passes.
func normGrad32(dx, dgamma, dalpha, dbeta, dy, x, y, gamma, alpha, saved []float32, hw, c int, elu bool) {
	mean := saved[:c]
	s, t := saved[3*c+1:][:c], saved[4*c+1:][:c]
	im := normImages{x: x, dy: dy, y: y, dst: dx}
	for b := 0; b < c; b += normBlock {
		n := min(normBlock, c-b)
		var v channelVectors
		var totals [2][normBlock]float64
		copy(v[0][:], mean[b:b+n])
		im.run(normGradSums, elu, &v, &totals, hw, c, b, n)
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
		im.run(normGradApply, elu, &v, nil, hw, c, b, n)
	}
}
