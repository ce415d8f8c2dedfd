package mirror_test

import (
	"math"
	"slices"
	"testing"

	"csdm/bench"
	"csdm/problems"
	"csdm/problems/mirror"
	"csdm/problems/problemstest"
)

func even(o problems.Options) (problems.Problem, error)   { return mirror.New(o) }
func uneven(o problems.Options) (problems.Problem, error) { return mirror.NewUneven(o) }

func TestProblem(t *testing.T) {
	for name, construct := range map[string]func(problems.Options) (problems.Problem, error){
		mirror.Name: even, mirror.UnevenName: uneven} {
		t.Run(name, func(t *testing.T) {
			problemstest.Problem(t, problemstest.Case{New: construct,
				Options:  problems.Options{Grid: 12, NoisePercent: 20},
				NoiseStd: func(float64) float64 { return 0.2 * 0.01 }})
		})
	}
}

// reversed returns the mirror image of a field.
func reversed(x []float64, cols int) []float64 {
	x = slices.Clone(x)
	for row := 0; row < len(x); row += cols {
		slices.Reverse(x[row : row+cols])
	}
	return x
}

// TestMirrorImage checks that a field and its mirror image have the same
// measurement, and that the prior has both: the variables of the left side are
// the values of the right side after a linear map.
func TestMirrorImage(t *testing.T) {
	const n = 13
	p, err := mirror.NewUneven(problems.Options{Grid: n})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	var x, y [2][]float64
	for k, place := range []float64{0.25 * 0.3, 0.25 + 0.75*0.3} {
		x[k], y[k] = make([]float64, n*n), make([]float64, n*n)
		if err := g.(problems.Simulator).Simulate(x[k], y[k], []float64{place, 0.6}); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(x[0], reversed(x[1], n)) || slices.Equal(x[0], x[1]) {
		t.Error("the field on the right is not the mirror image of that on the left")
	}
	if !slices.Equal(y[0], reversed(y[0], n)) {
		t.Error("a measurement is not its own mirror image")
	}
	for k, v := range y[0] {
		if math.Abs(v-y[1][k]) > 1e-14 { // 1e-12 of the displacement
			t.Fatalf("value %d is %v and %v", k, v, y[1][k])
		}
	}
}

// TestModeShares checks the shares of fields, of means of several, and of a
// field without an inclusion.
func TestModeShares(t *testing.T) {
	const n = 13
	p, err := mirror.New(problems.Options{Grid: n})
	if err != nil {
		t.Fatal(err)
	}
	left, share := make([]float64, n*n), make([]float64, 2)
	p.Field(left, []float64{0.2, 0.5})
	right := reversed(left, n)
	mean := make([]float64, n*n)
	for k := range mean {
		mean[k] = 0.2*left[k] + 0.8*right[k]
	}
	for _, c := range []struct {
		x    []float64
		want float64
	}{{left, 1}, {right, 0}, {mean, 0.2}} {
		if p.ModeShares(share, c.x); math.Abs(share[0]-c.want) > 1e-12 ||
			math.Abs(share[1]-1+c.want) > 1e-12 {
			t.Errorf("shares %v, want %v of the left", share, c.want)
		}
	}
	if p.ModeShares(share, slices.Repeat([]float64{0.1}, n*n)); !math.IsNaN(share[0]) {
		t.Errorf("shares %v of the background", share)
	}
}

// TestWeights computes posteriors by quadrature, which knows nothing of the
// symmetry. Its weights of the modes must be the known ones. Noise makes the
// measurement differ from its mirror image.
func TestWeights(t *testing.T) {
	for _, construct := range []func(problems.Options) (*mirror.Problem, error){mirror.New,
		mirror.NewUneven} {
		p, err := construct(problems.Options{Grid: 12, NoisePercent: 20})
		if err != nil {
			t.Fatal(err)
		}
		_, y := problemstest.Pair(t, p, 1, 2)
		r, err := bench.Quadrature(t.Context(), p, y, bench.QuadratureSettings{Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		share, want := make([]float64, 2), p.ModeWeights()
		if p.ModeShares(share, r.Mean); math.Abs(share[0]-want[0]) > 0.002 {
			t.Errorf("%s: shares %v, want %v", p.Spec().Name, share, want)
		}
	}
}
