package gen

// runs emits the copies and sums of runs that are apart from each other.
//
// Runs are parts of rows of an image, such as the channels of one input of a
// concatenation.
func runs(file *file) {
	for _, add := range []bool{false, true} {
		name, what := "copyRuns", "dst = src, run by run"
		if add {
			name, what = "addRuns", "dst += src, run by run"
		}
		file.function(name, "(a *runArgs)", what, func(f *function) {
			a := f.arguments64("a")[0]
			r := f.fields(a, "runArgs", "dst", "src", "dstStep", "srcStep")
			dst, src, n := r[0], r[1], f.integer("n")
			f.repeat("run", a.inside("runArgs_count"), "the next run", func() {
				f.set(n, a.inside("runArgs_n"))
				f.scope(func() {
					f.vectorLoop(n, what, func(place func(reg) mem) {
						v, sum := f.vector("src"), f.vector("dst")
						f.load(v, place(src))
						if add {
							f.load(sum, place(dst))
							f.add(v, v, sum)
						}
						f.store(place(dst), v)
					})
				})
				f.plus(dst, r[2])
				f.plus(src, r[3])
			})
			f.ret()
		})
	}
}

// elementwise emits the kernels that go through arrays once.
//
// These loops do one or two operations per element that they read, so that
// memory bounds them and not arithmetic: the number of chains does not matter.
func elementwise(file *file) {
	expTable(file)
	file.function("elu", "(dst, x *float32, n int)", "dst = ELU(x)", func(f *function) {
		r := f.arguments64("dst", "x", "n")
		dst, x, n := r[0], r[1], r[2]
		e := f.expConstants(1) // the mask of the tail
		f.vectorLoop(n, "dst = ELU(x)", func(place func(reg) mem) {
			v := f.vector("x")
			f.load(v, place(x))
			e.elu(v)
			f.store(place(dst), v)
		})
		f.ret()
	})
	file.function("eluGrad", "(dx, dy, y *float32, n int)", "dx += dy·ELU'", func(f *function) {
		r := f.arguments64("dx", "dy", "y", "n")
		dx, dy, y, n := r[0], r[1], r[2], r[3]
		s := f.slopeConstants()
		f.vectorLoop(n, "dx += dy·(min(y, 0) + 1)", func(place func(reg) mem) {
			sum, d, v := f.vector("dx"), f.vector("dy"), f.vector("y")
			f.load(v, place(y))
			f.slope(s, v)
			f.load(sum, place(dx))
			f.load(d, place(dy))
			f.fma(sum, d, v)
			f.store(place(dx), sum)
		})
		f.ret()
	})
	file.function("add", "(dst, a, b *float32, n int)", "dst = a + b", func(f *function) {
		r := f.arguments64("dst", "a", "b", "n")
		dst, a, b, n := r[0], r[1], r[2], r[3]
		f.vectorLoop(n, "dst = a + b", func(place func(reg) mem) {
			sum, v := f.vector("a"), f.vector("b")
			f.load(sum, place(a))
			f.load(v, place(b))
			f.add(sum, sum, v)
			f.store(place(dst), sum)
		})
		f.ret()
	})
	file.function("axpy", "(dst, x *float32, n int, alpha float32)", "dst += alpha·x",
		func(f *function) {
			r := f.arguments64("dst", "x", "n")
			dst, x, n := r[0], r[1], r[2]
			alpha := f.vector("alpha")
			f.broadcast(alpha, f.argument("alpha"))
			f.vectorLoop(n, "dst += alpha·x", func(place func(reg) mem) {
				sum, v := f.vector("dst"), f.vector("x")
				f.load(sum, place(dst))
				f.load(v, place(x))
				f.fma(sum, alpha, v)
				f.store(place(dst), sum)
			})
			f.ret()
		})
	runs(file)
	adam(file)
	if file.isa != avx512 { // memory bounds it: AVX2's does as well there
		dot(file)
	}
}

// adam emits a step of the optimizer; optim.go has the formula.
//
// With g the gradient times scale, the step is (Kingma and Ba 2015)
//
//	m ← β₁·m + (1 − β₁)·g,   v ← β₂·v + (1 − β₂)·g²,
//	w ← w − rate·m/(√v·root + ε),
//	avg ← avg + rest·(w − avg).
//
// rate and root contain the corrections for the start, 1/(1 − β₁ᵗ) and 1/√(1 −
// β₂ᵗ), which are computed once per step. All four arrays are passed once: in
// four loops they would be read from memory four times.
func adam(file *file) {
	const signature = "(a adamArrays, s *adamStep)"
	file.function("adam", signature, "one step of Adam on w, m, v and avg", func(f *function) {
		r := f.arguments64("a_w", "a_m", "a_v", "a_avg", "a_g", "a_n", "s")
		w, m, v, avg, grad, n, s := r[0], r[1], r[2], r[3], r[4], r[5], r[6]
		constant := map[string]vec{}
		for _, field := range []string{
			"beta1", "rest1", "beta2", "rest2", "rate", "root", "eps", "scale", "rest",
		} {
			constant[field] = f.vector(field)
			f.broadcast(constant[field], s.inside("adamStep_"+field))
		}
		f.vectorLoop(n, "a step of w, m, v and avg", func(place func(reg) mem) {
			g, first, second := f.vector("gradient"), f.vector("m"), f.vector("v")
			f.load(g, place(grad))
			f.mul(g, g, constant["scale"])
			f.load(first, place(m)) // m = β₁m + (1-β₁)g
			f.mul(first, first, constant["beta1"])
			f.fma(first, g, constant["rest1"])
			f.store(place(m), first)
			f.load(second, place(v)) // v = β₂v + (1-β₂)g²
			f.mul(g, g, g)
			f.mul(second, second, constant["beta2"])
			f.fma(second, g, constant["rest2"])
			f.store(place(v), second)
			f.free(g)
			f.root(second, second) // the step rate·m/(√v·root + eps)
			second = f.mulAdd(second, constant["root"], constant["eps"])
			f.mul(first, first, constant["rate"])
			f.div(first, first, second)
			weight := f.vector("w")
			f.load(weight, place(w)) // w -= step
			f.sub(weight, weight, first)
			f.store(place(w), weight)
			f.load(first, place(avg)) // avg += (1-decay)·(w - avg)
			f.sub(weight, weight, first)
			f.fma(first, constant["rest"], weight)
			f.store(place(avg), first)
		})
		f.ret()
	})
}

// dot emits the sum of products in float64.
//
// A float32 has 24 bits of significand, so that a product of two is exact in
// the 53 bits of a float64. Only the sum rounds.
func dot(file *file) {
	file.function("dot", "(a, b *float32, n int) float64", "the sum of a·b", func(f *function) {
		r := f.arguments64("a", "b", "n")
		a, b, n := r[0], r[1], r[2]
		sums := f.vectors("sum", 2)
		f.zero(sums...)
		f.vectorLoop(n, "sums += a·b, in float64", func(place func(reg) mem) {
			x, y := f.vector("a"), f.vector("b")
			wideX, wideY := f.vector("a in float64"), f.vector("b in float64")
			f.load(x, place(a))
			f.load(y, place(b))
			for i, op := range []opcode{opWidenLow, opWidenTop} {
				f.emit(instruction{op: op, to: wideX, a: x})
				f.emit(instruction{op: op, to: wideY, a: y})
				f.float64s(func() { f.fma(sums[i], wideY, wideX) })
			}
		})
		f.float64s(func() {
			f.comment("the sum of all lanes of both sums")
			f.add(sums[0], sums[0], sums[1])
			f.emit(instruction{op: opSumLanes, to: sums[0], a: sums[1]})
			f.emit(instruction{op: opSetLane, to: f.argument("ret"), a: sums[0]})
		})
		f.ret()
	})
}
