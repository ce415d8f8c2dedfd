package docs

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"testing"

	"csdm/bench"
	"csdm/internal/kernel"
	"csdm/internal/plot"
	"csdm/langevin"
	"csdm/models"
	"csdm/nn"
	"csdm/nn/train"
	"csdm/problems"
	"csdm/problems/quasistatic"
	"csdm/rng"
)

// denoise returns D(x̃, σ) = x̃ + σ² s.
func denoise(t *testing.T, scorer langevin.Scorer, x []float64, sigma float64) []float64 {
	t.Helper()
	d := make([]float64, len(x))
	if err := scorer.Score(d, x, sigma); err != nil {
		t.Fatal(err)
	}
	for k, s := range d {
		d[k] = x[k] + sigma*sigma*s
	}
	return d
}

// normalized returns a field in units of the prior's range.
func (s *specimen) normalized(x []float64) []float64 {
	unit, out := s.problem.Spec().XRange, make([]float64, len(x))
	for k, v := range x {
		out[k] = (v - unit.Min) / unit.Width()
	}
	return out
}

// noisy returns x + σz with a z of its own for each field of the same size.
func noisy(x []float64, sigma float64) []float64 {
	stream, out := rng.New(specimenSeed, rng.Z, uint64(len(x)), 0), make([]float64, len(x))
	for k, v := range x {
		out[k] = v + sigma*stream.Normal()
	}
	return out
}

func drawDenoised(t *testing.T) *plot.Figure {
	s := newSpecimen(t)
	x, scorer := s.normalized(s.x), s.points.Scorer()
	p := plot.Panels{Panels: make([][]plot.Panel, 2), MaxPanel: 30, Colors: 64,
		RowTitles: []string{"*x̃* = *x* + *σz*", "E[*x* | *x̃*, *y*]"},
		Alt: "noisy fields at four noise levels, and what the best denoiser makes of them: at " +
			"large σ the posterior mean, at small σ the field itself"}
	for _, sigma := range []float64{5, 1, 0.5, 0.1} {
		seen := noisy(x, sigma)
		top := panel(fmt.Sprintf("*σ* = %g", sigma), seen, s.n, plot.SignedMap, "", "")
		top.Scale = fmt.Sprint(sigma)
		p.Panels[0] = append(p.Panels[0], top)
		p.Panels[1] = append(p.Panels[1], panel("", denoise(t, scorer, seen, sigma), s.n,
			plot.FieldMap, "*x*, normalized", ""))
	}
	return p.Render()
}

// drawRegression draws pairs of a value x and its noisy x̃ in one dimension,
// and the mean of the x at each x̃.
func drawRegression(t *testing.T) *plot.Figure {
	const sigma, pairs = 0.5, 400
	values := langevin.NewPoints([]float64{0, 1}, []float64{math.Log(0.7), math.Log(0.3)}, 1)
	stream := rng.New(specimenSeed, rng.Z, 0, 0)
	dots := plot.Series{Name: "pairs (*x̃*, *x*), moved apart", Style: plot.Dots, Color: 1}
	for range pairs {
		x := 0.0
		if stream.Float64() < 0.3 {
			x = 1
		}
		dots.X = append(dots.X, x+sigma*stream.Normal())
		dots.Y = append(dots.Y, x+0.06*(stream.Float64()-0.5))
	}
	mean := plot.Series{Name: "E[*x* | *x̃*], which has the least square error", Color: 2}
	for at := -1.5; at <= 2.5; at += 0.02 {
		mean.X = append(mean.X, at)
		mean.Y = append(mean.Y, denoise(t, values.Scorer(), []float64{at}, sigma)[0])
	}
	chart := plot.Chart{XLabel: "*x̃* = *x* + *σz*", YLabel: "*x*", XRange: [2]float64{-1.5, 2.5},
		Series: []plot.Series{dots, mean}, Height: 62,
		Alt: "pairs of x, 0 or 1, and noisy x; the curve of the least square error rises " +
			"smoothly from 0 to 1"}
	return chart.Render()
}

// drawNetwork compares an embedded network with the exact denoiser.
func drawNetwork(t *testing.T) *plot.Figure {
	const sigma = 0.5
	data, err := models.Model("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	model, err := nn.ReadModel(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	s := &specimen{n: 28}
	if s.problem, err = quasistatic.New(problems.Options{Grid: s.n}); err != nil {
		t.Fatal(err)
	}
	if s.x, s.y, err = pair(s.problem, specimenPair); err != nil {
		t.Fatal(err)
	}
	problems.Measure(s.problem.Measurement(), s.y, s.y, specimenSeed, specimenPair)
	q, err := bench.Quadrature(context.Background(), s.problem, s.y,
		bench.QuadratureSettings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	points, err := bench.ExactScore(context.Background(), s.problem, q.Points,
		problems.Range{Min: model.Meta.Normalization.XMin, Max: model.Meta.Normalization.XMax}, 1)
	if err != nil {
		t.Fatal(err)
	}
	seen := noisy(s.normalized(s.x), sigma)
	model.Meta.Normalization.NormalizeY(s.y, s.y)
	learned := denoise(t, model.Condition(s.y)(), seen, sigma)
	exact := denoise(t, points.Scorer(), seen, sigma)
	difference := make([]float64, len(exact))
	for k := range difference {
		difference[k] = learned[k] - exact[k]
	}
	return row("a noisy field; denoised by the network and by the exact denoiser; their "+
		"difference, which is at the rim of the disc",
		panel("*x̃*, *σ* = 0.5", seen, s.n, plot.SignedMap, "*x̃*", ""),
		panel("network", learned, s.n, plot.FieldMap, "*x*, normalized", ""),
		panel("exact", exact, s.n, plot.FieldMap, "*x*, normalized", ""),
		panel("network − exact", difference, s.n, plot.DifferenceMap, "difference", ""))
}

// drawAverage follows one weight that is trained on noisy gradients, and its
// moving average.
func drawAverage(t *testing.T) *plot.Figure {
	const steps, rate = 3000, 0.05 // every fifth step is drawn
	settings := train.Settings{EMA: 0.999}
	stream := rng.New(specimenSeed, rng.Sigma, 0, 0)
	weight, average := plot.Series{Name: "weight *θ*", Style: plot.Raw, Color: 1},
		plot.Series{Name: "moving average *θ′*", Color: 2}
	theta, mean := 0.0, 0.0
	for n := range steps {
		theta -= rate * (theta - 1 + 2*stream.Normal()) // gradient of (θ − 1)²/2, with noise
		m := settings.EMADecay(n + 1)
		mean = m*mean + (1-m)*theta // Eq. 19
		if n%5 > 0 {
			continue
		}
		weight.X, weight.Y = append(weight.X, float64(n)), append(weight.Y, theta)
		average.X, average.Y = append(average.X, float64(n)), append(average.Y, mean)
	}
	chart := plot.Chart{XLabel: "step", YLabel: "weight", Series: []plot.Series{weight, average},
		YMarks: []plot.Mark{{At: 1, Name: "minimum of the loss"}}, Height: 62,
		Alt: "a weight jumps around its best value; its moving average comes to rest there"}
	return chart.Render()
}

// drawConvolution convolves a field with one filter by the kernel package.
func drawConvolution(t *testing.T) *plot.Figure {
	s := newSpecimen(t)
	weights := []float64{-1, 0, 1, -2, 0, 2, -1, 0, 1} // slope from left to right
	filter := kernel.NewFilter[float64](1, 1, 3, 1)
	filter.Pack(weights)
	out := make([]float64, len(s.x))
	filter.Forward(out, s.normalized(s.x), nil, s.n, s.n, nil)
	return row("a field with a disc; a filter of nine weights; the result, negative at the "+
		"right rim of the disc and positive at the left",
		panel("input", s.normalized(s.x), s.n, plot.FieldMap, "*x*, normalized", ""),
		panel("filter", weights, 3, plot.DifferenceMap, "weight", ""),
		panel("output", out, s.n, plot.SignedMap, "sum", ""))
}
