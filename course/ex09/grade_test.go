//go:build course

package ex09

import (
	"testing"

	"gonum.org/v1/gonum/mat"

	"csdm/langevin/langevintest"
	"csdm/rng"
)

func TestStep(t *testing.T) {
	const draws, steps, alpha = 4000, 300, 0.02
	g := langevintest.NewGaussian([]float64{1, -0.5},
		mat.NewSymDense(2, []float64{1, 0.4, 0.4, 0.8}))
	score := g.Scorer()
	var rows [][]float64
	for i := range uint64(draws) {
		s, x, d := rng.New(2, rng.Chain, i, 0), make([]float64, 2), make([]float64, 2)
		for range steps {
			if err := score.Score(d, x, 1e-9); err != nil {
				t.Fatal(err)
			}
			Step(x, d, alpha, s)
		}
		rows = append(rows, x)
	}
	// Steps of finite size make the variance too large, by up to α/2 over it.
	langevintest.CheckMoments(t, rows, g.Mean, g.Covariance(),
		langevintest.Bias{Mean: 0.02, Covariance: 0.03})
}
