package external_test

import (
	"fmt"
	"os"
	"path/filepath"

	"csdm/problems"
	"csdm/problems/external"
)

// A definition without a program describes pairs that are imported. A wrong
// setting is an error that names it.
func ExampleRead() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	text := `name = "membrane"
rows = 28
cols = 28
width = 1.0
height = 1.0
length_unit = "cm"

[x]
name = "stiffness"
unit = "kPa"
min = 1.0
max = 8.0

[y]
name = "deflection"
unit = "mm"

[noise]
law = "gaussian"
std = 0.01
scale = 0.2
`
	path := filepath.Join(folder, "membrane.toml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		fmt.Println(err)
		return
	}
	d, err := external.Read(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := external.New(d, problems.Options{NoisePercent: 50})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Spec().Name, p.Spec().Rows, p.Spec().XRange)
	fmt.Println(p.Measurement())
	// Output:
	// membrane 28 {1 8}
	// Gaussian of standard deviation 0.1
}
