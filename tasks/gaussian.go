package tasks

import (
	"math"

	"csdm/rng"
)

// linearVariance is the variance of the noise, and of the prior of
// gaussianLinear.
const linearVariance = 0.1

// gaussianLinear is the mean of a normal distribution in ten dimensions with a
// normal prior: task T.1 of Lueckmann et al. (2021).
//
// With prior N(0, v) and noise N(0, v) of the same variance v, the posterior of
// each component is N(y/2, v/2).
func gaussianLinear() *Task {
	t := &Task{Name: "gaussian_linear", X: 10, Y: 10}
	zero, deviations := make([]float64, t.X), make([]float64, t.X)
	for i := range deviations {
		deviations[i] = math.Sqrt(linearVariance)
	}
	t.normalPrior(zero, deviations)
	t.measure = addNormal(math.Sqrt(linearVariance))
	t.logLikelihood = func(u, y []float64) float64 { return logNormal(u, y, linearVariance) }
	// Prior and likelihood have the same precision.
	t.exact = func(u, y []float64, s *rng.Stream) {
		for i := range u {
			u[i] = y[i]/2 + math.Sqrt(linearVariance/2)*s.Normal()
		}
	}
	return t
}

// gaussianLinearUniform is the same with a uniform prior: task T.2.
//
// Each component is N(y_i, v) within [−1, 1], drawn by rejection.
func gaussianLinearUniform() *Task {
	t := &Task{Name: "gaussian_linear_uniform", X: 10, Y: 10}
	t.uniform(1)
	deviation := math.Sqrt(linearVariance)
	t.measure = addNormal(deviation)
	t.logLikelihood = func(u, y []float64) float64 { return logNormal(u, y, linearVariance) }
	// The posterior is a product of truncated normal distributions.
	t.exact = func(u, y []float64, s *rng.Stream) {
		for i := range u {
			for u[i] = 2; math.Abs(u[i]) > 1; {
				u[i] = y[i] + deviation*s.Normal()
			}
		}
	}
	return t
}

// gaussianMixture is the common mean of a wide and a narrow normal
// distribution: task T.7.
//
// The measurement is N(u, 1) or N(u, 0.1²) in two dimensions with equal
// probability, so that the posterior within the square is the same mixture
// about y, by symmetry of u and y. A density in two dimensions has the factor
// 1/σ².
func gaussianMixture() *Task {
	t := &Task{Name: "gaussian_mixture", X: 2, Y: 2}
	const limit = 10
	t.uniform(limit)
	deviations := [2]float64{1, 0.1}
	draw := func(dst, mean []float64, s *rng.Stream) {
		deviation := deviations[s.Uint64n(2)]
		for i := range dst {
			dst[i] = mean[i] + deviation*s.Normal()
		}
	}
	t.measure = draw
	t.logLikelihood = func(u, y []float64) float64 {
		density := 0.0
		for _, d := range deviations {
			density += math.Exp(logNormal(u, y, d*d)) / (d * d)
		}
		return math.Log(density)
	}
	t.exact = func(u, y []float64, s *rng.Stream) {
		for draw(u, y, s); !within(u, limit); {
			draw(u, y, s)
		}
	}
	return t
}

// addNormal returns a measurement of u itself with normal noise.
//
// deviation is the standard deviation of the noise.
func addNormal(deviation float64) func(y, u []float64, s *rng.Stream) {
	return func(y, u []float64, s *rng.Stream) {
		for i := range y {
			y[i] = u[i] + deviation*s.Normal()
		}
	}
}

// logNormal returns −‖u − y‖²/(2·variance).
func logNormal(u, y []float64, variance float64) float64 {
	sum := 0.0
	for i := range u {
		sum += (u[i] - y[i]) * (u[i] - y[i])
	}
	return -sum / (2 * variance)
}
