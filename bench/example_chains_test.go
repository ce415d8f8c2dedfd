package bench_test

import (
	"fmt"
	"math"

	"csdm/bench"
	"csdm/rng"
)

// walk returns two chains of the autoregressive process x ← a·x + √(1−a²)·n,
// whose states have correlation a.
func walk(a float64, steps int) [][]float64 {
	chains := make([][]float64, 2)
	for c := range chains {
		s := rng.New(1, rng.Reference, uint64(c), 0)
		x := s.Normal()
		for range steps {
			x = a*x + math.Sqrt(1-a*a)*s.Normal()
			chains[c] = append(chains[c], x)
		}
	}
	return chains
}

// States with correlation 0.9 count for (1 − 0.9)/(1 + 0.9) of independent
// ones, here 211 of 4,000.
func ExampleESSChain() {
	n := bench.ESSChain(walk(0.9, 2000))
	fmt.Println(n > 150 && n < 300)
	// Output: true
}

// Chains that explore the same distribution agree. A chain that stays elsewhere
// shows.
func ExampleSplitRHat() {
	chains := walk(0.5, 500)
	fmt.Println(bench.SplitRHat(chains) < 1.02)
	for i := range chains[1] {
		chains[1][i] += 3
	}
	fmt.Println(bench.SplitRHat(chains) > 1.5)
	// Output:
	// true
	// true
}

// A quantile between two values is interpolated.
func ExampleQuantile() {
	fmt.Println(bench.Quantile([]float64{1, 2, 4}, 0.5), bench.Quantile([]float64{1, 2, 4}, 0.75))
	// Output: 2 3
}

// Split conformal prediction: of 9 levels, the 90 % level is the largest. It
// takes 9 levels at least.
func ExampleQuantileLevel() {
	levels := []float64{0.9, 0.2, 0.5, 0.7, 0.1, 0.3, 0.8, 0.4, 0.6}
	fmt.Println(bench.QuantileLevel(levels, 0.9), bench.QuantileLevel(levels[:8], 0.9),
		bench.LeastMeasurements(0.9))
	// Output: 0.9 +Inf 9
}

// Conformal risk control: the first of three levels whose expected loss is at
// most 10 %.
func ExampleRiskLevel() {
	var losses [][]float64
	for range 19 {
		losses = append(losses, []float64{0.4, 0.04, 0})
	}
	fmt.Println(bench.RiskLevel(losses, 0.9), bench.RiskLevel(losses, 0.5))
	// Output: 1 0
}

// Two posteriors of two pixels, and their distance.
func ExampleCompare() {
	network := &bench.Posterior{Mean: []float64{1, 2}, Std: []float64{0.1, 0.1}}
	exact := &bench.Posterior{Mean: []float64{1.3, 2.4}, Std: []float64{0.1, 0.1}}
	c := bench.Compare(network, exact)
	fmt.Printf("means differ by %.3f, standard deviations by %.3f\n", c.Mean, c.Std)
	// Output: means differ by 0.354, standard deviations by 0.000
}

// The counts that a histogram of 200 uniform values in 10 bins may have.
func ExampleCountBand() {
	fmt.Println(bench.CountBand(200, 10, 0.95))
	// Output: 9 33
}

// The fraction of transforms at or below each level is the level itself if a
// posterior is calibrated.
func ExampleExpectedCoverage() {
	u := []float64{0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95}
	fmt.Println(bench.ExpectedCoverage(u, []float64{0.1, 0.5, 0.9}))
	// Output: [0.1 0.5 0.9]
}
