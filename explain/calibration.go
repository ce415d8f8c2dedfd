package explain

import (
	"fmt"
	"math"
	"slices"

	"csdm/nn"
)

// Confidence is the probability, over the simulations that set the limits, that
// the stated rate of false alarms is an upper bound.
const Confidence = 0.95

// tailShare is the share of simulated values in the tail of a statistic. The
// tail is modeled as exponential.
//
// P(V > v) = Share exp(−(v − From)/Scale) for v ≥ From; the maximum-likelihood
// Scale is the mean excess over From.
const tailShare = 0.1

// leastLimit is the smallest limit: it keeps a limit from few simulations above
// zero.
const leastLimit = 1e-12

// folds is the number of parts of the simulations. Each part is left out of one
// fit of the tails.
const folds = 10

// Calibrate computes limits for the statistics of right measurements from
// simulated ones. Each row holds the len(names) statistics of one simulated
// measurement. With probability Confidence, at most the given rate of right
// measurements exceeds one or more of the limits.
//
// Calibrate first fits a tail to each side of each statistic: an exponential
// with the mean excess of the outermost tailShare of the simulations. The tails
// turn a value into a tail probability. For each simulated measurement the
// tails are fitted without the tenth of the simulations that holds it, because
// its own value would make itself likely. The smallest tail probability of each
// simulated measurement is kept, and these n numbers are sorted. The limit is
// the k-th of them, where k is the largest number with P(Binomial(n, rate) < k)
// ≤ 1 − Confidence. This is the tolerance limit of Wilks (1941), which assumes
// no shape of any distribution. If n is too small for any k, k is 1, and Rate
// of the result is the rate that k = 1 bounds.
//
// Why k bounds the rate: let c be the true rate-quantile of p. Of n simulations
// Binomial(n, rate) lie below c. The k-th smallest exceeds c, so that the limit
// is too large, only if fewer than k lie below, which has a probability of at
// most 1 − Confidence. For n = 299 and a rate of 0.01, 0.99²⁹⁹ = 0.0495 allows
// k = 1.
func Calibrate(names []string, rows [][]float64, rate float64) *nn.Calibration {
	n := len(rows)
	c := &nn.Calibration{Count: n, Rate: rate, Tests: tails(names, rows, -1)}
	least := make([]float64, n)
	for fold := range min(folds, n) {
		others := c.Tests
		if n > 1 {
			others = tails(names, rows, fold)
		}
		for i := fold; i < n; i += folds {
			least[i] = 1
			for k := range others {
				least[i] = min(least[i], probability(&others[k], rows[i][k]))
			}
		}
	}
	slices.Sort(least)
	k := toleranceRank(n, rate)
	if k == 0 {
		k, c.Rate = 1, 1-math.Pow(1-Confidence, 1/float64(n))
	}
	c.Limit = max(least[k-1], leastLimit)
	return c
}

// tails fits the tails of all statistics to the rows outside of a fold; a
// negative fold leaves out no row.
//
// The scale of an upper tail is at least the statistic's own: a truncated noise
// would otherwise have a tail that ends.
func tails(names []string, rows [][]float64, fold int) (out []nn.Tails) {
	column := make([]float64, 0, len(rows))
	for k, name := range names {
		column = column[:0]
		for i, row := range rows {
			if fold < 0 || i%folds != fold {
				column = append(column, row[k])
			}
		}
		slices.Sort(column)
		s := statistics[indexOf(name)]
		fitted := nn.Tails{Name: name, Median: column[len(column)/2], High: tail(column)}
		fitted.High.Scale = max(fitted.High.Scale, s.scale)
		if s.low != "" {
			for i := range column {
				column[i] = -column[i]
			}
			slices.Reverse(column)
			low := tail(column)
			fitted.Low = &low
		}
		out = append(out, fitted)
	}
	return out
}

// toleranceRank returns the largest k with P(Binomial(n, rate) < k) ≤ 1 −
// Confidence; 0 if there is none.
//
// The terms follow from P(k + 1)/P(k) = (n − k)/(k + 1) · rate/(1 − rate).
func toleranceRank(n int, rate float64) int {
	k, below := 0, 0.0
	term := math.Pow(1-rate, float64(n)) // P(Binomial = k)
	for k < n {
		if below += term; below > 1-Confidence {
			break
		}
		term *= float64(n-k) / float64(k+1) * rate / (1 - rate)
		k++
	}
	return k
}

// tail fits the upper tail of sorted values.
//
// The tail holds a tenth of the values, at least one.
func tail(sorted []float64) nn.Tail {
	n := len(sorted)
	beyond := max(1, int(tailShare*float64(n)))
	from := sorted[n-beyond]
	excess := 0.0
	for _, v := range sorted[n-beyond:] {
		excess += (v - from) / float64(beyond)
	}
	return nn.Tail{Share: float64(beyond) / float64(n), From: from,
		Scale: max(excess, 1e-9*(1+math.Abs(from)))}
}

// probability returns the tail probability of a value, on the side on which the
// value lies. It is 1 for a value inside both tails.
//
// Only the side counts on which the value lies; two sides share the limit.
func probability(t *nn.Tails, v float64) float64 {
	p := beyond(t.High, v)
	if t.Low != nil {
		p = min(p, beyond(*t.Low, -v))
	}
	return p
}

// beyond returns the tail probability of v: 1 up to From, and 0 for NaN.
func beyond(t nn.Tail, v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	if v <= t.From {
		return 1
	}
	return t.Share * math.Exp(-(v-t.From)/t.Scale)
}

// Limits returns the values of a statistic whose tail probability equals the
// limit. low is −Inf if small values are no fault.
//
// It inverts beyond: v = From + Scale ln(Share/limit).
func Limits(t *nn.Tails, limit float64) (low, high float64) {
	at := func(t nn.Tail) float64 { return t.From + t.Scale*max(0, math.Log(t.Share/limit)) }
	low = math.Inf(-1)
	if t.Low != nil {
		low = -at(*t.Low)
	}
	return low, at(t.High)
}

// indexOf returns the index of a statistic, and panics for an unknown name.
func indexOf(name string) int {
	k := slices.IndexFunc(statistics, func(t statistic) bool { return t.name == name })
	if k < 0 {
		panic(fmt.Sprintf("explain: no statistic is called %q", name))
	}
	return k
}
