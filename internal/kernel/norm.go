package kernel

import (
	"fmt"
	"math"
	"unsafe"
)

// normEps is added to both variances of InstanceNorm++ before the root.
const normEps = 1e-5

// NormSaved returns the number of elements that InstanceNormPlus saves for its
// gradient. For each of c channels it saves the mean m, the factor 1/√(v+ε)
// and the normalized mean z. After these come 1/√(V+ε), and room for two sums
// per channel of the gradient.
func NormSaved(c int) int { return 5*c + 1 }

// InstanceNormPlus is InstanceNorm++ of one image of at least two channels
// (Song and Ermon 2020):
//
//	dst[p,c] = γ_c·((x[p,c] - m_c)/√(v_c+ε) + α_c·z_c) + β_c
//	z_c = (m_c - μ)/√(V+ε)
//
// m_c and v_c are the mean and the biased variance of channel c over the
// pixels. μ and V are the mean and the unbiased variance of the m_c over the
// channels. ε is 1e-5. Statistics are summed in float64.
type InstanceNormPlus[F Float] struct {
	Dst, X             []F  // HW·C, output and input; Dst may be X
	Gamma, Alpha, Beta []F  // C
	Saved              []F  // NormSaved(C), which the gradient reads
	HW, C              int  // pixels and channels
	ELU                bool // apply ELU to the result
}

// Run sets Dst and Saved.
func (n InstanceNormPlus[F]) Run() {
	n.check("InstanceNormPlus")
	if vectorized[F](n.C) {
		normVector(n.single())
		return
	}
	n.forward()
}

// single is n seen as a norm of float32, which F must be.
func (n *InstanceNormPlus[F]) single() *InstanceNormPlus[float32] {
	return (*InstanceNormPlus[float32])(unsafe.Pointer(n))
}

func (n *InstanceNormPlus[F]) check(op string) {
	checkNorm(op, n.HW, n.C, [][]F{n.Dst, n.X}, [][]F{n.Gamma, n.Alpha, n.Beta})
	need(op, "saved", len(n.Saved), NormSaved(n.C))
}

// InstanceNormPlusGrad is the gradient through InstanceNormPlus. With
// S = Σ_p dy, T = Σ_p dy·x̂, x̂ the normalized input, ζ_c = γ_c·α_c·S_c,
// N pixels and C channels, it adds
//
//	dβ = S,  dα = γ·z·S,  dγ = T + α·z·S
//	dx[p,c] = γ_c/√(v_c+ε)·(dy - S_c/N - x̂·T_c/N)
//		+ (ζ_c - mean ζ - z_c·Σ_k ζ_k·z_k/(C-1))/(N·√(V+ε))
type InstanceNormPlusGrad[F Float] struct {
	DX                    []F  // HW·C, added to; it must not overlap the inputs
	DGamma, DAlpha, DBeta []F  // C, added to
	DY                    []F  // HW·C, the gradient of the output, after ELU
	X                     []F  // HW·C, the input
	Y                     []F  // HW·C, the output; without ELU it may be nil
	Gamma, Alpha          []F  // C
	Saved                 []F  // what InstanceNormPlus has saved; its room is used
	HW, C                 int  // pixels and channels
	ELU                   bool // as in InstanceNormPlus
}

// Run adds to the gradients. Two runs with the same Saved must not overlap in
// time.
func (n InstanceNormPlusGrad[F]) Run() {
	n.check("InstanceNormPlusGrad")
	if vectorized[F](n.C) {
		normGradVector(n.single())
		return
	}
	n.backward()
}

// single is n seen as a gradient of float32, which F must be.
func (n *InstanceNormPlusGrad[F]) single() *InstanceNormPlusGrad[float32] {
	return (*InstanceNormPlusGrad[float32])(unsafe.Pointer(n))
}

func (n *InstanceNormPlusGrad[F]) check(op string) {
	images := [][]F{n.DX, n.DY, n.X, n.Y}
	if !n.ELU {
		images = images[:3]
	}
	checkNorm(op, n.HW, n.C, images, [][]F{n.DGamma, n.DAlpha, n.DBeta, n.Gamma, n.Alpha})
	need(op, "saved", len(n.Saved), NormSaved(n.C))
}

func checkNorm[F Float](op string, hw, c int, images, channels [][]F) {
	if hw < 1 || c < 2 {
		panic(fmt.Sprintf("kernel: %s: %d pixels of %d channels; it needs at least one pixel, "+
			"and two channels for the variance over channels", op, hw, c))
	}
	for _, a := range images {
		need(op, "image", len(a), hw*c)
	}
	for _, a := range channels {
		need(op, "channel vector", len(a), c)
	}
}

// forward is the definition of Run.
func (n *InstanceNormPlus[F]) forward() {
	c, hw, x := n.C, n.HW, n.X
	mean, rstd, z := n.Saved[:c], n.Saved[c:2*c], n.Saved[2*c:3*c]
	for ch := range c {
		var s float64
		for p := range hw {
			s += float64(x[p*c+ch])
		}
		mean[ch] = F(s / float64(hw))
		m := float64(mean[ch])
		var v float64
		for p := range hw {
			d := float64(x[p*c+ch]) - m
			v += d * d
		}
		rstd[ch] = F(1 / math.Sqrt(v/float64(hw)+normEps))
	}
	n.Saved[3*c] = F(normalizeMeans(z, mean))
	for ch := range c {
		scale := n.Gamma[ch] * rstd[ch]
		shift := n.Gamma[ch]*n.Alpha[ch]*z[ch] + n.Beta[ch]
		for p := range hw {
			v := scale*(x[p*c+ch]-mean[ch]) + shift
			if n.ELU {
				v = elu(v)
			}
			n.Dst[p*c+ch] = v
		}
	}
}

// normalizeMeans sets z = (m - μ)/√(V+ε) for the channel means m and returns
// 1/√(V+ε).
func normalizeMeans[F Float](z, m []F) float64 {
	var mu, v float64
	for _, a := range m {
		mu += float64(a)
	}
	mu /= float64(len(m))
	for _, a := range m {
		v += (float64(a) - mu) * (float64(a) - mu)
	}
	r := 1 / math.Sqrt(v/float64(len(m)-1)+normEps)
	for i, a := range m {
		z[i] = F((float64(a) - mu) * r)
	}
	return r
}

// backward is the definition of Run.
func (n *InstanceNormPlusGrad[F]) backward() {
	c, hw, x, saved := n.C, n.HW, n.X, n.Saved
	mean := saved[:c]
	slope := func(i int) F {
		if n.ELU {
			return n.DY[i] * eluSlope(n.Y[i])
		}
		return n.DY[i]
	}
	for ch := range c {
		var s, t float64
		for i := ch; i < hw*c; i += c {
			g := slope(i)
			s += float64(g)
			t += float64(g) * float64(x[i]-mean[ch])
		}
		saved[3*c+1+ch], saved[4*c+1+ch] = F(s), F(t)
	}
	n.parameters()
	zetas := n.zetas()
	for ch := range c {
		a, b, shift := n.coefficients(zetas, ch)
		for i := ch; i < hw*c; i += c {
			n.DX[i] += a*slope(i) + b*(x[i]-mean[ch]) + shift
		}
	}
}

// normZetas are the sums over channels in the gradient: mean ζ and
// Σ_k ζ_k·z_k/(C-1).
type normZetas struct{ mean, slope float64 }

// parameters adds to the gradients of the channel vectors. The sums S and
// T/rstd = Σ_p dy·(x-m) are in Saved, after the values of the forward pass.
func (n *InstanceNormPlusGrad[F]) parameters() {
	c, saved, gamma, alpha := n.C, n.Saved, n.Gamma, n.Alpha
	rstd, z, s, t := saved[c:2*c], saved[2*c:3*c], saved[3*c+1:][:c], saved[4*c+1:][:c]
	for ch := range c {
		n.DBeta[ch] += s[ch]
		n.DAlpha[ch] += gamma[ch] * z[ch] * s[ch]
		n.DGamma[ch] += t[ch]*rstd[ch] + alpha[ch]*z[ch]*s[ch]
	}
}

// zetas returns the sums over channels, from the sums S in Saved.
func (n *InstanceNormPlusGrad[F]) zetas() (sums normZetas) {
	c := n.C
	z, s := n.Saved[2*c:3*c], n.Saved[3*c+1:][:c]
	for ch := range c {
		zeta := float64(n.Gamma[ch]) * float64(n.Alpha[ch]) * float64(s[ch])
		sums.mean += zeta / float64(c)
		sums.slope += zeta * float64(z[ch]) / float64(c-1)
	}
	return sums
}

// coefficients returns the a, b and shift of channel ch in
// dx = a·dy + b·(x-m) + shift.
func (n *InstanceNormPlusGrad[F]) coefficients(zetas normZetas, ch int) (a, b, shift F) {
	c, saved := n.C, n.Saved
	rstd, z, rstdMeans := float64(saved[c+ch]), float64(saved[2*c+ch]), float64(saved[3*c])
	s, t := float64(saved[3*c+1+ch]), float64(saved[4*c+1+ch])
	pixels := float64(n.HW)
	scale := float64(n.Gamma[ch]) * rstd
	zeta := float64(n.Gamma[ch]) * float64(n.Alpha[ch]) * s
	between := (zeta - zetas.mean - z*zetas.slope) * rstdMeans
	return F(scale), F(-scale * rstd * rstd * t / pixels), F((between - scale*s) / pixels)
}
