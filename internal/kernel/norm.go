package kernel

import (
	"fmt"
	"math"
)

// normEps is added to both variances of InstanceNorm++ before the root.
const normEps = 1e-5

// NormSaved returns the number of elements InstanceNormPlus saves for its gradient, for c channels: per channel the mean
// m, the factor 1/√(v+ε) and the normalized mean z, then 1/√(V+ε).
func NormSaved(c int) int { return 3*c + 1 }

// InstanceNormPlus sets dst (hw·c) to InstanceNorm++ of one image x (hw pixels of c ≥ 2 channels; Song and Ermon 2020):
//
//	dst[p,c] = γ_c·((x[p,c] - m_c)/√(v_c+ε) + α_c·z_c) + β_c,   z_c = (m_c - μ)/√(V+ε)
//
// m_c and v_c are mean and biased variance of channel c over the pixels, μ and V mean and unbiased variance of the m_c
// over the channels, ε = 1e-5. With elu, ELU is applied to the result. saved (NormSaved(c)) receives what
// InstanceNormPlusGrad needs. Statistics are summed in float64. dst may be x.
func InstanceNormPlus[F Float](dst, x, gamma, alpha, beta, saved []F, hw, c int, elu bool) {
	checkNorm("InstanceNormPlus", hw, c, [][]F{dst, x}, [][]F{gamma, alpha, beta}, saved)
	normForward(dst, x, gamma, alpha, beta, saved, hw, c, elu)
}

// InstanceNormPlusGrad adds to dx (hw·c), dgamma, dalpha and dbeta (c) the gradient through InstanceNormPlus, given the
// gradient dy of its output y (with ELU applied when elu), its input x and what it saved. With S = Σ_p dy, T = Σ_p dy·x̂,
// x̂ the normalized input, ζ_c = γ_c·α_c·S_c, N pixels and C channels:
//
//	dβ = S,  dα = γ·z·S,  dγ = T + α·z·S
//	dx[p,c] = γ_c/√(v_c+ε)·(dy - S_c/N - x̂·T_c/N) + (ζ_c - mean ζ - z_c·Σ_k ζ_k·z_k/(C-1))/(N·√(V+ε))
//
// y is read only with elu, and may be nil otherwise. dx must not overlap the inputs.
func InstanceNormPlusGrad[F Float](dx, dgamma, dalpha, dbeta, dy, x, y, gamma, alpha, beta, saved []F, hw, c int, elu bool) {
	images := [][]F{dx, dy, x, y}
	if !elu {
		images = images[:3]
	}
	checkNorm("InstanceNormPlusGrad", hw, c, images, [][]F{dgamma, dalpha, dbeta, gamma, alpha, beta}, saved)
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
	mean, rstd, z, rstdMeans := saved[:c], saved[c:2*c], saved[2*c:3*c], float64(saved[3*c])
	sums := func(ch int) (s, t float64) { // S and T of a channel
		for i := ch; i < hw*c; i += c {
			g := dy[i]
			if elu {
				g *= eluSlope(y[i])
			}
			s += float64(g)
			t += float64(g) * float64(x[i]-mean[ch])
		}
		return s, t * float64(rstd[ch])
	}
	var zetaSum, zetaZ float64
	for ch := range c {
		s, t := sums(ch)
		zeta := float64(gamma[ch]) * float64(alpha[ch]) * s
		zetaSum += zeta
		zetaZ += zeta * float64(z[ch])
		dbeta[ch] += F(s)
		dalpha[ch] += F(float64(gamma[ch]) * float64(z[ch]) * s)
		dgamma[ch] += F(t + float64(alpha[ch])*float64(z[ch])*s)
	}
	n := float64(hw)
	for ch := range c {
		s, t := sums(ch)
		zeta := float64(gamma[ch]) * float64(alpha[ch]) * s
		k := (zeta - zetaSum/float64(c) - float64(z[ch])*zetaZ/float64(c-1)) * rstdMeans / n
		scale := float64(gamma[ch]) * float64(rstd[ch])
		a, b, shift := F(scale), F(-scale*t*float64(rstd[ch])/n), F(k-scale*s/n)
		for i := ch; i < hw*c; i += c {
			g := dy[i]
			if elu {
				g *= eluSlope(y[i])
			}
			dx[i] += a*g + b*(x[i]-mean[ch]) + shift
		}
	}
}
