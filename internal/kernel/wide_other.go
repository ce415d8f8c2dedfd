//go:build !amd64

package kernel

// AVX-512 has panels of its own; no other architecture makes any.

const useAVX512 = false

const noWidePanels = "kernel: no wide panels on this architecture"

func (*tiledFilter) convolveAVX512(*panels, int, convolution) { panic(noWidePanels) }
func (*tiledFilter) gradWeightsAVX512(_, _, _ []float32, _, _ int, _ []float32) {
	panic(noWidePanels)
}
