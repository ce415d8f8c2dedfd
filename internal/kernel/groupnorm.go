package kernel

import (
	"fmt"
	"math"
	"unsafe"
)

// GroupNormSaved returns the number of elements that GroupNorm saves for its
// gradient: for each of c channels the mean and 1/√(v+ε) of its group, and
// room for two sums of the gradient.
func GroupNormSaved(c int) int { return 4 * c }

// GroupNorm is the group norm of one image (Wu and He 2018), with one scale
// and one shift per channel:
//
//	dst[p,c] = scale_c·(x[p,c] - m_g)/√(v_g+ε) + shift_c
//
// m_g and v_g are the mean and the biased variance over all pixels of the
// Group neighboring channels of a group, ε = 1e-5. Statistics are summed in
// float64.
type GroupNorm[F Float] struct {
	Dst, X       []F  // HW·C, output and input; Dst may be X
	Scale, Shift []F  // C
	Saved        []F  // GroupNormSaved(C), which the gradient reads
	HW, C, Group int  // pixels, channels, channels of a group
	ELU          bool // apply ELU to the result
}

// Run sets Dst and Saved.
func (n GroupNorm[F]) Run() {
	n.check("GroupNorm")
	if vectorized[F](n.C) {
		groupNormVector(n.single())
		return
	}
	n.forward()
}

// single is n seen as a norm of float32, which F must be.
func (n *GroupNorm[F]) single() *GroupNorm[float32] {
	return (*GroupNorm[float32])(unsafe.Pointer(n))
}

func (n *GroupNorm[F]) check(op string) {
	checkGroupNorm(op, [3]int{n.HW, n.C, n.Group},
		[][]F{n.Dst, n.X}, [][]F{n.Scale, n.Shift}, n.Saved)
}

// GroupNormGrad is the gradient through GroupNorm. With S = Σ_p dy,
// T = Σ_p dy·(x - m_g), r = 1/√(v_g+ε) and M the number of values of a group,
// it adds
//
//	dshift = S,  dscale = r·T
//	dx[p,c] = r·(scale_c·dy - Σ_k scale_k·S_k/M
//		- r²·(x - m_g)·Σ_k scale_k·T_k/M)
//
// with both sums over the channels k of the group.
type GroupNormGrad[F Float] struct {
	DX             []F  // HW·C, added to; it must not overlap the inputs
	DScale, DShift []F  // C, added to
	DY             []F  // HW·C, the gradient of the output, after ELU
	X              []F  // HW·C, the input
	Y              []F  // HW·C, the output; without ELU it may be nil
	Scale          []F  // C
	Saved          []F  // what GroupNorm has saved; its room is used
	HW, C, Group   int  // as in GroupNorm
	ELU            bool // as in GroupNorm
}

// Run adds to the gradients.
func (n GroupNormGrad[F]) Run() {
	n.check("GroupNormGrad")
	if vectorized[F](n.C) {
		groupNormGradVector(n.single())
		return
	}
	n.backward()
}

// single is n seen as a gradient of float32, which F must be.
func (n *GroupNormGrad[F]) single() *GroupNormGrad[float32] {
	return (*GroupNormGrad[float32])(unsafe.Pointer(n))
}

func (n *GroupNormGrad[F]) check(op string) {
	images := [][]F{n.DX, n.DY, n.X, n.Y}
	if !n.ELU {
		images = images[:3]
	}
	checkGroupNorm(op, [3]int{n.HW, n.C, n.Group}, images, [][]F{n.DScale, n.DShift, n.Scale},
		n.Saved)
}

// checkGroupNorm panics unless the slices of a norm are long enough. size is
// the number of pixels, of channels and of channels of a group.
func checkGroupNorm[F Float](op string, size [3]int, images, channels [][]F, saved []F) {
	hw, c, group := size[0], size[1], size[2]
	if hw < 1 || c < 1 || group < 1 || c%group != 0 {
		panic(fmt.Sprintf("kernel: %s: %d pixels of %d channels in groups of %d; the number of "+
			"channels must be a multiple of the group", op, hw, c, group))
	}
	for _, a := range images {
		need(op, "image", len(a), hw*c)
	}
	for _, a := range channels {
		need(op, "channel vector", len(a), c)
	}
	need(op, "saved", len(saved), GroupNormSaved(c))
}

// forward is the definition of Run.
func (n *GroupNorm[F]) forward() {
	c, hw, x := n.C, n.HW, n.X
	mean, rstd := n.Saved[:c], n.Saved[c:2*c]
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
	joinGroups(mean, rstd, n.Group)
	for ch := range c {
		a := n.Scale[ch] * rstd[ch]
		for p := range hw {
			v := a*(x[p*c+ch]-mean[ch]) + n.Shift[ch]
			if n.ELU {
				v = elu(v)
			}
			n.Dst[p*c+ch] = v
		}
	}
}

// joinGroups replaces the mean of each channel by the mean of its group, and
// the biased variance of each channel by 1/√(v_g+ε). The variance of a group is
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

// backward is the definition of Run.
func (n *GroupNormGrad[F]) backward() {
	c, hw, x := n.C, n.HW, n.X
	mean := n.Saved[:c]
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
		n.Saved[2*c+ch], n.Saved[3*c+ch] = F(s), F(t)
	}
	n.parameters()
	for from := 0; from < c; from += n.Group {
		b, shift := n.coefficients(from)
		for ch := from; ch < from+n.Group; ch++ {
			a := n.Scale[ch] * n.Saved[c+ch]
			for i := ch; i < hw*c; i += c {
				n.DX[i] += a*slope(i) + (b*(x[i]-mean[ch]) + shift)
			}
		}
	}
}

// parameters adds to the gradients of scale and shift, from the sums S and T
// in Saved.
func (n *GroupNormGrad[F]) parameters() {
	c, saved := n.C, n.Saved
	for ch := range c {
		n.DShift[ch] += saved[2*c+ch]
		n.DScale[ch] += saved[c+ch] * saved[3*c+ch]
	}
}

// coefficients returns the b and shift in dx = scale·r·dy + b·(x-m) + shift of
// the group of channels that begins at from.
func (n *GroupNormGrad[F]) coefficients(from int) (b, shift F) {
	c, saved := n.C, n.Saved
	var s, t float64
	for ch := from; ch < from+n.Group; ch++ {
		s += float64(n.Scale[ch]) * float64(saved[2*c+ch])
		t += float64(n.Scale[ch]) * float64(saved[3*c+ch])
	}
	r, m := float64(saved[c+from]), float64(n.HW*n.Group)
	return F(-r * r * r * t / m), F(-r * s / m)
}

// groupNormVector is GroupNorm by passes.
func groupNormVector(n *GroupNorm[float32]) {
	r := normRun{x: n.X, hw: n.HW, c: n.C, piece: whole}
	c := n.C
	var b normChannels
	var totals normTotals
	for r.next(&b) {
		r.squares(n.Saved[:c], &b, &totals)
		setMeans(n.Saved[c+b.first:][:b.n], &totals.values[0], n.HW)
	}
	joinGroups(n.Saved[:c], n.Saved[c:2*c], n.Group)
	groupNormApplyVector(n, whole)
}

// groupNormApplyVector sets a piece of the output from the input and the
// statistics.
func groupNormApplyVector(n *GroupNorm[float32], p Piece) {
	r := normRun{x: n.X, dst: n.Dst, hw: n.HW, c: n.C, piece: p}
	var b normChannels
	for r.next(&b) {
		v := &b.vectors
		copy(v[0][:], n.Saved[b.first:][:b.n])
		for i := range b.n {
			v[1][i] = n.Scale[b.first+i] * n.Saved[n.C+b.first+i]
		}
		copy(v[2][:], n.Shift[b.first:][:b.n])
		r.pass(normApply, n.ELU, &b, nil)
	}
}

// groupNormGradVector is GroupNormGrad by passes.
func groupNormGradVector(n *GroupNormGrad[float32]) {
	r := normRun{x: n.X, dy: n.DY, y: n.Y, dst: n.DX, hw: n.HW, c: n.C, piece: whole}
	c := n.C
	var b normChannels
	var totals normTotals
	for r.next(&b) {
		copy(b.vectors[0][:], n.Saved[b.first:][:b.n])
		r.pass(normGradSums, n.ELU, &b, &totals)
		for i := range b.n {
			n.Saved[2*c+b.first+i] = float32(totals.values[0][i])
			n.Saved[3*c+b.first+i] = float32(totals.values[1][i])
		}
	}
	n.parameters()
	groupNormGradApplyVector(n, whole)
}

// groupNormGradApplyVector adds a piece of the gradient of the input, from the
// sums in Saved.
func groupNormGradApplyVector(n *GroupNormGrad[float32], p Piece) {
	r := normRun{x: n.X, dy: n.DY, y: n.Y, dst: n.DX, hw: n.HW, c: n.C, piece: p}
	c := n.C
	var b normChannels
	for r.next(&b) {
		v := &b.vectors
		copy(v[0][:], n.Saved[b.first:][:b.n])
		for i := range b.n {
			ch := b.first + i
			v[1][i] = n.Scale[ch] * n.Saved[c+ch]
			v[2][i], v[3][i] = n.coefficients(ch / n.Group * n.Group)
		}
		r.pass(normGradApply, n.ELU, &b, nil)
	}
}

// RunPart computes a part of one of the NormGradStages, counted from 0, with
// the bits of Run; see InstanceNormPlusGrad.RunPart.
func (n GroupNormGrad[F]) RunPart(stage int, sums []F, p Piece) {
	const op = "GroupNormGrad.RunPart"
	n.check(op)
	need(op, "sums", len(sums), 2*NormSums(n.HW, n.C))
	p.check(op)
	switch {
	case vectorized[F](n.C) && stage == 0:
		m := n.single()
		r := normRun{x: m.X, dy: m.DY, y: m.Y, hw: n.HW, c: n.C, piece: p}
		r.gradSums(as32(n.Saved), as32(sums), n.ELU)
	case vectorized[F](n.C):
		groupNormGradApplyVector(n.single(), p)
	case stage == NormGradStages-1 && p.Part == 0:
		n.backward()
	}
}

// Join joins the parts of the first stage.
func (n GroupNormGrad[F]) Join(sums []F) {
	if !vectorized[F](n.C) {
		return
	}
	saved, r := as32(n.Saved), normRun{hw: n.HW, c: n.C}
	r.joinGradSums(saved[2*n.C:], saved[3*n.C:], as32(sums))
	n.parameters()
}

// RunPart computes a part of one of the NormStages, counted from 0, with the
// bits of Run; see InstanceNormPlus.RunPart.
func (n GroupNorm[F]) RunPart(stage int, sums []F, p Piece) {
	const op = "GroupNorm.RunPart"
	n.check(op)
	need(op, "sums", len(sums), NormSums(n.HW, n.C))
	p.check(op)
	switch {
	case vectorized[F](n.C) && stage < NormStages-1:
		r := normRun{x: as32(n.X), hw: n.HW, c: n.C, piece: p}
		r.statistics(stage, as32(n.Saved), as32(sums))
	case vectorized[F](n.C):
		groupNormApplyVector(n.single(), p)
	case stage == NormStages-1 && p.Part == 0:
		n.forward()
	}
}

// Join joins the parts of a stage. After the last stage it does nothing.
func (n GroupNorm[F]) Join(stage int, sums []F) {
	if !vectorized[F](n.C) || stage == NormStages-1 {
		return
	}
	saved := as32(n.Saved)
	r := normRun{hw: n.HW, c: n.C}
	var b normChannels
	var totals normTotals
	for r.next(&b) {
		r.join(&b, as32(sums), &totals)
		setMeans(saved[stage*n.C+b.first:][:b.n], &totals.values[0], n.HW)
	}
	if stage == 1 {
		joinGroups(saved[:n.C], saved[n.C:2*n.C], n.Group)
	}
}
