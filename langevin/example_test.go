package langevin_test

import (
	"context"
	"fmt"
	"log"
	"math"

	"csdm/langevin"
)

// point is the score of a point (0.3, 0.7) with noise: ∇ log N(x; point, σ²I).
type point [2]float64

func (p point) Score(dst, x []float64, sigma float64) error {
	for k := range dst {
		dst[k] = (p[k] - x[k]) / (sigma * sigma)
	}
	return nil
}

func ExampleSample() {
	sigmas, err := langevin.Geometric(20, 0.01, 12)
	if err != nil {
		log.Fatal(err)
	}
	cost, err := langevin.Sample(context.Background(),
		func() langevin.Scorer { return point{0.3, 0.7} }, 2,
		langevin.Settings{Sampler: langevin.SamplerDPMSolverPP2M, Sigmas: sigmas, Draws: 2, Seed: 1,
			Threads: 2},
		func(draw int, x []float64) error {
			fmt.Printf("draw %d: %.3f %.3f\n", draw, x[0], x[1])
			return nil
		})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(cost.Evaluations, "evaluations")
	// Output:
	// draw 0: 0.300 0.700
	// draw 1: 0.300 0.700
	// 24 evaluations
}

// The schedule of the paper's first problem does not meet the paper's own Eq.
// 17.
func ExampleLadder() {
	ladder := langevin.Ladder{Dim: 56 * 56, SigmaMax: 20, SigmaMin: 0.01, Levels: 128,
		StepsPerLevel: 5, Form: langevin.FormEq18}
	check, err := ladder.Check()
	if err != nil {
		log.Fatal(err)
	}
	proposal, err := ladder.Propose(0.5)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("L = %d: Eq. 17 is %.3f, %d evaluations\n", check.Levels, check.Eq17,
		check.AnnealedEvaluations)
	fmt.Printf("L = %d: Eq. 17 is %.3f, %d evaluations\n", proposal.Levels, proposal.Eq17,
		proposal.AnnealedEvaluations)
	fmt.Println("epsilon:", math.Round(proposal.Epsilon*1e8)/1e8)
	// Output:
	// L = 128: Eq. 17 is 0.045, 641 evaluations
	// L = 198: Eq. 17 is 0.501, 991 evaluations
	// epsilon: 6.42e-06
}

// Levels of the paper's schedule are equidistant in ln σ.
func ExampleGeometric() {
	s, err := langevin.Geometric(8, 0.5, 5)
	fmt.Println(s, err)
	// Output: [8 4 2 1 0.5] <nil>
}

// The score of a distribution of two points is known exactly. At a small noise
// level the denoised state is the nearer point.
func ExampleNewPoints() {
	p := langevin.NewPoints([]float64{0, 0, 1, 1}, []float64{0, math.Log(3)}, 2)
	x, score := []float64{0.9, 0.8}, make([]float64, 2)
	const sigma = 0.1
	if err := p.Scorer().Score(score, x, sigma); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f %.3f\n", x[0]+sigma*sigma*score[0], x[1]+sigma*sigma*score[1])
	// Output: 1.000 1.000
}
