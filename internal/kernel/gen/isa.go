package gen

// An isa is an instruction set: its registers, the operands that its
// instructions take, and its printer.
//
// The fields are the differences that descriptions must know. All others are in
// the printers.
type isa struct {
	suffix   string // of the names of functions
	bytes    int    // of a vector
	vectors  int    // vector registers
	integers []string
	masks    bool // comparisons set mask registers
	memory   bool // instructions that compute take an operand from memory
	fused    bool // a multiply-add may replace a factor
	spread   bool // an operand from memory may be one element for all lanes
	printer
}

// A printer writes instructions in the language of Go's assembler.
type printer interface {
	print(o *output, in instruction)
}

// intel lists the integer registers of amd64 that functions may use.
var intel = []string{
	"AX", "BX", "CX", "DX", "SI", "DI", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15",
}

// arm lists the integer registers of arm64 that functions may use.
var arm = []string{
	"R0", "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R10", "R11", "R12",
	"R13", "R14", "R15", "R19", "R20", "R21", "R22", "R23", "R24", "R25",
}

var (
	avx2 = &isa{
		suffix: "AVX2", bytes: 32, vectors: 16, integers: intel,
		memory: true, fused: true, printer: avx2Printer{},
	}
	avx512 = &isa{
		suffix: "AVX512", bytes: 64, vectors: 32, integers: intel, masks: true,
		memory: true, fused: true, spread: true, printer: avx512Printer{},
	}
	neon = &isa{
		suffix: "NEON", bytes: 16, vectors: 32, integers: arm, printer: neonPrinter{},
	}
)

// lanes is the number of float32 in a vector.
//
// It is 8, 16 or 4. A vector has half as many float64.
func (i *isa) lanes() int { return i.bytes / 4 }
