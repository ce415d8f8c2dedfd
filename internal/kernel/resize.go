package kernel

import "fmt"

// Resize sets dst (dh·dw·c) to x (h·w·c) resized by bilinear interpolation with the corner pixels aligned: output row i
// lies at input row i·(h-1)/(dh-1), and columns alike. dst must not overlap x.
func Resize[F Float](dst []F, dh, dw int, x []F, h, w, c int) {
	checkResize("Resize", len(dst), dh, dw, len(x), h, w, c)
	for r := range dh {
		y0, y1, ty := corner[F](r, h, dh)
		for col := range dw {
			x0, x1, tx := corner[F](col, w, dw)
			out := dst[(r*dw+col)*c:][:c]
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

func spread[F Float](dst []F, a F, x []F) {
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
