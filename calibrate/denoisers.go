package calibrate

import (
	"math"

	"csdm/infer"
	"csdm/langevin"
	"csdm/rng"
)

// denoisers are the scores of three denoisers of one measurement. A denoiser
// with the score s is D = x̃ + σ² s.
//
// learned is the network's, exact the posterior's, and set the optimum of the
// training set.
type denoisers struct{ learned, exact, set langevin.Scorer }

// products are means over pixels and noisy fields of products of the
// differences L − E, L − S and S − E of the denoisers.
type products struct{ le, ls, se, cross float64 }

// compare returns the products at a noise level, for states noisy versions of
// the normalized field x.
//
// Since D_a − D_b = σ² (s_a − s_b), products of denoisers are σ⁴ times products
// of scores.
func (d denoisers) compare(x []float64, sigma float64, states int,
	noise *rng.Stream) (p products, err error) {
	noisy := make([]float64, len(x))
	var score [3][]float64
	for k := range score {
		score[k] = make([]float64, len(x))
	}
	for range states {
		for k, v := range x {
			noisy[k] = v + sigma*noise.Normal()
		}
		for k, s := range []langevin.Scorer{d.learned, d.exact, d.set} {
			if err := s.Score(score[k], noisy, sigma); err != nil {
				return p, err
			}
		}
		scale := math.Pow(sigma, 4) / float64(len(x)*states)
		for k := range x {
			l, e, s := score[0][k], score[1][k], score[2][k]
			p.le += scale * (l - e) * (l - e)
			p.ls += scale * (l - s) * (l - s)
			p.se += scale * (s - e) * (s - e)
			p.cross += scale * (l - e) * (s - e)
		}
	}
	return p, nil
}

// set fills in the row from the products of each measurement. The standard
// error of the ratio is by the jackknife (Quenouille 1956).
//
// The ratio Σ cross/Σ se is the least-squares coefficient of L − E on S − E: it
// minimizes ‖(L − E) − c (S − E)‖². The jackknife leaves out one measurement at
// a time, √((n − 1)/n Σ_i (ratio_i − ratio)²), since a ratio of sums has no
// simpler error.
func (r *MemorizationRow) set(each []products) {
	var sum products
	for _, p := range each {
		sum.le, sum.ls, sum.se, sum.cross = sum.le+p.le, sum.ls+p.ls, sum.se+p.se, sum.cross+p.cross
	}
	n := float64(len(each))
	r.LearnedToExact, r.LearnedToSet = math.Sqrt(sum.le/n), math.Sqrt(sum.ls/n)
	r.SetToExact = math.Sqrt(sum.se / n)
	r.Memorized, r.MemorizedError = infer.NotStated, infer.NotStated
	if r.SetToExact < leastDistance {
		return
	}
	ratio := sum.cross / sum.se
	r.Memorized = infer.StatedError(ratio)
	squares := 0.0
	for _, p := range each {
		without := (sum.cross - p.cross) / (sum.se - p.se)
		squares += (without - ratio) * (without - ratio)
	}
	r.MemorizedError = infer.StatedError(math.Sqrt(squares * (n - 1) / n))
}
