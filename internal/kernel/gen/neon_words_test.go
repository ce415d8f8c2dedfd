package gen

import (
	"strings"
	"testing"
)

// TestArmWords compares with words that another assembler (LLVM 14) writes, one
// of each shape, with registers and lanes that use all their bits. A field at a
// wrong bit would give another valid instruction on other registers, which no
// assembler reports.
func TestArmWords(t *testing.T) {
	for want, write := range map[string]func(o *output){
		"0x4e3fd555 // FADD V21.4S, V10.4S, V31.4S": func(o *output) {
			armWord(o, "FADD", "4S", 21, 10, 31)
		},
		"0x4e7fd555 // FADD V21.2D, V10.2D, V31.2D": func(o *output) {
			armWord(o, "FADD", "2D", 21, 10, 31)
		},
		"0x4ebfd555 // FSUB V21.4S, V10.4S, V31.4S": func(o *output) {
			armWord(o, "FSUB", "4S", 21, 10, 31)
		},
		"0x4effd555 // FSUB V21.2D, V10.2D, V31.2D": func(o *output) {
			armWord(o, "FSUB", "2D", 21, 10, 31)
		},
		"0x6e3fdd55 // FMUL V21.4S, V10.4S, V31.4S": func(o *output) {
			armWord(o, "FMUL", "4S", 21, 10, 31)
		},
		"0x6e3ffd55 // FDIV V21.4S, V10.4S, V31.4S": func(o *output) {
			armWord(o, "FDIV", "4S", 21, 10, 31)
		},
		"0x4e3ff555 // FMAX V21.4S, V10.4S, V31.4S": func(o *output) {
			armWord(o, "FMAX", "4S", 21, 10, 31)
		},
		"0x4ebff555 // FMIN V21.4S, V10.4S, V31.4S": func(o *output) {
			armWord(o, "FMIN", "4S", 21, 10, 31)
		},
		"0x6ea1f955 // FSQRT V21.4S, V10.4S": func(o *output) {
			armWord(o, "FSQRT", "4S", 21, 10)
		},
		"0x6ebfe555 // FCMGT V21.4S, V10.4S, V31.4S": func(o *output) {
			armWord(o, "FCMGT", "4S", 21, 10, 31)
		},
		"0x4e3fe555 // FCMEQ V21.4S, V10.4S, V31.4S": func(o *output) {
			armWord(o, "FCMEQ", "4S", 21, 10, 31)
		},
		"0x6e205955 // NOT V21.16B, V10.16B": func(o *output) {
			armWord(o, "NOT", "16B", 21, 10)
		},
		"0x4e21a955 // FCVTNS V21.4S, V10.4S": func(o *output) {
			armWord(o, "FCVTNS", "4S", 21, 10)
		},
		"0x4e21d955 // SCVTF V21.4S, V10.4S": func(o *output) {
			armWord(o, "SCVTF", "4S", 21, 10)
		},
		"0x0e617955 // FCVTL V21.2D, V10.2S": func(o *output) {
			armWiden(o, false, 21, 10)
		},
		"0x4e617955 // FCVTL2 V21.2D, V10.4S": func(o *output) {
			armWiden(o, true, 21, 10)
		},
		"0x6e7fd555 // FADDP V21.2D, V10.2D, V31.2D": func(o *output) {
			armWord(o, "FADDP", "2D", 21, 10, 31)
		},
		"0x7e70d955 // FADDP D21, V10.2D": func(o *output) {
			armSum(o, 21, 10)
		},
		"0x4fbf1155 // FMLA V21.4S, V10.4S, V31.S[1]": func(o *output) {
			armLane(o, "FMLA", "4S", 21, 10, 31, 1)
		},
		"0x4f9f1955 // FMLA V21.4S, V10.4S, V31.S[2]": func(o *output) {
			armLane(o, "FMLA", "4S", 21, 10, 31, 2)
		},
		"0x4fdf1155 // FMLA V21.2D, V10.2D, V31.D[0]": func(o *output) {
			armLane(o, "FMLA", "2D", 21, 10, 31, 0)
		},
		"0x4fdf1955 // FMLA V21.2D, V10.2D, V31.D[1]": func(o *output) {
			armLane(o, "FMLA", "2D", 21, 10, 31, 1)
		},
		"0x4fdf5955 // FMLS V21.2D, V10.2D, V31.D[1]": func(o *output) {
			armLane(o, "FMLS", "2D", 21, 10, 31, 1)
		},
		"0x4fdf9155 // FMUL V21.2D, V10.2D, V31.D[0]": func(o *output) {
			armLane(o, "FMUL", "2D", 21, 10, 31, 0)
		},
		"0x3cfe6955 // LDR Q21, [X10, X30]": func(o *output) {
			armIndexed(o, false, 21, "R10", "R30")
		},
		"0x3cbe6955 // STR Q21, [X10, X30]": func(o *output) {
			armIndexed(o, true, 21, "R10", "R30")
		},
	} {
		o := &output{}
		write(o)
		if got := strings.TrimSpace(o.String()); got != "WORD $"+want {
			t.Errorf("%s, want WORD $%s", got, want)
		}
	}
}
