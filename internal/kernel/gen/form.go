package gen

// The intermediate form: a function is a list of instructions on typed
// operands. No instruction depends on the width of a vector: offsets in
// memory are counted in vectors, and a printer has the length of a vector.

// operand is a vec, a reg, a mask, an imm or a mem. The method without a body
// keeps other types out of an instruction.
type operand interface{ isOperand() }

// A vec is a vector register, by its number.
type vec int

// A reg is an integer register, by its place in the list of its isa.
type reg int

// A mask holds the result of a comparison of lanes. With AVX-512 it is a mask
// register, elsewhere a vector register whose lanes are all ones or zeros.
type mask int

// An imm is a constant in an instruction.
type imm int

// A mem is a place in memory: an argument, a table, or the address
//
//	base + index·scale + vectors·(bytes of a vector) + bytes + field
type mem struct {
	argument string // the name of an argument, at bytes in the caller's frame
	table    string // the name of a table of constants, instead of a base
	base     reg
	index    reg
	scale    int    // of index; 0 if there is none
	vectors  int    // offset in vectors
	bytes    int    // offset in bytes
	field    string // offset of a field of a struct, as go_asm.h names it
	part     *part  // the lanes that are there, if not all are
	one      bool   // one element, for all lanes
}

// A part describes the lanes of the last vector of an array: a vector or a
// register as a mask, or the number of lanes and room for an address.
//
// AVX2 has a vector whose lanes are all ones or zeros, AVX-512 a mask register,
// and NEON, which has neither for loads, the number of lanes and a register for
// an address.
type part struct {
	lanes vec
	mask  mask
	count reg
	at    reg
}

func (vec) isOperand()  {}
func (reg) isOperand()  {}
func (mask) isOperand() {}
func (imm) isOperand()  {}
func (mem) isOperand()  {}

// at is the place at the address in r.
func at(r reg) mem { return mem{base: r} }

// plus is the place n vectors further.
//
// The bytes of a vector are known to the printer alone: the same place is 32
// bytes further for AVX2 and 16 for NEON.
func (m mem) plus(n int) mem {
	m.vectors += n
	return m
}

// offset is the place n bytes further.
func (m mem) offset(n int) mem {
	m.bytes += n
	return m
}

// by is the place index·scale bytes further.
//
// AVX2 and AVX-512 take scales of 1, 2, 4 and 8 in an address. NEON takes 1,
// and the methods of function compute other addresses first.
func (m mem) by(index reg, scale int) mem {
	m.index, m.scale = index, scale
	return m
}

// element is one element at a place, for all lanes of an operation.
//
// AVX-512 reads such an operand within the arithmetic instruction; for AVX2 and
// NEON it becomes a load into all lanes of a register.
func (m mem) element() mem {
	m.one = true
	return m
}

// inside is the field of a struct at the address in r.
//
// The offset is a name such as convArgs_src, which the Go compiler writes to
// go_asm.h. A field that is added to the struct moves no number by hand.
func (r reg) inside(field string) mem { return mem{base: r, field: field} }

// An element is the type of the lanes of a vector.
type element int

const (
	float32s element = iota
	float64s
)

// A condition compares two integers, or an integer with zero.
//
// Comparisons of addresses and of columns that may be negative are without
// signs: a negative number is then above every valid one, and one comparison
// checks both ends.
type condition int

const (
	equal condition = iota
	notEqual
	less
	lessOrEqual
	greaterOrEqual
	above       // greater, without signs
	aboveOrSame // greater or equal, without signs
)

// An opcode is the operation of an instruction. Its result is the operand to,
// and it reads a, b and c.
type opcode int

const (
	opComment opcode = iota // the line name
	opLabel                 // the label name, and its comment
	opAlign                 // the loop that follows, to n bytes
	opJump                  // to the label name
	opBranch                // to the label name, if the last result was so
	opCompare               // a with b, for a branch
	opRet

	opSet       // to = a, an integer; one of them may be in memory
	opPlus      // to += a, an integer
	opMinus     // to -= a
	opTimes     // to *= a
	opTimesInto // to = a·n
	opShiftUp   // to <<= n
	opShiftDown // to >>= n
	opShifted   // to = a + b·n, n being 1, 2 or 4
	opAddressOf // to = the address of a table
	opFrame     // to = the address of a vector within the n bytes of the frame
	opSetWord   // to = a, a word of 32 bits with its sign; amd64
	opLoadByte  // to = a, one byte without a sign
	opPrefetch  // a, into all caches
	opBeginPart // begin the last vector, of a lanes

	opLoad      // to = a
	opStore     // to = a, in memory
	opLoadOne   // lane 0 of to = the element at a; NEON
	opEvenSign  // to has the sign of even lanes, with room a; NEON, float64
	opLoadHalf  // lower half of to = half a vector from a on; NEON
	opLoadPair  // to and b = two vectors from a on
	opStorePair // two vectors in memory = a and b
	opBroadcast // all lanes of to = the element at a
	opZero      // to = 0
	opMove      // to = a

	opAdd      // to = a + b
	opSub      // to = a - b
	opMul      // to = a·b
	opDiv      // to = a/b
	opMaximum  // to = the larger of a and b, b where that is not a number
	opMinimum  // to = the smaller of a and b, b where that is not a number
	opFma      // to += a·b
	opFnma     // to -= a·b
	opFmaInto  // to = to·a + b
	opRoot     // to = √a
	opLarger   // mask to = a > b
	opIsNaN    // mask to = a is not a number
	opEither   // mask to |= a
	opBlend    // to = a where the mask c is set, b elsewhere
	opToInt    // to = a rounded to integers
	opToFloat  // to = a, of integers
	opAddInts  // to = a + b, of integers
	opShiftInt // to = a << n, of integers
	opWidenLow // to = float64 of the lower float32 of a
	opWidenTop // to = float64 of the upper float32 of a
	opSumLanes // lane 0 of to = the sum of all, with room a; float64
	opSetLane  // memory to = lane 0 of a; float64
	opSetHigh  // memory to = lane 1 of a; float64, amd64

	opFmaLane  // to += a·(lane n of b)
	opFnmaLane // to -= a·(lane n of b)
	opMulLane  // to = a·(lane n of b)

	opPairSums   // sums of neighbors in a and b
	opJoinSums   // to = sums of quarters of a and b, with room c
	opSwapPairs  // to = a with neighbors swapped
	opAddSub     // to = a - b in even lanes, a + b in odd ones
	opFourth     // to = element n of each four at a, all over; AVX-512
	opTwice      // both halves of to = half a vector from a on; AVX-512
	opUpperHalf  // lower half of to = upper half of a; amd64
	opJoinHalves // upper half of to = lower half of a; AVX-512
	// halves of to = sums of the halves of to, and of b, with room a; AVX-512
	opFoldHalves
	opLoadMask // mask to = a, an integer; AVX-512
)

// An instruction is one step of a function.
type instruction struct {
	op      opcode
	element element
	half    bool // with AVX-512: on the lower halves of vectors
	flags   bool // of plus and minus: a branch depends on the result
	to      operand
	a, b, c operand
	n       int
	when    condition
	name    string // of a label, or a comment
}
