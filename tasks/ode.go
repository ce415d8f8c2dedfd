package tasks

import (
	"math"

	"csdm/rng"
)

// sir is the SIR model of an epidemic, task T.9 of Lueckmann et al. (2021): a
// million people, one of them infected, and rates of contact and recovery.
// Every 17 days 1000 people are tested.
//
// With S and I the numbers of susceptible and infected people, N = S + I + R,
// contact rate β and recovery rate γ,
//
//	S′ = −β S I/N,   I′ = β S I/N − γ I
//
// and the k-th measurement is binomial with 1000 trials of probability I/N. The
// network sees ln(1 + y).
func sir() *Task {
	const (
		people, tested = 1e6, 1000
		days, perDay   = 17, 8 // between measurements; steps of the solver
	)
	t := &Task{Name: "sir", X: 2, Y: 10, parameter: math.Exp}
	t.normalPrior([]float64{math.Log(0.4), math.Log(0.125)}, []float64{0.5, 0.2})
	infected := func(shares, p []float64) {
		beta, gamma := p[0], p[1]
		state := [2]float64{people - 1, 1}
		for k := range shares {
			if k > 0 {
				rungeKutta(&state, 1.0/perDay, days*perDay, func(v [2]float64) [2]float64 {
					caught := beta * v[0] * v[1] / people
					return [2]float64{-caught, caught - gamma*v[1]}
				})
			}
			shares[k] = min(max(state[1]/people, 1e-12), 1-1e-12)
		}
	}
	t.measure = func(y, p []float64, s *rng.Stream) {
		infected(y, p)
		for k, p := range y {
			y[k] = float64(binomial(tested, p, s))
		}
	}
	t.logLikelihood = func(p, y []float64) float64 {
		var shares [10]float64
		infected(shares[:], p)
		sum := 0.0
		for k, p := range shares {
			sum += y[k]*math.Log(p) + (tested-y[k])*math.Log1p(-p)
		}
		return sum
	}
	t.show = func(y []float64) {
		for k, v := range y {
			y[k] = math.Log1p(v)
		}
	}
	return t
}

// lotkaVolterra is task T.10: 30 prey and one predator, their rates of growth
// and of encounters, and ten measurements of both whose logarithms have a
// standard deviation of 0.1.
//
// With prey v and predators w,
//
//	v′ = r₀ v − r₁ v w,   w′ = −r₂ w + r₃ v w
//
// The bounds 10⁻¹⁰ and 10⁴ of the numbers keep logarithms finite.
func lotkaVolterra() *Task {
	const (
		deviation = 0.1
		interval  = 2.1 // between measurements
		steps     = 210 // of the solver in an interval
	)
	t := &Task{Name: "lotka_volterra", X: 4, Y: 20, parameter: math.Exp}
	t.normalPrior([]float64{-0.125, -3, -0.125, -3}, []float64{0.5, 0.5, 0.5, 0.5})
	logNumbers := func(dst, rate []float64) {
		state := [2]float64{30, 1}
		n := len(dst) / 2
		for k := range n {
			if k > 0 {
				rungeKutta(&state, interval/steps, steps, func(v [2]float64) [2]float64 {
					return [2]float64{rate[0]*v[0] - rate[1]*v[0]*v[1],
						-rate[2]*v[1] + rate[3]*v[0]*v[1]}
				})
			}
			for i, v := range state {
				dst[i*n+k] = math.Log(min(max(v, 1e-10), 1e4))
			}
		}
	}
	t.measure = func(y, p []float64, s *rng.Stream) {
		logNumbers(y, p)
		for k, v := range y {
			y[k] = math.Exp(v + deviation*s.Normal())
		}
	}
	t.logLikelihood = func(p, y []float64) float64 {
		var numbers, logs [20]float64
		logNumbers(numbers[:], p)
		for k, v := range y {
			logs[k] = math.Log(v)
		}
		return logNormal(numbers[:], logs[:], deviation*deviation)
	}
	t.show = func(y []float64) {
		for k, v := range y {
			y[k] = math.Log(v)
		}
	}
	return t
}

// rungeKutta moves the state by n steps of size h with the classical method of
// fourth order.
//
// Its error per unit of time is of order h⁴.
func rungeKutta(state *[2]float64, h float64, n int, slope func([2]float64) [2]float64) {
	at := func(k [2]float64, h float64) [2]float64 {
		return [2]float64{state[0] + h*k[0], state[1] + h*k[1]}
	}
	for range n {
		k1 := slope(*state)
		k2 := slope(at(k1, h/2))
		k3 := slope(at(k2, h/2))
		k4 := slope(at(k3, h))
		for i := range state {
			state[i] += h / 6 * (k1[i] + 2*k2[i] + 2*k3[i] + k4[i])
		}
	}
}

// binomial draws the number of successes among n trials of probability p, by
// inversion. n is at most 1000, so that the probability of no success among
// trials of at most ½ is a normal number.
//
// The probabilities follow from P(k + 1)/P(k) = (n − k)/(k + 1) · p/(1 − p),
// beginning with P(0) = (1 − p)ⁿ ≥ 2⁻¹⁰⁰⁰, which is a normal float64. u is
// compared with one after the other.
func binomial(n int, p float64, s *rng.Stream) int {
	if p > 0.5 {
		return n - binomial(n, 1-p, s)
	}
	ratio, term, u := p/(1-p), math.Exp(float64(n)*math.Log1p(-p)), s.Float64()
	k := 0
	for ; u > term && k < n; k++ {
		u -= term
		term *= ratio * float64(n-k) / float64(k+1)
	}
	return k
}
