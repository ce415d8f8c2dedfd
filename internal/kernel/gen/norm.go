package gen

// norm emits the passes of the norms over a chunk of an image: a vector of
// channels at a time, down all pixels.
//
// A norm has three passes over an image: the sums for the mean, the squared
// distances from it, and the normalization. The squares are taken after the
// mean is known: Σx² − N·m² would cancel for a mean far larger than the
// deviation.
func norm(file *file) {
	expTable(file)
	normSums(file)
	for _, elu := range []bool{false, true} {
		normApply(file, elu)
		normGradSums(file, elu)
		normGradApply(file, elu)
	}
}

// A pass is one of the kernels of norms.
//
// A pass goes down all pixels with one vector of channels, so that its sums and
// coefficients stay in registers. Pixels are stride bytes apart. The chunk of
// the image is small enough to stay in the first-level cache between passes.
type pass struct {
	name, meaning string
	images        []string // the images that the pass reads or writes
	channels      []string // the vectors of channels that it reads or writes
	unroll        int      // pixels at a time
	start         func(f *function)
	before        func(f *function, c column)
	pixel         func(f *function, c column, k int) // k counts the unrolled pixels
	after         func(f *function, c column)
}

// A column has the places of a vector of channels.
type column struct {
	image   func(name string) mem // in the pixel
	channel func(name string) mem // in a vector of channels
}

// emit emits the pass. An image of AVX-512 may end in half a vector.
func (p pass) emit(file *file) {
	file.function(p.name, "(a *normArgs)", p.meaning, func(f *function) {
		a := f.arguments64("a")[0]
		names := append(append([]string{}, p.images...), p.channels...)
		pointers := map[string]reg{}
		for i, r := range f.fields(a, "normArgs", names...) {
			pointers[names[i]] = r
		}
		r := f.fields(a, "normArgs", "stride", "pixels", "vectors")
		stride, pixels, left := r[0], r[1], r[2]
		f.free(a)
		channel, index, count := f.integer("channel"), f.integer("index"), f.integer("count")
		f.set(channel, imm(0))
		if p.start != nil {
			p.start(f)
		}
		down := func(suffix string, lanes *part) {
			c := column{
				image: func(name string) mem {
					m := at(pointers[name]).by(index, 1)
					m.part = lanes
					return m
				},
				channel: func(name string) mem {
					m := at(pointers[name]).by(channel, 1)
					m.part = lanes
					return m
				},
			}
			f.scope(func() {
				if p.before != nil {
					p.before(f, c)
				}
				f.set(index, channel)
				f.set(count, pixels)
				f.unrolled(count, p.unroll, suffix, p.meaning, func(k int) {
					f.scope(func() { p.pixel(f, c, k) })
					f.plus(index, stride)
				})
				if p.after != nil {
					p.after(f, c)
				}
			})
			f.plus(channel, imm(f.isa.bytes))
		}
		p.columns(f, left, down)
		f.ret()
	})
}

// columns emits the loop over vectors of channels, of which left are left,
// counted in eights.
func (p pass) columns(f *function, left reg, down func(suffix string, lanes *part)) {
	if f.isa != avx512 {
		if f.isa == neon {
			f.plus(left, left)
		}
		f.repeat("column", left, "the next channels", func() { down("", nil) })
		return
	}
	f.minusJump(left, imm(2), less, "half")
	f.block("column", "the next sixteen channels")
	down("", nil)
	f.minusJump(left, imm(2), greaterOrEqual, "column")
	f.block("half", "eight channels, if they are left")
	f.plusJump(left, imm(2), equal, "done")
	lanes := &part{mask: f.mask("half a vector")}
	f.set(left, imm(0xff))
	f.emit(instruction{op: opLoadMask, to: lanes.mask, a: left})
	down("Half", lanes)
	f.block("done", "all channels are done")
}

// fold adds four sums up and stores the total. There are four so that no
// addition waits for the one before.
func fold(f *function, sums []vec, to mem) {
	f.add(sums[0], sums[0], sums[1])
	f.add(sums[2], sums[2], sums[3])
	f.add(sums[0], sums[0], sums[2])
	f.store(to, sums[0])
}

// normSums emits the sums of the values of each channel and of their squared
// distances from the mean.
//
// Four sums take pixels p ≡ 0, 1, 2, 3 (mod 4). Their order is the same with
// each width of a vector, so that the bits are, too.
func normSums(file *file) {
	var sums []vec
	var mean vec
	after := func(f *function, c column) { fold(f, sums, c.channel("first")) }
	pass{
		name: "normSums", meaning: "sums += x", unroll: 4,
		images: []string{"x"}, channels: []string{"first"},
		before: func(f *function, c column) {
			sums = f.vectors("sum", 4)
			f.zero(sums...)
		},
		pixel: func(f *function, c column, k int) { f.add(sums[k], sums[k], c.image("x")) },
		after: after,
	}.emit(file)
	pass{
		name: "normSquares", meaning: "sums += (x - mean)²", unroll: 4,
		images: []string{"x"}, channels: []string{"mean", "first"},
		before: func(f *function, c column) {
			sums, mean = f.vectors("sum", 4), f.vector("mean")
			f.zero(sums...)
			f.load(mean, c.channel("mean"))
		},
		pixel: func(f *function, c column, k int) {
			x := f.vector("x")
			f.load(x, c.image("x"))
			f.sub(x, x, mean)
			f.fma(sums[k], x, x)
		},
		after: after,
	}.emit(file)
}

// suffixed adds the suffix of a kernel with ELU.
func suffixed(name, meaning string, elu bool) (string, string) {
	if elu {
		return name + "ELU", meaning + ", with ELU"
	}
	return name, meaning
}

// normApply emits the normalization itself.
//
// first and second hold γ/√(v + ε) and the shift of each channel. The mean is
// subtracted first: x·first − mean·first would cancel.
func normApply(file *file, elu bool) {
	name, meaning := suffixed("normApply", "dst = first·(x - mean) + second", elu)
	var mean, scale, shift vec
	var e exponential
	pass{
		name: name, meaning: meaning, unroll: 1,
		images: []string{"x", "dst"}, channels: []string{"mean", "first", "second"},
		start: func(f *function) {
			if elu {
				e = f.expConstants(3) // mean, scale and shift
			}
		},
		before: func(f *function, c column) {
			mean, scale, shift = f.vector("mean"), f.vector("scale"), f.vector("shift")
			f.load(mean, c.channel("mean"))
			f.load(scale, c.channel("first"))
			f.load(shift, c.channel("second"))
		},
		pixel: func(f *function, c column, _ int) {
			x := f.vector("x")
			f.load(x, c.image("x"))
			f.sub(x, x, mean)
			x = f.mulAdd(x, scale, shift)
			if elu {
				e.elu(x)
			}
			f.store(c.image("dst"), x)
		},
	}.emit(file)
}

// gradient returns dy, through ELU if requested.
//
// The result y of ELU gives its slope, so that the pass needs no exponential.
func gradient(f *function, c column, elu bool, s slope) vec {
	g := f.vector("gradient")
	if elu {
		f.load(g, c.image("y"))
		f.slope(s, g)
		f.mul(g, g, c.image("dy"))
	} else {
		f.load(g, c.image("dy"))
	}
	return g
}

// gradientImages are the images that gradients read.
func gradientImages(elu bool) []string {
	if elu {
		return []string{"x", "dy", "y"}
	}
	return []string{"x", "dy"}
}

// normGradSums emits the sums that gradients need.
//
// They are S_c = Σ_p g and Σ_p g·(x − m_c), with g = dy, or dy times the slope
// of ELU.
func normGradSums(file *file, elu bool) {
	name, meaning := suffixed("normGradSums", "sums += dy and dy·(x - mean)", elu)
	var sums, moments []vec
	var mean vec
	var s slope
	starts := func(f *function) {
		if elu {
			s = f.slopeConstants()
		}
	}
	pass{
		name: name, meaning: meaning, unroll: 4,
		images: gradientImages(elu), channels: []string{"mean", "first", "second"},
		start: starts,
		before: func(f *function, c column) {
			sums, moments = f.vectors("sum", 4), f.vectors("moment", 4)
			f.zero(sums...)
			f.zero(moments...)
			mean = f.vector("mean")
			f.load(mean, c.channel("mean"))
		},
		pixel: func(f *function, c column, k int) {
			g, x := gradient(f, c, elu, s), f.vector("x")
			f.add(sums[k], sums[k], g)
			f.load(x, c.image("x"))
			f.sub(x, x, mean)
			f.fma(moments[k], g, x)
		},
		after: func(f *function, c column) {
			fold(f, sums, c.channel("first"))
			fold(f, moments, c.channel("second"))
		},
	}.emit(file)
}

// normGradApply emits the gradient of the values.
//
// The gradient of a normalized channel is affine in g and in x − m
// (InstanceNormPlusGrad in package kernel):
//
//	dx += first·g + second·(x − mean) + third,
//
// with first = γ/√(v + ε), second = −γ·T/(N·(v + ε)) for T = Σ g·x̂, and third
// all that does not depend on the pixel.
func normGradApply(file *file, elu bool) {
	name, meaning := suffixed("normGradApply",
		"dst += first·dy + (second·(x - mean) + third)", elu)
	var mean, first, second, third vec
	var s slope
	starts := func(f *function) {
		if elu {
			s = f.slopeConstants()
		}
	}
	pass{
		name: name, meaning: meaning, unroll: 2,
		images:   append(gradientImages(elu), "dst"),
		channels: []string{"mean", "first", "second", "third"},
		start:    starts,
		before: func(f *function, c column) {
			mean, first = f.vector("mean"), f.vector("first")
			second, third = f.vector("second"), f.vector("third")
			f.load(mean, c.channel("mean"))
			f.load(first, c.channel("first"))
			f.load(second, c.channel("second"))
			f.load(third, c.channel("third"))
		},
		pixel: func(f *function, c column, _ int) {
			g, x := gradient(f, c, elu, s), f.vector("x")
			f.load(x, c.image("x"))
			f.sub(x, x, mean)
			x = f.mulAdd(x, second, third)
			f.fma(x, g, first)
			f.add(x, x, c.image("dst"))
			f.store(c.image("dst"), x)
		},
	}.emit(file)
}
