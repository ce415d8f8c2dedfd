package autodiff

import (
	"fmt"

	"csdm/internal/kernel"
)

// GroupNorm is a layer with a group norm (Wu and He 2018). In each group of
// channels,
//
//	y_c = γ_c·(x_c - m_g)/√(v_g+ε) + β_c
//
// where m_g and v_g are the mean and the variance over the pixels and channels
// of the group.
type GroupNorm[F kernel.Float] struct {
	// name of the layer, the prefix of its parameters
	Name string
	// channels, and channels of one group
	c, group int
	// places of γ and β in Parameters.Flat
	gamma, beta span
}

// GroupNorm returns the group norm called name, for c channels in groups of
// group channels, and declares it if it is new. Its parameters are name.gamma
// and name.beta. It panics as Conv does, or if group does not divide c.
func (p *Parameters[F]) GroupNorm(name string, c, group int) *GroupNorm[F] {
	if group < 1 || c%group != 0 {
		panic(fmt.Sprintf("autodiff: layer %s: %d channels cannot be divided into groups of %d",
			name, c, group))
	}
	if known, ok := p.layers[name]; ok {
		l, ok := known.(*GroupNorm[F])
		if !ok || l.c != c || l.group != group {
			panic("autodiff: layer " + name + " declared twice with different shapes")
		}
		return l
	}
	l := &GroupNorm[F]{Name: name, c: c, group: group}
	p.declare(name, l)
	l.gamma = p.add(name+".gamma", 0, c)
	l.beta = p.add(name+".beta", 0, c)
	return l
}

// GroupNormELU records ELU(GroupNorm(x)), in one pass.
func (t *Tape[F]) GroupNormELU(l *GroupNorm[F], x *Tensor[F]) *Tensor[F] {
	if x.C != l.c {
		panic(fmt.Sprintf("autodiff: layer %s needs %d channels, not %d", l.Name, l.c, x.C))
	}
	n := node[F]{op: opGroupNormELU, group: l, in: [2]*Tensor[F]{x},
		saved: make([]F, kernel.GroupNormSaved(l.c))}
	return t.record(n, x.H, x.W, x.C)
}

// ModulatedNormELU records the ELU of a group norm without parameters, whose
// scale and shift are another tensor m of one pixel and 2·C channels. With x̂
// the normalized input,
//
//	y_c = ELU((1 + m_c)·x̂_c + m_{C+c})
//
// The tensor m lets a noise level or a global feature modulate a block (Perez
// et al. 2018).
func (t *Tape[F]) ModulatedNormELU(x, m *Tensor[F], group int) *Tensor[F] {
	if m.H != 1 || m.W != 1 || m.C != 2*x.C || group < 1 || x.C%group != 0 {
		panic(fmt.Sprintf("autodiff: %d channels in groups of %d modulated by %d×%d pixels of %d "+
			"channels", x.C, group, m.H, m.W, m.C))
	}
	l := &GroupNorm[F]{c: x.C, group: group}
	saved := make([]F, kernel.GroupNormSaved(x.C)+x.C) // the scale is stored after the statistics
	return t.record(node[F]{op: opModulatedNormELU, group: l, in: [2]*Tensor[F]{x, m},
		saved: saved}, x.H, x.W, x.C)
}

// affine returns the scale and shift of a norm, either its parameters or the
// values from method modulate. The statistics are stored first in n.saved.
func (t *Tape[F]) affine(n *node[F]) (scale, shift, statistics []F) {
	l, k := n.group, kernel.GroupNormSaved(n.group.c)
	if n.op == opGroupNormELU {
		return t.valueOf(l.gamma), t.valueOf(l.beta), n.saved
	}
	return n.saved[k:], n.in[1].Data[l.c:], n.saved[:k]
}

// modulate sets the scale 1 + m.
func (n *node[F]) modulate() {
	if n.op != opModulatedNormELU {
		return
	}
	for i, m := range n.in[1].Data[:n.group.c] {
		n.saved[kernel.GroupNormSaved(n.group.c)+i] = 1 + m
	}
}

// groupNorm normalizes, scales and shifts, and applies the ELU, in one pass. It
// keeps the statistics of each group for the backward pass.
func (t *Tape[F]) groupNorm(n *node[F]) {
	n.modulate()
	t.groupNormOf(n).Run()
}

// groupNormOf returns the arguments of a group norm.
func (t *Tape[F]) groupNormOf(n *node[F]) kernel.GroupNorm[F] {
	scale, shift, statistics := t.affine(n)
	return kernel.GroupNorm[F]{
		Dst: n.out.Data, X: n.in[0].Data, Scale: scale, Shift: shift, Saved: statistics,
		HW: n.out.H * n.out.W, C: n.group.c, Group: n.group.group, ELU: true,
	}
}

// groupNormVJP computes the gradients of x, scale and shift; see
// kernel.GroupNormGrad for the equations. The gradient of m consists of the
// gradients of scale and shift.
func (t *Tape[F]) groupNormVJP(n *node[F]) { t.groupNormGradOf(n).Run() }

// groupNormGradOf returns the arguments of the gradient of a group norm.
func (t *Tape[F]) groupNormGradOf(n *node[F]) kernel.GroupNormGrad[F] {
	l := n.group
	scale, _, statistics := t.affine(n)
	var dscale, dshift []F
	rest := t.scratch
	switch m := n.in[1]; {
	case n.op == opGroupNormELU:
		dscale, dshift = t.gradOf(l.gamma), t.gradOf(l.beta)
	case m.needsGrad:
		dscale, dshift = m.Grad[:l.c], m.Grad[l.c:]
	default: // the modulation depends on no parameter
		dscale, dshift, rest = rest[:l.c], rest[l.c:2*l.c], rest[2*l.c:]
	}
	dx := n.in[0].Grad
	if !n.in[0].needsGrad { // only the other gradients are needed
		dx = rest[:n.in[0].size()]
	}
	return kernel.GroupNormGrad[F]{
		DX: dx, DScale: dscale, DShift: dshift, DY: n.out.Grad, X: n.in[0].Data, Y: n.out.Data,
		Scale: scale, Saved: statistics,
		HW: n.out.H * n.out.W, C: l.c, Group: l.group, ELU: true,
	}
}

// groupNormScratch returns the largest scratch memory that groupNormVJP uses.
func (n *node[F]) groupNormScratch() int { return n.in[0].size() + 2*n.group.c }
