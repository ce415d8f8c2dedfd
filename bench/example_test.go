package bench_test

import (
	"context"
	"fmt"
	"log"

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
