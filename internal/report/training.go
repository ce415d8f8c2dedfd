package report

import (
	"fmt"
	"math"

	"csdm/internal/plot"
)

// TrainingCurves is how the network learned. Slices of one curve have equal
// length. An empty curve is left out.
type TrainingCurves struct {
	Title      string    // of the section; empty is "Training"
	LossLabel  string    // what the losses are; with markup; empty is "loss per pixel"
	Step, Loss []float64 // training loss at optimizer steps, ascending
	// Neighbors is the number of pairs that the training targets are averaged
	// over. 0 is the target of the pair itself, and −1 is unknown.
	Neighbors int
	// HeldOutStep and HeldOut are the loss on pairs that the training never
	// sees.
	HeldOutStep, HeldOut []float64
	// Sigma and SigmaLoss are the held-out loss of the finished network at
	// single noise levels; SigmaLo and SigmaHi, if not nil, are limits of its
	// sampling error.
	Sigma, SigmaLoss, SigmaLo, SigmaHi []float64

	Optimum *Optimum // nil: not known
	Lesson  *Lesson  // one draw over the training; nil: none
}

// Optimum holds the losses of network and exact score at the same noisy fields.
// The exact score has the least expected loss of all. NaN stands for an unknown
// loss.
type Optimum struct {
	Sigma, Network, Exact []float64 // Sigma is ascending
	Fields, Measurements  int       // fields per measurement and level
}

// Section makes the figures: the loss over the steps, and the held-out loss per
// noise level.
func (t *TrainingCurves) Section() Section {
	s := Section{Title: t.Title}
	if s.Title == "" {
		s.Title = "Training"
	}
	if len(t.Step) > 0 || len(t.HeldOutStep) > 0 {
		s.Blocks = append(s.Blocks, t.steps())
	}
	if t.Lesson != nil {
		s.Blocks = append(s.Blocks, t.Lesson.Strip())
	}
	if len(t.Sigma) > 0 {
		s.Blocks = append(s.Blocks, t.levels())
	}
	return s
}

// label returns the label of the axis of losses.
func (t *TrainingCurves) label() string {
	if t.LossLabel == "" {
		return "loss per pixel"
	}
	return t.LossLabel
}

// steps draws both losses over the steps. The two have different expectations,
// even for one network, which the caption explains.
func (t *TrainingCurves) steps() *Figure {
	chart := &plot.Chart{XLabel: "optimizer step", YLabel: t.label(), YLog: true, Width: 165,
		Height: 80}
	caption := "Score-matching loss over the training."
	alt := "Curves of the loss over the optimizer steps, on a logarithmic scale"
	if n := len(t.Step); n > 0 {
		smooth := plot.Series{Name: "training, smoothed", X: t.Step, Y: smoothed(t.Loss), Color: 1}
		if n >= 50 {
			chart.Series = append(chart.Series, plot.Series{X: t.Step, Y: t.Loss, Style: plot.Raw,
				Color: 1})
			caption += " The pale line is the loss of each recorded batch, and the dark line its " +
				"running average."
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
		alt += fmt.Sprintf("; held-out loss down to %s", plain(Number(t.HeldOut[n-1])))
		if len(t.Step) > 0 {
			caption += " Compare each curve with itself only. " + t.apart()
		}
	}
	chart.Alt = alt + "."
	return FromPlot("training-loss", caption, chart.Render())
}

// apart states why the training loss and the held-out loss cannot be compared.
func (t *TrainingCurves) apart() string {
	text := "The training loss is of the current weights at random noise levels."
	switch {
	case t.Neighbors > 0:
		text = fmt.Sprintf("The training loss is of the current weights at random noise levels, "+
			"and its targets are averages over %d neighboring pairs, which removes a part of the "+
			"loss.", t.Neighbors)
	case t.Neighbors < 0:
		text = "The training loss is of the current weights at random noise levels, and its " +
			"targets may be averages over neighboring pairs, which remove a part of the loss."
	}
	return text + " The held-out loss is of the averaged weights at fixed noise levels, equally " +
		"spaced in log *σ*."
}

// levels draws the held-out loss over the noise level.
//
// The loss of 0.5 of a network that learned nothing holds since the training's
// target has unit variance at each level: a network that returns 0 has the loss
// ½·E[t²] = ½ per pixel.
func (t *TrainingCurves) levels() *Figure {
	series := plot.Series{Name: "held-out loss", X: t.Sigma, Y: t.SigmaLoss, Lo: t.SigmaLo,
		Hi: t.SigmaHi, Style: plot.Points}
	peak := 0
	for i, v := range t.SigmaLoss {
		if v > t.SigmaLoss[peak] || math.IsNaN(t.SigmaLoss[peak]) {
			peak = i
		}
	}
	chart := &plot.Chart{XLabel: "noise level *σ* (normalized field)", YLabel: t.label(),
		XLog: true, YZero: true, Series: []plot.Series{series}, Width: 165, Height: 72,
		Alt: fmt.Sprintf("Curve of the held-out loss over the noise level, greatest (%s) at σ = "+
			"%s.",
			plain(Number(t.SigmaLoss[peak])), plain(Number(t.Sigma[peak])))}
	caption := "Held-out loss of the finished network at each noise level *σ* of the perturbed " +
		"field *x̃* = *x* + *σz*. A network that learned nothing has a loss of 0.5 per pixel at " +
		"every level."
	if t.SigmaLo != nil {
		caption += " The band is two standard errors to either side."
	}
	if o := t.Optimum; o != nil {
		chart.Series = append(chart.Series,
			plot.Series{Name: "network, drawn fields", X: o.Sigma, Y: o.Network,
				Style: plot.Points},
			plot.Series{Name: "exact score, drawn fields", X: o.Sigma, Y: o.Exact,
				Style: plot.Points})
		caption += fmt.Sprintf(" The two further curves are the losses of the network and of the "+
			"exact score at the same noisy fields, and are to be compared with each other: for "+
			"each of %d held-out measurements %d fields drawn from its exact posterior. No "+
			"network can have a smaller expected loss than the exact score, and the distance of "+
			"the two curves is the network’s error.", o.Measurements, o.Fields)
	}
	return FromPlot("loss-per-level", caption, chart.Render())
}

// smoothed is a running average of values: exponential, over a fiftieth of the
// values, and over less at the start, where a loss falls fast. Values that are
// not finite are left out.
//
// With k finite values seen of n, the mean moves by
//
//	m ← m + (v − m)/min(n/50, 1 + k/4),
//
// where n/50 is at least 1. The window grows from one value to a fiftieth of
// all: a fixed window would carry the high loss of the first steps far into the
// curve.
func smoothed(values []float64) []float64 {
	longest := math.Max(1, float64(len(values))/50)
	out := make([]float64, len(values))
	mean, seen := math.NaN(), 0
	for i, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			if seen++; seen == 1 {
				mean = v
			}
			mean += (v - mean) / math.Min(longest, 1+float64(seen)/4)
		}
		out[i] = mean
	}
	return out
}
