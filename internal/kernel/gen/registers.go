package gen

import (
	"fmt"
	"slices"
	"strings"
)

// A bank is the registers of one kind. It hands them out by number, the
// lowest first, and remembers what each is for.
//
// There is no spilling: a kernel that needs too many registers is an error of
// its author, who then chooses a smaller tile. A silent store to memory within
// an inner loop would cost more than the tile gains.
type bank struct {
	kind  string
	alive []string // by number: what a register is for, "" if it is free
}

// newBank returns a bank of n free registers. kind is for messages.
func newBank(kind string, n int) bank { return bank{kind, make([]string, n)} }

// take reserves a register. It panics with all that is alive if there is none.
func (b *bank) take(name string) int {
	i := slices.Index(b.alive, "")
	if i < 0 {
		panic(fmt.Sprintf("gen: no %s register is left for %q: alive are %s",
			b.kind, name, strings.Join(b.alive, ", ")))
	}
	b.alive[i] = name
	return i
}

// takeLast reserves the register with the highest number. Instructions on low
// numbers are shorter on amd64, so constants go to the high ones.
func (b *bank) takeLast(name string) int {
	for i := len(b.alive) - 1; i >= 0; i-- {
		if b.alive[i] == "" {
			b.alive[i] = name
			return i
		}
	}
	return b.take(name) // which panics
}

// free gives a register back. It panics if the register is free already.
//
// Two uses of one register at the same time would give a kernel that computes
// wrong numbers without a sign.
func (b *bank) free(i int) {
	if b.alive[i] == "" {
		panic(fmt.Sprintf("gen: %s register %d is freed twice", b.kind, i))
	}
	b.alive[i] = ""
}

// left is the number of free registers.
func (b *bank) left() int {
	n := 0
	for _, name := range b.alive {
		if name == "" {
			n++
		}
	}
	return n
}

// vector reserves a vector register.
func (f *function) vector(name string) vec { return vec(f.vectorBank.take(name)) }

// vectors reserves n vector registers.
func (f *function) vectors(name string, n int) []vec {
	v := make([]vec, n)
	for i := range v {
		v[i] = f.vector(fmt.Sprintf("%s %d", name, i))
	}
	return v
}

// integer reserves an integer register.
func (f *function) integer(name string) reg { return reg(f.integerBank.take(name)) }

// integers reserves an integer register for each name.
func (f *function) integers(names ...string) []reg {
	r := make([]reg, len(names))
	for i := range r {
		r[i] = f.integer(names[i])
	}
	return r
}

// mask reserves a register for the result of comparisons.
//
// Only AVX-512 has registers for masks. Elsewhere a mask takes a vector
// register, which counts against the sums of a tile.
func (f *function) mask(name string) mask {
	if f.isa.masks {
		return mask(f.maskBank.take(name))
	}
	return mask(f.vector(name))
}

// free gives registers back.
func (f *function) free(operands ...operand) {
	for _, o := range operands {
		switch o := o.(type) {
		case vec:
			f.vectorBank.free(int(o))
		case reg:
			f.integerBank.free(int(o))
		case mask:
			if f.isa.masks {
				f.maskBank.free(int(o))
			} else {
				f.vectorBank.free(int(o))
			}
		}
	}
}

// scope emits code and gives back the registers that it has reserved.
//
// The numbers of the registers outside stay valid. Code after the scope sees
// the banks as they were before it, so that alternatives, such as tiles of
// different sizes, each have all registers.
func (f *function) scope(code func()) {
	banks := []*bank{&f.vectorBank, &f.integerBank, &f.maskBank}
	var before [3][]string
	for i, b := range banks {
		before[i] = slices.Clone(b.alive)
	}
	code()
	for i, b := range banks {
		copy(b.alive, before[i])
	}
}
