package kernel

import (
	"math"
	"testing"
)

// The values of PyTorch: corners aligned, a divisor of 25 at the border, the
// first of equal maxima, an odd row ignored.
func TestSmallValues(t *testing.T) {
	x := []float64{0, 1, 2, 3, 4, 5} // two rows of three
	y := make([]float64, 15)
	Resize(img(y, 3, 5, 1), img(x, 2, 3, 1))
	want := []float64{0, 0.5, 1, 1.5, 2, 1.5, 2, 2.5, 3, 3.5, 3, 3.5, 4, 4.5, 5}
	for i := range want {
		if y[i] != want[i] {
			t.Errorf("Resize[%d] = %v, want %v", i, y[i], want[i])
		}
	}
	AvgPool5(y[:6], img(x, 2, 3, 1), make([]float64, AvgPool5Scratch(2, 3, 1)))
	for i, v := range y[:6] {
		if math.Abs(v-0.6) > 1e-15 {
			t.Errorf("AvgPool5[%d] = %v, want 15/25", i, v)
		}
	}
	arg := make([]int32, 6)
	MaxPool5(y[:6], arg, img([]float64{1, 3, 2, 3, 0, 3}, 2, 3, 1), make([]float64, 12))
	for i := range arg {
		if y[i] != 3 || arg[i] != 1 {
			t.Errorf("MaxPool5[%d] = %v from %d, want 3 from 1", i, y[i], arg[i])
		}
	}
	MeanPool2(y, img(x, 2, 3, 1))
	if y[0] != 2 {
		t.Errorf("MeanPool2 = %v, want 2", y[0])
	}
}

// img returns an image of h×w pixels of c channels.
func img[F Float](data []F, h, w, c int) Image[F] { return Image[F]{data, h, w, c} }
