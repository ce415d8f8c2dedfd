package bench_test

import (
	"math"
	"slices"
	"testing"

	"csdm/bench"
	"csdm/rng"
)

// TestPSISOfParetoWeights uses weights with a known tail: a Pareto distribution
// of shape k, w = U^(−k). Its exceedances of any limit are generalized Pareto
// with the same shape.
func TestPSISOfParetoWeights(t *testing.T) {
	const n, seeds = 10_000, 40
	logW := make([]float64, n)
	for _, k := range []float64{0.1, 0.3, 0.5, 0.7, 1, 1.5} {
		var sum, square float64
		for seed := range uint64(seeds) {
			s := rng.New(seed, rng.Test, 21, 0)
			for i := range logW {
				logW[i] = -k * math.Log(1-s.Float64())
			}
			got := bench.PSIS(logW).KHat
			sum, square = sum+got/seeds, square+(got-k)*(got-k)/seeds
		}
		// The standard error of the shape of M numbers is (1 + k)/√M. Here M =
		// 300, and a prior worth ten numbers shrinks the shape towards 0.5.
		want := (1 + k) / math.Sqrt(300)
		bias := math.Abs(k-0.5) * 10 / 310
		t.Logf("k %.1f: mean %.3f, deviation %.3f of an expected %.3f", k, sum, math.Sqrt(square),
			want)
		if math.Abs(sum-k) > bias+3*want/math.Sqrt(seeds)+0.02 {
			t.Errorf("k = %v: k̂ is %v on average", k, sum)
		}
		if deviation := math.Sqrt(square); deviation > 1.5*want+bias || deviation < want/2 {
			t.Errorf("k = %v: k̂ deviates by %v, expected %v", k, deviation, want)
		}
	}
}

// TestPSISOfNormalProposals weighs draws of one normal distribution for
// another. With deviations p of the proposal and 1 of the target, the weight
// grows as exp(x²(1/p² − 1)/2), whose tail has shape k = 1 − p² where p < 1,
// and is bounded where p > 1.
func TestPSISOfNormalProposals(t *testing.T) {
	const n = 200_000
	logW := make([]float64, n)
	for _, c := range []struct{ p, lo, hi float64 }{{0.5, 0.55, 0.95}, {0.8, 0.15, 0.55},
		{1.5, -2, 0.2}} {
		s := rng.New(5, rng.Test, 22, 0)
		for i := range logW {
			x := c.p * s.Normal()
			logW[i] = x * x * (1/(c.p*c.p) - 1) / 2
		}
		if k := bench.PSIS(logW).KHat; k < c.lo || k > c.hi {
			t.Errorf("proposal of deviation %v: k̂ = %.3f, want %v to %v", c.p, k, c.lo, c.hi)
		} else {
			t.Logf("proposal of deviation %v: k̂ = %.3f; shape in the limit %.2f", c.p, k,
				1-c.p*c.p)
		}
	}
}

// TestPSISSmooths uses heavy-tailed weights. Smoothed weights keep their order
// and never exceed the largest weight, and the other weights keep their ratios.
// On average the smoothed weights estimate a known mean better.
func TestPSISSmooths(t *testing.T) {
	const n, seeds = 1000, 200
	logW, x := make([]float64, n), make([]float64, n)
	var raw, smooth float64
	for seed := range uint64(seeds) {
		s := rng.New(seed, rng.Test, 23, 0)
		for i := range logW { // proposal of mean 1/3 for a target of mean 1, both exponential
			x[i] = -math.Log(1-s.Float64()) / 3
			logW[i] = 2 * x[i]
		}
		before := slices.Clone(logW)
		p := bench.PSIS(logW)
		if !slices.Equal(before, logW) {
			t.Fatal("the weights were changed")
		}
		if math.Abs(p.ESS-bench.ESSWeights(logW)) > 1e-9 {
			t.Fatalf("ESS %v", p.ESS)
		}
		total, estimate, plain, w := 0.0, 0.0, 0.0, 0.0
		changed := 0
		order := make([]int, n)
		shift := math.NaN()
		for i := range order {
			order[i] = i
			total += math.Exp(p.LogWeights[i])
			estimate += math.Exp(p.LogWeights[i]) * x[i]
			plain, w = plain+math.Exp(logW[i])*x[i], w+math.Exp(logW[i])
		}
		slices.SortFunc(order, func(a, b int) int { return int(math.Copysign(1, logW[a]-logW[b])) })
		for j, i := range order {
			if j == 0 {
				shift = p.LogWeights[i] - logW[i]
			}
			if j > 0 && p.LogWeights[i] < p.LogWeights[order[j-1]]-1e-12 {
				t.Fatal("smoothing changed the order")
			}
			if math.Abs(p.LogWeights[i]-logW[i]-shift) > 1e-9 {
				changed++
			}
			if p.LogWeights[i] > logW[order[n-1]]+shift+1e-9 {
				t.Fatal("a smoothed weight exceeds the largest one")
			}
		}
		if math.Abs(total-1) > 1e-9 || changed == 0 || changed > p.Tail || p.Tail > 95 {
			t.Fatalf("sum %v, %d weights changed, tail %d", total, changed, p.Tail)
		}
		raw += (plain/w - 1) * (plain/w - 1) / seeds
		smooth += (estimate - 1) * (estimate - 1) / seeds
	}
	t.Logf("RMS error %.3f with the weights as they are, %.3f smoothed", math.Sqrt(raw),
		math.Sqrt(smooth))
	if smooth >= raw {
		t.Errorf("mean square error %v smoothed, %v as they are", smooth, raw)
	}
}

// TestPSISOfDegenerateWeights uses weights without a tail to fit. Equal weights
// are the best possible, and one weight that holds the whole sum is the worst.
func TestPSISOfDegenerateWeights(t *testing.T) {
	equal, one, none := make([]float64, 500), make([]float64, 500), make([]float64, 500)
	for i := range equal {
		equal[i], one[i], none[i] = -1234, -1e6, math.Inf(-1)
	}
	one[17] = 0
	p := bench.PSIS(equal)
	if !math.IsInf(p.KHat, -1) || math.Abs(p.ESS-500) > 1e-9 ||
		math.Abs(p.LogWeights[3]+math.Log(500)) > 1e-9 {
		t.Errorf("equal weights: k̂ %v, ESS %v", p.KHat, p.ESS)
	}
	if p = bench.PSIS(one); !math.IsInf(p.KHat, 1) || p.ESS != 1 || p.LogWeights[17] != 0 {
		t.Errorf("one weight: k̂ %v, ESS %v", p.KHat, p.ESS)
	}
	if p = bench.PSIS(none); !math.IsInf(p.KHat, 1) || p.ESS != 0 ||
		!math.IsInf(p.LogWeights[0], -1) {
		t.Errorf("no weight: k̂ %v, ESS %v", p.KHat, p.ESS)
	}
	if p = bench.PSIS(nil); !math.IsInf(p.KHat, 1) || p.ESS != 0 {
		t.Errorf("no weights: %+v", p)
	}
	if p = bench.PSIS([]float64{0, -9, -9, -9}); !math.IsInf(p.KHat, 1) {
		t.Errorf("four weights: k̂ %v", p.KHat)
	}
	// Two values in equal numbers: all weights of the tail are equal.
	for i := range equal {
		equal[i] = float64(i % 2)
	}
	if p = bench.PSIS(equal); p.KHat > 0 {
		t.Errorf("two values: k̂ %v", p.KHat)
	}
}

// FuzzPSIS takes weights of any bits except NaN and +Inf. PSIS must not panic,
// and the weights must sum to one.
func FuzzPSIS(f *testing.F) {
	f.Add(uint64(3), 12, 1.5)
	f.Add(uint64(4), 1, 1e300)
	f.Fuzz(func(t *testing.T, seed uint64, n int, spread float64) {
		if n < 1 || n > 2000 || math.IsNaN(spread) || math.Abs(spread) > 1e300 {
			return
		}
		s := rng.New(seed, rng.Test, 24, 0)
		logW := make([]float64, n)
		for i := range logW {
			logW[i] = spread * math.Round(4*s.Normal())
		}
		p := bench.PSIS(logW)
		sum := 0.0
		for _, w := range p.LogWeights {
			sum += math.Exp(w)
		}
		if math.IsNaN(p.KHat) || math.Abs(sum-1) > 1e-9 || !(p.ESS >= 1-1e-9) ||
			p.ESS > float64(n)*(1+1e-9) {
			t.Errorf("k̂ %v, ESS %v of %d, sum %v", p.KHat, p.ESS, n, sum)
		}
	})
}
