//go:build !amd64

package kernel

// AVX-512 has panels of its own; no other architecture makes any.

const useAVX512 = false

const missingAVX512 = "kernel: no AVX-512 on this architecture"

func (*tiledFilter) convolveAVX512(*panels, int, convolution) { panic(missingAVX512) }
func (*tiledFilter) gradProductsAVX512(gradient, []float32, Piece) {
	panic(missingAVX512)
}
