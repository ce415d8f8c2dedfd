package autodiff

// Mean records the mean of each channel over the pixels; the result is an image
// of one pixel.
func (t *Tape[F]) Mean(x *Tensor[F]) *Tensor[F] {
	return t.record(node[F]{op: opMean, in: [2]*Tensor[F]{x}}, 1, 1, x.C)
}

// mean computes y_c = (1/N) Σ_p x_{p,c} over the N pixels.
func (t *Tape[F]) mean(n *node[F]) {
	x, y := n.in[0].Data, n.out.Data
	clear(y)
	for p := 0; p < len(x); p += len(y) {
		for c := range y {
			y[c] += x[p+c]
		}
	}
	scale := F(len(y)) / F(len(x))
	for c := range y {
		y[c] *= scale
	}
}

// meanVJP adds dy/N to each of the N pixels.
func (t *Tape[F]) meanVJP(n *node[F]) {
	if !n.in[0].needsGrad {
		return
	}
	dx, dy := n.in[0].Grad, n.out.Grad
	scale := F(len(dy)) / F(len(dx))
	for p := 0; p < len(dx); p += len(dy) {
		for c, g := range dy {
			dx[p+c] += scale * g
		}
	}
}
