package docs

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"csdm/internal/plot"
)

var updatePictures = flag.Bool("update", false, "draw the pictures of the lessons again")

// A picture of a lesson in docs/tutorials/pictures.
type picture struct {
	name string // of the file, without .svg
	// Slow pictures take seconds, or depend on the kernel of the processor.
	// They are drawn by -update only.
	slow bool
	draw func(t *testing.T) *plot.Figure
}

var pictures = []picture{
	{"problem", false, drawProblem},
	{"ripple", false, drawRipple},
	{"element", false, drawElement},
	{"prior", false, drawPrior},
	{"posterior", false, drawPosterior},
	{"denoised", false, drawDenoised},
	{"regression", false, drawRegression},
	{"network", true, drawNetwork},
	{"average", false, drawAverage},
	{"convolution", false, drawConvolution},
	{"annealing", false, drawAnnealing},
	{"levels", true, drawLevels},
}

// TestPictures draws the pictures of the lessons by the engine and compares
// them with their files. It writes the files with
//
//	go test ./docs -run Pictures -update
func TestPictures(t *testing.T) {
	for _, p := range pictures {
		file := filepath.Join("tutorials", "pictures", p.name+".svg")
		switch {
		case *updatePictures:
			if err := os.WriteFile(file, p.draw(t).SVG, 0o644); err != nil {
				t.Fatal(err)
			}
		case p.slow:
			if _, err := os.Stat(file); err != nil {
				t.Error(err)
			}
		default:
			want, err := os.ReadFile(file)
			if err != nil {
				t.Error(err)
				continue
			}
			// Other processors fuse multiplications and additions.
			if got := p.draw(t).SVG; runtime.GOARCH == "amd64" && !bytes.Equal(got, want) {
				t.Errorf("%s is not what its code draws: go test ./docs -run Pictures -update",
					file)
			}
		}
	}
}
