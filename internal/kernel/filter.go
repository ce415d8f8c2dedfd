package kernel

import "fmt"

// Filter is one two-dimensional convolution (cross-correlation, stride 1) of a
// channels-last image. The zero padding, dilation·(k/2), keeps the size of the
// image. A Filter owns its weights in the layouts that the kernels need. Pack
// sets them. After that a Filter is read-only, and any number of goroutines may
// share it, each with its own scratch.
type Filter[F Float] struct {
	cin, cout, k, dilation int
	w                      []F          // HWIO, as given to Pack; nil if tiled
	tiled                  *tiledFilter // nil: plain Go
}

// NewFilter returns a filter with zero weights. k is 1 or 3; dilation is at
// least 1.
func NewFilter[F Float](cin, cout, k, dilation int) *Filter[F] {
	if cin < 1 || cout < 1 || (k != 1 && k != 3) || dilation < 1 {
		panic(fmt.Sprintf("kernel: NewFilter(%d, %d, %d, %d): want channels >= 1, k 1 or 3, "+
			"dilation >= 1", cin, cout, k, dilation))
	}
	f := &Filter[F]{cin: cin, cout: cout, k: k, dilation: dilation}
	if single[F]() && useVectors {
		f.tiled = newTiledFilter(cin, cout, k, dilation)
	} else {
		f.w = make([]F, f.Len())
	}
	return f
}

// Len is the number of weights, K·K·Cin·Cout.
func (f *Filter[F]) Len() int { return f.k * f.k * f.cin * f.cout }

// Cin is the number of input channels.
func (f *Filter[F]) Cin() int { return f.cin }

// Cout is the number of output channels.
func (f *Filter[F]) Cout() int { return f.cout }

// Pack copies the weights w[((ky·K+kx)·Cin+ci)·Cout+co] and lays them out for
// the kernels. Weights must be finite: the padding is multiplied like any other
// pixel.
func (f *Filter[F]) Pack(w []F) {
	same("Filter.Pack", len(w), f.Len())
	if f.tiled != nil {
		f.tiled.pack(as32(w))
	} else {
		copy(f.w, w)
	}
}

// Scratch returns the number of elements of scratch that Forward, GradInput and
// GradWeights need for an h×w image. The contents of scratch neither matter
// before a call nor mean anything after it.
func (f *Filter[F]) Scratch(h, w int) int {
	if f.tiled != nil {
		return f.tiled.scratch(h, w)
	}
	return 0
}

// Forward sets dst (h·w·Cout) to the convolution of x (h·w·Cin), plus bias
// (Cout; nil: none):
//
//	dst[r,c,co] = bias[co]
//		+ Σ_{ky,kx,ci} x[r+(ky-K/2)d, c+(kx-K/2)d, ci] · w[ky,kx,ci,co]
//
// dst must not overlap x.
func (f *Filter[F]) Forward(dst, x, bias []F, h, w int, scratch []F) {
	f.check("Filter.Forward", dst, x, bias, h, w, scratch)
	if t := f.tiled; t != nil {
		t.run(false, convolution{as32(dst), as32(x), as32(bias), h, w, false, whole, as32(scratch)})
		return
	}
	for p := range h * w {
		out := dst[p*f.cout:][:f.cout]
		if bias == nil {
			clear(out)
		} else {
			copy(out, bias[:f.cout])
		}
	}
	f.accumulate(dst, x, h, w)
}

// ForwardAdd is Forward with dst += instead of dst =. A residual or a sum of
// branches needs no pass of its own.
func (f *Filter[F]) ForwardAdd(dst, x, bias []F, h, w int, scratch []F) {
	f.check("Filter.ForwardAdd", dst, x, bias, h, w, scratch)
	if t := f.tiled; t != nil {
		t.run(false, convolution{as32(dst), as32(x), as32(bias), h, w, true, whole, as32(scratch)})
		return
	}
	if bias != nil {
		for p := range h * w {
			Accumulate(dst[p*f.cout:][:f.cout], bias[:f.cout])
		}
	}
	f.accumulate(dst, x, h, w)
}

// GradInput adds to dx (h·w·Cin) the product of the transposed convolution with
// dy (h·w·Cout):
//
//	dx[r,c,ci] +=
//		Σ_{ky,kx,co} dy[r-(ky-K/2)d, c-(kx-K/2)d, co] · w[ky,kx,ci,co]
//
// dx must not overlap dy.
func (f *Filter[F]) GradInput(dx, dy []F, h, w int, scratch []F) {
	f.check("Filter.GradInput", dy, dx, nil, h, w, scratch)
	if t := f.tiled; t != nil {
		t.run(true, convolution{as32(dx), as32(dy), nil, h, w, true, whole, as32(scratch)})
		return
	}
	f.taps(h, w, func(p, q, tap int) {
		out, in := dx[q*f.cin:][:f.cin], dy[p*f.cout:][:f.cout]
		rows := f.w[tap*f.cin*f.cout:][:f.cin*f.cout]
		for ci := range out {
			row := rows[ci*f.cout:][:len(in)]
			s := out[ci]
			for co, v := range in {
				s += v * row[co]
			}
			out[ci] = s
		}
	})
}

// SetGradInput is GradInput with dx = instead of dx +=. The first of several
// gradients needs no zeros in dx.
func (f *Filter[F]) SetGradInput(dx, dy []F, h, w int, scratch []F) {
	f.check("Filter.SetGradInput", dy, dx, nil, h, w, scratch)
	if t := f.tiled; t != nil {
		t.run(true, convolution{as32(dx), as32(dy), nil, h, w, false, whole, as32(scratch)})
		return
	}
	clear(dx[:h*w*f.cin])
	f.GradInput(dx, dy, h, w, scratch)
}

// GradWeights adds to dw (in the order of Pack) and dbias (Cout; nil: none) the
// gradient of a loss, for the gradient dy (h·w·Cout) with respect to the output
// and the input x (h·w·Cin):
//
//	dw[ky,kx,ci,co] += Σ_{r,c} x[r+(ky-K/2)d, c+(kx-K/2)d, ci] · dy[r,c,co]
//	dbias[co] += Σ_{r,c} dy[r,c,co]
func (f *Filter[F]) GradWeights(dw, dbias, x, dy []F, h, w int, scratch []F) {
	f.check("Filter.GradWeights", dy, x, dbias, h, w, scratch)
	same("Filter.GradWeights", len(dw), f.Len())
	if t := f.tiled; t != nil {
		if dbias != nil {
			biasGrad(as32(dbias), as32(dy), h*w, f.cout)
		}
		t.gradWeights(gradient{as32(dw), as32(x), as32(dy), h, w}, as32(scratch))
		return
	}
	if dbias != nil {
		for p := range h * w {
			Accumulate(dbias[:f.cout], dy[p*f.cout:][:f.cout])
		}
	}
	f.taps(h, w, func(p, q, tap int) {
		in, out := x[q*f.cin:][:f.cin], dy[p*f.cout:][:f.cout]
		rows := dw[tap*f.cin*f.cout:][:f.cin*f.cout]
		for ci, v := range in {
			row := rows[ci*f.cout:][:len(out)]
			for co, g := range out {
				row[co] += v * g
			}
		}
	})
}

// accumulate adds the convolution of x to dst, pixel by pixel and tap by tap:
// the definition of the operation.
func (f *Filter[F]) accumulate(dst, x []F, h, w int) {
	f.taps(h, w, func(p, q, tap int) {
		out, in := dst[p*f.cout:][:f.cout], x[q*f.cin:][:f.cin]
		rows := f.w[tap*f.cin*f.cout:][:f.cin*f.cout]
		for ci, v := range in {
			row := rows[ci*f.cout:][:len(out)]
			for co := range out {
				out[co] += v * row[co]
			}
		}
	})
}

// taps calls visit for every output pixel p and every tap whose input pixel q
// lies in the image, p by p.
func (f *Filter[F]) taps(h, w int, visit func(p, q, tap int)) {
	half := f.k / 2
	for r := range h {
		for c := range w {
			for ky := range f.k {
				y := r + (ky-half)*f.dilation
				if y < 0 || y >= h {
					continue
				}
				for kx := range f.k {
					if x := c + (kx-half)*f.dilation; x >= 0 && x < w {
						visit(r*w+c, y*w+x, ky*f.k+kx)
					}
				}
			}
		}
	}
}

func (f *Filter[F]) check(op string, out, in, bias []F, h, w int, scratch []F) {
	if h < 1 || w < 1 {
		panic(fmt.Sprintf("kernel: %s: image of %d×%d pixels; want at least one", op, h, w))
	}
	need(op, "output", len(out), h*w*f.cout)
	need(op, "input", len(in), h*w*f.cin)
	if bias != nil {
		need(op, "bias", len(bias), f.cout)
	}
	need(op, "scratch", len(scratch), f.Scratch(h, w))
}
