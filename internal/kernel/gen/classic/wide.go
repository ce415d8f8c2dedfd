package classic

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// AVX-512. Kernels that go through memory once are the same loops on vectors of sixteen: a wide text takes what is emitted
// for eight lanes and writes it for sixteen, so that there is one description of each. Kernels that want the other sixteen
// registers, the products of matrices, are emitted for AVX-512 alone, in avx512.go.

var (
	vectorRegister = regexp.MustCompile(`\bY(\d+)\b`)
	vectorOffset   = regexp.MustCompile(` \d+\(`)
	vectorStep     = regexp.MustCompile(`^ADDQ \$32,`)
	blend          = regexp.MustCompile(`^VBLENDVPS Y(\d+), (Y\d+), (Y\d+), (Y\d+)$`)
	compare        = regexp.MustCompile(`^VCMPPS (.*), Y(\d+)$`)
	memory         = regexp.MustCompile(`\((SI|DI|BX|CX|R\d+)\)`) // rather than a table, at DX
	moveInteger    = regexp.MustCompile(`^VMOVDQ([AU]) `)
)

// widen returns the instruction for sixteen lanes that does what the given one does for eight. Numbers before a parenthesis
// are offsets in vectors, and double; offsets in structs are names. What a comparison set in all bits of register i is in
// mask i, and a blend takes it from there.
func (t *text) widen(instruction string) string {
	s := vectorOffset.ReplaceAllStringFunc(instruction, func(match string) string {
		n, err := strconv.Atoi(match[1 : len(match)-1])
		if err != nil || n%32 != 0 {
			panic(fmt.Sprintf("gen: %s: an offset that isn't in vectors", instruction))
		}
		return fmt.Sprintf(" %d(", 2*n)
	})
	s = vectorStep.ReplaceAllString(s, "ADDQ $$64,")
	s = blend.ReplaceAllString(s, "VBLENDMPS $2, $3, K$1, $4")
	s = compare.ReplaceAllString(s, "VCMPPS $1, K$2")
	s = moveInteger.ReplaceAllString(s, "VMOVDQ${1}32 ")
	s = vectorRegister.ReplaceAllString(s, "Z$1")
	if t.mask != "" && strings.HasPrefix(s, "V") && memory.MatchString(s) {
		operation, operands, _ := strings.Cut(s, " ")
		at := strings.LastIndex(operands, ", ")
		if strings.HasPrefix(operation, "VMOV") && !strings.HasSuffix(operands, ")") {
			operation += ".Z" // a load: zeros elsewhere
		}
		s = operation + " " + operands[:at] + ", " + t.mask + operands[at:]
	}
	return s
}

// wideLoop is vectorLoop for a wide text.
func wideLoop(t *text, body func(load func(pointer string, y int), store func(y int, pointer string))) {
	loop, tail, done := t.fresh("loop"), t.fresh("tail"), t.fresh("done")
	pass := func() {
		body(
			func(pointer string, y int) { t.op("VMOVUPS (%s)(AX*1), Y%d", pointer, y) },
			func(y int, pointer string) { t.op("VMOVUPS Y%d, (%s)(AX*1)", y, pointer) },
		)
	}
	t.op("XORQ AX, AX")
	t.op("SUBQ $16, CX")
	t.op("JLT  %s", tail)
	t.op("PCALIGN $32")
	t.label(loop)
	pass()
	t.op("ADDQ $32, AX")
	t.op("SUBQ $16, CX")
	t.op("JGE  %s", loop)
	t.label(tail)
	t.op("ADDQ $16, CX")
	t.op("JEQ  %s", done)
	t.op("MOVL $-1, R15")
	t.op("SHLL CX, R15")
	t.op("NOTL R15")
	t.op("KMOVW R15, K1")
	t.mask = "K1"
	pass()
	t.mask = ""
	t.label(done)
}
