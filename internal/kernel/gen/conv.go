package gen

import "fmt"

// conv emits the direct convolution and the gradient of its weights.
func conv(file *file) {
	if file.isa == avx512 {
		for _, columns := range []int{32, 16} {
			convAVX512(file, columns)
		}
		for _, columns := range []int{32, 16} {
			gradWeightsAVX512(file, columns)
		}
		return
	}
	for _, columns := range []int{16, 8} {
		convTiles(file, columns)
	}
	for _, columns := range []int{16, 8} {
		gradWeights(file, columns)
	}
}

// tileRows is the number of pixels, or of weights, of a tile. With 16 columns
// its sums take 12 of the 16 registers of AVX2, or 24 of the 32 of NEON.
const tileRows = 6

// pointers reserves a register for the address of each row of a tile.
func (f *function) pointers(n int) []reg {
	p := make([]reg, n)
	for i := range p {
		p[i] = f.integer(fmt.Sprint("row ", i))
	}
	return p
}

// convTiles emits the kernel that convolves consecutive tiles of six pixels,
// for 16 or 8 output channels.
//
// A convolution is a product of matrices whose left factor is not stored: row p
// has the values of the image around pixel p, in segments, runs of values that
// follow each other in memory. With a panel of weights of n columns,
//
//	dst[p, o] = bias[o] + Σ_segments Σ_k src[p + segment + k]·panel[k, o].
//
// Six pixels and 16 columns have 12 sums in AVX2. Values of a row come four at
// a time; the loop for single values takes the rest of a run.
//
// The places of the six pixels are computed again for each tile, since a tile
// may begin in one row of the image and end in the next.
func convTiles(file *file, columns int) {
	meaning := fmt.Sprintf("convolves tiles of six pixels, for %d output channels", columns)
	file.function(fmt.Sprint("conv", columns), "(a *convArgs)", meaning, func(f *function) {
		a := f.arguments64("a")[0]
		field := func(name string) mem { return a.inside("convArgs_" + name) }
		f.start(a, "convArgs", "src", "dst")
		sets := 16 / columns // six chains of AVX2, or twelve of NEON, are too few
		t := f.tile(tileRows, 4*columns/f.isa.bytes, sets)
		pixels := f.pointers(tileRows)
		r := f.integers("index", "panel", "segments", "count", "length")
		index, panel, segments, count, length := r[0], r[1], r[2], r[3], r[4]
		row := func(i int) mem { return at(pixels[i]).by(index, 1) }
		f.block("tile", "six pixels: each follows the one before, or starts the next row")
		src, left := index, panel
		f.set(src, field("srcAt"))
		f.set(left, field("left"))
		for i, p := range pixels {
			next := fmt.Sprint("pixel", i)
			f.set(p, src)
			f.plus(src, field("step"))
			f.minusJump(left, imm(1), notEqual, next)
			f.plus(src, field("skip"))
			f.set(left, field("width"))
			f.block(next, "the address of the next pixel")
		}
		f.put(field("srcAt"), src)
		f.put(field("left"), left)
		f.comment("sums begin with the bias")
		bias := index
		f.set(bias, field("bias"))
		for i := range tileRows {
			f.loadRow(t.row(0, i), at(bias))
		}
		t.clear(1)
		f.set(panel, field("panel"))
		f.set(segments, field("segments"))
		f.set(count, field("count"))
		f.repeat("segment", count, "sums += a run of values · the panel", func() {
			f.set(index, at(segments))
			f.plus(segments, imm(8))
			f.set(length, field("length"))
			f.minusJump(length, imm(4), less, "rest")
			f.align(32)
			f.block("four", "sums += four values · four rows of the panel")
			t.four(row, at(panel), 0)
			f.plus(index, imm(16))
			f.plus(panel, imm(16*columns))
			f.minusJump(length, imm(4), greaterOrEqual, "four")
			f.block("rest", "up to three values are left")
			f.plusJump(length, imm(4), equal, "done")
			f.repeat("one", length, "sums += one value · one row of the panel", func() {
				t.step(0, row, at(panel), nil)
				f.plus(index, imm(4))
				f.plus(panel, imm(4*columns))
			})
			f.block("done", "the run is done")
		})
		dst, stride := index, panel
		f.set(dst, field("dstAt"))
		f.set(stride, field("stride"))
		t.fold()
		f.jumpIf(field("add"), equal, imm(0), "store")
		f.comment("sums += dst")
		f.set(length, dst)
		t.addFrom(length, stride, nil)
		f.block("store", "dst = sums")
		t.storeTo(dst, stride, nil)
		f.put(field("dstAt"), dst)
		f.minusJump(field("tiles"), imm(1), notEqual, "tile")
		f.ret()
	})
}

// gradWeights emits the kernel that adds to six rows of weights, of 16 or 8
// output channels, their sums over pixels.
//
// With x the image, dy the gradient of the output, and k_i the place of weight
// i relative to a pixel,
//
//	dw[i, o] += Σ_p x[p + k_i]·dy[p, o].
//
// Six weights and all columns o form a tile whose sums stay in registers over
// all pixels: each pixel costs six loads of x and one row of dy.
func gradWeights(file *file, columns int) {
	meaning := fmt.Sprintf("six weights += sums over pixels, for %d output channels", columns)
	file.function(fmt.Sprint("gradWeights", columns), "(a *gradArgs)", meaning, func(f *function) {
		a := f.arguments64("a")[0]
		field := func(name string) mem { return a.inside("gradArgs_" + name) }
		rows := f.pointers(tileRows)
		for i, p := range rows {
			f.set(p, field("rows").offset(8*i))
		}
		t := f.tile(tileRows, 4*columns/f.isa.bytes, 1)
		t.clear(0)
		r := f.fields(a, "gradArgs", "dy", "step", "dyStep", "height")
		dy, step, dyStep, height := r[0], r[1], r[2], r[3]
		index, width := f.integer("index"), f.integer("width")
		f.set(index, imm(0))
		f.repeat("row", height, "sums += a row of pixels", func() {
			f.set(width, field("width"))
			f.unrolled(width, 2, "", "sums += x·dy of a pixel", func(int) {
				t.step(0, func(i int) mem { return at(rows[i]).by(index, 1) }, at(dy), nil)
				f.plus(index, step)
				f.plus(dy, dyStep)
			})
			f.plus(index, field("skip"))
		})
		f.comment("dw += sums")
		dw, next, stride := index, width, dy
		f.set(dw, field("dw"))
		f.set(next, dw)
		f.set(stride, field("dwStep"))
		t.addFrom(next, stride, nil)
		t.storeTo(dw, stride, nil)
		f.ret()
	})
}
