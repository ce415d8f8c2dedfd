package explain_test

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"csdm/explain"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/duallayer"
	"csdm/rng"
)

// layersMistakes lists mistakes in a measurement of two layers, as functions of
// the noise-free frames. n is the side of a frame.
var layersMistakes = []struct {
	name string
	make func(y []float64, n int) []float64
}{
	{"amplitude 3 % too large", layersEach(func(v float64) float64 { return 1.03 * v })},
	{"amplitude 3 % too small", layersEach(func(v float64) float64 { return 0.97 * v })},
	{"wrong sign", layersEach(func(v float64) float64 { return -v })},
	{"offset of 1 µm", layersEach(func(v float64) float64 { return v + 1e-3 })},
	{"one frame late", layersFrom(func(f, r, c, n int) (int, int, int) { return f - 1, r, c })},
	{"frames in reverse", layersFrom(func(f, r, c, n int) (int, int, int) {
		return duallayer.Frames - 1 - f, r, c
	})},
	{"upside down", layersFrom(func(f, r, c, n int) (int, int, int) { return f, n - 1 - r, c })},
	{"mirrored", layersFrom(func(f, r, c, n int) (int, int, int) { return f, r, n - 1 - c })},
	{"one pixel to the side", layersFrom(func(f, r, c, n int) (int, int, int) {
		return f, r, c - 1
	})},
	{"one pixel up", layersFrom(func(f, r, c, n int) (int, int, int) { return f, r - 1, c })},
	{"a frame is 0", layersFrom(func(f, r, c, n int) (int, int, int) {
		if f == 4 {
			return f, -n, c
		}
		return f, r, c
	})},
	{"one outlier of 8 σ", func(y []float64, n int) []float64 {
		y[5*n*n+n*n/2+n/3] += 8 * 5e-5
		return y
	}},
}

func layersEach(f func(v float64) float64) func(y []float64, n int) []float64 {
	return func(y []float64, n int) []float64 {
		for k, v := range y {
			y[k] = f(v)
		}
		return y
	}
}

// layersFrom replaces each value by the value at another frame, row and column.
// An index outside is replaced by the nearest one, but row −n gives 0.
func layersFrom(f func(f, r, c, n int) (int, int, int)) func(y []float64, n int) []float64 {
	return func(y []float64, n int) []float64 {
		out := make([]float64, len(y))
		for k := range y {
			frame, row, col := f(k/(n*n), k/n%n, k%n, n)
			if row == -n {
				continue
			}
			frame, row, col = max(frame, 0), min(max(row, 0), n-1), min(max(col, 0), n-1)
			out[k] = y[(frame*n+row)*n+col]
		}
		return out
	}
}

// TestLayersMistakes makes each mistake on two specimens of duallayer, and
// judges right measurements. With CSDM_MISTAKES set it prints the rows of
// docs/reference/mistakes.md.
func TestLayersMistakes(t *testing.T) {
	if os.Getenv("CSDM_MISTAKES") == "" {
		t.Skip("some 10,000 simulations of a wave take ten minutes: set CSDM_MISTAKES to run them")
	}
	p, err := duallayer.New(problems.Options{Grid: 32})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	judge, spec := explain.NewJudge(p), p.Spec()
	x, y := make([]float64, spec.XLen()), make([]float64, spec.YLen())
	failed := func(seed, i uint64, mistake func(y []float64, n int) []float64) string {
		if err := g.Pair(x, y, seed, i); err != nil {
			t.Fatal(err)
		}
		wrong := slices.Clone(y)
		if mistake != nil {
			wrong = mistake(wrong, spec.Cols)
		}
		priors.Gaussian{Std: 5e-5}.Sample(wrong, wrong, rng.New(seed, rng.Test, i, 0))
		v := judge.Start(wrong)
		if _, err := judge.Prior(t.Context(), v, wrong, explain.PriorRate,
			explain.Search{Seed: 1, Threads: 2}); err != nil {
			t.Fatal(err)
		}
		for _, test := range v.Tests {
			if !test.Passed {
				return test.Name
			}
		}
		return ""
	}
	const specimens, right = 2, 60
	caught := 0
	for m, c := range layersMistakes {
		told, by := 0, ""
		for i := range uint64(specimens) {
			if name := failed(uint64(1000+m), i, c.make); name != "" {
				told, by = told+1, name
			}
		}
		caught += told
		fmt.Printf("| %s | %d of %d | %s |\n", c.name, told, specimens, by)
	}
	refused := 0
	for i := range uint64(right) {
		if failed(77, i, nil) != "" {
			refused++
		}
	}
	t.Logf("%d of %d mistakes caught, %d of %d right measurements refused", caught,
		specimens*len(layersMistakes), refused, right)
	if refused > 3 { // P(more than 3 of 60 at a rate of 1 %) = 0.003
		t.Errorf("%d of %d right measurements are refused", refused, right)
	}
}
