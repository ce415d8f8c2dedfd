package gen

// The printer for AVX-512 (F, DQ, BW and VL): vectors of 64 bytes in 32
// registers, masks in registers of their own.

// avx512Printer prints for AVX-512. The mask of the last a lanes is a register
// with its lowest a bits set: all ones, with the bits from a on cleared
// (BZHIQ).
type avx512Printer struct{}

// print writes what AVX2 has not or has in another form. Masked loads set the
// other lanes to zero (.Z). opFourth permutes each half alike: 0x55·n repeats
// the two bits of n four times, so that element n of each four fills them.
func (avx512Printer) print(o *output, in instruction) {
	x := x86{letter: "Z", bytes: 64}
	text := func(v operand) string { return x.text(v, in.half) }
	to, a, b, c := text(in.to), text(in.a), text(in.b), text(in.c)
	switch in.op {
	case opBeginPart: // the lowest a bits
		p := in.to.(mem).part
		o.op("MOVQ $-1, %s", text(p.at))
		o.op("BZHIQ %s, %s, %s", a, text(p.at), text(p.at))
		o.op("KMOVW %s, %s", text(p.at), text(p.mask))
	case opLoadMask:
		o.op("KMOVW %s, %s", a, to)
	case opLoad:
		if m, ok := in.a.(mem); ok && m.part != nil { // zeros elsewhere
			o.op("VMOVUPS.Z %s, %s, %s", a, text(m.part.mask), to)
			return
		}
		x.print(o, in)
	case opStore:
		if m, ok := in.to.(mem); ok && m.part != nil {
			o.op("VMOVUPS %s, %s, %s", a, text(m.part.mask), to)
			return
		}
		x.print(o, in)
	case opZero:
		o.op("VPXORD %s, %s, %s", to, to, to)
	case opLarger:
		o.op("VCMPPS $0x1e, %s, %s, %s", b, a, to)
	case opIsNaN:
		o.op("VCMPPS $0x03, %s, %s, %s", a, a, to)
	case opEither:
		o.op("KORW %s, %s, %s", a, to, to)
	case opBlend:
		o.op("VBLENDMPS %s, %s, %s, %s", a, b, c, to)
	case opFourth:
		o.op("VPERMPD $%#02x, %s, %s", 0x55*in.n, a, to)
	case opTwice:
		o.op("VBROADCASTF64X4 %s, %s", a, to)
	case opUpperHalf:
		o.op("VEXTRACTF64X4 $1, %s, %s", x.text(in.a, false), x.text(in.to, true))
	case opPairSums, opJoinSums: // in the first sixteen registers only
		avx2Printer{}.print(o, in)
	case opJoinHalves:
		o.op("VINSERTF64X4 $1, %s, %s, %s", x.text(in.a, true), to, to)
	case opFoldHalves:
		o.op("VINSERTF64X4 $1, %s, %s, %s", x.text(in.b, true), to, a)
		o.op("VSHUFF64X2 $0xee, %s, %s, %s", b, to, to)
		o.op("VADDPD %s, %s, %s", a, to, to)
	default:
		x.print(o, in)
	}
}
