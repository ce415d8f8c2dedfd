package bench_test

import (
	"math"
	"testing"

	"csdm/bench"
	"csdm/rng"
)

// independent returns chains of n independent draws of the function draw.
func independent(seed uint64, chains, n int,
	at func(chain int, s *rng.Stream) float64) [][]float64 {
	out := make([][]float64, chains)
	for c := range out {
		s := rng.New(seed, rng.Test, uint64(c), 13)
		for range n {
			out[c] = append(out[c], at(c, s))
		}
	}
	return out
}

func cauchy(s *rng.Stream) float64 { return math.Tan(math.Pi * (s.Float64() - 0.5)) }

// TestSplitRHatSeesScaleAndTails uses chains that disagree in ways that the
// classic R̂ misses: it is 0.9998 and 1.001 for the first two cases.
func TestSplitRHatSeesScaleAndTails(t *testing.T) {
	for name, at := range map[string]func(c int, s *rng.Stream) float64{
		"normal draws of scales 1, 1, 1, 10": func(c int, s *rng.Stream) float64 {
			if c == 3 {
				return 10 * s.Normal()
			}
			return s.Normal()
		},
		"Cauchy draws, one chain shifted by 3": func(c int, s *rng.Stream) float64 {
			if c == 3 {
				return 3 + cauchy(s)
			}
			return cauchy(s)
		},
		"normal draws, one chain shifted by 1": func(c int, s *rng.Stream) float64 {
			return s.Normal() + float64(c/3)
		},
	} {
		for seed := range uint64(20) {
			if r := bench.SplitRHat(independent(seed, 4, 1000, at)); !(r > 1.05) {
				t.Errorf("%s, seed %d: R̂ %v, want more than 1.05", name, seed, r)
			}
		}
	}
}

// TestSplitRHatOfOneDistribution checks that R̂ of chains that agree stays
// below the limit of 1.01 for at least 99 % of the seeds, for any tails.
func TestSplitRHatOfOneDistribution(t *testing.T) {
	const seeds = 500
	for name, at := range map[string]func(c int, s *rng.Stream) float64{
		"normal":     func(_ int, s *rng.Stream) float64 { return s.Normal() },
		"Cauchy":     func(_ int, s *rng.Stream) float64 { return cauchy(s) },
		"one in ten": func(_ int, s *rng.Stream) float64 { return math.Floor(10 * s.Float64()) },
		"log-normal": func(_ int, s *rng.Stream) float64 { return math.Exp(5 * s.Normal()) },
	} {
		beyond := 0
		for seed := range uint64(seeds) {
			if bench.SplitRHat(independent(seed, 4, 1000, at)) > 1.01 {
				beyond++
			}
		}
		if beyond > seeds/100 {
			t.Errorf("%s: R̂ above 1.01 for %d of %d seeds", name, beyond, seeds)
		}
	}
}

// TestSplitRHatIsInvariant checks that ranks depend only on the order of the
// draws, and that chains that never move are distinguished.
func TestSplitRHatIsInvariant(t *testing.T) {
	x := independent(3, 4, 200, func(c int, s *rng.Stream) float64 {
		return s.Normal() + float64(c)
	})
	y := independent(3, 4, 200, func(c int, s *rng.Stream) float64 {
		return 7 - 3*(s.Normal()+float64(c))
	})
	if a, b := bench.SplitRHat(x), bench.SplitRHat(y); math.Abs(a-b) > 1e-12 {
		t.Errorf("R̂ %v, and %v of the same chains in another unit", a, b)
	}
	constant := func(c int, _ *rng.Stream) float64 { return float64(c) }
	if r := bench.SplitRHat(independent(1, 4, 8, constant)); !math.IsInf(r, 1) {
		t.Errorf("R̂ %v of chains that stay at different places", r)
	}
	if r := bench.SplitRHat(independent(1, 4, 8, func(int, *rng.Stream) float64 {
		return 2
	})); r != 1 {
		t.Errorf("R̂ %v of chains that stay at one place", r)
	}
}
