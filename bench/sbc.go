package bench

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"csdm/rng"
)

// Rank returns the number of draws below the true value, with ties broken at
// random. If the true value and the draws have the same distribution, the rank
// is uniform on 0 … len(draws) for any such distribution: simulation-based
// calibration (Cook et al. 2006; Talts et al. 2018).
//
// Proof in one line: true value and draws are exchangeable given y, so that
// each order of the n + 1 values is equally likely.
func Rank(truth float64, draws []float64, s *rng.Stream) int {
	below, ties := 0, 0
	for _, v := range draws {
		if v < truth {
			below++
		} else if v == truth {
			ties++
		}
	}
	return breakTies(below, ties, s)
}

// breakTies draws one of the ranks below … below + ties with equal probability.
// It keeps ranks of calibrated draws uniform where values repeat.
func breakTies(below, ties int, s *rng.Stream) int { return below + int(s.Uint64n(uint64(ties)+1)) }

// PIT returns (Rank + U)/(len(draws) + 1) with U uniform: the probability
// integral transform of the true value. If the posterior is calibrated, it is
// exactly uniform on [0, 1), without steps.
//
// The added uniform number spreads the atom of each rank evenly over its cell.
func PIT(truth float64, draws []float64, s *rng.Stream) float64 {
	return spreadRank(Rank(truth, draws, s), len(draws), s)
}

// spreadRank spreads a rank over its cell of [0, 1).
func spreadRank(rank, draws int, s *rng.Stream) float64 {
	return (float64(rank) + s.Float64()) / float64(draws+1)
}

// Ranks judges one quantity by its probability integral transforms u over many
// measurements.
//
// Effects are in the normal scores z = Φ⁻¹(u), which are standard normal under
// calibration. Their mean is the bias of the true value from the posterior's
// middle, in posterior standard deviations. Their standard deviation is the
// ratio of the true value's scatter to the posterior's; it is above 1 if the
// posterior is too narrow. Scores stop near Φ⁻¹(1/(draws + 1)), so that one
// field that the posterior rules out cannot outweigh all others.
type Ranks struct {
	// kind of the test: sbc, or tarp
	Test string `json:"test"`
	// quantity whose ranks are judged
	Of string `json:"of"`
	// mean of the normal scores; 0 if calibrated
	Bias Effect `json:"bias"`
	// standard deviation of the normal scores; 1 if calibrated
	Spread Effect `json:"spread"`

	// Distance is max |F(u) − u| of the empirical distribution (Kolmogorov).
	// For distances to reference fields it is the largest error of the expected
	// coverage. It is biased upward by about 0.87/√n. P is its p-value.
	Distance float64 `json:"distance"`
	// standard error of distance, by bootstrap
	DistanceError float64 `json:"distance_error"`
	// p-value of distance
	P float64 `json:"p"`

	// Intervals holds the coverage of the central 50 % and 90 % intervals, with
	// its binomial error.
	Intervals []Interval `json:"intervals"`
}

// Interval is the coverage of a central interval: the fraction of independent
// measurements for which it held the true value.
type Interval struct {
	// nominal probability of the central interval
	Level float64 `json:"level"`
	// measurements whose true value lies within
	Held int `json:"held"`
	// number of measurements
	Of int `json:"of"`
	// held over of
	Value float64 `json:"value"`
	Error float64 `json:"error"` // binomial, of exact calibration
	P     float64 `json:"p"`     // exact binomial, two-sided
}

// bootstraps is the number of resamples behind an error.
const bootstraps = 200

// NewRanks judges u, at least two values in [0, 1]. The caller fills in Test
// and Of.
//
// The interval of ln std is ln std ± t · relative. The p-value of the spread is
// of Σ (z − mean)² ~ χ²_{n−1}, twice the smaller tail.
func NewRanks(u []float64, tol Tolerance, s *rng.Stream) Ranks {
	n := float64(len(u))
	z := make([]float64, len(u))
	for i, v := range u {
		z[i] = normalScore(v)
	}
	m := mean(z)
	var m2, m4 float64
	for _, v := range z {
		d := (v - m) * (v - m)
		m2 += d
		m4 += d * d
	}
	std := math.Sqrt(m2 / (n - 1))
	r := Ranks{Bias: sampleMean{m, std / math.Sqrt(n), len(u)}.effect(0, -tol.Bias, tol.Bias,
		tol.Confidence)}

	// The standard error of ln std of n values is √((κ − 1)/4n), where κ is
	// their kurtosis, here at least the 3 of a normal distribution.
	relative := math.Sqrt((max(3, n*m4/(m2*m2)) - 1) / (4 * (n - 1)))
	factor := math.Exp(distuv.StudentsT{Sigma: 1,
		Nu: n - 1}.Quantile((1+tol.Confidence)/2) * relative)
	tail := distuv.ChiSquared{K: n - 1}.CDF(m2)
	r.Spread = Effect{
		Value: std, Error: std * relative, Low: std / factor, High: std * factor,
		LeastOK: 1 / tol.Spread, MostOK: tol.Spread, P: 2 * min(tail, 1-tail),
	}.judged()

	sorted := slices.Sorted(slices.Values(u))
	r.Distance = kolmogorov(sorted)
	r.P = kolmogorovTail(r.Distance, len(u))
	again, sum, square := make([]float64, len(u)), 0.0, 0.0
	for range bootstraps {
		for i := range again {
			again[i] = u[s.Uint64n(uint64(len(u)))]
		}
		slices.Sort(again)
		d := kolmogorov(again)
		sum += d / bootstraps
		square += d * d / bootstraps
	}
	r.DistanceError = math.Sqrt(max(0, square-sum*sum))
	for _, level := range []float64{0.5, 0.9} {
		r.Intervals = append(r.Intervals, interval(u, level))
	}
	return r
}

// interval counts the measurements whose true value lies in the central
// interval of the level: |2u − 1| < level. The p-value is the doubled smaller
// tail of the binomial distribution.
func interval(u []float64, level float64) Interval {
	held := 0
	for _, v := range u {
		if math.Abs(2*v-1) < level {
			held++
		}
	}
	n := float64(len(u))
	law := distuv.Binomial{N: n, P: level}
	atMost, atLeast := law.CDF(float64(held)), 1.0
	if held > 0 {
		atLeast = 1 - law.CDF(float64(held-1))
	}
	return Interval{
		Level: level, Held: held, Of: len(u), Value: float64(held) / n,
		Error: math.Sqrt(level * (1 - level) / n), P: min(1, 2*min(atMost, atLeast)),
	}
}

// normalScore returns Φ⁻¹(u), finite for all u in [0, 1].
//
// u = 0 and u = 1 are moved by less than the resolution of float64.
func normalScore(u float64) float64 {
	return -math.Sqrt2 * math.Erfcinv(2*min(max(u, 0x1p-60), 1-0x1p-53))
}

// kolmogorov returns max |F(u) − u| of sorted values.
//
// The empirical distribution steps at each value, so that both sides of a step
// count.
func kolmogorov(sorted []float64) float64 {
	d, n := 0.0, float64(len(sorted))
	for i, v := range sorted {
		d = max(d, float64(i+1)/n-v, v-float64(i)/n)
	}
	return d
}

// kolmogorovTail returns the probability of a distance of d or more of n
// uniform values, by Kolmogorov's series with the correction of Stephens
// (1970), good to three digits from n = 5 on.
func kolmogorovTail(d float64, n int) float64 {
	root := math.Sqrt(float64(n))
	lambda := (root + 0.12 + 0.11/root) * d
	if lambda < 0.3 {
		return 1 // to 10⁻⁵
	}
	sum, sign := 0.0, 2.0
	for k := 1.0; k < 100; k++ {
		sum += sign * math.Exp(-2*k*k*lambda*lambda)
		sign = -sign
	}
	return min(1, max(0, sum))
}

// UniformBand returns the half width of a simultaneous band around the
// diagonal. The empirical distribution of n uniform values leaves the band
// anywhere with probability at most 1 − confidence (Dvoretzky, Kiefer and
// Wolfowitz 1956, with Massart's 1990 constant).
func UniformBand(n int, confidence float64) float64 {
	return math.Sqrt(math.Log(2/(1-confidence)) / (2 * float64(n)))
}

// CountBand returns limits for the counts of n uniform values in equal bins.
// With probability confidence or more the counts of all bins lie between lo and
// hi (Bonferroni).
//
// Each of the bins gets an equal part of the probability of an error, divided
// between its two sides.
func CountBand(n, bins int, confidence float64) (lo, hi int) {
	tail := (1 - confidence) / (2 * float64(bins))
	law := distuv.Binomial{N: float64(n), P: 1 / float64(bins)}
	for lo < n && law.CDF(float64(lo)) < tail {
		lo++
	}
	for hi = lo; hi < n && 1-law.CDF(float64(hi)) > tail; {
		hi++
	}
	return lo, hi
}
