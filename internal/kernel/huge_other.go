//go:build !linux

package kernel

func HugeFloats[T any](_ *T, n int) []float32 { return make([]float32, n) }

// OnHugePages returns v.
func OnHugePages[T any](v []T) []T { return v }
