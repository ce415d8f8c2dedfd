package gen

import "fmt"

// The printer for NEON: vectors of 16 bytes in 32 registers, masks in
// vectors. Operands that compute are in registers.

// neonPrinter prints for NEON. Go's assembler reads the destination last, and
// so does this printer; instructions that it lacks are words (neon_words.go).
type neonPrinter struct{}

// armJumps are the jumps on conditions.
var armJumps = map[condition]string{
	equal: "BEQ", notEqual: "BNE", less: "BLT", lessOrEqual: "BLE",
	greaterOrEqual: "BGE", above: "BHI", aboveOrSame: "BHS",
}

// armText is an operand as Go's assembler writes it.
func armText(o operand) string {
	switch o := o.(type) {
	case vec:
		return fmt.Sprint("F", int(o))
	case reg:
		return arm[o]
	case imm:
		return fmt.Sprint("$", int(o))
	case mem:
		offset := o.vectors*16 + o.bytes
		switch {
		case o.argument != "":
			return fmt.Sprintf("%s+%d(FP)", o.argument, offset)
		case o.scale == 1 && offset == 0 && o.field == "":
			return fmt.Sprintf("(%s)(%s)", arm[o.base], arm[o.index])
		case o.scale != 0:
			panic(fmt.Sprintf("gen: NEON has no address like %v", o))
		}
		return o.offsetText(offset) + "(" + arm[o.base] + ")"
	}
	return ""
}

// print writes an instruction on integers or a jump, and leaves vectors to
// neonVector. A subtraction sets the flags only in its form with S.
func (neonPrinter) print(o *output, in instruction) {
	to, a, b := armText(in.to), armText(in.a), armText(in.b)
	suffix := map[bool]string{true: "S"}[in.flags]
	switch in.op {
	case opComment:
		o.op("// %s", in.name)
	case opLabel:
		o.line("\n%s:", in.name)
	case opAlign:
		o.op("PCALIGN $16")
	case opJump:
		o.op("B    %s", in.name)
	case opBranch:
		o.op("%s  %s", armJumps[in.when], in.name)
	case opCompare:
		o.op("CMP  %s, %s", b, a)
	case opRet:
		o.op("RET")
	case opSet:
		o.op("MOVD %s, %s", a, to)
	case opPlus:
		o.op("ADD%s %s, %s", suffix, a, to)
	case opMinus:
		o.op("SUB%s %s, %s", suffix, a, to)
	case opTimes:
		o.op("MUL  %s, %s", a, to)
	case opShiftUp:
		o.op("LSL  $%d, %s", in.n, to)
	case opShiftDown:
		o.op("LSR  $%d, %s", in.n, to)
	case opShifted:
		o.op("ADD  %s<<%d, %s, %s", b, in.n/2, a, to)
	case opAddressOf:
		o.op("MOVD $%s<>(SB), %s", in.a.(mem).table, to)
	case opLoadByte:
		o.op("MOVBU %s, %s", a, to)
	case opPrefetch, opBeginPart:
		// the processor prefetches; the number of lanes is in a register
	case opLoad, opStore:
		neonMove(o, in)
	case opLoadPair:
		o.op("FLDPQ %s, (%s, %s)", a, to, b)
	case opStorePair:
		o.op("FSTPQ (%s, %s), %s", a, b, to)
	default:
		neonVector(o, in)
	}
}

// neonMove writes a load or a store of a vector.
func neonMove(o *output, in instruction) {
	place, isLoad := in.a.(mem)
	v, _ := in.to.(vec)
	if !isLoad {
		place, v = in.to.(mem), in.a.(vec)
	}
	switch {
	case place.part != nil:
		neonPart(o, place, v, isLoad, in.name)
	case place.scale == 1:
		armIndexed(o, !isLoad, v, arm[place.base], arm[place.index])
	default:
		o.op("FMOVQ %s, %s", armText(in.a), armText(in.to))
	}
}

// neonPart moves one to three elements, in twos and ones by the bits of their
// number. The other lanes become zeros.
//
// With count = 1, 2 or 3: bit 1 moves two elements at once, bit 0 one more
// after them or alone. Loads of one or two elements clear the other lanes.
func neonPart(o *output, place mem, v vec, isLoad bool, stem string) {
	at, count := arm[place.part.at], arm[place.part.count]
	move := func(name, third, register string) {
		if isLoad {
			o.op("%s (%s), %s%s", name, at, register, third)
		} else {
			o.op("%s %s%s, (%s)", name, register, third, at)
		}
	}
	f, whole := fmt.Sprint("F", int(v)), fmt.Sprint("V", int(v))
	third := map[bool]string{true: "VLD1", false: "VST1"}[isLoad]
	o.op("ADD  %s, %s, %s", arm[place.index], arm[place.base], at)
	o.op("TBZ  $1, %s, %sOne", count, stem)
	move("FMOVD", "", f)
	o.op("TBZ  $0, %s, %sDone", count, stem)
	o.op("ADD  $8, %s", at)
	move(third, ".S[2]", whole)
	o.op("B    %sDone", stem)
	o.line("\n%sOne:", stem)
	o.op("// a single element")
	move("FMOVS", "", f)
	o.line("\n%sDone:", stem)
	o.op("// all elements are there")
}

// neonThree has the instructions on two operands.
var neonThree = map[opcode]string{
	opAdd: "FADD", opSub: "FSUB", opMul: "FMUL", opDiv: "FDIV", opMaximum: "FMAX",
	opMinimum: "FMIN", opLarger: "FCMGT", opPairSums: "FADDP",
	opFmaLane: "FMLA", opFnmaLane: "FMLS", opMulLane: "FMUL",
}

// neonVector writes an instruction on vectors. A blend selects bits: BIF
// inserts the bits of its operand where the mask is zero and BIT where it is
// one, so that the destination must be one of the two inputs.
func neonVector(o *output, in instruction) {
	number := func(o operand) vec {
		if m, ok := o.(mask); ok {
			return vec(m)
		}
		v, _ := o.(vec)
		return v
	}
	to, a, b, c := number(in.to), number(in.a), number(in.b), number(in.c)
	words, names := [2]string{"4S", "2D"}[in.element], [2]string{"S4", "D2"}[in.element]
	switch in.op {
	case opBroadcast:
		letter := names[:1]
		o.op("FMOV%s %s, F%d", letter, armText(in.a), to)
		o.op("VDUP V%d.%s[0], V%d.%s", to, letter, to, names)
	case opLoadOne:
		o.op("FMOVS %s, F%d", armText(in.a), to)
	case opEvenSign:
		o.op("MOVD $(1<<63), %s", armText(in.a))
		o.op("FMOVD %s, F%d", armText(in.a), to)
	case opLoadHalf:
		o.op("FMOVD %s, F%d", armText(in.a), to)
	case opZero:
		o.op("VEOR V%d.B16, V%d.B16, V%d.B16", to, to, to)
	case opMove:
		o.op("VMOV V%d.B16, V%d.B16", a, to)
	case opFma:
		o.op("VFMLA V%d.%s, V%d.%s, V%d.%s", b, names, a, names, to, names)
	case opFnma:
		o.op("VFMLS V%d.%s, V%d.%s, V%d.%s", b, names, a, names, to, names)
	case opAdd, opSub, opMul, opDiv, opMaximum, opMinimum, opLarger, opPairSums:
		armWord(o, neonThree[in.op], words, to, a, b)
	case opFmaLane, opFnmaLane, opMulLane:
		armLane(o, neonThree[in.op], words, to, a, b, in.n)
	case opRoot:
		armWord(o, "FSQRT", words, to, a)
	case opIsNaN:
		armWord(o, "FCMEQ", words, to, a, a)
		armWord(o, "NOT", "16B", to, to)
	case opEither:
		o.op("VORR V%d.B16, V%d.B16, V%d.B16", a, to, to)
	case opBlend:
		if in.to == in.a {
			o.op("VBIF V%d.B16, V%d.B16, V%d.B16", c, b, to)
		} else if in.to == in.b {
			o.op("VBIT V%d.B16, V%d.B16, V%d.B16", c, a, to)
		} else {
			panic("gen: a blend of NEON changes one of its operands")
		}
	case opToInt:
		armWord(o, "FCVTNS", words, to, a)
	case opToFloat:
		armWord(o, "SCVTF", words, to, a)
	case opAddInts:
		o.op("VADD V%d.S4, V%d.S4, V%d.S4", b, a, to)
	case opShiftInt:
		o.op("VSHL $%d, V%d.S4, V%d.S4", in.n, a, to)
	case opWidenLow, opWidenTop:
		armWiden(o, in.op == opWidenTop, to, a)
	case opSumLanes:
		armSum(o, to, to)
	case opSetLane:
		o.op("FMOVD F%d, %s", a, armText(in.to))
	case opSwapPairs:
		o.op("VEXT $8, V%d.B16, V%d.B16, V%d.B16", a, a, to)
	case opAddSub: // c has the sign of even lanes
		o.op("VEOR V%d.B16, V%d.B16, V%d.B16", c, b, b)
		armWord(o, "FADD", words, to, a, b)
	default:
		panic(fmt.Sprintf("gen: NEON has no instruction %d", in.op))
	}
}
