package docs

import (
	"context"
	"math"
	"testing"

	"csdm/bench"
	"csdm/internal/plot"
	"csdm/langevin"
	"csdm/rng"
)

// oneMode draws of a sampler in one dimension that begins in the left mode of
// two. The walk reaches from level first down to 0.05.
func oneMode(t *testing.T, values *langevin.Points, first float64, levels int) []float64 {
	const draws, last, steps = 1500, 0.05, 5
	var sigmas langevin.Schedule
	for i := range levels {
		sigmas = append(sigmas, first*math.Pow(last/first, float64(i)/float64(max(1, levels-1))))
	}
	epsilon := 0.2 * last * last
	out := make([]float64, draws)
	for i := range out {
		stream := rng.New(specimenSeed, rng.Chain, uint64(i), 0)
		c := langevin.NewChain(values.Scorer(), 1, stream)
		c.X[0] = 0.2 * stream.Normal()
		if _, err := langevin.AnnealedLangevin(c, sigmas, steps*40/levels, epsilon,
			langevin.FormEq18); err != nil {
			t.Fatal(err)
		}
		out[i] = c.X[0]
	}
	return out
}

func drawAnnealing(t *testing.T) *plot.Figure {
	// Two modes of width 0.1, as 9 points each.
	var points, logP []float64
	for k := range 9 {
		at := 0.05 * float64(k-4)
		l := -at * at / (2 * 0.1 * 0.1)
		points, logP = append(points, at, 2+at), append(logP, l+math.Log(0.4), l+math.Log(0.6))
	}
	values := langevin.NewPoints(points, logP, 1)
	sigmas := []float64{0.05, 2}
	alone, annealed := oneMode(t, values, sigmas[0], 1), oneMode(t, values, sigmas[1], 20)
	density := plot.Series{Name: "density", Color: 3}
	width := math.Hypot(0.1, 0.05)
	for x := -0.8; x <= 2.8; x += 0.02 {
		gauss := func(mean float64) float64 {
			return math.Exp(-(x-mean)*(x-mean)/(2*width*width)) / (width * math.Sqrt(2*math.Pi))
		}
		density.X, density.Y = append(density.X, x), append(density.Y, 0.4*gauss(0)+0.6*gauss(2))
	}
	h := plot.Histogram{XLabel: "*x*", Bins: 60, XRange: [2]float64{-0.8, 2.8}, Width: 150,
		Height: 62, Curves: []plot.Series{density}, Samples: []plot.Sample{
			{Name: "200 steps at *σ* = 0.05", Values: alone},
			{Name: "10 steps at each of 20 levels", Values: annealed}},
		Alt: "a density with two modes; all draws at one low noise level stay in the mode where " +
			"they began; annealed draws fill both"}
	return h.Render()
}

// drawLevels compares the samplers by the exact score, so that the only errors
// are the errors of the sampler and of the number of draws.
func drawLevels(t *testing.T) *plot.Figure {
	s := newSpecimen(t)
	const draws = 512
	chart := plot.Chart{XLog: true, YLog: true, Height: 70,
		XLabel: "score evaluations of a draw", YLabel: "RMSE of the std",
		Alt: "the error of the standard deviation over the evaluations of a draw: DPM-Solver++ " +
			"reaches the floor after about twelve, annealed Langevin after hundreds"}
	for _, sampler := range []langevin.Sampler{langevin.SamplerDPMSolverPP2M,
		langevin.SamplerHeun, langevin.SamplerAnnealed} {
		line := plot.Series{Name: string(sampler), Style: plot.Points}
		for _, levels := range map[langevin.Sampler][]int{
			langevin.SamplerDPMSolverPP2M: {4, 6, 8, 12, 20, 40},
			langevin.SamplerHeun:          {3, 4, 6, 10, 20},
			langevin.SamplerAnnealed:      {8, 16, 32, 64, 128},
		}[sampler] {
			settings := langevin.Default()
			settings.Sampler, settings.Levels, settings.Draws = sampler, levels, draws
			settings.SigmaMax, settings.SigmaMin, settings.Seed, settings.Threads = 10, 0.02, 1, 2
			size := len(s.x)
			all := make([]float64, draws*size)
			if _, err := langevin.Sample(context.Background(), s.points.Scorer, size, settings,
				func(i int, x []float64) error { copy(all[i*size:], x); return nil }); err != nil {
				t.Fatal(err)
			}
			p := bench.FromDraws(all, draws, size, 1)
			line.X = append(line.X, float64(settings.Evaluations()))
			line.Y = append(line.Y, bench.RMSE(p.Std, s.posterior.Std))
			t.Logf("%s: %d levels, %d evaluations: RMSE of mean %.4f, of std %.4f", sampler,
				levels, settings.Evaluations(), bench.RMSE(p.Mean, s.posterior.Mean),
				bench.RMSE(p.Std, s.posterior.Std))
		}
		chart.Series = append(chart.Series, line)
	}
	return chart.Render()
}
