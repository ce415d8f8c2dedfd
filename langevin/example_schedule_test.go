package langevin_test

import (
	"fmt"
	"log"

	"csdm/langevin"
	"csdm/rng"
)

// The cost of one draw with 20 noise levels, by sampler.
func ExampleEvaluations() {
	for _, s := range []langevin.Sampler{
		langevin.SamplerAnnealed, langevin.SamplerHeun, langevin.SamplerDPMSolverPP2M,
		langevin.SamplerPredictorCorrector,
	} {
		perLevel := 5 // steps of annealed Langevin
		if s == langevin.SamplerPredictorCorrector {
			perLevel = 1 // corrections
		}
		fmt.Println(s, langevin.Evaluations(s, 20, perLevel))
	}
	// Output:
	// annealed 101
	// heun 39
	// dpmpp2m 20
	// pc 39
}

// More levels bring neighboring levels closer, so that their shells overlap.
func ExampleEq17() {
	for _, gamma := range []float64{1.1, 1.05, 1.02, 1} {
		fmt.Printf("ratio %.2f: %.3f\n", gamma, langevin.Eq17(28*28, gamma))
	}
	// Output:
	// ratio 1.10: 0.255
	// ratio 1.05: 0.879
	// ratio 1.02: 0.988
	// ratio 1.00: 0.997
}

// The base step size of the paper's Table 2 for σ₁ = 50, σ_L = 0.01 and 256
// levels.
func ExampleProposeEpsilon() {
	sigmas, err := langevin.Geometric(50, 0.01, 256)
	if err != nil {
		log.Fatal(err)
	}
	epsilon := langevin.ProposeEpsilon(0.01, sigmas[0]/sigmas[1], 5, langevin.FormEq18)
	fmt.Printf("%.2e\n", epsilon)
	// Output: 5.69e-06
}

// Finite steps of annealed Langevin spread draws too widely; more steps at each
// level lessen the error.
func ExampleAnnealedStd() {
	sigmas, err := langevin.Geometric(20, 0.01, 64)
	if err != nil {
		log.Fatal(err)
	}
	gamma := sigmas[0] / sigmas[1]
	for _, steps := range []int{1, 5, 50} {
		epsilon := langevin.ProposeEpsilon(0.01, gamma, steps, langevin.FormEq18)
		fmt.Printf("T = %d: %.2f\n", steps,
			langevin.AnnealedStd(sigmas, steps, epsilon, langevin.FormEq18, 0.2))
	}
	// Output:
	// T = 1: 1.50
	// T = 5: 1.10
	// T = 50: 1.03
}

// One draw by hand: the state starts as noise and ends at the data, here a
// single point.
func ExampleHeun() {
	sigmas, err := langevin.Geometric(20, 0.01, 8)
	if err != nil {
		log.Fatal(err)
	}
	c := langevin.NewChain(point{0.3, 0.7}, 2, rng.New(1, rng.Chain, 0, 0))
	c.StartNoise(sigmas[0], langevin.StartMean)
	evaluations, err := langevin.Heun(c, sigmas)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f after %d evaluations\n", c.X, evaluations)
	// Output: [0.300 0.700] after 15 evaluations
}

// A schedule descends.
func ExampleSchedule_Validate() {
	fmt.Println(langevin.Schedule{10, 1, 0.1}.Validate())
	fmt.Println(langevin.Schedule{10, 0.1, 1}.Validate() != nil)
	// Output:
	// <nil>
	// true
}
