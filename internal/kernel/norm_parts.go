package kernel

// Norms of one image by several goroutines. The statistics need all pixels
// before any pixel is set, so there are three stages: sums, squared distances
// from the mean, the image. Each stage is computed in parts. When all parts of
// a stage are done, Join prepares the next stage. Sums are taken over the
// chunks of Run and joined in their order, so that the results have the bits
// of Run for any number of parts.

// NormStages is the number of stages.
const NormStages = 3

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
