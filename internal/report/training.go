package report

import (
	"fmt"
	"math"

	"csdm/internal/plot"
)

// Training is how the network learnt. Slices of one curve have equal length;
// empty ones are left out.
type Training struct {
	Title      string    // of the section; empty is "Training"
	LossLabel  string    // what the losses are; with markup; empty is "loss per cell"
	Step, Loss []float64 // training loss at optimizer steps, ascending
	// HeldOutStep and HeldOut are the loss on pairs that the training never
	// sees.
	HeldOutStep, HeldOut []float64
	// Sigma and SigmaLoss are the held-out loss of the finished network at
	// single noise levels; SigmaLo and SigmaHi, if not nil, are limits of its
	// sampling error.
	Sigma, SigmaLoss, SigmaLo, SigmaHi []float64
}

// Section makes the figures: the loss over the steps, and the held-out loss per
// noise level.
func (t *Training) Section() Section {
	s := Section{Title: t.Title}
	if s.Title == "" {
		s.Title = "Training"
	}
	if len(t.Step) > 0 || len(t.HeldOutStep) > 0 {
		s.Blocks = append(s.Blocks, t.steps())
	}
	if len(t.Sigma) > 0 {
		s.Blocks = append(s.Blocks, t.levels())
	}
	return s
}

func (t *Training) label() string {
	if t.LossLabel == "" {
		return "loss per cell"
	}
	return t.LossLabel
}

func (t *Training) steps() *Figure {
	chart := &plot.Chart{XLabel: "optimizer step", YLabel: t.label(), YLog: true, Width: 165,
		Height: 80}
	caption := "Score-matching loss"
	alt := "Curves of the loss over the optimizer steps, on a logarithmic scale"
	if n := len(t.Step); n > 0 {
		smooth := plot.Series{Name: "training, smoothed", X: t.Step, Y: smoothed(t.Loss), Color: 1}
		if n >= 50 {
			chart.Series = append(chart.Series, plot.Series{X: t.Step, Y: t.Loss, Style: plot.Raw,
				Color: 1})
			caption += " of the training batches (pale: each recorded step; line: exponential " +
				"average over a fiftieth of the training)"
		} else {
			smooth.Name, smooth.Y = "training", t.Loss
		}
		chart.Series = append(chart.Series, smooth)
		alt += fmt.Sprintf(": training loss from %s to %s", plain(Number(smooth.Y[0])),
			plain(Number(smooth.Y[n-1])))
	}
	if n := len(t.HeldOutStep); n > 0 {
		chart.Series = append(chart.Series, plot.Series{Name: "held out, averaged weights",
			X: t.HeldOutStep, Y: t.HeldOut, Style: plot.Points, Color: 2})
		caption += ", and on pairs held out from training, with the averaged (EMA) weights that " +
			"are kept"
		alt += fmt.Sprintf("; held-out loss down to %s", plain(Number(t.HeldOut[n-1])))
	}
	chart.Alt = alt + "."
	return FromPlot("training-loss", caption+".", chart.Render())
}

func (t *Training) levels() *Figure {
	series := plot.Series{Name: "held-out loss", X: t.Sigma, Y: t.SigmaLoss, Lo: t.SigmaLo,
		Hi: t.SigmaHi, Style: plot.Points}
	peak := 0
	for i, v := range t.SigmaLoss {
		if v > t.SigmaLoss[peak] || math.IsNaN(t.SigmaLoss[peak]) {
			peak = i
		}
	}
	chart := &plot.Chart{XLabel: "noise level *σ*", YLabel: t.label(), XLog: true, YZero: true,
		Series: []plot.Series{series}, Width: 165, Height: 72,
		Alt: fmt.Sprintf(
			"Curve of the held-out loss over the noise level, greatest (%s) at σ = %s.",
			plain(Number(t.SigmaLoss[peak])), plain(Number(t.Sigma[peak])))}
	caption := "Held-out loss of the finished network at each noise level *σ* of the perturbed " +
		"field *x̃* = *x* + *σz*"
	if t.SigmaLo != nil {
		caption += "; the band is its sampling error"
	}
	return FromPlot("loss-per-level", caption+".", chart.Render())
}

// smoothed is the exponential average over a fiftieth of the values, corrected
// for its start. Values that are not finite are passed over.
func smoothed(values []float64) []float64 {
	keep := 1 - 1/math.Max(1, float64(len(values))/50)
	out := make([]float64, len(values))
	sum, weight := 0.0, 0.0
	for i, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			sum, weight = keep*sum+(1-keep)*v, keep*weight+(1-keep)
		}
		out[i] = sum / weight
	}
	return out
}
