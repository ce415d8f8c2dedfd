package autodiff_test

import (
	"fmt"

	"csdm/autodiff"
)

// A 3×3 convolution learns the difference of neighboring pixels, by gradient
// descent on one image.
func Example() {
	params := autodiff.NewParameters[float64]()
	tape := autodiff.NewTape(params, autodiff.Training)
	x := tape.Input(5, 6, 1)
	y := tape.Conv(params.Conv("stencil", 1, 1, 3, 1, false), x)
	tape.Compile(y)

	for i := range x.Data {
		x.Data[i] = float64(i * i % 7)
	}
	grads := make([]float64, len(params.Flat))
	for step := 0; step <= 400; step++ {
		params.Repack()
		tape.Forward()
		loss := 0.0
		for i, v := range y.Data {
			right := 0.0 // the image is zero outside its border
			if i%6 < 5 {
				right = x.Data[i+1]
			}
			y.Grad[i] = v - (right - x.Data[i])
			loss += y.Grad[i] * y.Grad[i] / 2
		}
		if step%200 == 0 {
			fmt.Printf("step %3d: loss %.4f\n", step, loss)
		}
		clear(grads)
		tape.Backward(grads)
		for i, g := range grads {
			params.Flat[i] -= 0.002 * g
		}
	}
	fmt.Printf("middle row: %.2f\n", params.Flat[3:6])
	// Output:
	// step   0: loss 68.5000
	// step 200: loss 0.0001
	// step 400: loss 0.0000
	// middle row: [0.00 -1.00 1.00]
}
