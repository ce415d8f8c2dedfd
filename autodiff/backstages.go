package autodiff

import "csdm/internal/kernel"

// backwardStages divides the backward pass into stages for n threads, as stages
// divides the forward pass. It also returns the number of scratch elements that
// the stages keep. The caller alone computes means and operations on small
// images.
func (t *Tape[F]) backwardStages(least, n int) (stages []stage[F], floats int) {
	var sums []F
	for i := range t.nodes {
		if nd := &t.nodes[i]; nd.norm != nil || nd.group != nil {
			sums = append(sums, make([]F, max(0, 2*kernel.NormSums(nd.out.H*nd.out.W, nd.out.C)-
				len(sums)))...)
		}
	}
	var shared []F
	for i := len(t.nodes) - 1; i >= 0; i-- {
		nd := &t.nodes[i]
		y := nd.out
		switch {
		case nd.dead:
		case nd.op == opMean || nd.small(least):
			stages = append(stages, stage[F]{before: func() { t.backward(nd) }})
		case nd.conv != nil:
			g := kernel.WeightsGrad[F]{Filter: nd.conv.filter, H: y.H, W: y.W, Parts: n}
			size := g.Shared()
			if g.ByPlanes() {
				size += g.Input().Shared()
			}
			shared = append(shared, make([]F, max(0, size-len(shared)))...)
			stages = append(stages, t.convStages(nd, g, &shared)...)
		case nd.norm != nil || nd.group != nil:
			stages = append(stages, t.normGradStages(nd, sums)...)
		default:
			if nd.clears() {
				stages = append(stages, stage[F]{part: func(p kernel.Piece, _ []F) {
					t.clearPart(nd, p)
				}})
			}
			stages = append(stages, stage[F]{part: t.gradPartsOf(nd)})
		}
	}
	return stages, len(sums) + len(shared)
}

// elements returns a range of n elements, cut at cache lines.
func elements(n int, p kernel.Piece) (from, to int) {
	lines := (n + alignment - 1) / alignment
	return min(n, lines*p.Part/p.Parts*alignment), min(n, lines*(p.Part+1)/p.Parts*alignment)
}

// clears reports whether a node is the first to add to some gradients, and
// must clear them.
func (n *node[F]) clears() bool {
	sets := traits[n.op].sets
	return n.begins[0] && !sets[0] || n.begins[1] && !sets[1]
}

// clearPart clears a part of the gradients that a node is the first to add to.
func (t *Tape[F]) clearPart(n *node[F], p kernel.Piece) {
	for k, begins := range n.begins {
		if begins && !traits[n.op].sets[k] {
			from, to := elements(len(n.in[k].Grad), p)
			clear(n.in[k].Grad[from:to])
		}
	}
}

// convStages returns the stages of convVJP. The gradient of the input is
// computed in the last stage of the weights, or in all of them.
func (t *Tape[F]) convStages(n *node[F], g kernel.WeightsGrad[F],
	shared *[]F) (stages []stage[F]) {
	l, x, r, dy := n.conv, n.in[0], n.in[1], n.out.Grad
	last, planes := g.Stages()-1, x.needsGrad && g.ByPlanes()
	for k := range last + 1 {
		stages = append(stages, stage[F]{part: func(p kernel.Piece, scratch []F) {
			var db []F
			if l.bias {
				db = t.gradOf(l.b)
			}
			g.RunPart(k, p.Part, kernel.GradMemory[F]{DW: t.gradOf(l.w), DBias: db,
				X: x.Data, DY: dy, Shared: *shared, Scratch: scratch})
			switch {
			case planes:
				g.Input().RunPart(k, p.Part, kernel.ConvMemory[F]{Dst: x.Grad, X: dy,
					Add: !n.begins[0], Shared: (*shared)[g.Shared():], Scratch: scratch})
			case k == last && x.needsGrad:
				l.filter.GradInputPart(x.Grad, n.out.gradient(), !n.begins[0], p, scratch)
			}
		}})
	}
	if r != nil && r.needsGrad && !n.passes[1] {
		stages = append(stages, stage[F]{part: func(p kernel.Piece, _ []F) { t.pass(n, 1, p) }})
	}
	return stages
}

// pass adds a part of the gradient of a sum to its summand k, or sets it.
func (t *Tape[F]) pass(n *node[F], k int, p kernel.Piece) {
	dx, dy := n.in[k].Grad, n.out.Grad
	from, to := elements(len(dy), p)
	if n.begins[k] {
		copy(dx[from:to], dy[from:to])
	} else {
		kernel.Accumulate(dx[from:to], dy[from:to])
	}
}

// normGradStages returns the stages of the gradient of a norm. The first stage
// sums, and clears the gradients that the second one adds to. That stage begins
// with joining the sums.
func (t *Tape[F]) normGradStages(n *node[F], sums []F) []stage[F] {
	stages := make([]stage[F], kernel.NormGradStages)
	for k := range stages {
		if n.norm != nil {
			stages[k].part = func(p kernel.Piece, _ []F) { t.normGradOf(n).RunPart(k, sums, p) }
			stages[k].before = func() { t.normGradOf(n).Join(sums) }
		} else {
			stages[k].part = func(p kernel.Piece, _ []F) {
				t.groupNormGradOf(n).RunPart(k, sums, p)
			}
			stages[k].before = func() { t.groupNormGradOf(n).Join(sums) }
		}
	}
	sum := stages[0].part
	stages[0] = stage[F]{part: func(p kernel.Piece, scratch []F) {
		t.clearPart(n, p)
		sum(p, scratch)
	}}
	return stages
}

// gradPartsOf returns the function that computes a part of the vector–Jacobian
// product of a node other than a convolution or a norm.
func (t *Tape[F]) gradPartsOf(n *node[F]) func(p kernel.Piece, scratch []F) {
	x, y := n.in[0], n.out
	switch n.op {
	case opAdd:
		return func(p kernel.Piece, _ []F) {
			for k, in := range n.in {
				if in.needsGrad && !n.passes[k] {
					t.pass(n, k, p)
				}
			}
		}
	case opELU:
		return func(p kernel.Piece, _ []F) {
			from, to := elements(y.size(), p)
			kernel.ELUGrad(x.Grad[from:to], y.Grad[from:to], y.Data[from:to])
		}
	case opMaxPool5:
		return func(p kernel.Piece, _ []F) {
			kernel.MaxPool5GradPart(x.Grad, y.Grad, n.arg, y.H, p)
		}
	case opAvgPool5:
		return func(p kernel.Piece, scratch []F) {
			kernel.AvgPool5GradPart(x.Grad, y.gradient(), p, scratch)
		}
	case opMeanPool2:
		return func(p kernel.Piece, _ []F) {
			kernel.MeanPool2GradPart(x.gradient(), y.Grad, p)
		}
	case opResize:
		return func(p kernel.Piece, scratch []F) {
			kernel.ResizeGradPart(x.gradient(), y.gradient(), p, scratch)
		}
	case opTiles:
		return func(p kernel.Piece, _ []F) {
			kernel.TilesGradPart(x.gradient(), y.Grad, n.side, p)
		}
	case opUntile:
		return func(p kernel.Piece, _ []F) {
			kernel.UntileGradPart(x.Grad, y.gradient(), n.side, p)
		}
	}
	panic("autodiff: the threads cannot share the gradient of a " + traits[n.op].name)
}
