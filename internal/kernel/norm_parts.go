package kernel

// Norms of one image by several goroutines. The statistics need all pixels
// before any pixel is set, so there are three stages: sums, squared distances
// from the mean, the image. Each stage is computed in parts. When all parts of
// a stage are done, Join prepares the next stage. Sums are taken over the
// chunks of Run and joined in their order, so that the results have the bits
// of Run for any number of parts.

// NormStages is the number of stages, and NormGradStages counts the stages of
// the gradient: two sums, the image.
const (
	NormStages     = 3
	NormGradStages = 2
)

// NormSums returns the number of elements of sums that the stages pass on to
// each other.
func NormSums(hw, c int) int { return normChunks(hw, c) * c }

// normChunks is the largest number of chunks of a block of channels.
func normChunks(hw, c int) int { return ceil(hw, normChunk(min(c, normBlock))) }

// RunPart computes a part of one stage, counted from 0. An image without
// vector passes has one part: the first part of the last stage does all of
// the work. sums has NormSums(HW, C) elements.
func (n InstanceNormPlus[F]) RunPart(stage int, sums []F, p Piece) {
	const op = "InstanceNormPlus.RunPart"
	n.check(op)
	need(op, "sums", len(sums), NormSums(n.HW, n.C))
	p.check(op)
	switch {
	case vectorized[F](n.C) && stage < NormStages-1:
		r := normRun{x: as32(n.X), hw: n.HW, c: n.C, piece: p}
		r.statistics(stage, as32(n.Saved), as32(sums))
	case vectorized[F](n.C):
		normApplyVector(n.single(), p)
	case stage == NormStages-1 && p.Part == 0:
		n.forward()
	}
}

// Join joins the parts of a stage. After the last stage it does nothing.
func (n InstanceNormPlus[F]) Join(stage int, sums []F) {
	if !vectorized[F](n.C) || stage == NormStages-1 {
		return
	}
	c, saved := n.C, as32(n.Saved)
	r := normRun{hw: n.HW, c: c}
	var b normChannels
	var totals normTotals
	for r.next(&b) {
		r.join(&b, as32(sums), &totals)
		if stage == 0 {
			setMeans(saved[b.first:][:b.n], &totals.values[0], n.HW)
		} else {
			setDeviations(saved[c+b.first:][:b.n], &totals.values[0], n.HW)
		}
	}
	if stage == 1 {
		saved[3*c] = float32(normalizeMeans(saved[2*c:3*c], saved[:c]))
	}
}

// statistics computes a part of the first stages: the sums of each chunk, or
// its squared distances from the means in saved.
func (r *normRun) statistics(stage int, saved, sums []float32) {
	var b normChannels
	var totals normTotals
	for r.next(&b) {
		copy(b.vectors[0][:], saved[b.first:][:b.n])
		totals.chunks = sums[b.first*normChunks(r.hw, r.c):]
		r.pass([]normOp{normSums, normSquares}[stage], false, &b, &totals)
	}
}

// join sets totals to the sums of all chunks of a block, added in order.
func (r *normRun) join(b *normChannels, sums []float32, totals *normTotals) {
	clear(totals.values[0][:b.n])
	from := sums[b.first*normChunks(r.hw, r.c):]
	for k := range ceil(r.hw, normChunk(b.n)) {
		addTo(totals.values[0][:b.n], from[k*b.n:][:b.n])
	}
}

// RunPart computes a part of one of the NormGradStages, counted from 0. An
// image without vector passes has one part: the first part of the last stage
// does all of the work. sums has 2·NormSums(HW, C) elements.
func (n InstanceNormPlusGrad[F]) RunPart(stage int, sums []F, p Piece) {
	const op = "InstanceNormPlusGrad.RunPart"
	n.check(op)
	need(op, "sums", len(sums), 2*NormSums(n.HW, n.C))
	p.check(op)
	switch {
	case vectorized[F](n.C) && stage == 0:
		m := n.single()
		r := normRun{x: m.X, dy: m.DY, y: m.Y, hw: n.HW, c: n.C, piece: p}
		r.gradSums(as32(n.Saved), as32(sums), n.ELU)
	case vectorized[F](n.C):
		normGradApplyVector(n.single(), p)
	case stage == NormGradStages-1 && p.Part == 0:
		n.backward()
	}
}

// Join joins the parts of the first stage, and adds to the gradients of the
// channel vectors.
func (n InstanceNormPlusGrad[F]) Join(sums []F) {
	if !vectorized[F](n.C) {
		return
	}
	saved, r := as32(n.Saved), normRun{hw: n.HW, c: n.C}
	r.joinGradSums(saved[3*n.C+1:], saved[4*n.C+1:], as32(sums))
	n.parameters()
}

// gradSums computes a part of the sums of a gradient: both sums of each chunk.
func (r *normRun) gradSums(mean, sums []float32, elu bool) {
	var b normChannels
	var totals normTotals
	for r.next(&b) {
		copy(b.vectors[0][:], mean[b.first:][:b.n])
		at := b.first * normChunks(r.hw, r.c)
		totals.chunks, totals.seconds = sums[at:], sums[NormSums(r.hw, r.c)+at:]
		r.pass(normGradSums, elu, &b, &totals)
	}
}

// joinGradSums sets s and t to the sums of all chunks.
func (r *normRun) joinGradSums(s, t, sums []float32) {
	var b normChannels
	var totals normTotals
	for r.next(&b) {
		for k, dst := range [][]float32{s, t} {
			r.join(&b, sums[k*NormSums(r.hw, r.c):], &totals)
			for i := range b.n {
				dst[b.first+i] = float32(totals.values[0][i])
			}
		}
	}
}
