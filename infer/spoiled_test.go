package infer

import (
	"testing"

	"csdm/bench"
	"csdm/env"
	"csdm/nn"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/recipe"
	"csdm/rng"
)

// spoiledNetworks are networks that are wrong for measurements of 5 % noise.
var spoiledNetworks = []struct {
	name  string
	noise float64 // of the measurement, in percent
	// new value of a weight; s gives standard normal numbers N
	spoil func(weight float32, s *rng.Stream) float32
}{
	{"weights × (1 + 0.2 N)", 5, func(w float32, s *rng.Stream) float32 {
		return w * float32(1+0.2*s.Normal())
	}},
	{"weights × (1 + 0.5 N)", 5, func(w float32, s *rng.Stream) float32 {
		return w * float32(1+0.5*s.Normal())
	}},
	{"weights × 0.7", 5, func(w float32, _ *rng.Stream) float32 { return 0.7 * w }},
	{"trained at half the noise", 10, func(w float32, _ *rng.Stream) float32 { return w }},
}

// TestSpoiledNetworks certifies posteriors of spoiled networks. A certificate
// repairs or refuses: a certified posterior agrees with quadrature to within
// the errors that both state.
//
// The first two have random errors in each weight, the third is biased towards
// zero, and the fourth is sound but was trained for half the noise, so that its
// posteriors are too narrow. The bound of three times the sum of the stated
// errors would be broken by a certificate that passed a network's draws
// through.
func TestSpoiledNetworks(t *testing.T) {
	exact := map[float64]*bench.Posterior{}
	quiet := env.Quiet(2)
	for _, spoiled := range spoiledNetworks {
		made, err := builtin.Lookup("quasistatic",
			problems.Options{Grid: 28, NoisePercent: spoiled.noise})
		if err != nil {
			t.Fatal(err)
		}
		problem := made.(problems.Parametric)
		y := measurementOf(t, problem, 4)
		if exact[spoiled.noise] == nil {
			r, err := bench.Quadrature(t.Context(), problem, y,
				bench.QuadratureSettings{Threads: 2})
			if err != nil {
				t.Fatal(err)
			}
			exact[spoiled.noise] = &r.Posterior
		}
		model := spoil(t, spoiled.spoil)
		p, err := Sample(t.Context(), model, y, recipe.Sampling(model, 24), Job{Seed: 1}, quiet)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Certify(t.Context(), NewExplainer(problem, nil), y, 1, quiet); err != nil {
			t.Fatal(err)
		}
		norm := p.Normalization
		want := exact[spoiled.noise].Scaled(norm.XMin, norm.XMax-norm.XMin)
		c := bench.Compare(&p.Posterior, want)
		t.Logf("%s: network %.4f / %.4f, certified %.4f / %.4f, %d solves: %s", spoiled.name,
			bench.RMSE(p.NetworkMean, want.Mean), bench.RMSE(p.NetworkStd, want.Std), c.Mean,
			c.Std, p.Certificate.Solves, p.Certificate.Text())
		if p.Certificate.Certified && (c.Mean > 3*(c.MeanErrorA+c.MeanErrorB) ||
			c.Std > 3*(c.StdErrorA+c.StdErrorB)) {
			t.Errorf("%s: certified with errors %v and %v, stated %v and %v", spoiled.name, c.Mean,
				c.Std, c.MeanErrorA+c.MeanErrorB, c.StdErrorA+c.StdErrorB)
		}
	}
}

// measurementOf returns the measurement of pair i of a problem.
func measurementOf(t *testing.T, problem problems.Problem, i uint64) []float64 {
	t.Helper()
	g, err := problem.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, problem.Spec().XLen()), make([]float64, problem.Spec().YLen())
	if err := g.Pair(x, y, 77, i); err != nil {
		t.Fatal(err)
	}
	problems.Measure(problem.Measurement(), y, y, 77, i)
	return y
}

// spoil returns the embedded network at 28×28 with other weights.
func spoil(t *testing.T, weight func(float32, *rng.Stream) float32) *nn.Model {
	t.Helper()
	model, err := BuiltinModel("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	s := rng.New(8, rng.Test, 0, 0)
	for k, w := range model.Net.Flat() {
		model.Net.Flat()[k] = weight(w, s)
	}
	// Kernels read copies of the weights in another order.
	model.Net.Repack()
	return model
}
