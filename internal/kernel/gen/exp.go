package gen

import "math"

// ELU and its slope, for kernels that apply ELU to their results.

// The constants of exp(x) - 1, by their places in expTable.
const (
	expLog2E = iota
	expLog2
	expC2
	expC3
	expC4
	expC5
	expC6
	expC7
	expLowest
	expOne
	expBias
)

// expTable emits the table of constants.
//
// The Taylor coefficients of exp are 1/2, 1/6, 1/24, …; the table differs from
// them in the last bits, since the interpolation spreads the error over the
// interval instead of leaving it at its ends. 127 is the bias of the exponent
// of float32.
func expTable(file *file) {
	bits := math.Float32bits
	file.words("expTable", "expTable has the constants of exp(x) - 1.",
		bits(math.Log2E),
		bits(math.Ln2), // fused: its error of n·2e-9 is nothing next to 1-2ⁿ
		// exp(r) = 1 + r + r²·(c₂ + c₃r + … + c₇r⁵) has an error below 2e-9·r
		// for |r| ≤ ½·log 2: interpolation at Chebyshev nodes.
		0x3f000000, 0x3e2aaaab, 0x3d2aaa74, 0x3c088870, 0x3ab6a1b1, 0x39509294,
		bits(-30), // below it exp(x)-1 is -1
		bits(1),
		127)
}

// An exponential is the constants of exp(x) - 1 in a function.
//
// Constants that find no register are in memory; constants[i] is a vec or a
// mem.
type exponential struct {
	f         *function
	constants map[int]operand
}

// eluRoom is the number of vectors that elu takes, x among them.
const eluRoom = 6

// expConstants loads the constants, and leaves registers for elu and for more
// vectors. The busiest constants come first.
func (f *function) expConstants(more int) exponential {
	return exponential{f, f.constants("expTable", []int{
		expLog2E, expC7, expC6, expC5, expC4, expC3, expLog2, expBias, expOne, expC2, expLowest,
	}, eluRoom+more)}
}

// copyTo sets a register to a constant.
func (e exponential) copyTo(v vec, i int) {
	switch c := e.constants[i].(type) {
	case vec:
		e.f.move(v, c)
	case mem:
		e.f.load(v, c)
	}
}

// elu replaces x by ELU(x). With n = round(x·log₂e) and r = x - n·log 2,
//
//	exp(x) - 1 = 2ⁿ·(exp(r) - 1) + (2ⁿ - 1)
//
// has no cancellation near zero, where n is 0.
//
// Derivation: with x = n·log 2 + r, exp(x) = 2ⁿ·exp(r), and thus
//
//	exp(x) − 1 = 2ⁿ·exp(r) − 2ⁿ + 2ⁿ − 1 = 2ⁿ·(exp(r) − 1) + (2ⁿ − 1).
//
// |r| is at most ½·log 2 = 0.347, where the polynomial exp(r) − 1 = r + r²·(c₂
// + … + c₇r⁵) is accurate. The direct form exp(x) − 1 would lose all digits for
// |x| < 3·10⁻⁸, where exp(x) rounds to 1.
//
// The float32 2ⁿ is made of bits: the integer n + 127, shifted into the
// exponent. x is first raised to at least −30, so that 2ⁿ stays a normal
// number; exp(−30) = 10⁻¹³ is below the last bit of −1. For x > 0 the result is
// thrown away by the blend, so that an overflow does no harm. NaN passes:
// maximum returns x for it, each operation keeps it, and a comparison with it
// is false.
func (e exponential) elu(x vec) {
	f := e.f
	f.scope(func() {
		r, power, sum := f.vector("r"), f.vector("power"), f.vector("polynomial")
		e.copyTo(r, expLowest)
		f.maximum(r, r, x) // x, if x is not a number
		f.mul(power, e.constants[expLog2E].(vec), r)
		f.toInt(power, power)
		f.toFloat(sum, power)
		f.fnma(r, sum, e.constants[expLog2])
		f.addInts(power, power, e.constants[expBias])
		f.shiftInt(power, power, 23) // 2ⁿ
		e.copyTo(sum, expC6)
		f.fma(sum, r, e.constants[expC7])
		for i := expC5; i >= expC2; i-- {
			sum = f.mulAdd(sum, r, e.constants[i])
		}
		square := f.vector("square")
		f.mul(square, r, r)
		f.fma(r, square, sum) // exp(r) - 1
		f.sub(square, power, e.constants[expOne])
		f.fma(square, power, r)
		f.zero(sum)
		positive := f.mask("positive")
		f.larger(positive, x, sum)
		f.blend(x, positive, x, square)
	})
}

// A slope is the constants of the derivative of ELU.
//
// Zero and one fill all lanes.
type slope struct{ zero, one vec }

// slopeConstants loads the constants of the derivative of ELU.
func (f *function) slopeConstants() slope {
	s := slope{f.vector("zero"), f.vector("one")}
	f.zero(s.zero)
	f.broadcast(s.one, mem{table: "expTable", bytes: 4 * expOne})
	return s
}

// slope replaces y, a value of ELU, by the derivative min(y, 0) + 1 there. It
// leaves y that is not a number.
//
// For x > 0, ELU(x) = x has the derivative 1; for x ≤ 0, ELU(x) = exp(x) − 1
// has the derivative exp(x) = y + 1. Both are min(y, 0) + 1, so that the
// gradient needs the result y only and x can be overwritten.
func (f *function) slope(s slope, y vec) {
	f.minimum(y, s.zero, y)
	f.add(y, y, s.one)
}
