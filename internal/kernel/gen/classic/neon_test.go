package classic

import "testing"

// Words as another assembler (LLVM 14) writes them, one of each shape, with registers and lanes that use all their bits.
func TestArmWords(t *testing.T) {
	for instruction, want := range map[string]uint32{
		"FADD V21.4S, V10.4S, V31.4S":   0x4e3fd555,
		"FADD V21.2D, V10.2D, V31.2D":   0x4e7fd555,
		"FSUB V21.4S, V10.4S, V31.4S":   0x4ebfd555,
		"FSUB V21.2D, V10.2D, V31.2D":   0x4effd555,
		"FMUL V21.4S, V10.4S, V31.4S":   0x6e3fdd55,
		"FDIV V21.4S, V10.4S, V31.4S":   0x6e3ffd55,
		"FMAX V21.4S, V10.4S, V31.4S":   0x4e3ff555,
		"FMIN V21.4S, V10.4S, V31.4S":   0x4ebff555,
		"FSQRT V21.4S, V10.4S":          0x6ea1f955,
		"FCMGT V21.4S, V10.4S, V31.4S":  0x6ebfe555,
		"FCMEQ V21.4S, V10.4S, V31.4S":  0x4e3fe555,
		"NOT V21.16B, V10.16B":          0x6e205955,
		"FCVTNS V21.4S, V10.4S":         0x4e21a955,
		"SCVTF V21.4S, V10.4S":          0x4e21d955,
		"FCVTL V21.2D, V10.2S":          0x0e617955,
		"FCVTL2 V21.2D, V10.4S":         0x4e617955,
		"FADDP V21.2D, V10.2D, V31.2D":  0x6e7fd555,
		"FADDP D21, V10.2D":             0x7e70d955,
		"FMLA V21.4S, V10.4S, V31.S[1]": 0x4fbf1155,
		"FMLA V21.4S, V10.4S, V31.S[2]": 0x4f9f1955,
		"FMLA V21.2D, V10.2D, V31.D[0]": 0x4fdf1155,
		"FMLA V21.2D, V10.2D, V31.D[1]": 0x4fdf1955,
		"FMLS V21.2D, V10.2D, V31.D[0]": 0x4fdf5155,
		"FMLS V21.2D, V10.2D, V31.D[1]": 0x4fdf5955,
		"FMUL V21.2D, V10.2D, V31.D[0]": 0x4fdf9155,
		"FMUL V21.2D, V10.2D, V31.D[1]": 0x4fdf9955,
		"LDR Q21, [X10, X30]":           0x3cfe6955,
		"STR Q21, [X10, X30]":           0x3cbe6955,
	} {
		got, ok := encode(instruction)
		if !ok || got != want {
			t.Errorf("%s: %08x, want %08x", instruction, got, want)
		}
	}
	for _, known := range []string{"FMOVQ F1, (R2)", "VFMLA V1.S4, V2.S4, V3.S4", "ADDS R1, R2", "FMLA V1.4S, V2.4S, V3.4S"} {
		if _, ok := encode(known); ok {
			t.Errorf("%s: a word for what is not in the table", known)
		}
	}
}
