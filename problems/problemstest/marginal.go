package problemstest

import (
	"math"
	"slices"
	"testing"

	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// marginal checks that y depends on the measured variables alone, and compares
// the moments of x over the others with means over draws.
func marginal(t *testing.T, p problems.Marginal) {
	const draws = 4000
	lo, hi := p.Box()
	d, s := p.Measured(), p.Spec()
	theta, first := make([]float64, len(lo)), newPair(s)
	p.Latent(theta, seed, 0)
	g := generator(t, p).(problems.Simulator)
	if err := g.Simulate(first.x, first.y, theta); err != nil {
		t.Fatal(err)
	}
	other := newPair(s)
	stream := rng.New(seed, rng.Test, 0, 5)
	priors.Draw(theta[d:], lo[d:], hi[d:], stream)
	if err := g.Simulate(other.x, other.y, theta); err != nil {
		t.Fatal(err)
	}
	if slices.Equal(first.x, other.x) || !slices.Equal(first.y, other.y) {
		t.Error("the other variables change y, or do not change x")
	}
	mean, square, alone := newPair(s).x, newPair(s).x, newPair(s).x
	for i := range uint64(3) {
		p.Latent(theta, seed, i)
		p.Moments(mean, square, theta[:d])
		p.Moments(alone, nil, theta[:d])
		if !slices.Equal(alone, mean) {
			t.Error("Moments without the squares has another mean")
		}
		sum, squares, fourth := make([]float64, len(mean)), make([]float64, len(mean)),
			make([]float64, len(mean))
		for range draws {
			priors.Draw(theta[d:], lo[d:], hi[d:], stream)
			p.Field(other.x, theta)
			for k, v := range other.x {
				sum[k] += v / draws
				squares[k] += v * v / draws
				fourth[k] += v * v * v * v / draws
			}
		}
		for k := range mean {
			a := 5 * math.Sqrt((squares[k]-sum[k]*sum[k])/draws)
			b := 5 * math.Sqrt((fourth[k]-squares[k]*squares[k])/draws)
			if math.Abs(mean[k]-sum[k]) > a || math.Abs(square[k]-squares[k]) > b {
				t.Fatalf("pair %d: value %d of x has moments %v and %v; %d draws have %v ± %v and "+
					"%v ± %v", i, k, mean[k], square[k], draws, sum[k], a/5, squares[k], b/5)
			}
		}
	}
	reduced := problems.Reduce(p)
	if _, ok := p.(problems.Smooth); ok {
		if _, ok := reduced.(problems.Smooth); !ok {
			t.Error("the reduced problem is not smooth")
		}
	}
	if err := generator(t, reduced).Pair(other.x, other.y, seed, 0); err != nil ||
		!slices.Equal(other.y, first.y) {
		t.Errorf("the reduced problem has another y (%v)", err)
	}
}
