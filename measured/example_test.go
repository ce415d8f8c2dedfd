package measured_test

import (
	"fmt"
	"log"

	"csdm/measured"
	"csdm/rng"
)

func ExampleUnitFactor() {
	factor, err := measured.UnitFactor("µm", "mm")
	fmt.Println(factor, err)
	_, err = measured.UnitFactor("mm", "kPa")
	fmt.Println(err != nil)
	// Output:
	// 0.001 <nil>
	// true
}

// One length stands for both axes, and units are converted.
func ExampleParseLengths() {
	for _, text := range []string{"0.25mm", "2.5cm,34.6mm"} {
		l, err := measured.ParseLengths(text, "mm")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(l.X, l.Y)
	}
	// Output:
	// 0.25 0.25
	// 25 34.6
}

// A map of 5×5 samples, 1 mm apart, on a grid of 3×3 nodes. A linear map does
// not change.
func ExampleMap_Resample() {
	m := &measured.Map{Channels: 1, Rows: 5, Cols: 5}
	for i := range 25 {
		m.Values = append(m.Values, float64(i%5)+10*float64(i/5))
	}
	y, err := m.Resample(measured.Target{Rows: 3, Cols: 3, Width: 4, Height: 4, Unit: "mm"},
		measured.Placement{PixelX: 1, PixelY: 1})
	if err != nil {
		log.Fatal(err)
	}
	for row := range 3 {
		fmt.Printf("%.1f\n", y[3*row:3*row+3])
	}
	// Output:
	// [0.0 2.0 4.0]
	// [20.0 22.0 24.0]
	// [40.0 42.0 44.0]
}

// White noise is estimated from second differences, whatever the slope below.
func ExampleNoiseStd() {
	const rows, cols = 60, 60
	v := make([]float64, rows*cols)
	s := rng.New(1, rng.Noise, 0, 0)
	for i := range v {
		v[i] = 3*float64(i%cols) + 0.1*s.Normal()
	}
	std := measured.NoiseStd(v, rows, cols)
	fmt.Println(std > 0.09 && std < 0.11)
	// Output: true
}

// The measurements 2, 3 and 4 of ten. As in NumPy, the end is not in the range.
func ExamplePickCases() {
	fmt.Println(measured.PickCases("--case", "2:5", 10, "measurements"))
	// Output: 2 5 <nil>
}
