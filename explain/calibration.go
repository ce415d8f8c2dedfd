package explain

import (
	"fmt"
	"math"
	"slices"

	"csdm/nn"
)

// Confidence is the probability with which the stated rate of false alarms is
// an upper bound, over the simulations that set the limits.
const Confidence = 0.95

// tailShare is the share of simulated measurements beyond which the tail of a
// statistic is taken for exponential.
const tailShare = 0.1

// leastLimit keeps a limit from a handful of simulations above zero.
const leastLimit = 1e-12

// folds is the number of parts of the simulations that are left out in turn.
const folds = 10

// Calibrate sets limits to the statistics of right measurements, from those of
// simulated ones, a row a measurement of len(names) values. At most the given
// rate of right measurements lie beyond any of the limits together, with
// probability Confidence.
//
// Each side of each statistic is first turned into a tail probability: the
// share of simulations beyond, and beyond the outer tailShare of them an
// exponential of their mean excess. For each simulated measurement the tails
// are fitted without the tenth of the simulations that it belongs to: otherwise
// its own value would make itself likely. The smallest of its probabilities is
// taken, and these are sorted. The limit is number k of them, the largest k
// with P(Binomial(n, rate) < k) ≤ 1 − Confidence: the tolerance limit of Wilks
// (1941), for which no shape of any distribution is assumed. If too few were
// simulated for any k, k is 1, and Rate of the result is what that bounds.
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

// tails fits the tails of all statistics to the rows that are not of a fold.
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
		law := nn.Tails{Name: name, Median: column[len(column)/2], High: tail(column)}
		law.High.Scale = max(law.High.Scale, s.scale)
		if s.low != "" {
			for i := range column {
				column[i] = -column[i]
			}
			slices.Reverse(column)
			low := tail(column)
			law.Low = &low
		}
		out = append(out, law)
	}
	return out
}

// toleranceRank returns the largest k with P(Binomial(n, rate) < k) ≤ 1 −
// Confidence; 0 if there is none.
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

// probability is the tail probability of a value: of the side on which it lies.
// Inside of both tails it is 1.
func probability(t *nn.Tails, v float64) float64 {
	p := beyond(t.High, v)
	if t.Low != nil {
		p = min(p, beyond(*t.Low, -v))
	}
	return p
}

func beyond(t nn.Tail, v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	if v <= t.From {
		return 1
	}
	return t.Share * math.Exp(-(v-t.From)/t.Scale)
}

// Limits returns the values of a statistic at which its probability is the
// limit; low is −Inf where small values are no fault.
func Limits(t *nn.Tails, limit float64) (low, high float64) {
	at := func(t nn.Tail) float64 { return t.From + t.Scale*max(0, math.Log(t.Share/limit)) }
	low = math.Inf(-1)
	if t.Low != nil {
		low = -at(*t.Low)
	}
	return low, at(t.High)
}

func indexOf(name string) int {
	k := slices.IndexFunc(statistics, func(t statistic) bool { return t.name == name })
	if k < 0 {
		panic(fmt.Sprintf("explain: no statistic is called %q", name))
	}
	return k
}
