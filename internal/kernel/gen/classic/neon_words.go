package classic

import (
	"regexp"
	"strconv"
	"strings"
)

// Instructions of arm64 that Go's assembler doesn't know, in Arm's syntax with the numbers of registers and lanes left out, as
// words with zeros in their places (Arm Architecture Reference Manual, DDI 0487, C7.2). Registers go, in the order written,
// to bit 0, 5 and 16; a lane of S to bits 11 (high) and 21, of D to bit 11.
var armWords = map[string]uint32{
	"FADD V.4S, V.4S, V.4S":  0x4e20d400,
	"FADD V.2D, V.2D, V.2D":  0x4e60d400,
	"FSUB V.4S, V.4S, V.4S":  0x4ea0d400,
	"FSUB V.2D, V.2D, V.2D":  0x4ee0d400,
	"FMUL V.4S, V.4S, V.4S":  0x6e20dc00,
	"FDIV V.4S, V.4S, V.4S":  0x6e20fc00,
	"FMAX V.4S, V.4S, V.4S":  0x4e20f400,
	"FMIN V.4S, V.4S, V.4S":  0x4ea0f400,
	"FSQRT V.4S, V.4S":       0x6ea1f800,
	"FCMGT V.4S, V.4S, V.4S": 0x6ea0e400, // a NaN is not larger
	"FCMEQ V.4S, V.4S, V.4S": 0x4e20e400,
	"NOT V.16B, V.16B":       0x6e205800,
	"FCVTNS V.4S, V.4S":      0x4e21a800, // to the nearest integer, ties to even
	"SCVTF V.4S, V.4S":       0x4e21d800,
	"FCVTL V.2D, V.2S":       0x0e617800, // float32 to float64, the lower two
	"FCVTL2 V.2D, V.4S":      0x4e617800, // the upper two
	"FADDP V.2D, V.2D, V.2D": 0x6e60d400, // sums of neighbours
	"FADDP D, V.2D":          0x7e70d800,
	"FMLA V.4S, V.4S, V.S[]": 0x4f801000, // by one lane of the last
	"FMLA V.2D, V.2D, V.D[]": 0x4fc01000,
	"FMLS V.2D, V.2D, V.D[]": 0x4fc05000,
	"FMUL V.2D, V.2D, V.D[]": 0x4fc09000,
	"LDR Q, [X, X]":          0x3ce06800,
	"STR Q, [X, X]":          0x3ca06800,
}

var armNumber = regexp.MustCompile(`\b[VDQX]\d+|\[\d\]`)

// encode returns the word of an instruction in the table.
func encode(instruction string) (word uint32, ok bool) {
	var numbers []uint32
	shape := armNumber.ReplaceAllStringFunc(instruction, func(s string) string {
		n, _ := strconv.Atoi(strings.Trim(s, "VDQX[]"))
		numbers = append(numbers, uint32(n))
		if s[0] == '[' {
			return "[]"
		}
		return s[:1]
	})
	word, ok = armWords[shape]
	if !ok {
		return 0, false
	}
	for i, n := range numbers {
		switch {
		case i < 3:
			word |= n << [3]int{0, 5, 16}[i]
		case strings.HasSuffix(shape, "S[]"):
			word |= n>>1<<11 | n&1<<21
		default:
			word |= n << 11
		}
	}
	return word, true
}
