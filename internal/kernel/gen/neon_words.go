package gen

import "fmt"

// Go's assembler lacks many vector instructions of arm64. They are written as
// words (Arm Architecture Reference Manual, DDI 0487, C7.2), with the
// instruction in Arm's syntax in a comment.

// armWords has the words of instructions on vectors of one type, with zeros
// in the places of registers.
var armWords = map[string]uint32{
	"FADD.4S":   0x4e20d400,
	"FADD.2D":   0x4e60d400,
	"FSUB.4S":   0x4ea0d400,
	"FSUB.2D":   0x4ee0d400,
	"FMUL.4S":   0x6e20dc00,
	"FDIV.4S":   0x6e20fc00,
	"FMAX.4S":   0x4e20f400,
	"FMIN.4S":   0x4ea0f400,
	"FSQRT.4S":  0x6ea1f800,
	"FCMGT.4S":  0x6ea0e400, // not where a lane is not a number
	"FCMEQ.4S":  0x4e20e400,
	"NOT.16B":   0x6e205800,
	"FCVTNS.4S": 0x4e21a800, // to the nearest integer, ties to even
	"SCVTF.4S":  0x4e21d800,
	"FADDP.2D":  0x6e60d400, // sums of neighbors
}

// armLanes has the words of instructions whose last factor is one lane.
var armLanes = map[string]uint32{
	"FMLA.4S": 0x4f801000,
	"FMLA.2D": 0x4fc01000,
	"FMLS.2D": 0x4fc05000,
	"FMUL.2D": 0x4fc09000,
}

// armWord writes an instruction on registers of one type: the destination,
// then one operand or two.
//
// A word has the destination in bits 0 to 4, the first operand in bits 5 to 9
// and the second in bits 16 to 20. TestArmWords compares each shape with the
// words of another assembler.
func armWord(o *output, name, lanes string, to vec, from ...vec) {
	word, ok := armWords[name+"."+lanes]
	if !ok {
		panic("gen: no word for " + name + "." + lanes)
	}
	word |= uint32(to)
	text := fmt.Sprintf("%s V%d.%s", name, to, lanes)
	for i, v := range from {
		word |= uint32(v) << (5 + 11*i)
		text += fmt.Sprintf(", V%d.%s", v, lanes)
	}
	o.op("WORD $0x%08x // %s", word, text)
}

// armLane writes an instruction on vectors a and one lane of b.
//
// The number of the lane is in bits H (11) and L (21): H and L together for
// four lanes of float32, and H alone for two of float64.
func armLane(o *output, name, lanes string, to, a, b vec, lane int) {
	word, ok := armLanes[name+"."+lanes]
	if !ok {
		panic("gen: no word for " + name + "." + lanes)
	}
	word |= uint32(to) | uint32(a)<<5 | uint32(b)<<16
	if lanes == "4S" {
		word |= uint32(lane>>1<<11 | lane&1<<21)
	} else {
		word |= uint32(lane << 11)
	}
	o.op("WORD $0x%08x // %s V%d.%s, V%d.%s, V%d.%s[%d]",
		word, name, to, lanes, a, lanes, b, lanes[1:], lane)
}

// armWiden writes the conversion of the lower two float32 to float64, or of
// the upper two.
func armWiden(o *output, top bool, to, a vec) {
	word, text := uint32(0x0e617800), fmt.Sprintf("FCVTL V%d.2D, V%d.2S", to, a)
	if top {
		word, text = 0x4e617800, fmt.Sprintf("FCVTL2 V%d.2D, V%d.4S", to, a)
	}
	o.op("WORD $0x%08x // %s", word|uint32(to)|uint32(a)<<5, text)
}

// armSum writes the sum of the two float64 of a vector.
func armSum(o *output, to, a vec) {
	o.op("WORD $0x%08x // FADDP D%d, V%d.2D", 0x7e70d800|uint32(to)|uint32(a)<<5, to, a)
}

// armIndexed writes the load of a vector, or its store, at base + index. The
// registers are in Go's names.
func armIndexed(o *output, stored bool, v vec, base, index string) {
	word, name := uint32(0x3ce06800), "LDR"
	if stored {
		word, name = 0x3ca06800, "STR"
	}
	var n, m uint32
	fmt.Sscanf(base, "R%d", &n)
	fmt.Sscanf(index, "R%d", &m)
	o.op("WORD $0x%08x // %s Q%d, [X%d, X%d]", word|uint32(v)|n<<5|m<<16, name, v, n, m)
}
