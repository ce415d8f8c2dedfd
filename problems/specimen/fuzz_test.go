package specimen_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"csdm/internal/cli"
	"csdm/problems"
	"csdm/problems/specimen"
)

// FuzzDefinition reads a specimen from an arbitrary file. The result is an
// error of the file, or a problem whose prior can be drawn from.
//
// A value outside of the stated range would leave the interval to which fields
// are normalized, and a panic would end the program of a user with a mistyped
// file.
func FuzzDefinition(f *testing.F) {
	f.Add([]byte(lab))
	f.Add([]byte(compressed(9, 1, 1, "cm", "0.0", "-0.01",
		"x = [0.2, 0.8]\ny = 0.5\nradius = 0.12\nratio = 15\nbackground = 0.1")))
	for _, text := range []string{cylinder, shear, square(12, threeLayers) + stated,
		square(12, rough+`, transform = "log"`), square(12, phases)} {
		f.Add([]byte(text))
	}
	path := filepath.Join(f.TempDir(), "p.toml")
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, text, 0o666); err != nil {
			t.Fatal(err)
		}
		specimen.Describes(path)
		d, err := specimen.Read(path)
		if err != nil {
			if cli.Code(err) != cli.ExitConfig {
				t.Fatalf("%v: exit code %d", err, cli.Code(err))
			}
			return
		}
		if d.Grid.Rows*d.Grid.Cols > 1000 {
			return // the time of a fuzzer is short
		}
		p, err := specimen.New(d, problems.Options{})
		if err != nil {
			return
		}
		q, spec := p.(problems.Parametric), p.Spec()
		lo, _ := q.Box()
		theta, x := make([]float64, len(lo)), make([]float64, spec.XLen())
		q.Latent(theta, 1, 2)
		q.Field(x, theta)
		slack := 1e-12 * spec.XRange.Max
		for _, v := range x {
			if !(v >= spec.XRange.Min-slack && v <= spec.XRange.Max+slack) || math.IsNaN(v) {
				t.Fatalf("the prior draws %v, outside of %v", v, spec.XRange)
			}
		}
	})
}
