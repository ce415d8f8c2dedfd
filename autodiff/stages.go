package autodiff

import "csdm/internal/kernel"

// stage is a piece of the forward pass that all threads compute together, in
// parts: an operation, or a step of an operation.
type stage[F kernel.Float] struct {
	// Called by the caller alone, after the previous stage is complete; may be
	// nil.
	before func()
	part   func(part, parts int, scratch []F) // computes one part; may be nil
}

// sharedFloats is the size of the smallest image that is shared. An elementwise
// operation takes a few microseconds for it, and a synchronization of all
// threads takes about one. Convolutions are always shared, because their work
// is many times the size of their image.
const sharedFloats = 1 << 14

// stages divides the forward pass into stages. It also returns the number of
// stages of the prefix and the number of scratch elements that the stages keep.
// The caller alone computes operations on images of fewer than least elements,
// and all norms and pools without vector kernels.
//
// A convolution is divided into ranges of the tiles of its output, a pool or a
// change of size into bands of rows, and an elementwise operation into ranges.
// A norm has three stages. It sums over chunks that depend only on its shape,
// so a part of an image mostly stays with the core that computed it.
func (t *Tape[F]) stages(least int) (stages []stage[F], prefix, floats int) {
	for i := range t.nodes {
		if n := &t.nodes[i]; n.norm != nil || n.group != nil {
			floats = max(floats, kernel.NormSums(n.out.H*n.out.W, n.out.C))
		}
	}
	sums := make([]F, floats)
	for i := range t.nodes {
		if i == t.prefix {
			prefix = len(stages)
		}
		n := &t.nodes[i]
		x, y := n.in[0], n.out
		if n.op == opMean || n.conv == nil && max(x.size(), y.size()) < least {
			stages = append(stages, stage[F]{before: func() { t.forward(n) }})
			continue
		}
		if l := n.norm; l != nil {
			for k := range kernel.NormStages {
				s := stage[F]{part: func(part, parts int, _ []F) {
					kernel.InstanceNormPlusPart(k, y.Data, x.Data, t.valueOf(l.gamma),
						t.valueOf(l.alpha), t.valueOf(l.beta),
						n.saved, sums, y.H*y.W, y.C, n.op == opNormELU, part, parts)
				}}
				if k > 0 {
					s.before = func() {
						kernel.InstanceNormPlusJoin(k-1, n.saved, sums, y.H*y.W, y.C)
					}
				}
				stages = append(stages, s)
			}
			continue
		}
		if l := n.group; l != nil {
			for k := range kernel.NormStages {
				s := stage[F]{part: func(part, parts int, _ []F) {
					scale, shift, statistics := t.affine(n)
					kernel.GroupNormPart(k, y.Data, x.Data, scale, shift, statistics, sums, y.H*y.W,
						y.C, l.group, true,
						part, parts)
				}}
				if k == 0 {
					s.before = n.modulate
				} else {
					s.before = func() {
						_, _, statistics := t.affine(n)
						kernel.GroupNormJoin(k-1, statistics, sums, y.H*y.W, y.C, l.group)
					}
				}
				stages = append(stages, s)
			}
			continue
		}
		s := stage[F]{part: t.partsOf(n)}
		if n.op == opConvAdd && &y.Data[0] != &n.in[1].Data[0] {
			s.before = func() { copy(y.Data, n.in[1].Data) }
		}
		stages = append(stages, s)
	}
	return stages, prefix, floats
}

// partsOf returns the function that computes a part of a node other than a
// norm.
func (t *Tape[F]) partsOf(n *node[F]) func(part, parts int, scratch []F) {
	x, y := n.in[0], n.out
	// elements returns a range of the elements, cut at cache lines.
	elements := func(part, parts int) (from, to int) {
		lines := (y.size() + alignment - 1) / alignment
		return min(y.size(), lines*part/parts*alignment),
			min(y.size(), lines*(part+1)/parts*alignment)
	}
	switch n.op {
	case opConv, opConvAdd:
		return func(part, parts int, scratch []F) {
			n.conv.filter.ForwardPart(y.Data, x.Data, t.biasOf(n.conv), y.H, y.W, n.op == opConvAdd,
				part, parts, scratch)
		}
	case opELU:
		return func(part, parts int, _ []F) {
			from, to := elements(part, parts)
			kernel.ELU(y.Data[from:to], x.Data[from:to])
		}
	case opAdd:
		return func(part, parts int, _ []F) {
			from, to := elements(part, parts)
			kernel.Add(y.Data[from:to], x.Data[from:to], n.in[1].Data[from:to])
		}
	case opMaxPool5:
		return func(part, parts int, scratch []F) {
			kernel.MaxPool5Part(y.Data, n.arg, x.Data, y.H, y.W, y.C, part, parts, scratch)
		}
	case opAvgPool5:
		return func(part, parts int, scratch []F) {
			kernel.AvgPool5Part(y.Data, x.Data, y.H, y.W, y.C, part, parts, scratch)
		}
	case opMeanPool2:
		return func(part, parts int, _ []F) {
			kernel.MeanPool2Part(y.Data, x.Data, x.H, x.W, x.C, part, parts)
		}
	case opTiles:
		return func(part, parts int, _ []F) {
			kernel.TilesPart(y.Data, x.Data, x.H, x.W, x.C, n.side, part, parts)
		}
	case opUntile:
		return func(part, parts int, _ []F) {
			kernel.UntilePart(y.Data, x.Data, y.H, y.W, y.C, n.side, part, parts)
		}
	case opResize:
		return func(part, parts int, _ []F) {
			kernel.ResizePart(y.Data, y.H, y.W, x.Data, x.H, x.W, x.C, part, parts)
		}
	}
	panic("autodiff: the threads cannot share a " + traits[n.op].name)
}
