package format_test

import (
	"bytes"
	"fmt"
	"log"

	"csdm/internal/format"
)

// Draws are written to disk one after another, as they are made.
func ExampleNPZWriter() {
	var file bytes.Buffer
	z := format.NewNPZWriter(&file, false)
	samples, err := z.Create("samples", format.Float32, 3, 2)
	if err != nil {
		log.Fatal(err)
	}
	for draw := range 3 {
		if err := samples.Float64([]float64{float64(draw), 0.5}); err != nil {
			log.Fatal(err)
		}
	}
	if err := z.Write("mean", format.Array64([]float64{1, 0.5}, 2)); err != nil {
		log.Fatal(err)
	}
	if err := z.Close(); err != nil {
		log.Fatal(err)
	}

	arrays, err := format.ReadNPZ(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(arrays["samples"].Shape, arrays["samples"].DType, arrays["samples"].F32)
	fmt.Println(arrays["mean"].Shape, arrays["mean"].DType, arrays["mean"].F64)
	// Output:
	// [3 2] float32 [0 0.5 1 0.5 2 0.5]
	// [2] float64 [1 0.5]
}

// A measurement is read, or refused with the reason.
func ExampleReadArrayFile() {
	y, err := format.ReadArrayFile("testdata/f8.npy")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(y.CheckFinite())
	fmt.Println(y.CheckShape(1, -1, -1))
	_, err = format.ReadArrayFile("testdata/stored.npz")
	fmt.Println(err)
	// Output:
	// <nil>
	// has shape (2, 3, 4), not (1, *, *)
	// testdata/stored.npz: holds the arrays x, y, n: name one, as in stored.npz:NAME
}
