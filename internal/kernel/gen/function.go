package gen

import (
	"fmt"
	"math"
	"strings"
)

// A function collects the instructions of one function of assembly. Its
// methods emit one instruction each, or the few that the isa needs for it.
type function struct {
	isa     *isa
	element element // of the vector instructions that follow
	half    bool    // with AVX-512: they work on the lower halves of vectors
	code    []instruction

	vectorBank, integerBank, maskBank bank

	arguments map[string]int // offsets in the frame
	frame     int            // bytes of the function's own frame
	labels    int
	tail      bool // there is a loop with a part of a vector at its end
}

// function emits a leaf function. name is the name without the suffix of the
// isa, and signature has its parameters and its result as Go writes them.
// meaning is one line that describes what the function computes.
//
// All functions are leaves: they call nothing and need no check of the stack
// (NOSPLIT). The body is run at once and only collects instructions; they are
// printed after it, when the size of the frame is known. The table of the tail
// mask of AVX2 is written before the first function of a file that uses it.
func (file *file) function(name, signature, meaning string, body func(f *function)) {
	f := &function{
		isa:         file.isa,
		vectorBank:  newBank(file.isa.suffix+" vector", file.isa.vectors),
		integerBank: newBank(file.isa.suffix+" integer", len(file.isa.integers)),
		maskBank:    newBank(file.isa.suffix+" mask", 7),
	}
	var size int
	f.arguments, size = frame(signature)
	body(f)
	name += file.isa.suffix
	o := &file.output
	if f.tail && file.isa == avx2 && !file.tail {
		file.tail = true
		ones := uint32(math.MaxUint32)
		o.words("tailMask", "tailMask has eight words of ones, then eight zeros.",
			ones, ones, ones, ones, ones, ones, ones, ones, 0, 0, 0, 0, 0, 0, 0, 0)
	}
	o.line("")
	o.line("// func %s%s", name, signature)
	o.line("//")
	o.line("// %s", meaning)
	o.line("TEXT ·%s(SB), NOSPLIT, $%d-%d", name, f.frame, size)
	for _, in := range f.code {
		file.isa.print(o, in)
	}
}

// structs lists the fields of the structs that are arguments by value. A field
// has eight bytes, and is an argument by the name of the struct and its own:
// a_first.
var structs = map[string][]string{
	"tilesAt":       {"first", "stride"},
	"tileAt":        {"first", "k"},
	"scaledAt":      {"first", "k", "d"},
	"triangleShape": {"tiles", "columns"},
	"blockFactors":  {"factors", "blocks"},
	"adamArrays":    {"w", "m", "v", "avg", "g", "n"},
}

// frame returns the offsets of parameters in the frame, and its size.
//
// Arguments follow Go's ABI0: each on the stack, aligned to its own size, in
// the order of the signature, and the result aligned to 8 bytes after them. go
// vet compares the offsets with the declaration in Go, so that a wrong size
// cannot stay unseen.
func frame(signature string) (offsets map[string]int, size int) {
	sizes := map[string]int{"int": 8, "float32": 4, "float64": 8, "bool": 1}
	parameters, result, _ := strings.Cut(strings.TrimPrefix(signature, "("), ")")
	offsets = map[string]int{}
	place := func(name, kind string) {
		generic, _, _ := strings.Cut(kind, "[")
		for _, field := range structs[generic] {
			size = (size + 7) / 8 * 8
			offsets[name+"_"+field] = size
			size += 8
		}
		if structs[generic] != nil {
			return
		}
		n, ok := sizes[kind]
		if !ok {
			n = 8 // a pointer
		}
		size = (size + n - 1) / n * n
		offsets[name] = size
		size += n
	}
	fields := strings.Split(parameters, ", ")
	for i, field := range fields {
		name, kind, _ := strings.Cut(field, " ")
		for j := i + 1; kind == ""; j++ { // as in "a, b int"
			_, kind, _ = strings.Cut(fields[j], " ")
		}
		place(name, kind)
	}
	if result != "" {
		size = (size + 7) / 8 * 8
		place("ret", strings.TrimSpace(result))
	}
	return offsets, size
}

// argument is the place of a parameter, or of the result, "ret".
func (f *function) argument(name string) mem {
	offset, ok := f.arguments[name]
	if !ok {
		panic(fmt.Sprintf("gen: no argument %s", name))
	}
	return mem{argument: name, bytes: offset}
}

// arguments64 loads arguments of eight bytes into registers of their own.
//
// Arguments stay in the frame, so that their registers may be used for
// something else later and loaded again.
func (f *function) arguments64(names ...string) []reg {
	r := f.integers(names...)
	for i, name := range names {
		f.set(r[i], f.argument(name))
	}
	return r
}

// fields loads fields of the struct at r, each into a register of its own.
func (f *function) fields(r reg, kind string, names ...string) []reg {
	to := f.integers(names...)
	for i, name := range names {
		f.set(to[i], r.inside(kind+"_"+name))
	}
	return to
}

// emit adds an instruction.
func (f *function) emit(in instruction) {
	in.element, in.half = f.element, f.half
	f.code = append(f.code, in)
}

// comment emits a line that describes what the code after it computes.
func (f *function) comment(format string, args ...any) {
	f.emit(instruction{op: opComment, name: fmt.Sprintf(format, args...)})
}

// block begins a block of code that jumps lead to. The second line describes
// what the block computes.
func (f *function) block(name, format string, args ...any) {
	f.emit(instruction{op: opLabel, name: name})
	f.comment(format, args...)
}

// fresh returns the name of a label that the function does not use yet.
//
// Labels are local to a function in Go's assembler, so that two functions may
// have the same.
func (f *function) fresh(stem string) string {
	f.labels++
	return fmt.Sprintf("%s%d", stem, f.labels)
}

// align puts the next label at a multiple of n bytes: 64 for a short loop of
// many rounds, 32 for a loop of few rounds, where the filling takes time.
//
// A loop that begins in the middle of a line of instructions takes one more
// fetch in each round. NEON's printer aligns to 16 bytes whatever n is.
func (f *function) align(n int) { f.emit(instruction{op: opAlign, n: n}) }

// ret ends the function.
func (f *function) ret() { f.emit(instruction{op: opRet}) }

// float64s emits code whose vectors hold float64.
func (f *function) float64s(code func()) {
	before := f.element
	f.element = float64s
	code()
	f.element = before
}

// halves emits code that works on the lower halves of vectors of AVX-512.
//
// They work on 32 bytes with the same registers. Offsets of places are then in
// halves, too.
func (f *function) halves(code func()) {
	f.half = true
	code()
	f.half = false
}
