package gen

import (
	"bytes"
	"fmt"
)

// output collects the text of a file.
type output struct{ bytes.Buffer }

// line writes a line.
func (o *output) line(format string, args ...any) {
	fmt.Fprintf(o, format, args...)
	o.WriteByte('\n')
}

// op writes an instruction.
func (o *output) op(format string, args ...any) { o.line("\t"+format, args...) }

// words writes a read-only table of words of 32 bits.
//
// The table is local to its file (<>), read-only, and has no pointers for the
// garbage collector.
func (o *output) words(name, meaning string, words ...uint32) {
	o.line("")
	o.line("// %s", meaning)
	for i, w := range words {
		o.line("DATA %s<>+%d(SB)/4, $0x%08x", name, 4*i, w)
	}
	o.line("GLOBL %s<>(SB), RODATA|NOPTR, $%d", name, 4*len(words))
}
