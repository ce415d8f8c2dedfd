package calibrate

import (
	"fmt"

	"csdm/bench"
	"csdm/internal/plot"
	"csdm/internal/report"
)

// bandConfidence is the confidence of the bands around exact calibration, for
// all places together.
const bandConfidence = 0.95

// transforms returns the transforms u of statistic q of posterior k. The
// quantities come first, then the distances.
//
// u is the rank of the true value divided by the number of ranks: uniform on
// [0, 1] if the posterior is calibrated.
func (c *checker) transforms(r *Result, k, q int) []float64 {
	u := make([]float64, 0, r.Measurements)
	for _, s := range r.scores[k] {
		if n := len(s.Quantities); q < n {
			u = append(u, s.Quantities[q])
		} else {
			u = append(u, s.References[q-n])
		}
	}
	return u
}

// rankHistogram returns the histogram of Talts et al. (2018) for quantity q of
// the tested posterior.
//
// A posterior that is too narrow has a valley in the middle, one that is too
// wide a hill, and a biased one a slope.
func (c *checker) rankHistogram(r *Result, q int) *report.Figure {
	bins := 20
	if r.Measurements < 200 {
		bins = 10
	}
	lo, hi := bench.CountBand(r.Measurements, bins, bandConfidence)
	density := float64(bins) / float64(r.Measurements)
	level := func(y float64) []float64 { return []float64{y, y} }
	ranks := r.Posteriors[c.tested()].Ranks[q]
	h := &plot.Histogram{
		XLabel: "rank of the true value among the draws, as a fraction", XRange: [2]float64{0, 1},
		Bins: bins, Width: 120, Height: 70,
		Samples: []plot.Sample{{Name: ranks.Of, Values: c.transforms(r, c.tested(), q)}},
		Curves: []plot.Series{{Name: "exact calibration, 95 % of all bins together",
			X: []float64{0, 1}, Y: level(1),
			Lo: level(float64(lo) * density), Hi: level(float64(hi) * density)}},
		Alt: fmt.Sprintf("Histogram of the ranks of the true %s: bias %s, spread %s.", ranks.Of,
			report.Number(ranks.Bias.Value), report.Number(ranks.Spread.Value)),
	}
	caption := fmt.Sprintf("Ranks of the true %s among the draws (posteriors: %s). A calibrated "+
		"posterior gives a "+
		"flat histogram. A slope shows a bias, a cup a posterior that is too narrow, and a "+
		"cap a posterior that is too wide.", plot.Literal(ranks.Of), r.Tested)
	return report.FromPlot(fmt.Sprintf("ranks-%d", q+1), caption, h.Render())
}

// rankCurves returns a figure of statistic q for all posteriors. For a quantity
// it shows the distribution of ranks minus the diagonal (Säilynoja et al.
// 2022), and for a distance the expected coverage (Lemos et al. 2023).
//
// Minus the diagonal, an exact posterior is 0 within the band, whatever the
// number of ranks.
func (c *checker) rankCurves(r *Result, q int) *report.Figure {
	const steps = 200
	band := bench.UniformBand(r.Measurements, bandConfidence)
	levels := make([]float64, steps+1)
	for i := range levels {
		levels[i] = float64(i) / steps
	}
	statistic := r.Posteriors[c.tested()].Ranks[q]
	difference := statistic.Test == bench.TestSBC
	chart := &plot.Chart{Width: 165, Height: 85, XRange: [2]float64{0, 1}, XLabel: "credibility",
		YLabel: "expected coverage"}
	if difference {
		chart.XLabel, chart.YLabel = "rank, as a fraction", "distribution minus the diagonal"
	} else {
		chart.YRange = [2]float64{0, 1}
	}
	exact := plot.Series{Name: "exact, 95 % band", X: levels, Color: 6}
	for _, level := range levels {
		y := level
		if difference {
			y = 0
		}
		exact.Y = append(exact.Y, y)
		exact.Lo = append(exact.Lo, y-band)
		exact.Hi = append(exact.Hi, y+band)
	}
	chart.Series = append(chart.Series, exact)
	for k, p := range r.Posteriors {
		y := bench.ExpectedCoverage(c.transforms(r, k, q), levels)
		if difference {
			for i, level := range levels {
				y[i] -= level
			}
		}
		chart.Series = append(chart.Series,
			plot.Series{Name: p.Name, X: levels, Y: y, Color: k + 1})
	}
	name, caption := fmt.Sprintf("ranks-%d-curves", q+1),
		fmt.Sprintf("Distribution of the ranks of the true %s minus the diagonal, for the "+
			"network’s posteriors and the posteriors spoiled on purpose. A calibrated posterior "+
			"stays inside the band everywhere with a probability of 95 %%.",
			plot.Literal(statistic.Of))
	if !difference {
		at := q - len(c.names.Quantities) + 1
		name = fmt.Sprintf("tarp-%d", at)
		caption = fmt.Sprintf("TARP: expected coverage of balls around a reference point, here a "+
			"%s. For the "+
			"posteriors tested the largest distance from the diagonal is %s ± %s.",
			plot.Literal(statistic.Of), report.Number(statistic.Distance),
			report.Number(statistic.DistanceError))
		if at == 1 {
			caption += " References that ignore the measurement cannot distinguish a posterior " +
				"from the prior."
		}
	}
	chart.Alt = fmt.Sprintf("Curves for %s of five posteriors around the band of exact "+
		"calibration.", statistic.Of)
	return report.FromPlot(name, caption, chart.Render())
}

// coverageCurves returns a figure of the coverage of pixels against its level.
//
// It shows the share of pixels that central intervals hold; on the diagonal is
// exact.
func (c *checker) coverageCurves(r *Result) *report.Figure {
	levels := bench.CoverageLevels()
	chart := &plot.Chart{Width: 165, Height: 90, XRange: [2]float64{0, 1}, YRange: [2]float64{0, 1},
		XLabel: "level of the interval", YLabel: "coverage of pixels",
		Alt: "Curves of the coverage of central intervals of pixels against their level, for " +
			"five posteriors, with the diagonal."}
	chart.Series = append(chart.Series, plot.Series{Name: "exact", X: []float64{0, 1},
		Y: []float64{0, 1}, Color: 6})
	for k, p := range r.Posteriors {
		s := plot.Series{Name: p.Name, X: levels, Color: k + 1}
		for _, level := range levels {
			e, ok := bench.PixelCoverage(r.scores[k], level, r.Tolerance)
			if !ok {
				break
			}
			s.Y, s.Lo, s.Hi = append(s.Y, e.Value), append(s.Lo, e.Low), append(s.Hi, e.High)
		}
		if len(s.Y) != len(s.X) {
			continue
		}
		if k == c.tested() {
			s.Style = plot.Points
		} else {
			s.Lo, s.Hi = nil, nil
		}
		chart.Series = append(chart.Series, s)
	}
	return report.FromPlot("coverage",
		"Coverage of central intervals of pixels over all measurements, weighted by the variance "+
			"of each pixel. The posteriors tested have a 95 % interval, for which a measurement, "+
			"not a pixel, counts as one observation.", chart.Render())
}

// misfits returns histograms of χ² of true fields and of draws.
//
// Both histograms have their middle near 1 for an exact posterior, since χ² is
// per value.
func (c *checker) misfits(r *Result) *report.Figure {
	var truth, draws []float64
	for _, s := range r.scores[c.tested()] {
		truth, draws = append(truth, s.Misfit.Truth), append(draws, s.Misfit.Draws)
	}
	p := r.Posteriors[c.tested()].Predictive
	h := &plot.Histogram{
		XLabel: "*χ*^{2} per value of the measurement", Width: 120, Height: 75,
		Samples: []plot.Sample{{Name: "true field", Values: truth}, {Name: "draws", Values: draws}},
		Alt: fmt.Sprintf("Histograms of χ² per value: on average %s for true fields, %s for draws.",
			report.Number(p.Truth), report.Number(p.Draws)),
	}
	return report.FromPlot("predictive",
		fmt.Sprintf("Posterior predictive check: misfit of the measurement for true fields "+
			"(average %s) and for draws, averaged by measurement (%s). For exact posteriors the "+
			"two averages agree. For true fields with the sampler’s last noise level added the "+
			"average is %s.", report.Number(p.Truth), report.Number(p.Draws),
			report.Number(p.Residue)), h.Render())
}
