package tasks

import (
	"math"
	"slices"
	"testing"

	"csdm/rng"
)

// TestLikelihoods checks the likelihood of each task that has a closed-form
// posterior or density against draws of its simulator: E[∂ ln p(y|u)/∂u] is
// zero over y ~ p(y|u).
//
// For any density ∫ p(y | u) dy = 1, and its derivative with respect to u is
// E[∂ ln p/∂u] = 0. A likelihood that does not belong to the simulator, even by
// a wrong variance, violates it. Derivatives are central differences with h =
// 10⁻⁴.
func TestLikelihoods(t *testing.T) {
	for _, name := range []string{"gaussian_linear", "gaussian_mixture", "slcp", "bernoulli_glm",
		"bernoulli_glm_raw", "sir", "lotka_volterra", "slcp_distractors"} {
		task, err := New(name)
		if err != nil {
			t.Fatal(err)
		}
		u, y := make([]float64, task.X), make([]float64, task.Y)
		task.prior(u, rng.New(3, rng.Test, 0, 0))
		u = task.parameters(u)
		const n = 300
		for i := range u {
			var sum, squares float64
			h, at := 1e-4, u[i]
			for k := range n {
				task.measure(y, u, rng.New(4, rng.Test, uint64(k), uint64(i)))
				u[i] = at + h
				up := task.logLikelihood(u, y)
				u[i] = at - h
				d := (up - task.logLikelihood(u, y)) / (2 * h)
				u[i] = at
				sum, squares = sum+d, squares+d*d
			}
			z := sum / math.Sqrt(squares)
			if math.Abs(z) > 4.5 || squares == 0 {
				t.Errorf("%s: the mean score of component %d is %.1f standard errors from zero",
					name, i, z)
			}
		}
	}
}

// TestExact checks the draws from posteriors in closed form by the identity
// that underlies simulation-based calibration: u, its rank among draws from
// p(·|y), is uniform.
//
// If (u, y) is a pair and u₁ … u₉ are exact posterior draws, u is exchangeable
// with them, and its rank is uniform on 0 … 9 (Cook, Gelman and Rubin 2006;
// Talts et al. 2018).
func TestExact(t *testing.T) {
	for _, name := range []string{"gaussian_linear", "gaussian_linear_uniform",
		"gaussian_mixture", "two_moons"} {
		task, err := New(name)
		if err != nil {
			t.Fatal(err)
		}
		u, y, draw := make([]float64, task.X), make([]float64, task.Y), make([]float64, task.X)
		const pairs, draws = 400, 9
		var counts [draws + 1]float64
		for k := range pairs {
			task.Pair(u, y, 5, uint64(k))
			p := task.parameters(u)
			s := rng.New(6, rng.Test, uint64(k), 0)
			rank := 0
			for range draws {
				task.exact(draw, y, s)
				if draw[0] < p[0] {
					rank++
				}
				if math.IsInf(task.logLikelihood(draw, y), -1) {
					t.Fatalf("%s: a draw %v for %v has no posterior density", name, draw, y)
				}
			}
			counts[rank]++
		}
		chi2, each := 0.0, float64(pairs)/(draws+1)
		for _, c := range counts {
			chi2 += (c - each) * (c - each) / each
		}
		if chi2 > 27.9 { // 99.9 % of χ² with nine degrees of freedom
			t.Errorf("%s: χ² of the ranks is %.1f", name, chi2)
		}
	}
}

// TestPublishedConstants checks NumPy's generator by the first numbers of seed
// 42, which its documentation shows in many places, and the permutation.
//
// A single different bit would change the published stimulus, and with it the
// task.
func TestPublishedConstants(t *testing.T) {
	g := newMersenne(42)
	for i, want := range []float64{0.49671415, -0.1382643, 0.64768854, 1.52302986} {
		if v := g.normal(); math.Abs(v-want) > 5e-9 {
			t.Errorf("normal number %d is %.8f, want %.8f", i, v, want)
		}
	}
	order := newMersenne(42).permutation(10)
	if want := []int{8, 1, 5, 0, 7, 2, 9, 4, 3, 6}; !slices.Equal(order, want) {
		t.Errorf("permutation %v, want %v", order, want)
	}
	if bits := newMersenne(5489).uint32(); bits != 3499211612 { // of the authors' program
		t.Errorf("first bits of seed 5489: %d", bits)
	}
}

// TestSolver checks the predators and prey by the invariant of their orbit, and
// the order of the method by halving the step.
//
// The orbit of predators and prey conserves r₃ v − r₂ ln v + r₁ w − r₀ ln w. A
// method of order four loses a factor of 16 to 32 of the drift with half the
// step.
func TestSolver(t *testing.T) {
	rate := [4]float64{1.1, 0.04, 0.9, 0.05}
	slope := func(v [2]float64) [2]float64 {
		return [2]float64{rate[0]*v[0] - rate[1]*v[0]*v[1], -rate[2]*v[1] + rate[3]*v[0]*v[1]}
	}
	invariant := func(v [2]float64) float64 {
		return rate[3]*v[0] - rate[2]*math.Log(v[0]) + rate[1]*v[1] - rate[0]*math.Log(v[1])
	}
	drift := func(steps int) float64 {
		state := [2]float64{30, 1}
		start := invariant(state)
		rungeKutta(&state, 20/float64(steps), steps, slope)
		return math.Abs(invariant(state) - start)
	}
	if d := drift(2000); d > 1e-5 {
		t.Errorf("the invariant drifts by %.2g", d)
	}
	if r := drift(250) / drift(500); r < 12 || r > 64 {
		t.Errorf("half the step gives an error %.1f times smaller, want 16 to 32", r)
	}
}

// TestBinomial checks mean and variance of both sides.
//
// Probabilities above one half use the other side; p = 10⁻⁶ has mostly zeros.
func TestBinomial(t *testing.T) {
	for _, p := range []float64{1e-6, 0.03, 0.5, 0.97} {
		s, n := rng.New(1, rng.Test, 2, 0), 4000
		var sum, squares float64
		for range n {
			v := float64(binomial(1000, p, s)) - 1000*p
			sum, squares = sum+v, squares+v*v
		}
		variance := 1000 * p * (1 - p)
		if z := sum / math.Sqrt(float64(n)*variance); math.Abs(z) > 4 {
			t.Errorf("p %g: the mean is %.1f standard errors off", p, z)
		}
		// The relative variance of a square is 2 + 1/variance.
		error := math.Sqrt((2 + 1/variance) / float64(n))
		if r := squares / float64(n) / variance; math.Abs(r-1) > 5*error {
			t.Errorf("p %g: variance %.3f of the known", p, r)
		}
	}
}
