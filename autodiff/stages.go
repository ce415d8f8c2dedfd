package autodiff

import "csdm/internal/kernel"

// stage is a piece of a pass that all threads compute together, in parts: an
// operation, or a step of an operation.
type stage[F kernel.Float] struct {
	// Called by the caller alone, after the previous stage is complete; may be
	// nil.
	before func()
	part   func(p kernel.Piece, scratch []F) // computes one part; may be nil
}

// sharedFloats is the size of the smallest image that is shared. An elementwise
// operation takes a few microseconds for it, and a synchronization of all
// threads takes about one.
const sharedFloats = 1 << 14

// small reports whether a node has too little work for several threads, where
// least is the size of the smallest image that is shared. A convolution does
// some eight multiply-adds in the time in which another operation computes an
// element.
func (n *node[F]) small(least int) bool {
	if n.conv != nil {
		return n.out.H*n.out.W*n.conv.filter.Len() < 8*least
	}
	return max(n.in[0].size(), n.out.size()) < least
}

// stages divides the forward pass into stages for some threads. It also returns
// the number of stages of the prefix and the number of scratch elements that
// the stages keep. The caller alone computes operations that are small for
// least elements, and all norms and pools without vector kernels.
//
// A convolution is divided into ranges of the tiles of its output, a pool or a
// change of size into bands of rows, and an elementwise operation into ranges.
// A norm has three stages. It sums over chunks that depend only on its shape,
// so a part of an image mostly stays with the core that computed it.
func (t *Tape[F]) stages(least, threads int) (stages []stage[F], prefix, floats int) {
	var shared []F
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
		y := n.out
		if n.op == opMean || n.small(least) {
			stages = append(stages, stage[F]{before: func() { t.forward(n) }})
			continue
		}
		if n.norm != nil || n.group != nil {
			stages = append(stages, t.normStages(n, sums)...)
			continue
		}
		s := stage[F]{part: t.partsOf(n)}
		if r := n.in[1]; n.op == opConvAdd && &y.Data[0] != &r.Data[0] {
			if y.size() < least {
				s.before = func() { copy(y.Data, r.Data) }
			} else {
				stages = append(stages, stage[F]{part: func(p kernel.Piece, _ []F) {
					from, to := elements(y.size(), p)
					copy(y.Data[from:to], r.Data[from:to])
				}})
			}
		}
		stages = append(stages, t.byPlanes(n, s, threads, &shared)...)
	}
	return stages, prefix, floats + len(shared)
}

// byPlanes returns the stages of a convolution by planes, or s if the node is
// none, or if planes do not pay. They keep memory in shared.
func (t *Tape[F]) byPlanes(n *node[F], s stage[F], threads int, shared *[]F) []stage[F] {
	if n.conv == nil {
		return []stage[F]{s}
	}
	v := kernel.ConvPlanes[F]{Filter: n.conv.filter, H: n.out.H, W: n.out.W, Parts: threads}
	if !v.Pays() {
		return []stage[F]{s}
	}
	*shared = append(*shared, make([]F, max(0, v.Shared()-len(*shared)))...)
	stages := make([]stage[F], v.Stages())
	stages[0].before = s.before
	for k := range stages {
		stages[k].part = func(p kernel.Piece, scratch []F) {
			v.RunPart(k, p.Part, kernel.ConvMemory[F]{Dst: n.out.Data, X: n.in[0].Data,
				Bias: t.biasOf(n.conv), Add: n.op == opConvAdd, Shared: *shared, Scratch: scratch})
		}
	}
	return stages
}

// normStages returns the stages of a norm. Each stage after the first begins
// with joining the parts of the one before, in sums.
func (t *Tape[F]) normStages(n *node[F], sums []F) []stage[F] {
	stages := make([]stage[F], kernel.NormStages)
	for k := range stages {
		if n.norm != nil {
			stages[k].part = func(p kernel.Piece, _ []F) { t.normOf(n).RunPart(k, sums, p) }
			stages[k].before = func() { t.normOf(n).Join(k-1, sums) }
		} else {
			stages[k].part = func(p kernel.Piece, _ []F) { t.groupNormOf(n).RunPart(k, sums, p) }
			stages[k].before = func() { t.groupNormOf(n).Join(k-1, sums) }
		}
	}
	stages[0].before = n.modulate
	return stages
}

// partsOf returns the function that computes a part of a node other than a
// norm.
func (t *Tape[F]) partsOf(n *node[F]) func(p kernel.Piece, scratch []F) {
	x, y := n.in[0], n.out
	switch n.op {
	case opConv, opConvAdd:
		return func(p kernel.Piece, scratch []F) {
			n.conv.filter.ForwardPart(y.Data, x.image(), t.biasOf(n.conv), n.op == opConvAdd, p,
				scratch)
		}
	case opELU:
		return func(p kernel.Piece, _ []F) {
			from, to := elements(y.size(), p)
			kernel.ELU(y.Data[from:to], x.Data[from:to])
		}
	case opAdd:
		return func(p kernel.Piece, _ []F) {
			from, to := elements(y.size(), p)
			kernel.Add(y.Data[from:to], x.Data[from:to], n.in[1].Data[from:to])
		}
	case opMaxPool5:
		return func(p kernel.Piece, scratch []F) {
			kernel.MaxPool5Part(y.Data, n.arg, x.image(), p, scratch)
		}
	case opAvgPool5:
		return func(p kernel.Piece, scratch []F) {
			kernel.AvgPool5Part(y.Data, x.image(), p, scratch)
		}
	case opMeanPool2:
		return func(p kernel.Piece, _ []F) {
			kernel.MeanPool2Part(y.Data, x.image(), p)
		}
	case opTiles:
		return func(p kernel.Piece, _ []F) {
			kernel.TilesPart(y.Data, x.image(), n.side, p)
		}
	case opUntile:
		return func(p kernel.Piece, _ []F) {
			kernel.UntilePart(y.image(), x.Data, n.side, p)
		}
	case opResize:
		return func(p kernel.Piece, _ []F) {
			kernel.ResizePart(y.image(), x.image(), p)
		}
	}
	panic("autodiff: the threads cannot share a " + traits[n.op].name)
}
