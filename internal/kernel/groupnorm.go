package kernel

import (
	"fmt"
	"math"
)

// GroupNormSaved returns the number of elements that GroupNorm saves for its
// gradient: for each of c channels the mean and 1/√(v+ε) of its group, and
// room for two sums of the gradient.
func GroupNormSaved(c int) int { return 4 * c }

// GroupNorm sets dst (hw·c) to the group norm of one image x (hw pixels of c
// channels; Wu and He 2018), with one scale and one shift per channel:
//
//	dst[p,c] = scale_c·(x[p,c] - m_g)/√(v_g+ε) + shift_c
//
// m_g and v_g are the mean and the biased variance over all pixels of the
// group channels that stand together, ε = 1e-5. With elu, ELU is applied to
// the result. saved (GroupNormSaved(c)) receives what GroupNormGrad needs.
// Statistics are summed in float64. dst may be x.
func GroupNorm[F Float](dst, x, scale, shift, saved []F, hw, c, group int, elu bool) {
	checkGroupNorm("GroupNorm", hw, c, group, [][]F{dst, x}, [][]F{scale, shift}, saved)
	if vectorized[F](c) {
		groupNormVector(as32(dst), as32(x), as32(scale), as32(shift), as32(saved), hw, c, group, elu)
		return
	}
	groupNormForward(dst, x, scale, shift, saved, hw, c, group, elu)
}

// GroupNormGrad adds to dx (hw·c), dscale and dshift (c) the gradient through
// GroupNorm, given the gradient dy of its output y (with ELU applied when
// elu), its input x and what it saved. With S = Σ_p dy, T = Σ_p dy·(x - m_g),
// r = 1/√(v_g+ε) and M the number of values of a group:
//
//	dshift = S,  dscale = r·T
//	dx[p,c] = r·(scale_c·dy - Σ_k scale_k·S_k/M - r²·(x - m_g)·Σ_k scale_k·T_k/M)
//
// with both sums over the channels k of the group. y is read only with elu,
// and may be nil otherwise. dx must not overlap the inputs.
func GroupNormGrad[F Float](dx, dscale, dshift, dy, x, y, scale, saved []F, hw, c, group int, elu bool) {
	images := [][]F{dx, dy, x, y}
	if !elu {
		images = images[:3]
	}
	checkGroupNorm("GroupNormGrad", hw, c, group, images, [][]F{dscale, dshift, scale}, saved)
	if vectorized[F](c) {
		groupNormGradVector(as32(dx), as32(dscale), as32(dshift), as32(dy), as32(x), as32(y), as32(scale), as32(saved),
			hw, c, group, elu)
		return
	}
	groupNormBackward(dx, dscale, dshift, dy, x, y, scale, saved, hw, c, group, elu)
}

func checkGroupNorm[F Float](op string, hw, c, group int, images, channels [][]F, saved []F) {
	if hw < 1 || c < 1 || group < 1 || c%group != 0 {
		panic(fmt.Sprintf("kernel: %s: %d pixels of %d channels in groups of %d", op, hw, c, group))
	}
	for _, a := range images {
		need(op, "image", len(a), hw*c)
	}
	for _, a := range channels {
		need(op, "channel vector", len(a), c)
	}
	need(op, "saved", len(saved), GroupNormSaved(c))
}

func groupNormForward[F Float](dst, x, scale, shift, saved []F, hw, c, group int, withELU bool) {
	mean, rstd := saved[:c], saved[c:2*c]
	for ch := range c {
		var s, v float64
		for p := range hw {
			s += float64(x[p*c+ch])
		}
		mean[ch] = F(s / float64(hw))
		for p := range hw {
			d := float64(x[p*c+ch]) - float64(mean[ch])
			v += d * d
		}
		rstd[ch] = F(v / float64(hw)) // the variance, until joinGroups
	}
	joinGroups(mean, rstd, group)
	for ch := range c {
		a := scale[ch] * rstd[ch]
		for p := range hw {
			v := a*(x[p*c+ch]-mean[ch]) + shift[ch]
			if withELU {
				v = elu(v)
			}
			dst[p*c+ch] = v
		}
	}
}

// joinGroups replaces the mean of each channel by that of its group, and the
// biased variance of each channel by 1/√(v_g+ε). The variance of a group is
// the mean over its channels of v_c + (m_c - m_g)².
func joinGroups[F Float](mean, rstd []F, group int) {
	for from := 0; from < len(mean); from += group {
		m, v := mean[from:][:group], rstd[from:][:group]
		var mu, total float64
		for _, a := range m {
			mu += float64(a)
		}
		mu /= float64(group)
		for i, a := range m {
			d := float64(a) - mu
			total += float64(v[i]) + d*d
		}
		r := F(1 / math.Sqrt(total/float64(group)+normEps))
		for i := range m {
			m[i], v[i] = F(mu), r
		}
	}
}

func groupNormBackward[F Float](dx, dscale, dshift, dy, x, y, scale, saved []F, hw, c, group int, elu bool) {
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
		saved[2*c+ch], saved[3*c+ch] = F(s), F(t)
	}
	groupParameterGrads(dscale, dshift, saved, c)
	for from := 0; from < c; from += group {
		b, shift := groupCoefficients(scale, saved, hw, c, from, group)
		for ch := from; ch < from+group; ch++ {
			a := scale[ch] * saved[c+ch]
			for i := ch; i < hw*c; i += c {
				dx[i] += a*slope(i) + (b*(x[i]-mean[ch]) + shift)
			}
		}
	}
}

// groupParameterGrads adds the gradients of scale and shift, given the sums S
// and T in saved.
func groupParameterGrads[F Float](dscale, dshift, saved []F, c int) {
	for ch := range c {
		dshift[ch] += saved[2*c+ch]
		dscale[ch] += saved[c+ch] * saved[3*c+ch]
	}
}

// groupCoefficients returns what makes dx = scale·r·dy + b·(x-m) + shift in
// the group of channels that begins at from.
func groupCoefficients[F Float](scale, saved []F, hw, c, from, group int) (b, shift F) {
	var s, t float64
	for ch := from; ch < from+group; ch++ {
		s += float64(scale[ch]) * float64(saved[2*c+ch])
		t += float64(scale[ch]) * float64(saved[3*c+ch])
	}
	r, m := float64(saved[c+from]), float64(hw*group)
	return F(-r * r * r * t / m), F(-r * s / m)
}

// groupNormVector is groupNormForward by vector passes.
func groupNormVector(dst, x, scale, shift, saved []float32, hw, c, group int, elu bool) {
	im := normImages{x: x, dst: dst}
	for b := 0; b < c; b += normBlock {
		n := min(normBlock, c-b)
		var v channelVectors
		var totals [2][normBlock]float64
		im.run(normSums, false, &v, &totals, nil, hw, c, b, n, whole)
		setMeans(saved[b:][:n], &totals[0], hw)
		copy(v[0][:], saved[b:][:n])
		totals = [2][normBlock]float64{}
		im.run(normSquares, false, &v, &totals, nil, hw, c, b, n, whole)
		setMeans(saved[c+b:][:n], &totals[0], hw)
	}
	joinGroups(saved[:c], saved[c:2*c], group)
	im.applyGroups(scale, shift, saved, hw, c, elu, whole)
}

// applyGroups sets a piece of dst from x and the statistics.
func (im *normImages) applyGroups(scale, shift, saved []float32, hw, c int, elu bool, p piece) {
	for b := 0; b < c; b += normBlock {
		n := min(normBlock, c-b)
		var v channelVectors
		copy(v[0][:], saved[b:][:n])
		for i := range n {
			v[1][i] = scale[b+i] * saved[c+b+i]
		}
		copy(v[2][:], shift[b:][:n])
		im.run(normApply, elu, &v, nil, nil, hw, c, b, n, p)
	}
}

// groupNormGradVector is groupNormBackward by vector passes.
func groupNormGradVector(dx, dscale, dshift, dy, x, y, scale, saved []float32, hw, c, group int, elu bool) {
	im := normImages{x: x, dy: dy, y: y, dst: dx}
	for b := 0; b < c; b += normBlock {
		n := min(normBlock, c-b)
		var v channelVectors
		var totals [2][normBlock]float64
		copy(v[0][:], saved[b:][:n])
		im.run(normGradSums, elu, &v, &totals, nil, hw, c, b, n, whole)
		for i := range n {
			saved[2*c+b+i], saved[3*c+b+i] = float32(totals[0][i]), float32(totals[1][i])
		}
	}
	groupParameterGrads(dscale, dshift, saved, c)
	for b := 0; b < c; b += normBlock {
		n := min(normBlock, c-b)
		var v channelVectors
		copy(v[0][:], saved[b:][:n])
		for i := range n {
			ch := b + i
			v[1][i] = scale[ch] * saved[c+ch]
			v[2][i], v[3][i] = groupCoefficients(scale, saved, hw, c, ch/group*group, group)
		}
		im.run(normGradApply, elu, &v, nil, nil, hw, c, b, n, whole)
	}
}

// GroupNormPart computes a part of one of the NormStages of GroupNorm, from 0,
// as InstanceNormPlusPart does, and to the bits of GroupNorm.
func GroupNormPart[F Float](stage int, dst, x, scale, shift, saved, sums []F, hw, c, group int, elu bool, part, parts int) {
	const op = "GroupNormPart"
	checkGroupNorm(op, hw, c, group, [][]F{dst, x}, [][]F{scale, shift}, saved)
	need(op, "sums", len(sums), NormSums(hw, c))
	p := pieceOf(op, part, parts)
	if !vectorized[F](c) {
		if stage == NormStages-1 && part == 0 {
			groupNormForward(dst, x, scale, shift, saved, hw, c, group, elu)
		}
		return
	}
	im := normImages{x: as32(x), dst: as32(dst)}
	if stage == NormStages-1 {
		im.applyGroups(as32(scale), as32(shift), as32(saved), hw, c, elu, p)
		return
	}
	im.statistics(stage, as32(saved), as32(sums), hw, c, p)
}

// GroupNormJoin joins the parts of each stage but the last.
func GroupNormJoin[F Float](stage int, saved, sums []F, hw, c, group int) {
	if !vectorized[F](c) || stage == NormStages-1 {
		return
	}
	s := as32(saved)
	for b := 0; b < c; b += normBlock {
		n := min(normBlock, c-b)
		totals := sumChunks(as32(sums), hw, c, b, n)
		setMeans(s[stage*c+b:][:n], &totals, hw)
	}
	if stage == 1 {
		joinGroups(s[:c], s[c:2*c], group)
	}
}
