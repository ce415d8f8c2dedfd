package tasks

import (
	"math"
	"sync"

	"csdm/rng"
)

// slcp has a simple likelihood and a complex posterior, tasks T.3 and T.4 of
// Lueckmann et al. (2021), after Papamakarios et al. (2019): four points of a
// plane normal distribution. u holds its mean, the square roots of its two
// deviations, and the inverse hyperbolic tangent of its correlation. With
// distractors, 92 numbers that do not depend on u stand among the eight.
//
// With s_i = u_i² for i = 2, 3 and ρ = tanh u₄ the covariance of a point is
// [[s₁², ρ s₁ s₂], [ρ s₁ s₂, s₂²]]. Signs of u₂ and u₃ leave it unchanged, so
// that the posterior has four symmetric modes.
func slcp(distracted bool) *Task {
	t := &Task{Name: "slcp", X: 5, Y: 8}
	t.uniform(3)
	measure := func(y, u []float64, s *rng.Stream) {
		a, b, c := slcpFactor(u)
		for k := 0; k < 8; k += 2 {
			p, q := s.Normal(), s.Normal()
			y[k], y[k+1] = u[0]+a*p, u[1]+b*p+c*q
		}
	}
	logLikelihood := func(u, y []float64) float64 {
		a, b, c := slcpFactor(u)
		sum := -4 * math.Log(a*c)
		for k := 0; k < 8; k += 2 {
			p := (y[k] - u[0]) / a
			q := (y[k+1] - u[1] - b*p) / c
			sum -= (p*p + q*q) / 2
		}
		return sum
	}
	t.measure, t.logLikelihood = measure, logLikelihood
	if !distracted {
		return t
	}
	t.folder, t.observation = t.Name, "observation_distractors.csv"
	t.Name, t.Y = "slcp_distractors", 8+distractorCount
	noise := sync.OnceValue(newDistractors)
	t.measure = func(y, u []float64, s *rng.Stream) {
		var all [8 + distractorCount]float64
		measure(all[:8], u, s)
		n := noise()
		n.draw(all[8:], s)
		for k, from := range n.order {
			y[k] = all[from]
		}
	}
	t.logLikelihood = func(u, y []float64) float64 {
		var points [8]float64
		for k, from := range noise().order {
			if from < 8 {
				points[from] = y[k]
			}
		}
		return logLikelihood(u, points[:])
	}
	t.show = func(y []float64) { // the distractors have heavy tails
		for k, v := range y {
			y[k] = math.Asinh(v / 15)
		}
	}
	return t
}

// slcpFactor returns the Cholesky factor (a 0; b c) of the covariance matrix,
// which has 1e-6 added to its diagonal, as published.
//
// For [[A, B], [B, C]] the factor is a = √A, b = B/a, c = √(C − b²).
func slcpFactor(u []float64) (a, b, c float64) {
	s1, s2, rho := u[2]*u[2], u[3]*u[3], math.Tanh(u[4])
	a = math.Sqrt(s1*s1 + 1e-6)
	b = rho * s1 * s2 / a
	return a, b, math.Sqrt(max(s2*s2+1e-6-b*b, 1e-12))
}

const (
	distractorCount = 92
	distractorKinds = 20
)

// distractors is a mixture of 20 multivariate t-distributions of two degrees of
// freedom, and the order in which its numbers and the eight of slcp stand.
//
// They carry no information on u: a method must learn to ignore 92 of 100
// inputs.
type distractors struct {
	means   [distractorKinds][]float64
	factors [distractorKinds][]float64 // lower triangles, row by row
	order   []int
}

// newDistractors returns the published mixture: its parameters are numbers of
// NumPy's generator with seed 42.
//
// All means are drawn first, then all factors, then the order, as in the
// published program.
func newDistractors() *distractors {
	const d = distractorCount
	n, g := &distractors{}, newMersenne(42)
	for k := range n.means {
		n.means[k] = make([]float64, d)
		for i := range n.means[k] {
			n.means[k][i] = 15 * g.normal()
		}
	}
	for k := range n.factors {
		f := make([]float64, d*d)
		for i := range f {
			f[i] = 3 * g.normal()
		}
		for i := range d {
			f[i*d+i] += 3 * math.Exp(g.normal())
		}
		n.factors[k] = f
	}
	n.order = g.permutation(8 + d)
	return n
}

// draw sets y to a draw of the mixture.
//
// A t-distribution is normal over √(χ²_ν/ν); for ν = 2, χ²/2 is exponential,
// that is −ln U.
func (n *distractors) draw(y []float64, s *rng.Stream) {
	k := s.Uint64n(distractorKinds)
	var z [distractorCount]float64
	for i := range z {
		z[i] = s.Normal()
	}
	// χ² of two degrees of freedom over 2 is −ln U.
	scale := 1 / math.Sqrt(-math.Log(1-s.Float64()))
	for i := range y {
		y[i] = n.means[k][i] + scale*dot(n.factors[k][i*distractorCount:][:i+1], z[:i+1])
	}
}
