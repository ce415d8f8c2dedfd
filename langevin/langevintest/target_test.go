package langevintest

import (
	"math"
	"testing"

	"csdm/rng"
)

// TestScoreIsTheGradient compares the closed-form score of the mixture with
// central differences of its log-density.
func TestScoreIsTheGradient(t *testing.T) {
	m := Modes()
	scorer := m.Scorer()
	logDensity := func(x []float64, sigma float64) float64 {
		sum := 0.0
		for k, part := range m.Parts {
			sum += m.Weights[k] * math.Exp(part.logDensity(x, sigma))
		}
		return math.Log(sum)
	}
	s := make([]float64, 3)
	for _, sigma := range []float64{0.1, 0.5, 4} {
		for _, x := range [][]float64{{0.7, 0.1, 0.2}, {-0.4, 0.3, 0.1}, {0.1, -0.2, 0.4}} {
			if err := scorer.Score(s, x, sigma); err != nil {
				t.Fatal(err)
			}
			const h = 1e-4
			for k := range x {
				keep := x[k]
				x[k] = keep + h
				up := logDensity(x, sigma)
				x[k] = keep - h
				down := logDensity(x, sigma)
				x[k] = keep
				// The error is h² f'''/6, where f''' is at most a few over the
				// cube of the smallest deviation, 0.1.
				if want := (up - down) / (2 * h); math.Abs(s[k]-want) > 1e-4*(1+math.Abs(want)) {
					t.Errorf("sigma %v, x %v: component %d is %v, differences give %v", sigma, x, k,
						s[k], want)
				}
			}
		}
	}
}

// TestFlowSolvesTheODE checks dx/dσ = −σ s(x, σ) along Flow.
func TestFlowSolvesTheODE(t *testing.T) {
	g := Tilted()
	start := []float64{3, -1, 2, 4}
	at := func(sigma float64) []float64 {
		x := make([]float64, 4)
		g.Flow(x, start, 5, sigma)
		return x
	}
	const sigma, h = 0.7, 1e-5
	s := make([]float64, 4)
	if err := g.Scorer().Score(s, at(sigma), sigma); err != nil {
		t.Fatal(err)
	}
	up, down := at(sigma+h), at(sigma-h)
	for k := range s {
		if slope := (up[k] - down[k]) / (2 * h); math.Abs(slope+sigma*s[k]) > 1e-8 {
			t.Errorf("component %d: slope %v, −σ s = %v", k, slope, -sigma*s[k])
		}
	}
}

func TestDrawsHaveTheirMoments(t *testing.T) {
	g := Tilted()
	rows := make([][]float64, 10_000)
	for i := range rows {
		rows[i] = make([]float64, 4)
		g.Draw(rows[i], 0.3, rng.New(2, rng.Test, uint64(i), 0))
	}
	covariance := g.Covariance()
	for i := range 4 {
		covariance.SetSym(i, i, covariance.At(i, i)+0.3*0.3)
	}
	CheckMoments(t, rows, g.Mean, covariance, Bias{})
}
