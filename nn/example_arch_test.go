package nn_test

import (
	"fmt"

	"csdm/nn"
)

// Twice the channels have about four times the weights.
func ExampleArch_ParameterCount() {
	for _, g := range []int{8, 16, 32} {
		a := nn.Arch{NGF: g, YChannels: 1, Pool: nn.MaxPool}
		fmt.Println(g, a.ParameterCount())
	}
	// Output:
	// 8 117105
	// 16 466017
	// 32 1859265
}

// A network sees fields between 0 and 1.
func ExampleNormalization() {
	n := nn.Normalization{XMin: 10, XMax: 50}
	x := []float64{10, 20, 50}
	n.NormalizeX(x, x, len(x))
	fmt.Println(x)
	n.PhysicalX(x, x, len(x))
	fmt.Println(x)
	// Output:
	// [0 0.25 1]
	// [10 20 50]
}

// The denoised field is Skip·x̃ + Out·F with the network's output F. At a high
// noise level it is all F; at a low one it is the noisy field x̃.
func ExamplePreconditioned_At() {
	p := &nn.Preconditioned{SigmaData: 0.5, YMean: []float64{0}, YStd: []float64{1}}
	for _, sigma := range []float64{50, 0.5, 0.005} {
		c := p.At(sigma)
		fmt.Printf("σ = %g: input %.2f, skip %.4f, output %.3f\n", sigma, c.In, c.Skip, c.Out)
	}
	// Output:
	// σ = 50: input 0.02, skip 0.0001, output 0.500
	// σ = 0.5: input 1.41, skip 0.5000, output 0.354
	// σ = 0.005: input 2.00, skip 0.9999, output 0.005
}
