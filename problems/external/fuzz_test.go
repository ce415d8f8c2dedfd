package external

import (
	"os"
	"path/filepath"
	"testing"

	"csdm/internal/cli"
	"csdm/problems"
)

// FuzzDefinition reads a problem from an arbitrary file. The result is an error
// of the file, or a problem whose prior can be drawn from.
func FuzzDefinition(f *testing.F) {
	example, err := os.ReadFile("../../examples/fibres/fibres.toml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(example)
	f.Add([]byte("name = \"a\"\nrows = 4\ncols = 4\nwidth = 1\nheight = 1\nlength_unit = " +
		"\"cm\"\n[x]\nmin = 0\nmax = 1\n[y]\n[noise]\nlaw = \"recorded\"\n"))
	path := filepath.Join(f.TempDir(), "p.toml")
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, text, 0o666); err != nil {
			t.Fatal(err)
		}
		d, err := Read(path)
		if err != nil {
			if cli.Code(err) != cli.ExitConfig {
				t.Fatalf("%v: exit code %d", err, cli.Code(err))
			}
			return
		}
		p, err := New(d, problems.Options{})
		if err != nil {
			if code := cli.Code(err); code != cli.ExitConfig && code != cli.ExitUsage {
				t.Fatalf("%v: exit code %d", err, code)
			}
			return
		}
		spec := p.Spec()
		if err := spec.Validate(); err != nil {
			t.Fatalf("a problem that is not valid was accepted: %v", err)
		}
		if q, ok := p.(problems.Parametric); ok && spec.XLen() < 1000 {
			lo, _ := q.Box()
			theta, x := make([]float64, len(lo)), make([]float64, spec.XLen())
			q.Latent(theta, 1, 2)
			q.Field(x, theta)
			for _, v := range x {
				if !(v >= spec.XRange.Min && v <= spec.XRange.Max) {
					t.Fatalf("the prior draws %v, outside of %v", v, spec.XRange)
				}
			}
		}
	})
}
