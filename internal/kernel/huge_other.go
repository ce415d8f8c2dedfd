//go:build !linux

package kernel

// HugeFloats returns n zeros on ordinary pages: only Linux has the huge pages
// that huge_linux.go requests.
func HugeFloats[T any](_ *T, n int) []float32 { return make([]float32, n) }

// OnHugePages returns v.
func OnHugePages[T any](v []T) []T { return v }
