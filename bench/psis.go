package bench

import (
	"math"
	"slices"
)

// MaxKHat is the largest Pareto k̂ at which an importance sampling estimate
// and its error can be trusted (Vehtari, Simpson, Gelman, Yao and Gabry 2024).
const MaxKHat = 0.7

// MinESS is the least effective sample size at which an error is stated.
const MinESS = 100

// Smoothed holds importance weights after Pareto smoothing.
type Smoothed struct {
	// KHat is the estimated shape of the weights' tail. Weights have finite
	// variance below 0.5. KHat is −Inf for weights without a tail: all are
	// equal, or the largest occurs ten times or more. It is +Inf if the tail
	// has too few weights for a fit.
	KHat float64

	ESS        float64   // (Σw)²/Σw² of the weights before smoothing
	Tail       int       // number of the largest weights that were smoothed
	LogWeights []float64 // smoothed, in the order of the input; the weights sum to 1
}

// PSIS smooths importance weights, given by their logarithms up to a common
// constant: Pareto smoothed importance sampling (Vehtari et al. 2024). It fits
// a generalized Pareto distribution to the largest weights and replaces these
// weights by the expected order statistics of the fit, cut at the largest
// weight. A log-weight of −Inf is a weight of zero. If all weights are zero,
// ESS is 0, KHat is +Inf and all LogWeights are −Inf. logW is not changed.
func PSIS(logW []float64) Smoothed {
	n := len(logW)
	s := Smoothed{KHat: math.Inf(1), LogWeights: slices.Clone(logW)}
	if n == 0 || math.IsInf(slices.Max(logW), -1) {
		return s
	}
	s.ESS = ESSWeights(logW)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case logW[a] < logW[b]:
			return -1
		case logW[a] > logW[b]:
			return 1
		}
		return 0
	})
	m := tailLength(n)
	top := logW[order[n-1]]
	for i := range s.LogWeights {
		s.LogWeights[i] -= top
	}
	above, limit := make([]float64, m), 0.0
	for j := range m {
		above[j] = math.Exp(s.LogWeights[order[n-m+j]])
	}
	if m < n {
		limit = math.Exp(s.LogWeights[order[n-m-1]])
	}
	fit, ok := fitTail(above, limit)
	if s.KHat = fit.k; ok {
		s.Tail = fit.n
		for j := range fit.n {
			w := min(limit+fit.quantile((float64(j)+0.5)/float64(fit.n)), 1)
			s.LogWeights[order[n-fit.n+j]] = math.Log(w)
		}
	}
	sum := logSum{math.Inf(-1), 0}
	for _, w := range s.LogWeights {
		sum.add(w)
	}
	total := sum.value()
	for i := range s.LogWeights {
		s.LogWeights[i] -= total
	}
	return s
}

// tailLength returns the number of weights in the tail of n weights: a fifth of
// them, and at most 3√n.
func tailLength(n int) int { return min(n/5, int(math.Ceil(3*math.Sqrt(float64(n))))) }

// kHat returns k̂ of n weights. logW holds the largest of them: at least one
// more than the tail has, or all.
func kHat(logW []float64, n int) float64 {
	sorted := slices.Clone(logW)
	slices.Sort(sorted)
	if len(sorted) == 0 || math.IsInf(sorted[len(sorted)-1], -1) {
		return math.Inf(1)
	}
	top := sorted[len(sorted)-1]
	m := min(tailLength(n), len(sorted))
	limit := 0.0
	if m < len(sorted) {
		limit = math.Exp(sorted[len(sorted)-m-1] - top)
	}
	above := sorted[len(sorted)-m:]
	for j, w := range above {
		above[j] = math.Exp(w - top)
	}
	fit, _ := fitTail(above, limit)
	return fit.k
}

// tailFit is a generalized Pareto distribution of n exceedances of a limit: the
// density of an exceedance x is (1 + kx/σ)^(−1−1/k)/σ.
type tailFit struct {
	// shape and scale
	k, sigma float64
	// exceedances
	n int
}

// quantile is the inverse of the distribution function of the exceedance.
func (t tailFit) quantile(p float64) float64 {
	if t.k == 0 {
		return -t.sigma * math.Log1p(-p)
	}
	return t.sigma * math.Expm1(-t.k*math.Log1p(-p)) / t.k
}

// metOften is the number of occurrences of the largest weight from which on the
// weights have no tail. Weights over piecewise constant fields take few values,
// and these are not a sample of a continuous distribution.
const metOften = 10

// leastTail is the smallest number of weights to which a tail can be fitted.
const leastTail = 5

// fitTail fits the tail above limit of weights in ascending order. A weight
// equal to the limit is not part of the tail. It reports whether there is a
// fit. If not, k is −Inf if no weight exceeds the limit or the largest occurs
// metOften times, and +Inf if too few weights exceed the limit.
func fitTail(weights []float64, limit float64) (tailFit, bool) {
	const least = 1e-280 // relative to a largest weight of 1; inverses stay finite
	x := make([]float64, 0, len(weights))
	for _, w := range weights {
		if w-limit > least {
			x = append(x, w-limit)
		}
	}
	switch {
	case len(x) == 0 && limit > 0 && len(weights) > 0, len(x) >= metOften &&
		x[len(x)-metOften] == x[len(x)-1]:
		return tailFit{k: math.Inf(-1)}, false
	case len(x) < leastTail:
		return tailFit{k: math.Inf(1)}, false
	}
	return fitPareto(x), true
}

// fitPareto fits a generalized Pareto distribution to positive numbers x in
// ascending order (Zhang and Stephens 2009): θ = −k/σ is averaged over a grid
// by its profile likelihood and a weak prior. The shape is then shrunk towards
// 0.5 with the weight of ten more numbers (Vehtari et al. 2024, appendix),
// which reduces the scatter of a fit to few numbers.
//
// With exceedances x and θ = −k/σ the shape that maximizes the likelihood at
// given θ is k(θ) = mean ln(1 − θx), and the profile log-likelihood n (ln(−θ/k)
// − k − 1). A grid of θ with these weights replaces the maximization, which can
// fail for short tails.
func fitPareto(x []float64) tailFit {
	n := len(x)
	grid := 30 + int(math.Sqrt(float64(n)))
	quartile, largest := x[max(int(float64(n)/4+0.5), 1)-1], x[n-1]
	shape := func(theta float64) float64 {
		sum := 0.0
		for _, v := range x {
			sum += math.Log1p(-theta * v)
		}
		return sum / float64(n)
	}
	thetas, logL := make([]float64, grid), make([]float64, grid)
	for j := range thetas {
		theta := 1/largest + (1-math.Sqrt(float64(grid)/(float64(j)+0.5)))/(3*quartile)
		k := shape(theta)
		thetas[j], logL[j] = theta, float64(n)*(math.Log(-theta/k)-k-1)
		if theta == 0 { // the limit of −θ/k is one over the mean
			mean := 0.0
			for _, v := range x {
				mean += v / float64(n)
			}
			logL[j] = float64(n) * (-math.Log(mean) - 1)
		}
	}
	top := slices.Max(logL)
	theta, total := 0.0, 0.0
	for j, l := range logL {
		w := math.Exp(l - top)
		theta, total = theta+w*thetas[j], total+w
	}
	theta /= total
	fit := tailFit{k: shape(theta), n: n}
	if fit.sigma = -fit.k / theta; theta == 0 {
		fit.sigma = largest / math.Log(float64(n)+1)
	}
	const more = 10
	fit.k = (fit.k*float64(n) + 0.5*more) / float64(n+more)
	return fit
}
