package accuracy

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/env"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/builtin"
)

// plate is a specimen with two variables.
const plate = `name = "plate"
[grid]
rows = 8
cols = 8
width = 30.0
height = 40.0
unit = "mm"
[physics]
kind = "plane-stress"
[edges]
bottom = 0.0
top = -0.4
[prior]
x = [8.0, 22.0]
y = [10.0, 30.0]
radius = 9.0
ratio = 3.0
background = 5.0
[noise]
std = 0.02
[measurement]
components = ["uy"]
`

// TestMeasurementsWithGaps writes measurements on a grid of their own, of
// sensors and with random gaps to truth files, and judges posteriors that
// another program computed for y of these files. The other program returns the
// reference, whose error is then rounding alone.
func TestMeasurementsWithGaps(t *testing.T) {
	for name, c := range map[string]struct {
		lines    string // of [measurement]
		measured float64
		shape    []int // of y in files
		present  int   // values of a measurement
	}{
		"own grid": {"rows = 4\ncols = 3", 0, []int{2, 1, 4, 3}, 12},
		"sensors": {"sensors = [[5, 5], [25, 5], [15, 20], [5, 35], [25, 35]]", 0,
			[]int{2, 1, 8, 8}, 5},
		"gaps on its own grid": {"rows = 4\ncols = 3", 0.5, []int{2, 1, 4, 3}, 6},
		"gaps":                 {"", 0.25, []int{2, 1, 8, 8}, 16},
		"closed form":          {"", 0.25, []int{2, 1, 8, 8}, 16},
	} {
		t.Run(name, func(t *testing.T) {
			dir, lookup := t.TempDir(), "linear-gaussian"
			if name != "closed form" {
				lookup = filepath.Join(dir, "plate.toml")
				if err := os.WriteFile(lookup, []byte(plate+c.lines), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			p, err := builtin.Lookup(lookup, problems.Options{Grid: 8})
			if err != nil {
				t.Fatal(err)
			}
			_, s := small(t)
			s.Methods, s.Measured = []string{"importance"}, c.measured
			target := &Subject{Name: name, Problem: p}
			truth, err := WriteReferences(t.Context(), dir, target, s, env.Quiet(1))
			if err != nil {
				t.Fatal(err)
			}
			arrays, err := format.ReadNPZFile(truth.File)
			if err != nil {
				t.Fatal(err)
			}
			y := arrays["y"]
			if !slices.Equal(y.Shape, c.shape) || truth.Missing != nil ||
				priors.Present(y.Float64()) != 2*c.present {
				t.Fatalf("y of shape %v has %d values, want %v with %d; without a reference: %v",
					y.Shape, priors.Present(y.Float64()), c.shape, 2*c.present, truth.Missing)
			}
			other := &judgedByOther{target, s, filepath.Join(dir, "other.npz"), arrays}
			if row, err := other.judge(t, y); err != nil || row.RMSEMean > 1e-15 ||
				row.Method != "other" {
				t.Errorf("the reference has an error of %v: %v", row.RMSEMean, err)
			}
			other.s.Reference.Method = "none"
			for what, change := range map[string]func(y []float64){
				"is NaN, not":    func(y []float64) { y[firstPresent(y)] = math.NaN() },
				"its values":     func(y []float64) { y[firstPresent(y)] *= 1.5 },
				"is +Inf":        func(y []float64) { y[firstPresent(y)] = math.Inf(1) },
				"is 0.25, not N": func(y []float64) { y[slices.IndexFunc(y, math.IsNaN)] = 0.25 },
			} {
				if what == "is 0.25, not N" && 2*c.present == y.Len() {
					continue
				}
				bad := slices.Clone(y.Float64())
				change(bad)
				if _, err := other.judge(t, format.Array64(bad, c.shape...)); cli.Code(err) !=
					cli.ExitData || !strings.Contains(err.Error(), what) {
					t.Errorf("%v, want %q with code 65", err, what)
				}
			}
		})
	}
}

// judgedByOther is a study that judges posteriors of another program.
type judgedByOther struct {
	target *Subject
	s      Settings
	path   string                   // of the other program's file
	arrays map[string]*format.Array // of the truth file
}

// judge returns the row of the first measurement, for which the other program
// has the reference itself. y stands in its file.
func (j *judgedByOther) judge(t *testing.T, y *format.Array) (Row, error) {
	writeNPZ(t, j.path, map[string]*format.Array{"y": y, "mean": j.arrays["mean"],
		"std": j.arrays["std"]})
	f, err := ReadForeign("other", j.path)
	if err != nil {
		t.Fatal(err)
	}
	j.target.Foreign = []*Foreign{f}
	r, err := Run(t.Context(), t.TempDir(), []*Subject{j.target}, j.s, env.Quiet(1))
	if err != nil {
		return Row{}, err
	}
	return r.Rows[len(r.Rows)/2-1], nil
}

// firstPresent returns the index of the first value that is measured.
func firstPresent(y []float64) int {
	return slices.IndexFunc(y, func(v float64) bool { return !math.IsNaN(v) })
}
