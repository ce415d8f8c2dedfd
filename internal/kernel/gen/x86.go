package gen

import (
	"fmt"
	"strings"
)

// The instructions that AVX2 and AVX-512 have in common. Go's assembler
// writes operands in the reverse of Intel's order: the destination is last.

// x86Jumps are the jumps on conditions.
var x86Jumps = map[condition]string{
	equal: "JEQ", notEqual: "JNE", less: "JLT", lessOrEqual: "JLE",
	greaterOrEqual: "JGE", above: "JHI", aboveOrSame: "JCC",
}

// x86Vectors are the instructions on two operands whose names end in the type
// of the lanes.
var x86Vectors = map[opcode]string{
	opAdd: "VADD", opSub: "VSUB", opMul: "VMUL", opDiv: "VDIV", opMaximum: "VMAX",
	opMinimum: "VMIN", opFma: "VFMADD231", opFnma: "VFNMADD231", opFmaInto: "VFMADD213",
}

// x86Integers are the instructions on integers.
var x86Integers = map[opcode]string{
	opPlus: "ADDQ", opMinus: "SUBQ", opTimes: "IMULQ", opShiftUp: "SHLQ", opShiftDown: "SHRQ",
}

// An x86 has the width of its vectors.
type x86 struct {
	letter string // of the name of a vector register
	bytes  int
}

// text is an operand as Go's assembler writes it.
//
// A half of AVX-512 is the register of AVX2 with the same number: Y3 is the
// lower half of Z3.
func (x x86) text(o operand, half bool) string {
	switch o := o.(type) {
	case vec:
		letter := x.letter
		if half {
			letter = "Y"
		}
		return fmt.Sprint(letter, int(o))
	case reg:
		return intel[o]
	case mask:
		return fmt.Sprint("K", int(o)+1) // K0 means no mask
	case imm:
		return fmt.Sprint("$", int(o))
	case mem:
		return x.address(o, half)
	}
	return ""
}

// address is a place in memory as Go's assembler writes it.
func (x x86) address(m mem, half bool) string {
	size := x.bytes
	if half {
		size /= 2
	}
	offset := m.vectors*size + m.bytes
	switch {
	case m.argument != "":
		return fmt.Sprintf("%s+%d(FP)", m.argument, offset)
	case m.table != "":
		return fmt.Sprintf("%s<>+%d(SB)", m.table, offset)
	}
	return m.offsetText(offset) + "(" + intel[m.base] + ")" + m.indexText(intel)
}

// offsetText is the offset of a place, with the name of a field if it has one.
func (m mem) offsetText(offset int) string {
	switch {
	case m.field != "" && offset != 0:
		return fmt.Sprintf("%s+%d", m.field, offset)
	case m.field != "":
		return m.field
	case offset != 0:
		return fmt.Sprint(offset)
	}
	return ""
}

// indexText is the index of a place, if it has one.
func (m mem) indexText(names []string) string {
	if m.scale == 0 {
		return ""
	}
	return fmt.Sprintf("(%s*%d)", names[m.index], m.scale)
}

// print writes an instruction that AVX2 and AVX-512 have in common.
//
// A register is cleared by XORQ with itself, and compared with zero by TESTQ:
// both are shorter than their general forms. XORQ changes the flags, which no
// kernel reads across it. VZEROUPPER before the return avoids the penalty that
// code without AVX has after it.
func (x x86) print(o *output, in instruction) {
	text := func(o operand) string { return x.text(o, in.half) }
	to, a, b := text(in.to), text(in.a), text(in.b)
	lanes := [2]string{"PS", "PD"}[in.element]
	switch in.op {
	case opComment:
		o.op("// %s", in.name)
	case opLabel:
		o.line("\n%s:", in.name)
	case opAlign:
		o.op("PCALIGN $%d", in.n)
	case opJump:
		o.op("JMP  %s", in.name)
	case opBranch:
		o.op("%s  %s", x86Jumps[in.when], in.name)
	case opCompare:
		if in.b == imm(0) {
			if _, ok := in.a.(reg); ok {
				o.op("TESTQ %s, %s", a, a)
				return
			}
		}
		o.op("CMPQ %s, %s", a, b)
	case opRet:
		o.op("VZEROUPPER")
		o.op("RET")
	case opSet:
		if in.a == imm(0) {
			o.op("XORQ %s, %s", to, to)
			return
		}
		o.op("MOVQ %s, %s", a, to)
	case opPlus, opMinus, opTimes:
		o.op("%s %s, %s", x86Integers[in.op], a, to)
	case opTimesInto:
		o.op("IMUL3Q $%d, %s, %s", in.n, a, to)
	case opShiftUp, opShiftDown:
		o.op("%s $%d, %s", x86Integers[in.op], in.n, to)
	case opShifted:
		o.op("LEAQ (%s)(%s*%d), %s", a, b, in.n, to)
	case opFrame:
		o.op("LEAQ frame-%d(SP), %s", in.n, to)
		o.op("ADDQ $%d, %s", x.bytes-1, to)
		o.op("ANDQ $%d, %s", -x.bytes, to)
	case opSetWord:
		o.op("MOVLQSX %s, %s", a, to)
	case opLoadByte:
		o.op("MOVBLZX %s, %s", a, to)
	case opPrefetch:
		o.op("PREFETCHT0 %s", a)
	default:
		x.vector(o, in, lanes, to, a, b)
	}
}

// vector writes an instruction on vectors.
//
// Instructions that have one form for both types end in PS (float32) or PD
// (float64). Loads and moves are always written as PS: the bits are the same.
func (x x86) vector(o *output, in instruction, lanes, to, a, b string) {
	switch in.op {
	case opLoad, opStore:
		o.op("VMOVUPS %s, %s", a, to)
	case opBroadcast:
		o.op("VBROADCASTS%s %s, %s", lanes[1:], a, to)
	case opMove:
		o.op("VMOVAPS %s, %s", a, to)
	case opAdd, opSub, opMul, opDiv, opMaximum, opMinimum, opFma, opFnma, opFmaInto:
		if m, ok := in.b.(mem); ok && m.one {
			lanes += ".BCST"
		}
		o.op("%s%s %s, %s, %s", x86Vectors[in.op], lanes, b, a, to)
	case opRoot:
		o.op("VSQRT%s %s, %s", lanes, a, to)
	case opToInt:
		o.op("VCVTPS2DQ %s, %s", a, to)
	case opToFloat:
		o.op("VCVTDQ2PS %s, %s", a, to)
	case opAddInts:
		name := "VPADDD"
		if m, ok := in.b.(mem); ok && m.one {
			name += ".BCST"
		}
		o.op("%s %s, %s, %s", name, b, a, to)
	case opShiftInt:
		o.op("VPSLLD $%d, %s, %s", in.n, a, to)
	case opWidenLow:
		o.op("VCVTPS2PD %s, %s", strings.Replace(a, x.letter, "X", 1), to)
	default:
		panic(fmt.Sprintf("gen: %s vectors have no instruction %d", x.letter, in.op))
	}
}
