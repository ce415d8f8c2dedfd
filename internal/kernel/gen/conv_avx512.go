package gen

import "fmt"

// convAVX512 emits the kernel that convolves pieces of image rows, for up to
// 32 or 16 output channels. It has code for each length of a piece.
//
// The number of pixels is known when the code is written: registers have no
// index, and a loop over the rows of a tile would need its sums in memory. The
// last vector of columns may be partial, by a mask that all tiles share.
func convAVX512(file *file, columns int) {
	meaning := fmt.Sprintf("convolves pieces of rows, for up to %d output channels", columns)
	file.function(fmt.Sprint("conv", columns), "(a *convArgsAVX512)", meaning, func(f *function) {
		a := f.arguments64("a")[0]
		field := func(name string) mem { return a.inside("convArgsAVX512_" + name) }
		lanes := f.lastMask(field("mask"))
		f.start(a, "convArgsAVX512", "dst")
		r := f.fields(a, "convArgsAVX512", "src", "step")
		src, step := r[0], r[1]
		pixels := f.bases(tileRowsAVX512, step)
		r = f.integers("dst", "panel", "segments", "count", "length")
		dst, panel, segments, count, length := r[0], r[1], r[2], r[3], r[4]
		f.set(dst, field("pixels"))
		f.choose(dst, "pixels", 1, tileRowsAVX512)
		for n := tileRowsAVX512; n >= 1; n-- {
			label := func(stem string) string { return fmt.Sprintf("%s%d", stem, n) }
			f.scope(func() {
				t := f.alternating(n, columns/16)
				f.block(label("pixels"), "pieces of %d pixels", n)
				f.block(label("row"), "the next row of the image")
				f.set(dst, field("pieces"))
				f.put(field("left"), dst)
				f.block(label("piece"), "sums begin with the bias")
				bias := dst
				f.set(bias, field("bias"))
				for i := range n {
					f.loadRow(t.row(0, i), at(bias))
				}
				t.clear(1)
				f.set(panel, field("panel"))
				f.set(segments, field("segments"))
				f.set(count, field("count"))
				f.repeat(label("segment"), count, "sums += a run of values · the panel", func() {
					first := pixels.every[0]
					f.set(first, at(segments))
					f.plus(segments, imm(8))
					f.plus(first, src)
					pixels.reach(n)
					f.set(length, field("length"))
					f.minusJump(length, imm(4), less, label("rest"))
					f.align(32)
					f.block(label("four"), "sums += four values · four rows of the panel")
					t.four(pixels.row, at(panel), 0)
					pixels.advance(n, 16)
					f.plus(panel, imm(16*columns))
					f.minusJump(length, imm(4), greaterOrEqual, label("four"))
					f.block(label("rest"), "up to three values are left")
					f.plusJump(length, imm(4), equal, label("done"))
					one := func() {
						t.step(0, pixels.row, at(panel), nil)
						pixels.advance(n, 4)
						f.plus(panel, imm(4*columns))
					}
					f.repeat(label("one"), length, "sums += one value · one row of the panel", one)
					f.block(label("done"), "the run is done")
				})
				t.fold()
				stride := panel
				f.set(dst, field("dstAt"))
				f.set(stride, field("stride"))
				f.jumpIf(field("add"), equal, imm(0), label("store"))
				f.comment("sums += dst")
				f.set(length, dst)
				t.addFrom(length, stride, lanes)
				f.block(label("store"), "dst = sums")
				t.storeTo(dst, stride, lanes)
				f.timesInto(length, step, n)
				f.plus(src, length)
				f.put(field("dstAt"), dst)
				f.minusJump(field("left"), imm(1), notEqual, label("piece"))
				f.plus(src, field("skip"))
				f.plus(dst, field("dstSkip"))
				f.put(field("dstAt"), dst)
				f.minusJump(field("rows"), imm(1), notEqual, label("row"))
				f.ret()
			})
		}
	})
}

// gradWeightsAVX512 emits the kernel that adds to weights that follow each
// other, of up to 32 or 16 output channels, their sums over pixels. It has
// code for each number of weights.
//
// The weights' values of x follow each other, so that one address with constant
// offsets serves all rows.
func gradWeightsAVX512(file *file, columns int) {
	meaning := fmt.Sprintf("weights += sums over pixels, for up to %d output channels", columns)
	name := fmt.Sprint("gradWeights", columns)
	file.function(name, "(a *gradArgsAVX512)", meaning, func(f *function) {
		a := f.arguments64("a")[0]
		field := func(name string) mem { return a.inside("gradArgsAVX512_" + name) }
		lanes := f.lastMask(field("mask"))
		r := f.fields(a, "gradArgsAVX512", "x", "dy", "step", "dyStep", "height")
		x, dy, step, dyStep, height := r[0], r[1], r[2], r[3], r[4]
		dw, width := f.integer("dw"), f.integer("width")
		f.set(dw, field("weights"))
		f.choose(dw, "weights", 1, tileRowsAVX512)
		for n := tileRowsAVX512; n >= 1; n-- {
			f.scope(func() {
				t := f.alternating(n, columns/16)
				f.block(fmt.Sprint("weights", n), "%d weights that follow each other", n)
				t.clear(0)
				f.repeat(fmt.Sprint("row", n), height, "sums += a row of pixels", func() {
					f.set(width, field("width"))
					pixel := func(k int) {
						t.step(k, func(i int) mem { return at(x).offset(4 * i) }, at(dy), lanes)
						f.plus(x, step)
						f.plus(dy, dyStep)
					}
					f.unrolled(width, 2, fmt.Sprint("Of", n), "sums += x·dy of a pixel", pixel)
					f.plus(x, field("skip"))
				})
				t.fold()
				f.comment("dw += sums")
				next, stride := width, dy
				f.set(dw, field("dw"))
				f.set(next, dw)
				f.set(stride, field("dwStep"))
				t.addFrom(next, stride, lanes)
				t.storeTo(dw, stride, lanes)
				f.ret()
			})
		}
	})
}
