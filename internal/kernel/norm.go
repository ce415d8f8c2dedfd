package kernel

import (
	"fmt"
	"math"
)

// normEps is added to both variances of InstanceNorm++ before the root.
const normEps = 1e-5

// NormSaved returns the number of elements InstanceNormPlus saves for its gradient, for c channels: per channel the mean
// m, the factor 1/√(v+ε) and the normalized mean z, then 1/√(V+ε), then room for two sums per channel of the gradient.
func NormSaved(c int) int { return 5*c + 1 }

// InstanceNormPlus sets dst (hw·c) to InstanceNorm++ of one image x (hw pixels of c ≥ 2 channels; Song and Ermon 2020):
//
//	dst[p,c] = γ_c·((x[p,c] - m_c)/√(v_c+ε) + α_c·z_c) + β_c,   z_c = (m_c - μ)/√(V+ε)
//
// m_c and v_c are mean and biased variance of channel c over the pixels, μ and V mean and unbiased variance of the m_c
// over the channels, ε = 1e-5. With elu, ELU is applied to the result. saved (NormSaved(c)) receives what
// InstanceNormPlusGrad needs. Statistics are summed in float64. dst may be x.
func InstanceNormPlus[F Float](dst, x, gamma, alpha, beta, saved []F, hw, c int, elu bool) {
	checkNorm("InstanceNormPlus", hw, c, [][]F{dst, x}, [][]F{gamma, alpha, beta}, saved)
	if vectorized[F](c) {
		normVector(as32(dst), as32(x), as32(gamma), as32(alpha), as32(beta), as32(saved), hw, c, elu)
		return
	}
	normForward(dst, x, gamma, alpha, beta, saved, hw, c, elu)
}

// InstanceNormPlusGrad adds to dx (hw·c), dgamma, dalpha and dbeta (c) the gradient through InstanceNormPlus, given the
// gradient dy of its output y (with ELU applied when elu), its input x and what it saved. With S = Σ_p dy, T = Σ_p dy·x̂,
// x̂ the normalized input, ζ_c = γ_c·α_c·S_c, N pixels and C channels:
//
//	dβ = S,  dα = γ·z·S,  dγ = T + α·z·S
//	dx[p,c] = γ_c/√(v_c+ε)·(dy - S_c/N - x̂·T_c/N) + (ζ_c - mean ζ - z_c·Σ_k ζ_k·z_k/(C-1))/(N·√(V+ε))
//
// y is read only with elu, and may be nil otherwise. dx must not overlap the inputs. saved lends room: two passes with the
// same saved must not run at once.
func InstanceNormPlusGrad[F Float](dx, dgamma, dalpha, dbeta, dy, x, y, gamma, alpha, beta, saved []F, hw, c int, elu bool) {
	images := [][]F{dx, dy, x, y}
	if !elu {
		images = images[:3]
	}
	checkNorm("InstanceNormPlusGrad", hw, c, images, [][]F{dgamma, dalpha, dbeta, gamma, alpha, beta}, saved)
	if vectorized[F](c) {
		normGradVector(as32(dx), as32(dgamma), as32(dalpha), as32(dbeta), as32(dy), as32(x), as32(y), as32(gamma), as32(alpha), as32(saved), hw, c, elu)
		return
	}
	normBackward(dx, dgamma, dalpha, dbeta, dy, x, y, gamma, alpha, saved, hw, c, elu)
}

func checkNorm[F Float](op string, hw, c int, images, channels [][]F, saved []F) {
	if hw < 1 || c < 2 {
		panic(fmt.Sprintf("kernel: %s: %d pixels of %d channels; the variance over channels needs two", op, hw, c))
	}
	for _, a := range images {
		need(op, "image", len(a), hw*c)
	}
	for _, a := range channels {
		need(op, "channel vector", len(a), c)
	}
	need(op, "saved", len(saved), NormSaved(c))
}

func normForward[F Float](dst, x, gamma, alpha, beta, saved []F, hw, c int, withELU bool) {
	mean, rstd, z := saved[:c], saved[c:2*c], saved[2*c:3*c]
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
	saved[3*c] = F(normalizeMeans(z, mean))
	for ch := range c {
		scale := gamma[ch] * rstd[ch]
		shift := gamma[ch]*alpha[ch]*z[ch] + beta[ch]
		for p := range hw {
			v := scale*(x[p*c+ch]-mean[ch]) + shift
			if withELU {
				v = elu(v)
			}
			dst[p*c+ch] = v
		}
	}
}

// normalizeMeans sets z = (m - μ)/√(V+ε) for the channel means m and returns 1/√(V+ε).
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

func normBackward[F Float](dx, dgamma, dalpha, dbeta, dy, x, y, gamma, alpha, saved []F, hw, c int, elu bool) {
	mean := saved[:c]
	slope := func(i int) F {
		if elu {
			return dy[i] * eluSlope(y[i])
		}
		return dy[i]
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
	zetas := normParameterGrads(dgamma, dalpha, dbeta, gamma, alpha, saved, c)
	for ch := range c {
		a, b, shift := zetas.coefficients(gamma, alpha, saved, hw, c, ch)
		for i := ch; i < hw*c; i += c {
			dx[i] += a*slope(i) + b*(x[i]-mean[ch]) + shift
		}
	}
}

// normZetas are the sums over channels in the gradient: mean ζ and Σ_k ζ_k·z_k/(C-1).
type normZetas[F Float] struct{ mean, slope float64 }

// normParameterGrads adds to the gradients of the channel vectors, given in saved, after what the forward pass saved, the
// sums S and T/rstd = Σ_p dy·(x-m).
func normParameterGrads[F Float](dgamma, dalpha, dbeta, gamma, alpha, saved []F, c int) (zetas normZetas[F]) {
	rstd, z, s, t := saved[c:2*c], saved[2*c:3*c], saved[3*c+1:][:c], saved[4*c+1:][:c]
	for ch := range c {
		zeta := float64(gamma[ch]) * float64(alpha[ch]) * float64(s[ch])
		zetas.mean += zeta / float64(c)
		zetas.slope += zeta * float64(z[ch]) / float64(c-1)
		dbeta[ch] += s[ch]
		dalpha[ch] += gamma[ch] * z[ch] * s[ch]
		dgamma[ch] += t[ch]*rstd[ch] + alpha[ch]*z[ch]*s[ch]
	}
	return zetas
}

// coefficients returns what makes dx = a·dy + b·(x-m) + shift in channel ch.
func (zetas normZetas[F]) coefficients(gamma, alpha, saved []F, hw, c, ch int) (a, b, shift F) {
	rstd, z, rstdMeans := float64(saved[c+ch]), float64(saved[2*c+ch]), float64(saved[3*c])
	s, t := float64(saved[3*c+1+ch]), float64(saved[4*c+1+ch])
	n := float64(hw)
	scale := float64(gamma[ch]) * rstd
	zeta := float64(gamma[ch]) * float64(alpha[ch]) * s
	between := (zeta - zetas.mean - z*zetas.slope) * rstdMeans
	return F(scale), F(-scale * rstd * rstd * t / n), F((between - scale*s) / n)
}
