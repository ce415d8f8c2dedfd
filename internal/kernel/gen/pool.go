package gen

import "fmt"

// pool emits the steps of the 5×5 pools along one axis, from five runs of n
// float32 to one, and the steps of Resize, from four corners to a pixel.
//
// A 5×5 pool is separable: the largest of 25 is the largest of five results of
// five each, and so is the sum. Two axes take 4 + 4 operations per element
// instead of 24.
func pool(file *file) {
	lanes := make([]uint32, file.isa.lanes())
	for i := range lanes {
		lanes[i] = uint32(i)
	}
	file.words("lanes", "lanes has the number of each lane.", lanes...)
	file.words("step", "step has the number of lanes.", uint32(len(lanes)))
	max5(file)
	max5Index(file)
	max5Arg(file)
	sum5(file)
	blend4(file)
}

// five loads the pointers to five runs and to the result, and the length.
func five(f *function) (a reg, src []reg, dst, n reg) {
	a = f.arguments64("a")[0]
	src = make([]reg, 5)
	for i := range src {
		src[i] = f.integer(fmt.Sprint("source ", i))
		f.set(src[i], a.inside("poolArgs_src").offset(8*i))
	}
	r := f.fields(a, "poolArgs", "dst", "n")
	return a, src, r[0], r[1]
}

// replaces sets the mask where the candidate replaces the largest so far: where
// it is larger, or not a number.
//
// A NaN replaces the present value, and only another NaN replaces it, for a
// comparison with NaN is false. NaN thus reaches the output, as in the
// definition.
func replaces(f *function, to mask, candidate, largest vec) {
	f.scope(func() {
		f.larger(to, candidate, largest)
		nan := f.mask("not a number")
		f.isNaN(nan, candidate)
		f.either(to, nan)
	})
}

// takes makes the candidate the largest where the mask is set.
func takes(f *function, m mask, candidate, largest vec) {
	f.blend(largest, m, candidate, largest)
}

// max5 emits the largest of five runs, element by element.
func max5(file *file) {
	file.function("max5", "(a *poolArgs)", "dst = the largest of five", func(f *function) {
		_, src, dst, n := five(f)
		f.vectorLoop(n, "dst = the largest of five", func(place func(reg) mem) {
			largest, candidate, m := f.vector("largest"), f.vector("candidate"), f.mask("larger")
			f.load(largest, place(src[0]))
			for _, s := range src[1:] {
				f.load(candidate, place(s))
				replaces(f, m, candidate, largest)
				takes(f, m, candidate, largest)
			}
			f.store(place(dst), largest)
		})
		f.ret()
	})
}

// max5Index emits the largest of five runs and its number in the image, for the
// first axis. Numbers are integers of 32 bits in lanes: the number of the first
// element of a run plus the number of the lane, and a step of one vector each
// round. Of equal values the first counts, since only a larger one replaces it.
func max5Index(file *file) {
	const meaning = "dst = the largest of five, argDst = its number"
	file.function("max5Index", "(a *poolArgs)", meaning, func(f *function) {
		a, src, dst, n := five(f)
		argDst := f.fields(a, "poolArgs", "argDst")[0]
		f.comment("the numbers of the first elements of the runs, and the step")
		numbers := f.vectors("number", 5)
		for i, v := range numbers {
			f.broadcast(v, a.inside("poolArgs_index").offset(4*i))
			f.addInts(v, v, mem{table: "lanes"})
		}
		step := f.vector("step")
		f.broadcast(step, mem{table: "step"})
		f.vectorLoop(n, meaning, func(place func(reg) mem) {
			largest, number := f.vector("largest"), f.vector("its number")
			candidate, m := f.vector("candidate"), f.mask("larger")
			f.load(largest, place(src[0]))
			f.move(number, numbers[0])
			for i, s := range src[1:] {
				f.load(candidate, place(s))
				replaces(f, m, candidate, largest)
				takes(f, m, candidate, largest)
				takes(f, m, numbers[1+i], number)
			}
			f.store(place(dst), largest)
			f.store(place(argDst), number)
			for _, v := range numbers {
				f.addInts(v, v, step)
			}
		})
		f.ret()
	})
}

// max5Arg emits the largest of five and its number for the second axis, where
// the numbers come with the candidates from the first.
func max5Arg(file *file) {
	const meaning = "dst = the largest of five, argDst = its arg"
	file.function("max5Arg", "(a *poolArgs)", meaning, func(f *function) {
		a, src, dst, n := five(f)
		argDst, p := f.fields(a, "poolArgs", "argDst")[0], f.integer("arg")
		f.vectorLoop(n, meaning, func(place func(reg) mem) {
			largest, arg := f.vector("largest"), f.vector("its arg")
			candidate, m := f.vector("candidate"), f.mask("larger")
			f.load(largest, place(src[0]))
			f.set(p, a.inside("poolArgs_arg"))
			f.load(arg, place(p))
			for i, s := range src[1:] {
				f.load(candidate, place(s))
				replaces(f, m, candidate, largest)
				takes(f, m, candidate, largest)
				f.set(p, a.inside("poolArgs_arg").offset(8+8*i))
				f.load(candidate, place(p))
				takes(f, m, candidate, arg)
			}
			f.store(place(dst), largest)
			f.store(place(argDst), arg)
		})
		f.ret()
	})
}

// sum5 emits the sum of five runs in the order of the runs, and the form that
// adds a multiple of it to the result, which is the transposed operation that a
// gradient needs.
func sum5(file *file) {
	sum := func(f *function, src []reg, place func(reg) mem) vec {
		sum, term := f.vector("sum"), f.vector("term")
		f.load(sum, place(src[0]))
		for _, s := range src[1:] {
			f.load(term, place(s))
			f.add(sum, sum, term)
		}
		return sum
	}
	file.function("sum5", "(a *poolArgs)", "dst = the sum of five", func(f *function) {
		_, src, dst, n := five(f)
		f.vectorLoop(n, "dst = the sum of five", func(place func(reg) mem) {
			f.store(place(dst), sum(f, src, place))
		})
		f.ret()
	})
	const meaning = "dst += scale·(the sum of five)"
	file.function("sum5Add", "(a *poolArgs)", meaning, func(f *function) {
		a, src, dst, n := five(f)
		scale := f.vector("scale")
		f.broadcast(scale, a.inside("poolArgs_scale"))
		f.vectorLoop(n, meaning, func(place func(reg) mem) {
			s, old := sum(f, src, place), f.vector("dst")
			f.load(old, place(dst))
			f.store(place(dst), f.mulAdd(s, scale, old))
		})
		f.ret()
	})
}

// blend4 emits the steps between each pixel of a run and the four corners
// around it, in two rows of another image.
//
// With weights w_i of the corners x_i, bilinear interpolation is y = Σ w_i·x_i.
// Its transposed, for the gradient, adds w_i·y to each corner: spread4. The two
// corners of a row may be the same pixel at the edge of an image, so that each
// is stored before the next is loaded.
func blend4(file *file) {
	steps := func(name, what string, step func(f *function, corners []reg, weights []vec,
		pixel reg, place func(reg) mem)) {
		file.function(name, "(a *blendArgs)", what, func(f *function) {
			a := f.arguments64("a")[0]
			r := f.fields(a, "blendArgs", "weights", "pixel")
			weight, pixel := r[0], r[1]
			at := []reg{f.integer("places of the first row"), f.integer("of the second")}
			for i, place := range at {
				f.set(place, a.inside("blendArgs_at").offset(8*i))
			}
			corners, weights := f.integers("corner 0", "corner 1", "corner 2", "corner 3"),
				f.vectors("weight", 4)
			n := f.integer("channels")
			f.repeat("pixel", a.inside("blendArgs_pixels"), "the next pixel", func() {
				for i, corner := range corners {
					f.set(corner, mem{base: at[i/2], bytes: 8 * (i % 2)})
					f.plus(corner, a.inside("blendArgs_rows").offset(8*(i/2)))
					f.broadcast(weights[i], mem{base: weight, bytes: 4 * i})
				}
				f.set(n, a.inside("blendArgs_n"))
				f.scope(func() {
					f.vectorLoop(n, what, func(place func(reg) mem) {
						step(f, corners, weights, pixel, place)
					})
				})
				f.plus(at[0], imm(16))
				f.plus(at[1], imm(16))
				f.plus(weight, imm(16))
				f.plus(pixel, a.inside("blendArgs_step"))
			})
			f.ret()
		})
	}
	steps("blend4", "pixel = the sum of weight·corner",
		func(f *function, corners []reg, weights []vec, pixel reg, place func(reg) mem) {
			sum, corner := f.vector("sum"), f.vector("corner")
			for i, c := range corners {
				f.load(corner, place(c))
				if i == 0 {
					f.mul(sum, weights[i], corner)
				} else {
					f.fma(sum, weights[i], corner)
				}
			}
			f.store(place(pixel), sum)
		})
	steps("spread4", "corner += weight·pixel, each of four",
		func(f *function, corners []reg, weights []vec, pixel reg, place func(reg) mem) {
			v, corner := f.vector("pixel"), f.vector("corner")
			f.load(v, place(pixel))
			for i, c := range corners { // in order: corners may be the same pixel
				f.load(corner, place(c))
				f.fma(corner, weights[i], v)
				f.store(place(c), corner)
			}
		})
}
