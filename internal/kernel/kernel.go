package kernel

import (
	"fmt"
	"unsafe"
)

//go:generate go run generate.go

// Float is the element type of an array: float32 in networks, float64 in checks
// of gradients and in the direct solver.
type Float interface{ float32 | float64 }

// need panics unless a slice called name, of the given length, has at least
// want elements.
func need(op, name string, length, want int) {
	if length < want {
		panic(fmt.Sprintf("kernel: %s: %s has %d elements, needs %d", op, name, length, want))
	}
}

// same panics unless two lengths, or numbers of channels, agree.
func same(op string, a, b int) {
	if a != b {
		panic(fmt.Sprintf("kernel: %s: lengths %d and %d differ", op, a, b))
	}
}

// single reports whether F is float32, the type that has vector kernels.
func single[F Float]() bool {
	var f F
	return unsafe.Sizeof(f) == 4
}

// as32 is x seen as []float32; F must be float32.
func as32[F Float](x []F) []float32 { return *(*[]float32)(unsafe.Pointer(&x)) }

// vectorized reports whether images of c channels of this type have vector
// passes.
func vectorized[F Float](c int) bool { return single[F]() && useVectors && c%8 == 0 }
