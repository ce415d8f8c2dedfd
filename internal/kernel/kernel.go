package kernel

import "fmt"

// Float is the element type of an array: float32 in networks, float64 where gradients are checked and in the direct solver.
type Float interface{ float32 | float64 }

// need panics unless a slice called name, of the given length, holds at least want elements.
func need(op, name string, length, want int) {
	if length < want {
		panic(fmt.Sprintf("kernel: %s: %s has %d elements, needs %d", op, name, length, want))
	}
}

// same panics unless two lengths agree.
func same(op string, a, b int) {
	if a != b {
		panic(fmt.Sprintf("kernel: %s: lengths %d and %d differ", op, a, b))
	}
}

// Implementation names the implementation in use: "go".
func Implementation() string { return "go" }
