package bench

import (
	"cmp"
	"math"
	"slices"
)

// SplitRHat returns the rank-normalized folded split R̂ of chains of one
// length (Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021, section 4,
// Eqs. 14 to 17). It is 1 for chains that agree and should stay below 1.01.
// It is the larger of two values. The first compares the locations of the
// half-chains by the normal scores of the ranks, so that it exists for any
// tails. The second compares the distances from the median in the same way, and
// detects chains of different scales. For chains that never move, R̂ is 1 if
// all are at one place and +Inf otherwise. It panics unless there are two
// chains of four steps or more.
//
// Halves of a chain that drifts have different means, so that a single chain
// that has not settled raises R̂ too.
func SplitRHat(chains [][]float64) float64 {
	halves := halved(chains)
	return max(potentialScale(normalScores(halves)), potentialScale(normalScores(folded(halves))))
}

// halved returns the first and the last half of each chain.
func halved(chains [][]float64) (halves [][]float64) {
	_, n := checkChains(chains)
	half := n / 2
	for _, x := range chains {
		halves = append(halves, x[:half], x[n-half:])
	}
	return halves
}

// potentialScale returns √(var⁺/W) of chains of one length: the ratio of the
// standard deviation of all draws to the standard deviation within the chains
// (Gelman et al. 2013, section 11.4).
//
// With W the mean variance within chains of n states and B/n the variance of
// their means, var⁺ = W (n − 1)/n + B/n estimates the variance of the target,
// from above if the chains started far apart.
func potentialScale(chains [][]float64) float64 {
	n := float64(len(chains[0]))
	means, variances := momentsOf(chains)
	overall, between := mean(means), 0.0
	for _, v := range means {
		between += (v - overall) * (v - overall) / float64(len(means)-1)
	}
	within := mean(variances)
	if !(within > 0) {
		if between > 0 {
			return math.Inf(1)
		}
		return 1
	}
	return math.Sqrt((within*(n-1)/n + between) / within)
}

// normalScores returns chains of z = Φ⁻¹((r − 3/8)/(S + 1/4)), where r is the
// rank of a draw among all S of them, from 1; equal draws share their mean rank
// (Blom 1958).
func normalScores(chains [][]float64) [][]float64 {
	type draw struct {
		value       float64
		chain, step int
	}
	var all []draw
	scores := make([][]float64, len(chains))
	for c, x := range chains {
		scores[c] = make([]float64, len(x))
		for i, v := range x {
			all = append(all, draw{v, c, i})
		}
	}
	slices.SortFunc(all, func(a, b draw) int { return cmp.Compare(a.value, b.value) })
	for first := 0; first < len(all); {
		end := first + 1
		for end < len(all) && all[end].value == all[first].value {
			end++
		}
		rank := float64(first+1+end) / 2
		z := math.Sqrt2 * math.Erfinv(2*(rank-3./8)/(float64(len(all))+1./4)-1)
		for _, d := range all[first:end] {
			scores[d.chain][d.step] = z
		}
		first = end
	}
	return scores
}

// folded returns chains of |x − median|, with the median of all draws.
//
// Two chains about one median with different spreads have the same ranks of
// location and different ones of distance.
func folded(chains [][]float64) [][]float64 {
	all := slices.Concat(chains...)
	slices.Sort(all)
	median := (all[(len(all)-1)/2] + all[len(all)/2]) / 2
	out := make([][]float64, len(chains))
	for c, x := range chains {
		out[c] = make([]float64, len(x))
		for i, v := range x {
			out[c][i] = math.Abs(v - median)
		}
	}
	return out
}
