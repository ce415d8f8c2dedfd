package bench

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"csdm/rng"
)

// Rank returns how many of the draws lie below the truth, with ties broken at
// random. If truth and draws come of the same law, it is uniform on 0 …
// len(draws), whatever that law: simulation-based calibration (Cook et al.
// 2006; Talts et al. 2018).
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

func breakTies(below, ties int, s *rng.Stream) int { return below + int(s.Uint64n(uint64(ties)+1)) }

// PIT returns (Rank + U)/(len(draws) + 1) with U uniform: the probability
// integral transform of the truth, uniform on [0, 1) exactly, and not only in
// steps, if the posterior is calibrated.
func PIT(truth float64, draws []float64, s *rng.Stream) float64 {
	return spreadRank(Rank(truth, draws, s), len(draws), s)
}

func spreadRank(rank, draws int, s *rng.Stream) float64 {
	return (float64(rank) + s.Float64()) / float64(draws+1)
}

// Ranks is what the probability integral transforms u of one quantity over many
// measurements say.
//
// Effects are in the normal scores z = Φ⁻¹(u), which are standard normal under
// calibration: their mean is the bias of the truth from the posterior's middle
// in posterior standard deviations, their deviation the ratio of the truth's
// scatter to the posterior's, above 1 where the posterior is too narrow. Scores
// stop near Φ⁻¹(1/(draws + 1)), so that one field that the posterior rules out
// cannot outweigh all others.
type Ranks struct {
	Test   string `json:"test"`
	Of     string `json:"of"`
	Bias   Effect `json:"bias"`
	Spread Effect `json:"spread"`

	// Distance is max |F(u) − u| of the empirical distribution (Kolmogorov);
	// for distances to reference fields, the largest error of expected
	// coverage. It is biased upward by about 0.87/√n. P is its p-value.
	Distance      float64 `json:"distance"`
	DistanceError float64 `json:"distance_error"` // by bootstrap
	P             float64 `json:"p"`

	// Intervals are central ones of 50 and 90 %, with the binomial error of
	// their coverage.
	Intervals []Interval `json:"intervals"`
}

// Interval is how often a central interval held the truth, for independent
// measurements.
type Interval struct {
	Level float64 `json:"level"`
	Held  int     `json:"held"`
	Of    int     `json:"of"`
	Value float64 `json:"value"`
	Error float64 `json:"error"` // binomial, of exact calibration
	P     float64 `json:"p"`     // exact binomial, two-sided
}

// bootstraps is the number of resamples behind an error.
const bootstraps = 200

// NewRanks judges u, of at least two values in [0, 1]. Test and Of are left
// empty.
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
	r := Ranks{Bias: ofMean(m, std/math.Sqrt(n), 0, len(u), -tol.Bias, tol.Bias, tol.Confidence)}

	// ln of the deviation of n values errs by √((κ − 1)/4n), κ their kurtosis,
	// at least that of a normal law.
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
func normalScore(u float64) float64 {
	return -math.Sqrt2 * math.Erfcinv(2*min(max(u, 0x1p-60), 1-0x1p-53))
}

// kolmogorov returns max |F(u) − u| of sorted values.
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
		return 1 // but for 10⁻⁵
	}
	sum, sign := 0.0, 2.0
	for k := 1.0; k < 100; k++ {
		sum += sign * math.Exp(-2*k*k*lambda*lambda)
		sign = -sign
	}
	return min(1, max(0, sum))
}

// UniformBand returns how far the empirical distribution of n uniform values
// strays from the diagonal, anywhere, with probability 1 − confidence: the half
// width of a simultaneous band (Dvoretzky, Kiefer and Wolfowitz 1956, with
// Massart's 1990 constant).
func UniformBand(n int, confidence float64) float64 {
	return math.Sqrt(math.Log(2/(1-confidence)) / (2 * float64(n)))
}

// CountBand returns the counts between which each of so many bins holds, with
// that probability for all bins at once (Bonferroni), its share of n uniform
// values.
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
