package classic

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// NEON. Kernels that go through memory once, and the transforms, are the loops of AVX2 on vectors of four: a text for arm64
// takes what is emitted for eight lanes and writes the same for four, instruction by instruction, so that there is one
// description of each. What wants all 32 registers, the products of matrices, is emitted for NEON alone, in neon_products.go
// and neon_dense64.go.
//
// Register Y of AVX2 is V of the same number. V30 and V31 and R25 are for steps in between; V16 to V29 are free for
// constants. Results have the bits of AVX2's: every instruction rounds as its counterpart.

var neonInteger = map[string]string{
	"DI": "R0", "SI": "R1", "BX": "R2", "CX": "R3", "DX": "R4", "AX": "R5", "R8": "R8", "R9": "R9", "R10": "R10", "R11": "R11",
	"R12": "R12", "R13": "R13", "R15": "R15",
}

// neonOp has the instructions that differ in name only.
var neonOp = map[string]string{
	"JMP": "B", "JEQ": "BEQ", "JNZ": "BNE", "JLT": "BLT", "JLE": "BLE", "JGE": "BGE", "JHI": "BHI", "JCC": "BHS",
	"ADDQ": "ADDS", "SUBQ": "SUBS", "INCQ": "ADDS", "DECQ": "SUBS",
	"VADDPS": "FADD", "VSUBPS": "FSUB", "VMULPS": "FMUL", "VDIVPS": "FDIV", "VMAXPS": "FMAX", "VMINPS": "FMIN",
	"VFMADD231PS": "VFMLA", "VFNMADD231PS": "VFMLS", "VSQRTPS": "FSQRT",
	"VPADDD": "VADD V%[3]d.S4, V%[2]d.S4, V%[1]d.S4", "VORPS": "VORR V%[3]d.B16, V%[2]d.B16, V%[1]d.B16",
	"VXORPS": "VEOR V%[3]d.B16, V%[2]d.B16, V%[1]d.B16",
}

var (
	operand = regexp.MustCompile(`[^,]+`)
	indexed = regexp.MustCompile(`^\((\w+)\)\((\w+)\*([12])\)$`)
	base    = regexp.MustCompile(`^([\w+]*)\((\w+)\)$`)
)

// arm emits an instruction of arm64: in the syntax of Go's assembler, or in Arm's, as a word, where that one doesn't know it.
func (t *text) arm(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	if word, ok := encode(s); ok {
		t.line("\tWORD $0x%08x // %s", word, s)
		return
	}
	t.line("\t%s", s)
}

// address is an operand in memory in terms of arm64. A number before the parenthesis of a vector is in vectors, and halves.
func address(s string, vector bool) string {
	m := base.FindStringSubmatch(s)
	if m == nil || m[2] == "FP" || m[2] == "SB" {
		return s
	}
	offset := m[1]
	if n, err := strconv.Atoi(offset); err == nil && vector {
		if n%32 != 0 {
			panic(fmt.Sprintf("gen: %s: an offset that isn't in vectors", s))
		}
		offset = strconv.Itoa(n / 2)
	}
	return offset + "(" + neonInteger[m[2]] + ")"
}

// move emits a load of register v, or with store its store, from or to memory.
func (t *text) move(s string, v int, store bool) {
	at := address(s, true)
	if m := indexed.FindStringSubmatch(s); m != nil {
		from, index := neonInteger[m[1]], neonInteger[m[2]]
		if m[3] == "1" {
			t.arm("%s Q%d, [X%s, X%s]", map[bool]string{false: "LDR", true: "STR"}[store], v, from[1:], index[1:])
			return
		}
		t.arm("ADD %s<<1, %s, R25", index, from)
		at = "(R25)"
	} else if strings.HasSuffix(s, "(SB)") {
		t.arm("MOVD $%s, R25", s)
		at = "(R25)"
	}
	if store {
		t.arm("FMOVQ F%d, %s", v, at)
	} else {
		t.arm("FMOVQ %s, F%d", at, v)
	}
}

// vector returns the number of the register of a vector; one in memory it loads into the given register.
func (t *text) vector(s string, room int) int {
	if s[0] == 'Y' {
		n, err := strconv.Atoi(s[1:])
		if err == nil {
			return n
		}
	}
	t.move(s, room, false)
	return room
}

// integer returns the register of an integer, or its value; one in memory it loads into R25.
func (t *text) integer(s string) string {
	if r, ok := neonInteger[s]; ok {
		return r
	}
	if s[0] == '$' {
		return s
	}
	t.arm("MOVD %s, R25", address(s, false))
	return "R25"
}

// translate emits what does for four lanes what the given instruction of AVX2 does for eight.
func (t *text) translate(instruction string) {
	op, rest, _ := strings.Cut(instruction, " ")
	args := operand.FindAllString(rest, -1)
	for i := range args {
		args[i] = strings.TrimSpace(args[i])
	}
	last := args[len(args)-1]
	name := neonOp[op]
	switch op {
	case "PCALIGN":
		t.arm("%s", instruction)
	case "JMP", "JEQ", "JNZ", "JLT", "JLE", "JGE", "JHI", "JCC":
		t.arm("%s %s", name, last)
	case "MOVQ":
		if to, ok := neonInteger[last]; ok {
			if from, ok := neonInteger[args[0]]; ok {
				t.arm("MOVD %s, %s", from, to)
			} else {
				t.arm("MOVD %s, %s", address(args[0], false), to)
			}
			return
		}
		t.arm("MOVD %s, %s", t.integer(args[0]), address(last, false))
	case "XORQ": // of a register with itself
		t.arm("MOVD $0, %s", neonInteger[last])
	case "LEAQ":
		if m := indexed.FindStringSubmatch(args[0]); m != nil {
			t.arm("ADD %s<<1, %s, %s", neonInteger[m[2]], neonInteger[m[1]], neonInteger[last])
			return
		}
		t.arm("MOVD $%s, %s", args[0], neonInteger[last])
	case "IMULQ":
		t.arm("MUL %s, %s", t.integer(args[0]), neonInteger[last])
	case "CMPQ":
		t.arm("CMP %s, %s", t.integer(args[1]), t.integer(args[0])) // one of them in memory at most
	case "ADDQ", "SUBQ", "INCQ", "DECQ":
		amount := "$1"
		if len(args) == 2 {
			amount = args[0]
		}
		if amount == "$32" {
			amount = "$16" // a vector
		}
		if to, ok := neonInteger[last]; ok {
			t.arm("%s %s, %s", name, t.integer(amount), to)
			return
		}
		at := address(last, false)
		t.arm("MOVD %s, R25", at)
		t.arm("%s %s, R25", name, t.integer(amount))
		t.arm("MOVD R25, %s", at)
	case "VMOVUPS", "VMOVAPS", "VMOVDQU", "VMOVDQA":
		switch {
		case args[0][0] == 'Y' && last[0] == 'Y':
			t.arm("VMOV V%s.B16, V%s.B16", args[0][1:], last[1:])
		case last[0] == 'Y':
			t.move(args[0], t.vector(last, 0), false)
		default:
			t.move(last, t.vector(args[0], 0), true)
		}
	case "VBROADCASTSS", "VPBROADCASTD":
		to := t.vector(last, 0)
		t.arm("FMOVS %s, F%d", address(args[0], false), to)
		t.arm("VDUP V%d.S[0], V%d.S4", to, to)
	case "VADDPS", "VSUBPS", "VMULPS", "VDIVPS", "VMAXPS", "VMINPS":
		t.arm("%s V%d.4S, V%d.4S, V%d.4S", name, t.vector(last, 0), t.vector(args[1], 0), t.vector(args[0], 31))
	case "VPADDD", "VORPS", "VXORPS":
		t.arm(name, t.vector(last, 0), t.vector(args[1], 0), t.vector(args[0], 31))
	case "VSQRTPS":
		t.arm("%s V%d.4S, V%d.4S", name, t.vector(last, 0), t.vector(args[0], 31))
	case "VFMADD231PS", "VFNMADD231PS":
		t.arm("%s V%d.S4, V%d.S4, V%d.S4", name, t.vector(args[0], 31), t.vector(args[1], 0), t.vector(last, 0))
	case "VFMADD213PS": // NEON adds to the destination only
		to := t.vector(last, 0)
		if c := t.vector(args[0], 30); c != 30 {
			t.arm("VMOV V%d.B16, V30.B16", c)
		}
		t.arm("VFMLA V%d.S4, V%d.S4, V30.S4", t.vector(args[1], 0), to)
		t.arm("VMOV V30.B16, V%d.B16", to)
	case "VCMPPS":
		to, a, b := t.vector(last, 0), t.vector(args[2], 0), t.vector(args[1], 0)
		switch {
		case args[0] == "$0x1e": // larger, and ordered
			t.arm("FCMGT V%d.4S, V%d.4S, V%d.4S", to, a, b)
		case args[0] == "$0x03" && a == b: // not a number
			t.arm("FCMEQ V%d.4S, V%d.4S, V%d.4S", to, a, b)
			t.arm("NOT V%d.16B, V%d.16B", to, to)
		default:
			panic("gen: no comparison of NEON is " + instruction)
		}
	case "VBLENDVPS":
		if args[2] != last {
			panic("gen: no blend of NEON is " + instruction)
		}
		t.arm("VBIT V%s.B16, V%s.B16, V%s.B16", args[0][1:], args[1][1:], last[1:])
	default:
		panic("gen: no instruction of NEON is " + instruction)
	}
}

// neonLoop is vectorLoop for arm64. One to three elements that are left are loaded, computed and stored together, beside zeros.
func neonLoop(t *text, body func(load func(pointer string, y int), store func(y int, pointer string))) {
	loop, tail, done := t.fresh("loop"), t.fresh("tail"), t.fresh("done")
	t.arm("MOVD $0, R5")
	t.arm("SUBS $4, R3")
	t.arm("BLT %s", tail)
	t.arm("PCALIGN $16")
	t.label(loop)
	body(
		func(pointer string, y int) { t.move("("+pointer+")(AX*1)", y, false) },
		func(y int, pointer string) { t.move("("+pointer+")(AX*1)", y, true) },
	)
	t.arm("ADD $16, R5")
	t.arm("SUBS $4, R3")
	t.arm("BGE %s", loop)
	t.label(tail)
	t.arm("ADDS $4, R3")
	t.arm("BEQ %s", done)
	// part moves elements in twos and ones as the bits of R3 say.
	part := func(pointer string, two, one, third string) {
		single, end := t.fresh("single"), t.fresh("end")
		t.arm("ADD R5, %s, R25", neonInteger[pointer])
		t.arm("TBZ $1, R3, %s", single)
		t.arm("%s", two)
		t.arm("TBZ $0, R3, %s", end)
		t.arm("ADD $8, R25")
		t.arm("%s", third)
		t.arm("B %s", end)
		t.label(single)
		t.arm("%s", one)
		t.label(end)
	}
	body(
		func(pointer string, y int) {
			part(pointer, fmt.Sprintf("FMOVD (R25), F%d", y), fmt.Sprintf("FMOVS (R25), F%d", y), fmt.Sprintf("VLD1 (R25), V%d.S[2]", y))
		},
		func(y int, pointer string) {
			part(pointer, fmt.Sprintf("FMOVD F%d, (R25)", y), fmt.Sprintf("FMOVS F%d, (R25)", y), fmt.Sprintf("VST1 V%d.S[2], (R25)", y))
		},
	)
	t.label(done)
}
