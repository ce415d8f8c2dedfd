package kernel

// The gradient of a bias is a sum over the pixels of an image. As in norms,
// sums are taken in float32 over the chunks of the image, and in float64 from
// chunk to chunk, so that goroutines can share the chunks.

// biasGrad adds to dbias the sum of the pixels of dy (hw·c).
func biasGrad(dbias, dy []float32, hw, c int) {
	r := normRun{x: dy, hw: hw, c: c, piece: whole}
	var b normChannels
	var totals normTotals
	for r.next(&b) {
		r.biasSums(&b, &totals)
		addTotals(dbias[b.first:][:b.n], &totals.values[0])
	}
}

// biasGradPart sets the sums of a piece of the chunks.
func biasGradPart(sums, dy []float32, hw, c int, p Piece) {
	r := normRun{x: dy, hw: hw, c: c, piece: p}
	var b normChannels
	var totals normTotals
	for r.next(&b) {
		totals.chunks = sums[b.first*normChunks(hw, c):]
		r.biasSums(&b, &totals)
	}
}

// biasGradJoin adds the sums of all chunks to dbias.
func biasGradJoin(dbias, sums []float32, hw, c int) {
	r := normRun{hw: hw, c: c}
	var b normChannels
	var totals normTotals
	for r.next(&b) {
		r.join(&b, sums, &totals)
		addTotals(dbias[b.first:][:b.n], &totals.values[0])
	}
}

// biasSums sums the pixels of each chunk of a piece for a block of channels.
func (r *normRun) biasSums(b *normChannels, totals *normTotals) {
	if r.c%8 == 0 {
		r.pass(normSums, false, b, totals)
		return
	}
	clear(totals.values[0][:b.n])
	chunk, sums := normChunk(b.n), b.vectors[1][:b.n]
	from, to := r.piece.of(ceil(r.hw, chunk))
	for k := from; k < to; k++ {
		clear(sums)
		for p := k * chunk; p < min(r.hw, (k+1)*chunk); p++ {
			for i, v := range r.x[p*r.c+b.first:][:len(sums)] {
				sums[i] += v
			}
		}
		if totals.chunks != nil {
			copy(totals.chunks[k*b.n:][:b.n], sums)
		} else {
			addTo(totals.values[0][:b.n], sums)
		}
	}
}

// addTotals adds sums in float64 to values.
func addTotals(values []float32, totals *[normBlock]float64) {
	for i := range values {
		values[i] += float32(totals[i])
	}
}
