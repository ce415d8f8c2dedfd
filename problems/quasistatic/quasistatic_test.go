package quasistatic_test

import (
	"math"
	"testing"

	"csdm/internal/format"
	"csdm/problems"
	"csdm/problems/problemstest"
	"csdm/problems/quasistatic"
)

func construct(o problems.Options) (problems.Problem, error) { return quasistatic.New(o) }

// arrays reads a reference computed with FEniCS.
func arrays(t *testing.T, name string) map[string]*format.Array {
	t.Helper()
	a, err := format.ReadNPZFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestProblem(t *testing.T) {
	a, b := arrays(t, "plane_stress_28.npz"), arrays(t, "plane_stress_56.npz")
	// Truncation at three deviations reduces the standard deviation by 1.34 %.
	k := quasistatic.Truncation
	shrink := math.Sqrt(1 - 2*k*math.Exp(-k*k/2)/math.Sqrt(2*math.Pi)/math.Erf(k/math.Sqrt2))
	problemstest.Problem(t, problemstest.Case{
		New: construct, Options: problems.Options{Grid: 28, NoisePercent: 2.5},
		NoiseStd: func(float64) float64 { return 2.5e-4 * shrink },
		References: []problemstest.ReferencePair{
			{Name: "28", Options: problems.Options{Grid: 28}, X: a["mu"].Float64(),
				Y: a["uy"].Float64(), Tolerance: 1e-9},
			{Name: "56", X: b["mu"].Float64(), Y: b["uy"].Float64(), Tolerance: 1e-9},
		},
	})
}

// TestMeasuredElsewhere reads true field and measurement from another program.
// The prior must rasterize the same disc, and the residual must be noise of
// this problem.
func TestMeasuredElsewhere(t *testing.T) {
	p, err := quasistatic.New(problems.Options{Grid: 28})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	a := arrays(t, "measured_28_n5.npz")
	n := p.Spec().XLen()
	centers, truths, measured := a["center"].Float64(), a["x"].Float64(), a["y"].Float64()
	x, y := make([]float64, n), make([]float64, n)
	for c := 0; c < len(centers)/2; c++ {
		if err := g.(problems.Simulator).Simulate(x, y, centers[2*c:2*c+2]); err != nil {
			t.Fatal(err)
		}
		var square, most float64
		for i := range x {
			if want := quasistatic.Background + truths[c*n+
				i]*(quasistatic.Inclusion-quasistatic.Background); math.Abs(x[i]-want) > 1e-7 {
				t.Fatalf("case %d: x[%d] = %v, want %v", c, i, x[i], want)
			}
			r := (measured[c*n+i] - y[i]) / (0.05 * quasistatic.UMax)
			square += r * r / float64(n)
			most = max(most, math.Abs(r))
		}
		// The mean of n squares of unit variance has an error of √(2/n).
		if math.Abs(square-1) > 5*math.Sqrt(2/float64(n)) || most > quasistatic.Truncation+1e-5 {
			t.Errorf("case %d: the residual has a mean square of %v and goes up to %v deviations",
				c, square, most)
		}
	}
}

// TestHalfTurn turns the square by 180°, which maps mesh and conditions onto
// themselves: if u is the solution for x, then −u(turned) − UMax is the
// solution for the turned x. Only rounding differs.
func TestHalfTurn(t *testing.T) {
	p, err := quasistatic.New(problems.Options{Grid: 21})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	n := p.Spec().XLen()
	x, y, yTurned := make([]float64, n), make([]float64, n), make([]float64, n)
	simulate := g.(problems.Simulator).Simulate
	if err := simulate(x, y, []float64{0.31, 0.66}); err != nil {
		t.Fatal(err)
	}
	if err := simulate(x, yTurned, []float64{1 - 0.31, 1 - 0.66}); err != nil {
		t.Fatal(err)
	}
	least := 0.0
	for i := range y {
		if d := math.Abs(-y[n-1-i] - quasistatic.UMax - yTurned[i]); d > 1e-11*quasistatic.UMax {
			t.Fatalf("node %d: off by %v", i, d)
		}
		least = min(least, y[i])
	}
	if least != -quasistatic.UMax {
		t.Errorf("the largest displacement is %v, so the noise is not in percent of it", least)
	}
}

// TestAdjoint compares the derivative of a weighted sum of the measurement with
// central differences, at some nodes of a prior draw.
func TestAdjoint(t *testing.T) {
	p, err := quasistatic.New(problems.Options{Grid: 12})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	solver, n := g.(problems.Differentiable), p.Spec().XLen()
	x, y, weights, got := make([]float64, n), make([]float64, n), make([]float64, n),
		make([]float64, n)
	if err := g.Pair(x, y, 1, 0); err != nil {
		t.Fatal(err)
	}
	for i := range weights {
		weights[i] = math.Cos(float64(3 * i))
	}
	sum := func() (sum float64) {
		if err := solver.Forward(y, x); err != nil {
			t.Fatal(err)
		}
		for i, w := range weights {
			sum += w * y[i]
		}
		return sum
	}
	sum()
	solver.Adjoint(got, weights)
	for i := 0; i < n; i += 7 {
		at := x[i]
		h := 1e-4 * at
		x[i] = at + h
		up := sum()
		x[i] = at - h
		want := (up - sum()) / (2 * h)
		x[i] = at
		if math.Abs(got[i]-want) > 1e-6*math.Abs(want)+1e-9 {
			t.Errorf("node %d: %v, differences give %v", i, got[i], want)
		}
	}
}
