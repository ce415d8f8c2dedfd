package bench_test

import (
	"context"
	"fmt"
	"log"
	"math"

	"csdm/bench"
	"csdm/problems"
	"csdm/problems/quasistatic"
	"csdm/rng"
)

// The posterior of a stiff inclusion from one noisy measurement, exact and by
// Monte Carlo, and how far apart they are.
func ExampleQuadrature() {
	problem, err := quasistatic.New(problems.Options{Grid: 16, NoisePercent: 10})
	if err != nil {
		log.Fatal(err)
	}
	spec := problem.Spec()
	generator, err := problem.NewGenerator()
	if err != nil {
		log.Fatal(err)
	}
	x, y := make([]float64, spec.XLen()), make([]float64, spec.YLen())
	if err := generator.Pair(x, y, 1, 0); err != nil {
		log.Fatal(err)
	}
	problem.Measurement().Sample(y, y, rng.New(1, rng.Noise, 0, 0))

	exact, err := bench.Quadrature(context.Background(), problem, y,
		bench.QuadratureSettings{Threads: 2})
	if err != nil {
		log.Fatal(err)
	}
	monteCarlo, err := bench.Importance(context.Background(), problem, y,
		bench.ImportanceSettings{Draws: 20_000, Seed: 1, Threads: 2})
	if err != nil {
		log.Fatal(err)
	}
	unit := spec.XRange.Width() // differences in units of the prior's range
	apart := bench.Compare(monteCarlo.Scaled(spec.XRange.Min, unit),
		exact.Scaled(spec.XRange.Min, unit))
	fmt.Println("converged:", exact.Converged)
	fmt.Println("within three standard errors:", apart.Mean < 3*apart.MeanErrorA,
		apart.Std < 3*apart.StdErrorA)
	// Output:
	// converged: true
	// within three standard errors: true true
}

// Weights that differ by a factor of three are worth fewer draws than they are.
func ExampleESSWeights() {
	logW := []float64{math.Log(1), math.Log(3), math.Log(1), math.Log(3)}
	fmt.Printf("%d weights are worth %.1f equal ones\n", len(logW), bench.ESSWeights(logW))
	// Output: 4 weights are worth 3.2 equal ones
}

// The tail of these weights is too heavy for an error to be trusted.
func ExamplePSIS() {
	logW := make([]float64, 1000)
	for i := range logW { // quantiles of a Pareto distribution of shape 0.9
		logW[i] = -0.9 * math.Log((float64(i)+0.5)/float64(len(logW)))
	}
	s := bench.PSIS(logW)
	fmt.Printf("k̂ = %.2f of %d tail weights\n", s.KHat, s.Tail)
	fmt.Println(bench.Weights(s.ESS, s.KHat, "importance sampling"))
	// Output:
	// k̂ = 0.84 of 95 tail weights
	// bench: importance sampling: the effective sample size is 29.8; it must be at least 100 for a stated error
}

// The mean and spread of two pixels from three draws.
func ExampleFromDraws() {
	draws := []float64{
		1, 10,
		2, 10,
		3, 10,
	}
	p := bench.FromDraws(draws, 3, 2, 1)
	fmt.Println("mean", p.Mean, "std", p.Std, "median", p.Q50)
	// Output: mean [2 10] std [1 0] median [2 10]
}

// Three tests of one posterior: with the correction for their number only the
// first is significant at 5 %.
func ExampleHolm() {
	fmt.Printf("%.2f\n", bench.Holm([]float64{0.01, 0.04, 0.03}))
	// Output: [0.03 0.06 0.06]
}

// The rank of a true value among posterior draws, and its transform to [0, 1).
func ExampleRank() {
	s := rng.New(1, rng.Test, 0, 0)
	draws := []float64{0.1, 0.4, 0.2, 0.9}
	rank := bench.Rank(0.5, draws, s)
	pit := bench.PIT(0.5, draws, s)
	fmt.Println(rank, "of", len(draws), "draws lie below")
	fmt.Println("PIT between 0.6 and 0.8:", pit >= 0.6 && pit < 0.8)
	// Output:
	// 3 of 4 draws lie below
	// PIT between 0.6 and 0.8: true
}
