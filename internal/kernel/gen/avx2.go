package gen

import "fmt"

// The printer for AVX2 and FMA: vectors of 32 bytes in sixteen registers,
// masks in vectors.

// avx2Printer prints for AVX2. The mask of the last a lanes is read from a
// table of eight words of ones and eight of zeros, beginning 8 − a words after
// its start: the first a lanes are ones. A masked load does not touch the
// masked lanes, not even for a fault of the page.
type avx2Printer struct{}

// print writes the instructions that AVX-512 has in another form, and leaves
// the others to x86. The numbers of comparisons are Intel's predicates: 0x1e is
// “greater”, false for NaN and without a signal, and 0x03 is “unordered”, true
// if an operand is NaN.
//
// A sum over four float64 lanes adds the upper half to the lower, then
// neighbors. opJoinSums completes the sums of four columns that opPairSums has
// halved: it adds the quarters (upper of a, lower of b) to (lower of a, upper
// of b).
func (avx2Printer) print(o *output, in instruction) {
	x := x86{letter: "Y", bytes: 32}
	y := func(v operand) string {
		if m, ok := v.(mask); ok {
			v = vec(m)
		}
		return x.text(v, false)
	}
	to, a, b, c := y(in.to), y(in.a), y(in.b), y(in.c)
	lower := func(v operand) string { return fmt.Sprint("X", int(v.(vec))) }
	switch in.op {
	case opBeginPart: // a lanes: the mask begins a words before the zeros
		p := in.to.(mem).part
		o.op("LEAQ tailMask<>(SB), %s", y(p.at))
		o.op("NEGQ %s", a)
		o.op("VMOVUPS 32(%s)(%s*4), %s", y(p.at), a, y(p.lanes))
	case opLoad:
		if m, ok := in.a.(mem); ok && m.part != nil {
			o.op("VMASKMOVPS %s, %s, %s", a, y(m.part.lanes), to)
			return
		}
		x.print(o, in)
	case opStore:
		if m, ok := in.to.(mem); ok && m.part != nil {
			o.op("VMASKMOVPS %s, %s, %s", a, y(m.part.lanes), to)
			return
		}
		x.print(o, in)
	case opZero:
		o.op("VXORPS %s, %s, %s", to, to, to)
	case opLarger:
		o.op("VCMPPS $0x1e, %s, %s, %s", b, a, to)
	case opIsNaN:
		o.op("VCMPPS $0x03, %s, %s, %s", a, a, to)
	case opEither:
		o.op("VORPS %s, %s, %s", a, to, to)
	case opBlend:
		o.op("VBLENDVPS %s, %s, %s, %s", c, a, b, to)
	case opWidenTop:
		o.op("VEXTRACTF128 $1, %s, %s", a, lower(in.to))
		o.op("VCVTPS2PD %s, %s", lower(in.to), to)
	case opSumLanes:
		o.op("VEXTRACTF128 $1, %s, %s", to, lower(in.a))
		o.op("VADDPD %s, %s, %s", lower(in.a), lower(in.to), lower(in.to))
		o.op("VHADDPD %s, %s, %s", lower(in.to), lower(in.to), lower(in.to))
	case opSetLane:
		o.op("VMOVSD %s, %s", lower(in.a), to)
	case opSetHigh:
		o.op("VMOVHPD %s, %s", lower(in.a), to)
	case opUpperHalf:
		o.op("VEXTRACTF128 $1, %s, %s", a, lower(in.to))
	case opPairSums:
		o.op("VHADDPD %s, %s, %s", b, a, to)
	case opJoinSums:
		o.op("VPERM2F128 $0x21, %s, %s, %s", b, a, c)
		o.op("VBLENDPD $12, %s, %s, %s", b, a, to)
		o.op("VADDPD %s, %s, %s", c, to, to)
	case opSwapPairs:
		o.op("VPERMILPD $5, %s, %s", a, to)
	case opAddSub:
		o.op("VADDSUBPD %s, %s, %s", b, a, to)
	default:
		x.print(o, in)
	}
}
