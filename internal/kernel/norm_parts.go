package kernel

// InstanceNorm++ of one image by several goroutines. Statistics want all pixels before any is set, so there are three
// stages: sums, squares about the mean, the image. Each is made in parts, and once all of them are there, Join makes what the next
// stage begins with. Sums are taken over the chunks of InstanceNormPlus and joined in their order, whatever the parts: all is as
// InstanceNormPlus does it, bit by bit.

// NormStages is the number of stages.
const NormStages = 3

// NormSums returns the number of elements of sums that the stages pass on to each other.
func NormSums(hw, c int) int { return normChunks(hw, c) * c }

// normChunks is the largest number of chunks of a block of channels.
func normChunks(hw, c int) int { return ceil(hw, normChunk(min(c, normBlock))) }

// InstanceNormPlusPart computes a part of one stage, from 0. Images that have no vector passes have one part: the first of
// the last stage is all of it, and the others are nothing.
func InstanceNormPlusPart[F Float](stage int, dst, x, gamma, alpha, beta, saved, sums []F, hw, c int, elu bool, part, parts int) {
	const op = "InstanceNormPlusPart"
	checkNorm(op, hw, c, [][]F{dst, x}, [][]F{gamma, alpha, beta}, saved)
	need(op, "sums", len(sums), NormSums(hw, c))
	p := pieceOf(op, part, parts)
	if !vectorized[F](c) {
		if stage == NormStages-1 && part == 0 {
			normForward(dst, x, gamma, alpha, beta, saved, hw, c, elu)
		}
		return
	}
	im := normImages{x: as32(x), dst: as32(dst)}
	if stage == NormStages-1 {
		im.apply(as32(gamma), as32(alpha), as32(beta), as32(saved), hw, c, elu, p)
		return
	}
	im.statistics(stage, as32(saved), as32(sums), hw, c, p)
}

// statistics makes a part of the first stages, sums and squares about the
// means in saved, of each chunk.
func (im *normImages) statistics(stage int, saved, sums []float32, hw, c int, p piece) {
	for b := 0; b < c; b += normBlock {
		n := min(normBlock, c-b)
		var v channelVectors
		copy(v[0][:], saved[b:][:n])
		im.run([]normOp{normSums, normSquares}[stage], false, &v, nil, sums[b*normChunks(hw, c):], hw, c, b, n, p)
	}
}

// InstanceNormPlusJoin joins the parts of a stage but the last, and does nothing after that.
func InstanceNormPlusJoin[F Float](stage int, saved, sums []F, hw, c int) {
	if !vectorized[F](c) || stage == NormStages-1 {
		return
	}
	s := as32(saved)
	for b := 0; b < c; b += normBlock {
		n := min(normBlock, c-b)
		totals := sumChunks(as32(sums), hw, c, b, n)
		if stage == 0 {
			setMeans(s[b:][:n], &totals, hw)
		} else {
			setDeviations(s[c+b:][:n], &totals, hw)
		}
	}
	if stage == 1 {
		s[3*c] = float32(normalizeMeans(s[2*c:3*c], s[:c]))
	}
}

// sumChunks adds the sums of all chunks of the channels b to b+n, in order.
func sumChunks(sums []float32, hw, c, b, n int) (totals [normBlock]float64) {
	at := sums[b*normChunks(hw, c):]
	for k := range ceil(hw, normChunk(n)) {
		for i, v := range at[k*n:][:n] {
			totals[i] += float64(v)
		}
	}
	return totals
}
