package run

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"

	"csdm/internal/plot"
	"csdm/internal/report"
)

// paperTables are the errors that the paper prints, at 56 × 56, of its score network against 500,000 prior draws: Table 5, the
// average over ten phantoms, and Table 4, two other phantoms; mean and standard deviation.
var paperTables = map[float64]struct{ average, first, second [2]float64 }{
	10:  {[2]float64{0.051, 0.051}, [2]float64{0.036, 0.038}, [2]float64{0.027, 0.029}},
	5:   {[2]float64{0.031, 0.032}, [2]float64{0.039, 0.032}, [2]float64{0.025, 0.029}},
	2.5: {[2]float64{0.025, 0.029}, [2]float64{0.031, 0.028}, [2]float64{0.022, 0.027}},
}

// paperProblem says whether the paper's tables are about this problem and grid.
func (r *StudyResult) paperProblem() bool { return r.Problem == "quasistatic" && r.Grid == 56 }

// paperCell is a cell of the paper's.
func (r *StudyResult) paperCell(noise float64, pick func(a, b, c [2]float64) [2]float64) string {
	p, ok := paperTables[noise]
	if !ok || !r.paperProblem() {
		return ""
	}
	v := pick(p.average, p.first, p.second)
	return fmt.Sprintf("%.3f / %.3f", v[0], v[1])
}

func two(a, b float64) string {
	if a == 0 && b == 0 {
		return ""
	}
	return fmt.Sprintf("%.4f / %.4f", a, b)
}

// Table5 returns the paper's Table 5 with ours beside it, a row a noise level.
func (r *StudyResult) Table5() *report.Table {
	t := &report.Table{Name: "table5", Columns: []string{"noise", "paper", "score network", "from so many exact draws", "against Monte Carlo", "Monte Carlo itself", "FEniCS measurement", "evaluations", "1000 draws"},
		Units:   []string{"%", "", "", "", "", "", "", "", "s"},
		Caption: "RMSE of the posterior mean / standard deviation, fields normalized to [0, 1], averages over the phantoms. Without another word against the exact posterior by quadrature; the paper's numbers, its Table 5, are against Monte Carlo. From so many exact draws: what the finite number of draws alone would make of a perfect network."}
	for _, l := range r.Levels {
		elsewhere := ""
		for _, c := range l.Elsewhere {
			elsewhere += two(c.Exact.Mean, c.Exact.Std) + " "
		}
		t.Rows = append(t.Rows, []string{
			fmt.Sprint(l.NoisePercent), r.paperCell(l.NoisePercent, func(a, _, _ [2]float64) [2]float64 { return a }),
			two(l.MeanRMSE, l.StdRMSE), two(l.FloorMean, l.FloorStd), two(l.MonteMean, l.MonteStd), two(l.TruthMean, l.TruthStd), elsewhere,
			fmt.Sprint(l.Evaluations), fmt.Sprintf("%.1f", l.Seconds),
		})
	}
	return t
}

// Table4 returns the paper's Table 4 with ours beside it, a row a phantom.
func (r *StudyResult) Table4() *report.Table {
	t := &report.Table{Name: "table4", Columns: []string{"noise", "phantom", "paper", "score network", "from so many exact draws", "against Monte Carlo", "Monte Carlo itself", "effective prior draws"},
		Units:   []string{"%", "", "", "", "", "", "", ""},
		Caption: "The same phantom by phantom. The paper's Table 4 has two phantoms, which are not these."}
	for _, l := range r.Levels {
		for k, c := range append(append([]StudyCase{}, l.Cases...), l.Elsewhere...) {
			paper, monte, truth, ess := "", "", "", ""
			if k < 2 {
				paper = r.paperCell(l.NoisePercent, func(_, b, c [2]float64) [2]float64 { return [][2]float64{b, c}[k] })
			}
			if c.MonteCarlo != nil {
				monte, truth, ess = two(c.MonteCarlo.Mean, c.MonteCarlo.Std), two(c.Truth.Mean, c.Truth.Std), fmt.Sprintf("%.0f", c.ESS)
			}
			t.Rows = append(t.Rows, []string{fmt.Sprint(l.NoisePercent), c.Name, paper, two(c.Exact.Mean, c.Exact.Std), two(c.Exact.FloorMean, c.Exact.FloorStd), monte, truth, ess})
		}
	}
	return t
}

// write writes the result as study.json, the tables and curves as CSV, and the report.
func (t *study) write() error {
	data, err := json.MarshalIndent(t.StudyResult, "", "  ")
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(t.dir, "table5.json"), true, append(data, '\n')); err != nil {
		return err
	}
	tables := []*report.Table{t.Table5(), t.Table4()}
	page := &report.Report{
		Title:    "The posterior of a score network beside the exact one",
		Subtitle: fmt.Sprintf("%s, %d×%d, %d phantoms at each noise level, %d draws by %s", t.Problem, t.Grid, t.Grid, t.s.Phantoms, t.Draws, t.Sampler),
		Headline: report.Headline{Statement: t.headline(), Table: tables[0]},
	}
	page.Sections = append(page.Sections, report.Section{Title: "Phantom by phantom", Blocks: []report.Block{tables[1]}})
	for _, l := range t.Levels {
		page.Sections = append(page.Sections, t.pictures(l))
	}
	if t.Curves != nil {
		section, more := t.Curves.section()
		page.Sections = append(page.Sections, section)
		tables = append(tables, more...)
	}
	page.Reproduce = []string{t.env.Command}
	page.Provenance = provenance(&t.env.Call)
	for _, l := range t.Levels {
		page.Provenance = append(page.Provenance, report.KeyValue{
			Key:   fmt.Sprintf("network at %g %%", l.NoisePercent),
			Value: fmt.Sprintf("%s: %d steps of batch %d in %.0f s on %s, kernel %s, by %s; began with: %s", l.Model, l.Training.Steps, l.Training.Batch, l.Training.Seconds, l.Training.Machine, l.Training.Kernel, l.Training.Command, orRandom(l.Training.Init)),
		})
	}
	for _, table := range tables {
		var buf bytes.Buffer
		w := csv.NewWriter(&buf)
		if err := w.Write(table.Columns); err != nil {
			return err
		}
		if err := w.WriteAll(table.Rows); err != nil {
			return err
		}
		if err := writeFile(filepath.Join(t.dir, table.Name+".csv"), true, buf.Bytes()); err != nil {
			return err
		}
	}
	return writePage(t.dir, page, true)
}

func orRandom(init string) string {
	if init == "" {
		return "random weights"
	}
	return init
}

func (t *study) headline() string {
	text := ""
	for _, l := range t.Levels {
		text += fmt.Sprintf("At %g %% noise the network's posterior differs from the exact one by %s in the mean and %s in the standard deviation. ", l.NoisePercent, report.Number(l.MeanRMSE), report.Number(l.StdRMSE))
	}
	return text
}

// pictures shows some phantoms of a level, as the paper's Fig. 3 does.
func (t *study) pictures(l *StudyLevel) report.Section {
	s := report.Section{Title: fmt.Sprintf("%g %% noise", l.NoisePercent)}
	spec := l.problem.Spec()
	for k := range append(append([]StudyCase{}, l.Cases[:min(2, len(l.Cases))]...), l.Elsewhere...) {
		c := &l.Cases[min(k, len(l.Cases)-1)]
		if k >= min(2, len(l.Cases)) {
			c = &l.Elsewhere[k-min(2, len(l.Cases))]
		}
		p, exact := c.posterior.Normalized(), c.exact.Normalized()
		page := &report.Posterior{
			Name: fmt.Sprintf("noise-%g-%d", l.NoisePercent, k+1), Title: c.Name, Quantity: spec.XName,
			Rows: spec.Rows, Cols: spec.Cols, Width: spec.Width, Height: spec.Height, LengthUnit: spec.LengthUnit, Truth: c.field,
			Measurement: []report.Channel{{Name: spec.YName, Unit: spec.YUnit, Values: c.measurement}},
			Network:     report.Estimate{Name: "score network", Mean: p.Mean, Std: p.Std},
			References:  []report.Estimate{{Name: "exact", Mean: exact.Mean, Std: exact.Std}},
		}
		if c.reference != nil {
			r := c.reference.Normalized()
			page.References = append(page.References, report.Estimate{Name: "Monte Carlo", Mean: r.Mean, Std: r.Std})
		}
		section := page.Section()
		s.Blocks = append(s.Blocks, section.Blocks...)
	}
	return s
}

// section draws the curves, and returns them as tables too.
func (c *StudyCurves) section() (report.Section, []*report.Table) {
	s := report.Section{Title: "What accuracy costs", Blocks: []report.Block{report.Paragraph(fmt.Sprintf(
		"All curves at %g %% noise, averages over %s. The network's points are from %d draws each, which alone would show the dashed error.", c.NoisePercent, plural(c.Phantoms, "phantom"), c.Draws))}}
	var tables []*report.Table
	add := func(name, caption, xLabel string, points []CurvePoint, x func(CurvePoint) float64) {
		if len(points) == 0 {
			return
		}
		table := &report.Table{Name: name, Columns: []string{"method", "steps", "evaluations", "solves", "core_seconds", "rmse_mean", "rmse_std", "floor_mean", "floor_std", "ess"}}
		g := func(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
		floor := 0.0
		for _, p := range points {
			table.Rows = append(table.Rows, []string{p.Method, fmt.Sprint(p.Steps), fmt.Sprint(p.Evaluations), fmt.Sprint(p.Solves), g(p.CoreSeconds), g(p.Mean), g(p.Std), g(p.FloorMean), g(p.FloorStd), g(p.ESS)})
			if floor == 0 || p.FloorMean < floor { // a posterior that is too wide shows more
				floor = p.FloorMean
			}
		}
		tables = append(tables, table)
		for _, what := range []struct {
			name, label string
			y           func(CurvePoint) float64
		}{{"mean", "RMSE of the mean", func(p CurvePoint) float64 { return p.Mean }}, {"std", "RMSE of the standard deviation", func(p CurvePoint) float64 { return p.Std }}} {
			chart := &plot.Chart{XLabel: xLabel, YLabel: what.label, XLog: true, YLog: true, Width: 165, Height: 85, Alt: caption + ": " + what.label}
			index := map[string]int{}
			for _, p := range points {
				k, ok := index[p.Method]
				if !ok {
					k = len(chart.Series)
					index[p.Method] = k
					chart.Series = append(chart.Series, plot.Series{Name: p.Method, Style: plot.Points})
				}
				chart.Series[k].X, chart.Series[k].Y = append(chart.Series[k].X, x(p)), append(chart.Series[k].Y, what.y(p))
			}
			if name != "cost" && what.name == "mean" && floor > 0 {
				chart.YMarks = []plot.Mark{{At: floor, Name: "from so many exact draws"}}
			}
			if name == "cost" {
				v := c.Network.Mean
				if what.name == "std" {
					v = c.Network.Std
				}
				chart.Series = append(chart.Series, plot.Series{Name: "score network, once trained", X: []float64{c.Network.CoreSeconds}, Y: []float64{v}, Style: plot.Markers})
			}
			s.Blocks = append(s.Blocks, report.FromPlot(name+"-"+what.name, caption+" ("+name+".csv).", chart.Render()))
		}
	}
	add("training", "Error over the time of training", "core-seconds of training", c.Training, func(p CurvePoint) float64 { return p.CoreSeconds })
	add("sampling", "Error over the network's evaluations a draw", "network evaluations a draw", c.Sampling, func(p CurvePoint) float64 { return float64(p.Evaluations) })
	add("cost", "Error over the cost of one measurement's answer, without a network and with one", "core-seconds a measurement", c.Cost, func(p CurvePoint) float64 { return p.CoreSeconds })
	if len(c.BreakEven) > 0 {
		table := &report.Table{Name: "break-even", Columns: []string{"method", "core-seconds a measurement for the network's error", "measurements from which training pays"},
			Caption: fmt.Sprintf("Training took %.0f core-seconds, the draws of one measurement take %.1f.", c.Network.Training, c.Network.CoreSeconds)}
		for _, b := range c.BreakEven {
			row := []string{b.Method, "not reached", ""}
			if b.CoreSeconds > 0 {
				row[1], row[2] = fmt.Sprintf("%.1f", b.CoreSeconds), "never"
				if b.Measurements > 0 {
					row[2] = fmt.Sprintf("%.0f", b.Measurements)
				}
			}
			table.Rows = append(table.Rows, row)
		}
		s.Blocks = append(s.Blocks, table)
		tables = append(tables, table)
	}
	return s, tables
}
