package kernel

// A 3×3 convolution to one channel, such as the last of a network, would leave
// most columns of a panel empty. So the nine taps of the output become the
// columns: one product has P[q, tap] = Σ_ci x[q, ci]·w[tap, ci] for all pixels
// q, and
//
//	dst[p] = bias + Σ_tap P[p+offset(tap), tap]
//
// The gradient of the weights is a product too, of the shifted gradients of the
// output D[q, tap] = dy[q-offset(tap)]:
//
//	dw[tap, ci] += Σ_q D[q, tap]·x[q, ci]

const taps = 9

// oneChannel is a convolution to one channel.
type oneChannel struct {
	product  *tiledFilter // from x to P
	gradient *tiledFilter // 1×1, whose weights' gradient is dw; it has no weights of its own
	weights  []float32    // room for [cin][tap]
}

// newOneChannel returns the convolution to one channel of a filter, or nil if
// the filter is of another kind.
func newOneChannel(cin, cout, k int) *oneChannel {
	if k != 3 || cout != 1 || cin%tileCols != 0 {
		return nil
	}
	return &oneChannel{product: newTiledFilter(cin, taps, 1, 1),
		gradient: newTiledFilter(taps, cin, 1, 1), weights: make([]float32, taps*cin)}
}

// pack sets the weights from w[tap·cin+ci].
func (f *oneChannel) pack(w []float32) {
	cin := f.product.cin
	for tap := range taps {
		for ci := range cin {
			f.weights[ci*taps+tap] = w[tap*cin+ci]
		}
	}
	f.product.forward.set(f.weights)
}

// bandRows is the number of rows of a band of P. Bands begin at the same rows
// for any piece, because the sums of a pixel may depend on its place in a
// product.
const bandRows = 8

func (f *oneChannel) scratch(h, w int) int {
	return 2*lineFloats + h*w*taps + f.product.directScratch(min(h, bandRows), w)
}

// convolve computes a piece, which is a range of rows, of the convolution
// dilated by d.
func (f *oneChannel) convolve(d int, v convolution) {
	h, w, cin := v.h, v.w, f.product.cin
	top, bottom := v.piece.of(h)
	if top == bottom {
		return
	}
	sums, room := take(aligned(v.scratch), h*w*taps)
	end := min(h, bottom+d)
	for r := max(0, top-d) / bandRows * bandRows; r < end; r += bandRows {
		n := min(bandRows, h-r)
		f.product.convolve(&f.product.forward, cin, convolution{dst: sums[r*w*taps:],
			x: v.x[r*w*cin:][:n*w*cin], h: n, w: w, piece: whole, scratch: room})
	}
	bias := float32(0)
	if v.bias != nil {
		bias = v.bias[0]
	}
	for r := top; r < bottom; r++ {
		out := v.dst[r*w:][:w]
		for c := range out {
			if v.add {
				out[c] += bias
			} else {
				out[c] = bias
			}
		}
		for ky := range 3 {
			if y := r + (ky-1)*d; y >= 0 && y < h {
				addTaps(out, sums[y*w*taps:][:w*taps], 3*ky, d)
			}
		}
	}
}

// addTaps adds to a row of the output the three taps from tap on of a row of P.
func addTaps(out, row []float32, tap, d int) {
	w := len(out)
	for c := range min(d, w) { // the first columns have no left tap
		out[c] += row[c*taps+tap+1]
		if c+d < w {
			out[c] += row[(c+d)*taps+tap+2]
		}
	}
	if w > 2*d {
		left, middle, right := row[tap:], row[d*taps+tap+1:], row[2*d*taps+tap+2:]
		inner := out[d : w-d]
		for c := range inner {
			inner[c] += left[c*taps] + middle[c*taps] + right[c*taps]
		}
	}
	for c := max(d, w-d); c < w; c++ { // the last columns have no right tap
		out[c] += row[(c-d)*taps+tap] + row[c*taps+tap+1]
	}
}

// shift sets a piece of D, which is a range of rows, for a convolution dilated
// by d.
func (f *oneChannel) shift(shifted []float32, g gradient, d int, p Piece) {
	h, w := g.h, g.w
	from, to := p.of(h)
	for r := from; r < to; r++ {
		row := shifted[r*w*taps:][:w*taps]
		for ky := range 3 {
			y := r - (ky-1)*d
			if y < 0 || y >= h {
				for c := range w {
					clear(row[c*taps+3*ky:][:3])
				}
				continue
			}
			dy := g.dy[y*w:][:w]
			for c := range w {
				var left, right float32
				if c+d < w {
					left = dy[c+d]
				}
				if c >= d {
					right = dy[c-d]
				}
				at := c*taps + 3*ky
				row[at], row[at+1], row[at+2] = left, dy[c], right
			}
		}
	}
}
