package kernel_test

import (
	"fmt"

	"csdm/internal/kernel"
)

// A 3×3 filter that sums the window around each pixel. Beyond the border the
// image is zero.
func ExampleFilter_Forward() {
	f := kernel.NewFilter[float64](1, 1, 3, 1)
	f.Pack([]float64{1, 1, 1, 1, 1, 1, 1, 1, 1})
	x, dst := []float64{1, 1, 1, 1, 1, 1, 1, 1, 1}, make([]float64, 9)
	f.Forward(dst, x, nil, 3, 3, make([]float64, f.Scratch(3, 3)))
	for row := range 3 {
		fmt.Println(dst[3*row : 3*row+3])
	}
	// Output:
	// [4 6 4]
	// [6 9 6]
	// [4 6 4]
}

// The 2×2 tiles of a 4×4 image become the channels of a 2×2 image, and come
// back.
func ExampleTiles() {
	x := kernel.Image[float64]{Data: make([]float64, 16), H: 4, W: 4, C: 1}
	for i := range x.Data {
		x.Data[i] = float64(i)
	}
	tiles := make([]float64, 16)
	kernel.Tiles(tiles, x, 2)
	fmt.Println(tiles[:4], tiles[4:8])
	clear(x.Data)
	kernel.Untile(x, tiles, 2)
	fmt.Println(x.Data[:4])
	// Output:
	// [0 1 4 5] [2 3 6 7]
	// [0 1 2 3]
}

// An image of two pixels, resized to five by linear interpolation.
func ExampleResize() {
	x := kernel.Image[float64]{Data: []float64{0, 1}, H: 1, W: 2, C: 1}
	y := kernel.Image[float64]{Data: make([]float64, 5), H: 1, W: 5, C: 1}
	kernel.Resize(y, x)
	fmt.Println(y.Data)
	// Output: [0 0.25 0.5 0.75 1]
}

// The largest value of each 5×5 window, and where it came from.
func ExampleMaxPool5() {
	x := kernel.Image[float64]{Data: []float64{3, 1, 4, 1, 5, 9}, H: 1, W: 6, C: 1}
	dst, from := make([]float64, 6), make([]int32, 6)
	kernel.MaxPool5(dst, from, x, make([]float64, kernel.MaxPool5Scratch(1, 6, 1)))
	fmt.Println(dst, from)
	// Output: [4 4 5 9 9 9] [2 2 4 5 5 5]
}

// The first step of Adam has the length of the rate, whatever the gradient.
func ExampleAdam_Update() {
	w, g := []float32{1, 1}, []float32{0.001, -1000}
	m, v, average := make([]float32, 2), make([]float32, 2), []float32{1, 1}
	step := kernel.Adam{Rate: 0.1, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-12, Decay: 0.9, Step: 1,
		Scale: 1}
	step.Update(w, m, v, average, g)
	fmt.Printf("weights %.2f, average %.2f\n", w, average)
	// Output: weights [0.90 1.10], average [0.99 1.01]
}
