package kernel

import (
	"fmt"
	"unsafe"
)

// Resize sets dst (dh·dw·c) to x (h·w·c) resized by bilinear interpolation with the corner pixels aligned: output row i
// lies at input row i·(h-1)/(dh-1), and columns alike. dst must not overlap x.
func Resize[F Float](dst []F, dh, dw int, x []F, h, w, c int) {
	checkResize("Resize", len(dst), dh, dw, len(x), h, w, c)
	if h == dh && w == dw {
		copy(dst, x[:h*w*c])
		return
	}
	for r := range dh {
		y0, y1, ty := corner[F](r, h, dh)
		for col := range dw {
			x0, x1, tx := corner[F](col, w, dw)
			out := dst[(r*dw+col)*c:][:c]
			if single[F]() && useAVX2 {
				blend32(as32(out), as32(x), [4]int{y0*w + x0, y0*w + x1, y1*w + x0, y1*w + x1}, float32(ty), float32(tx))
				continue
			}
			a, b := x[(y0*w+x0)*c:][:c], x[(y0*w+x1)*c:][:c]
			d, e := x[(y1*w+x0)*c:][:c], x[(y1*w+x1)*c:][:c]
			for ch := range out {
				out[ch] = (1-ty)*((1-tx)*a[ch]+tx*b[ch]) + ty*((1-tx)*d[ch]+tx*e[ch])
			}
		}
	}
}

// ResizeGrad adds to dx (h·w·c) the gradient through Resize, dy (dh·dw·c) being that of its output.
func ResizeGrad[F Float](dx []F, h, w int, dy []F, dh, dw, c int) {
	checkResize("ResizeGrad", len(dy), dh, dw, len(dx), h, w, c)
	if h == dh && w == dw {
		Accumulate(dx[:h*w*c], dy[:h*w*c])
		return
	}
	for r := range dh {
		y0, y1, ty := corner[F](r, h, dh)
		for col := range dw {
			x0, x1, tx := corner[F](col, w, dw)
			in := dy[(r*dw+col)*c:][:c]
			// One corner after the other: at the border two of them are the same pixel.
			spread(dx[(y0*w+x0)*c:][:c], (1-ty)*(1-tx), in)
			spread(dx[(y0*w+x1)*c:][:c], (1-ty)*tx, in)
			spread(dx[(y1*w+x0)*c:][:c], ty*(1-tx), in)
			spread(dx[(y1*w+x1)*c:][:c], ty*tx, in)
		}
	}
}

// spread adds a·x to dst: Axpy without its checks, for short slices.
func spread[F Float](dst []F, a F, x []F) {
	if single[F]() && useAVX2 {
		avx2Axpy(&as32(dst)[0], &as32(x)[0], len(dst), float32(a))
		return
	}
	for i := range dst {
		dst[i] += a * x[i]
	}
}

// corner returns the two input positions around output position i of n, and the weight of the second, for m inputs.
func corner[F Float](i, m, n int) (lo, hi int, t F) {
	if n == 1 || m == 1 {
		return 0, 0, 0
	}
	// i·(m-1)/(n-1) in integers: exact, so that corners and equal sizes get weights of exactly zero.
	lo = i * (m - 1) / (n - 1)
	t = F(i*(m-1)-lo*(n-1)) / F(n-1)
	return lo, min(lo+1, m-1), t
}

func checkResize(op string, dst, dh, dw, x, h, w, c int) {
	if h < 1 || w < 1 || dh < 1 || dw < 1 || c < 1 {
		panic(fmt.Sprintf("kernel: %s: %d x %d to %d x %d of %d channels", op, h, w, dh, dw, c))
	}
	need(op, "resized image", dst, dh*dw*c)
	need(op, "original image", x, h*w*c)
}

// blendArgs are the arguments of avx2Blend4: dst = Σ weight·src over n values.
type blendArgs struct {
	src    [4]unsafe.Pointer
	weight [4]float32
	dst    unsafe.Pointer
	n      int
}

// blend32 sets out (one pixel) to the blend of the four pixels of x around it.
func blend32(out, x []float32, pixels [4]int, ty, tx float32) {
	a := blendArgs{dst: unsafe.Pointer(&out[0]), n: len(out)}
	a.weight = [4]float32{(1 - ty) * (1 - tx), (1 - ty) * tx, ty * (1 - tx), ty * tx}
	for k, p := range pixels {
		a.src[k] = unsafe.Pointer(&x[p*len(out)])
	}
	blend4(&a)
}
