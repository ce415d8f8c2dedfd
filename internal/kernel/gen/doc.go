// Package gen writes the assembly of package kernel.
//
// A kernel is described once and printed for three instruction sets: AVX2,
// AVX-512 and NEON. The description is a list of instructions on typed
// registers, the intermediate form of form.go. No instruction depends on the
// width of a vector. A printer for each instruction set writes the list in the
// language of Go's assembler. Files returns all files. A test in package kernel
// regenerates them and compares.
//
// # Map
//
//	form.go             the intermediate form: operands and opcodes
//	function.go         a function: arguments, comments, labels
//	registers.go        the allocator of registers
//	integers.go         counters, addresses and jumps
//	arithmetic.go       arithmetic of vectors
//	constants.go        constants, from a table with one entry each
//	loops.go            loops, with the part of a vector at the end
//	isa.go              the instruction sets
//	x86.go, avx2.go     the printers
//	avx512.go, neon.go  the printers
//	gen.go              the list of families of kernels
//	tile.go             tiles of products of matrices
//
// The other files are families of kernels, named as their output: norm.go
// writes norm_amd64.s, norm_avx512_amd64.s and norm_arm64.s.
//
// # A kernel
//
// This is a whole kernel, dst = a + b:
//
//	const signature = "(dst, a, b *float32, n int)"
//	file.function("add", signature, "dst = a + b", func(f *function) {
//		r := f.arguments64("dst", "a", "b", "n")
//		dst, a, b, n := r[0], r[1], r[2], r[3]
//		f.vectorLoop(n, "dst = a + b", func(place func(reg) mem) {
//			sum, v := f.vector("a"), f.vector("b")
//			f.load(sum, place(a))
//			f.load(v, place(b))
//			f.add(sum, sum, v)
//			f.store(place(dst), sum)
//		})
//		f.ret()
//	})
//
// It becomes addAVX2, addAVX512 and addNEON. The offsets of the arguments
// follow from the signature. The loop takes a vector at a time, and the last
// elements with masks or one by one.
//
// # Registers
//
// f.vector, f.integer and f.mask reserve a register and name its use. f.free
// gives registers back, and f.scope gives back all that its body has reserved.
// If no register is left, the generator panics with the names of all that are
// alive. AVX2 has 16 vector registers, the others have 32. There are 14 integer
// registers on amd64 and 23 on arm64.
//
// # Instruction sets differ
//
// The methods of function hide most differences. An operand in memory becomes a
// load where an instruction set computes on registers only. Element makes it
// one element for all lanes, which becomes a broadcast where that is no
// operand. mulAdd returns the register of its result, since NEON adds to a
// destination only. A kernel may read f.isa for other differences: lanes are
// factors on NEON only, and AVX-512 has more registers for a tile.
//
// # Comments
//
// Each function has a comment with its result, and so has each block that a
// label begins: block and the loops take the comment as an argument. A test
// checks it.
//
// # To add a kernel
//
//  1. Write the loop in plain Go in package kernel. It is the definition.
//  2. Describe the kernel in the file of its family here, or in a new file with
//     an entry in families (gen.go).
//  3. Run go generate in package kernel.
//  4. Declare the kernel for each instruction set, as elementwise_amd64.go,
//     elementwise_avx512_amd64.go and elementwise_arm64.go do, with its meaning
//     as a loop. Add a function opNameVector that calls the one in use, and a
//     line in other.go for the other architectures.
//  5. Call opNameVector from the operation where useVectors is set.
//  6. Add the operation to a test with eachImplementation: all lengths around
//     the width, all alignments, guards around the output, NaN and infinities.
//     Add it to TestSameBits if all instruction sets have the same bits.
//  7. Folder emulate runs the tests where no processor has the instructions.
//
// # To add an instruction
//
// Add an opcode to form.go and a method to arithmetic.go, and print it in each
// printer. Instructions that Go's assembler lacks on arm64 are words, in
// neon_words.go. Compare a new word with another assembler's.
//
// # Why a generator
//
// The three instruction sets have 16 or 32 registers of 4, 8 or 16 float32, two
// or three operands, and operands in memory or not. Written by hand, each
// kernel would exist three times with its own faults. Here a kernel is written
// once in terms of vectors, and a test of each instruction set runs the same
// description. The generator runs when a programmer changes a kernel; the
// program itself assembles only its output.
//
// # How fast a kernel can be
//
// A multiply-add has a latency of L cycles, and a processor starts U of them in
// a cycle. A loop whose sums depend on themselves needs at least
//
//	L·U
//
// independent sums (chains) to keep the units busy: 4·2 = 8 on current amd64
// processors. A tile of a product with r rows and v vectors of columns has r·v
// chains and needs, per step, r·v multiply-adds, v loads of columns and r loads
// of factors. Its arithmetic per load,
//
//	r·v/(r + v),
//
// grows with both, until r·v sums and the room for columns and factors fill the
// registers. These two rules give the sizes of the tiles.
package gen
