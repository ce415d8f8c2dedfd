package autodiff

import (
	"fmt"

	"csdm/internal/kernel"
)

// Norm records InstanceNorm++ (Song and Ermon 2020, "Improved techniques for
// training score-based generative models"):
//
//	y_c = γ_c·((x_c - m_c)/√(v_c+ε) + α_c·(m_c - μ)/√(V+ε)) + β_c
//
// where m_c and v_c are mean and variance of channel c over the pixels, and μ
// and V are mean and variance of the m_c over the channels (V is the unbiased
// variance). There are at least two channels.
func (t *Tape[F]) Norm(l *Norm[F], x *Tensor[F]) *Tensor[F] { return t.recordNorm(opNorm, l, x) }

// NormELU records ELU(Norm(x)), in one pass.
func (t *Tape[F]) NormELU(l *Norm[F], x *Tensor[F]) *Tensor[F] {
	return t.recordNorm(opNormELU, l, x)
}

// recordNorm records a norm with memory for its statistics, which the backward
// pass reads.
func (t *Tape[F]) recordNorm(op op, l *Norm[F], x *Tensor[F]) *Tensor[F] {
	if x.C != l.c {
		panic(fmt.Sprintf("autodiff: layer %s needs %d channels, not %d", l.Name, l.c, x.C))
	}
	n := node[F]{op: op, norm: l, in: [2]*Tensor[F]{x}, saved: make([]F, kernel.NormSaved(l.c))}
	return t.record(n, x.H, x.W, x.C)
}

// normalize computes the norm, and the ELU of opNormELU.
func (t *Tape[F]) normalize(n *node[F]) { t.normOf(n).Run() }

// normOf returns the arguments of a norm.
func (t *Tape[F]) normOf(n *node[F]) kernel.InstanceNormPlus[F] {
	l := n.norm
	return kernel.InstanceNormPlus[F]{
		Dst: n.out.Data, X: n.in[0].Data,
		Gamma: t.valueOf(l.gamma), Alpha: t.valueOf(l.alpha), Beta: t.valueOf(l.beta),
		Saved: n.saved, HW: n.out.H * n.out.W, C: l.c, ELU: n.op == opNormELU,
	}
}

// normalizeVJP computes the gradients of x and of the parameters; see
// kernel.InstanceNormPlusGrad for the equations.
func (t *Tape[F]) normalizeVJP(n *node[F]) { t.normGradOf(n).Run() }

// normGradOf returns the arguments of the gradient of a norm.
func (t *Tape[F]) normGradOf(n *node[F]) kernel.InstanceNormPlusGrad[F] {
	l := n.norm
	dx := n.in[0].Grad
	if !n.in[0].needsGrad { // x is an input: only the parameters need a gradient
		dx = t.scratch[:n.in[0].size()]
	}
	return kernel.InstanceNormPlusGrad[F]{
		DX: dx, DGamma: t.gradOf(l.gamma), DAlpha: t.gradOf(l.alpha), DBeta: t.gradOf(l.beta),
		DY: n.out.Grad, X: n.in[0].Data, Y: n.out.Data,
		Gamma: t.valueOf(l.gamma), Alpha: t.valueOf(l.alpha),
		Saved: n.saved, HW: n.out.H * n.out.W, C: l.c, ELU: n.op == opNormELU,
	}
}
