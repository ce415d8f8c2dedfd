package tasks

import (
	"math"

	"csdm/rng"
)

// The stimulus of bernoulliGLM and its filter.
const glmTimes, glmLags = 100, 9

// bernoulliGLM is a neuron whose spikes depend on a filtered stimulus, tasks
// T.5 and T.6 of Lueckmann et al. (2021): an offset and nine values of a
// filter. raw states that the measurement is the 100 spikes, not their number
// and their products with the shifted stimulus, which are sufficient.
//
// Time step i has a spike with the probability 1/(1 + e^−ψ_i), ψ = design · u.
// The likelihood depends on the spikes y through designᵀ y only, so that these
// ten sums lose nothing.
func bernoulliGLM(raw bool) *Task {
	t := &Task{Name: "bernoulli_glm", X: 1 + glmLags, Y: 1 + glmLags}
	design, precision := glmDesign(), glmPrecision()
	factor := newCholesky(precision, t.X)
	t.prior = func(u []float64, s *rng.Stream) { factor.drawByPrecision(u, s) }
	spikes := func(y, u []float64, s *rng.Stream) {
		for i := range y {
			y[i] = 0
			if s.Float64() < 1/(1+math.Exp(-dot(design[i*t.X:][:t.X], u))) {
				y[i] = 1
			}
		}
	}
	summary := func(sums, spikes []float64) {
		clear(sums)
		for i, y := range spikes {
			for j := range sums {
				sums[j] += y * design[i*t.X+j]
			}
		}
	}
	t.measure = func(y, u []float64, s *rng.Stream) {
		var all [glmTimes]float64
		spikes(all[:], u, s)
		summary(y, all[:])
	}
	sums := func(y []float64) []float64 { return y }
	if raw {
		t.folder, t.observation = t.Name, "observation_raw.csv"
		t.Name, t.Y, t.measure = "bernoulli_glm_raw", glmTimes, spikes
		sums = func(y []float64) []float64 {
			out := make([]float64, t.X)
			summary(out, y)
			return out
		}
	}
	// ln p(y|u) = Σᵢ yᵢψᵢ − ln(1 + exp ψᵢ), ψ = design·u
	t.logLikelihood = func(u, y []float64) float64 {
		sum := dot(sums(y), u)
		for i := range glmTimes {
			sum -= math.Log1p(math.Exp(dot(design[i*t.X:][:t.X], u)))
		}
		return sum
	}
	t.logPrior = func(u []float64) float64 {
		sum := 0.0
		for i := range u {
			sum -= u[i] * dot(precision[i*t.X:][:t.X], u) / 2
		}
		return sum
	}
	return t
}

// glmDesign returns the matrix whose columns are ones and the stimulus, shifted
// by 0 to 8 times. The stimulus is the published one: white noise of NumPy's
// generator with seed 42, in single precision.
//
// Row i has 1, s_i, s_{i−1}, …, s_{i−8}, with zeros before the start.
func glmDesign() []float64 {
	g := newMersenne(42)
	var stimulus [glmTimes]float64
	for i := range stimulus {
		stimulus[i] = float64(float32(g.normal()))
	}
	d := 1 + glmLags
	design := make([]float64, glmTimes*d)
	for i := range glmTimes {
		design[i*d] = 1
		for lag := range min(glmLags, i+1) {
			design[i*d+1+lag] = stimulus[i-lag]
		}
	}
	return design
}

// glmPrecision returns the precision matrix of the prior: ½ for the offset, and
// FᵀF for the filter, which favors smooth filters. F is D² with √(i/9) added to
// its diagonal, and D takes differences.
//
// −½ ‖F f‖² penalizes the second differences of the filter f, and more so its
// values at late lags.
func glmPrecision() []float64 {
	const d = 1 + glmLags
	var f [glmLags][glmLags]float64
	for i := range glmLags {
		for k, v := range []float64{1, -2, 1} { // D² along the lower diagonals
			if i >= k {
				f[i][i-k] = v
			}
		}
		f[i][i] += math.Sqrt(float64(i) / glmLags)
	}
	precision := make([]float64, d*d)
	precision[0] = 0.5
	for i := range glmLags {
		for j := range glmLags {
			for k := range glmLags {
				precision[(1+i)*d+1+j] += f[k][i] * f[k][j]
			}
		}
	}
	return precision
}

// dot returns Σ a_i b_i over the length of a.
func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}
