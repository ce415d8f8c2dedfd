package table5

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"csdm/infer"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/plot"
	"csdm/internal/report"
	"csdm/run"
)

// paperTables holds the errors of mean and standard deviation that the paper
// prints for its score network at 56 × 56, compared with 500,000 prior draws:
// the average over ten phantoms (Table 5) and two other phantoms (Table 4).
var paperTables = map[float64]struct{ average, first, second [2]float64 }{
	10:  {[2]float64{0.051, 0.051}, [2]float64{0.036, 0.038}, [2]float64{0.027, 0.029}},
	5:   {[2]float64{0.031, 0.032}, [2]float64{0.039, 0.032}, [2]float64{0.025, 0.029}},
	2.5: {[2]float64{0.025, 0.029}, [2]float64{0.031, 0.028}, [2]float64{0.022, 0.027}},
}

// paperProblem reports whether the paper's tables are for this problem and
// grid.
func (r *Result) paperProblem() bool { return r.Problem == "quasistatic" && r.Grid == 56 }

// paper returns the paper's errors at a noise level, or nil if it has none.
//
// pick chooses among the average of Table 5 and the two phantoms of Table 4.
// The noise level is compared as a floating-point number, which is exact here:
// 10, 5 and 2.5 are binary fractions.
func (r *Result) paper(noise float64,
	pick func(average, first, second [2]float64) [2]float64) []float64 {
	p, ok := paperTables[noise]
	if !ok || !r.paperProblem() {
		return nil
	}
	v := pick(p.average, p.first, p.second)
	return v[:]
}

// column is a column of a table over rows of type T. The page shows the numbers
// of a cell side by side; CSV has a column for each.
type column[T any] struct {
	head   string
	unit   string
	keys   []string // heads in CSV, one per number
	format string   // of a number
	text   func(T) string
	// values returns a number per key, or nil for an empty cell. If values is
	// nil, text returns the cell.
	values func(T) []float64
}

// errorColumn is a column of errors of mean and standard deviation.
//
// The page shows them as “mean / std” with four digits after the point, in
// units of the normalized field.
func errorColumn[T any](head, key string, values func(T) []float64) column[T] {
	return column[T]{head: head, keys: []string{key + "_mean", key + "_std"}, format: "%.4f",
		values: values}
}

// shown returns the cell of a row on the page. Several errors that are not
// stated give the words once.
func (c *column[T]) shown(row T) string {
	if c.values == nil {
		return c.text(row)
	}
	var parts []string
	for _, v := range c.values(row) {
		if text := fmt.Sprintf(c.format, v); !math.IsNaN(v) {
			parts = append(parts, text)
		} else if len(parts) == 0 || parts[len(parts)-1] != infer.NotStated.String() {
			parts = append(parts, infer.NotStated.String())
		}
	}
	return strings.Join(parts, " / ")
}

// table returns the table that the page shows.
//
// The columns are the only description of a table. Page and CSV are both made
// from them, so that a number cannot stand in different columns of the two.
func table[T any](name, caption string, columns []column[T], rows []T) *report.Table {
	t := &report.Table{Name: name, Caption: caption}
	for _, c := range columns {
		t.Columns, t.Units = append(t.Columns, c.head), append(t.Units, c.unit)
	}
	for _, row := range rows {
		var cells []string
		for _, c := range columns {
			cells = append(cells, c.shown(row))
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// records returns the same table for CSV: a record of heads, then a record per
// row.
func records[T any](columns []column[T], rows []T) [][]string {
	var heads []string
	for _, c := range columns {
		heads = append(heads, c.keys...)
	}
	all := [][]string{heads}
	for _, row := range rows {
		var record []string
		for _, c := range columns {
			if c.values == nil {
				record = append(record, c.text(row))
				continue
			}
			cell := make([]string, len(c.keys))
			for k, v := range c.values(row) {
				cell[k] = number(v)
			}
			record = append(record, cell...)
		}
		all = append(all, record)
	}
	return all
}

// number returns v as text for CSV. It returns "" for NaN, an error that is not
// stated.
//
// Six digits are more than any error of a study has, and keep the file short.
func number(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}

// columns5 returns the columns of the paper's Table 5, which has a row per
// noise level.
//
// Columns of Monte Carlo stay without it, with empty cells, so that a program
// that reads the CSV finds them. Columns of FEniCS measurements are as many as
// the level with the most has.
func (r *Result) columns5() []column[*NoiseResult] {
	type L = *NoiseResult
	ifMonteCarlo := func(values func(L) []float64) func(L) []float64 {
		return func(l L) []float64 {
			if r.PriorDraws == 0 {
				return nil
			}
			return values(l)
		}
	}
	columns := []column[L]{
		{head: "noise", unit: "%", keys: []string{"noise_percent"}, format: "%g",
			values: func(l L) []float64 {
				return []float64{l.NoisePercent}
			}},
		{head: "paper", keys: []string{"paper_mean", "paper_std"}, format: "%.3f",
			values: func(l L) []float64 {
				return r.paper(l.NoisePercent, func(average, _, _ [2]float64) [2]float64 {
					return average
				})
			}},
		errorColumn("score network", "network", func(l L) []float64 {
			return []float64{l.MeanRMSE, l.StdRMSE}
		}),
		errorColumn("floor", "floor", func(l L) []float64 {
			return []float64{float64(l.FloorMean), float64(l.FloorStd)}
		}),
		errorColumn("exact's error", "exact_error", func(l L) []float64 {
			return []float64{float64(l.ExactErrorMean), float64(l.ExactErrorStd)}
		}),
		errorColumn("against Monte Carlo", "network_montecarlo", ifMonteCarlo(func(l L) []float64 {
			return []float64{l.MonteMean, l.MonteStd}
		})),
		errorColumn("Monte Carlo's error", "montecarlo_error", ifMonteCarlo(func(l L) []float64 {
			return []float64{float64(l.MonteErrorMean), float64(l.MonteErrorStd)}
		})),
		errorColumn("Monte Carlo", "montecarlo", ifMonteCarlo(func(l L) []float64 {
			return []float64{l.MonteCarloMean, l.MonteCarloStd}
		})),
	}
	elsewhere := 0
	for _, l := range r.Levels {
		elsewhere = max(elsewhere, len(l.Elsewhere))
	}
	for k := range elsewhere {
		columns = append(columns, errorColumn(fmt.Sprintf("FEniCS %d", k+1),
			fmt.Sprintf("fenics_%d", k+1), func(l L) []float64 {
				if k >= len(l.Elsewhere) {
					return nil
				}
				return []float64{l.Elsewhere[k].Exact.Mean, l.Elsewhere[k].Exact.Std}
			}))
	}
	return append(columns,
		column[L]{head: "evaluations", keys: []string{"evaluations"}, format: "%.0f",
			values: func(l L) []float64 {
				return []float64{float64(l.Evaluations)}
			}},
		column[L]{head: "1000 draws", unit: "s", keys: []string{"seconds_per_1000_draws"},
			format: "%.1f", values: func(l L) []float64 {
				return []float64{l.Seconds}
			}})
}

// Table5 returns the paper's Table 5 next to the errors of this study, with a
// row per noise level.
func (r *Result) Table5() *report.Table {
	return table("table5",
		"RMSE of the posterior mean / standard deviation for fields normalized to [0, 1], "+
			"averaged over the phantoms. “score network” and “Monte Carlo” are distances from the "+
			"exact posterior, with the error that each method states. The error of Monte Carlo is "+
			"its standard error; it is not stated if too few draws have weight. “paper” is its "+
			"Table 5, a distance from Monte Carlo. “floor” is the error that as many draws of the "+
			"exact posterior would have; for the standard deviation it is estimated from the "+
			"draws. "+
			fmt.Sprintf("“FEniCS” is a measurement made with FEniCS, compared with the exact "+
				"posterior that came with it, whose error is %g.", run.FEniCSError),
		r.columns5(), r.Levels)
}

// studyRow is a row of Table 4.
type studyRow struct {
	noise float64
	k     int // index of the phantom; −1: made with FEniCS
	*Case
}

// rows4 returns the rows of Table 4: for each noise level its phantoms, then
// its FEniCS measurements.
func (r *Result) rows4() (rows []studyRow) {
	for _, l := range r.Levels {
		for k := range l.Cases {
			rows = append(rows, studyRow{l.NoisePercent, k, &l.Cases[k]})
		}
		for k := range l.Elsewhere {
			rows = append(rows, studyRow{l.NoisePercent, -1, &l.Elsewhere[k]})
		}
	}
	return rows
}

// columns4 returns the columns of the paper's Table 4, which has a row per
// phantom.
//
// The paper's columns have values for phantoms 1 and 2 only, and for its
// problem and grid. They are printed for scale: the phantoms are other ones.
func (r *Result) columns4() []column[studyRow] {
	type R = studyRow
	of := func(s *infer.Comparison, values func(*infer.Comparison) []float64) []float64 {
		if s == nil {
			return nil
		}
		return values(s)
	}
	rmse := func(s *infer.Comparison) []float64 { return []float64{s.Mean, s.Std} }
	reference := func(s *infer.Comparison) []float64 {
		return []float64{float64(s.ReferenceMean), float64(s.ReferenceStd)}
	}
	return []column[R]{
		{head: "noise", unit: "%", keys: []string{"noise_percent"}, format: "%g",
			values: func(c R) []float64 {
				return []float64{c.noise}
			}},
		{head: "phantom", keys: []string{"phantom"}, text: func(c R) string { return c.Name }},
		{head: "paper", keys: []string{"paper_mean", "paper_std"}, format: "%.3f",
			values: func(c R) []float64 {
				if c.k < 0 || c.k > 1 {
					return nil
				}
				return r.paper(c.noise, func(_, first, second [2]float64) [2]float64 {
					return [][2]float64{first, second}[c.k]
				})
			}},
		errorColumn("score network", "network", func(c R) []float64 { return rmse(&c.Exact) }),
		errorColumn("floor", "floor", func(c R) []float64 {
			return []float64{float64(c.Exact.FloorMean), float64(c.Exact.FloorStd)}
		}),
		errorColumn("exact's error", "exact_error", func(c R) []float64 {
			return reference(&c.Exact)
		}),
		errorColumn("against Monte Carlo", "network_montecarlo", func(c R) []float64 {
			return of(c.MonteCarlo, rmse)
		}),
		errorColumn("Monte Carlo's error", "montecarlo_error", func(c R) []float64 {
			return of(c.MonteCarlo, reference)
		}),
		errorColumn("Monte Carlo", "montecarlo", func(c R) []float64 {
			return of(c.MonteCarloError, rmse)
		}),
		{head: "effective prior draws", keys: []string{"ess"}, format: "%.0f",
			values: func(c R) []float64 {
				return of(c.MonteCarlo,
					func(*infer.Comparison) []float64 { return []float64{c.ESS} })
			}},
	}
}

// Table4 returns the paper's Table 4 next to the errors of this study, with a
// row per phantom.
func (r *Result) Table4() *report.Table {
	return table("table4",
		fmt.Sprintf("Errors of each phantom. The two phantoms of the paper's Table 4 are other "+
			"ones. For the measurements made with FEniCS, the error of the exact posterior is %g, "+
			"as stated with them.", run.FEniCSError), r.columns4(), r.rows4())
}

// write writes the tables and curves as CSV, the report, and last the result as
// JSON, whose presence shows that the other files are complete.
func (t *study) write() error {
	table5, table4 := t.Table5(), t.Table4()
	files := map[string][][]string{table5.Name: records(t.columns5(), t.Levels),
		table4.Name: records(t.columns4(), t.rows4())}
	page := &report.Report{
		Title: "Posteriors of a score network compared with exact posteriors",
		Subtitle: fmt.Sprintf("%s, %d×%d, %d phantoms at each noise level, %d draws by %s",
			t.Problem, t.Grid, t.Grid, t.s.Phantoms, t.Draws, t.Sampler),
		Headline: report.Headline{Statement: t.headline(), Table: table5},
	}
	page.Sections = append(page.Sections,
		report.Section{Title: "Phantom by phantom", Blocks: []report.Block{table4}})
	for _, l := range t.Levels {
		page.Sections = append(page.Sections, t.pictures(l))
	}
	if t.Curves != nil {
		section, tables := t.Curves.section()
		page.Sections = append(page.Sections, section)
		for _, table := range tables {
			files[table.Name] = append([][]string{table.Columns}, table.Rows...)
		}
	}
	page.Reproduce = []string{t.env.Command}
	page.Provenance = t.env.Call.Rows()
	for _, l := range t.Levels {
		page.Provenance = append(page.Provenance, report.KeyValue{
			Key: fmt.Sprintf("network at %g %%", l.NoisePercent),
			Value: fmt.Sprintf("%s: %d steps of batch %d in %.0f s on %s, kernel %s, by %s; "+
				"began with %s",
				l.Model, l.Training.Steps, l.Training.Batch, l.Training.Seconds, l.Training.Machine,
				l.Training.Kernel, l.Training.Command, orRandom(l.Training.Init)),
		})
	}
	for name, table := range files {
		var buf bytes.Buffer
		if err := csv.NewWriter(&buf).WriteAll(table); err != nil {
			return err
		}
		if err := atomicfile.WriteFile(filepath.Join(t.dir, name+".csv"), true,
			buf.Bytes()); err != nil {
			return err
		}
	}
	if err := page.WriteFolder(t.dir, true); err != nil {
		return err
	}
	data, err := json.MarshalIndent(t.Result, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(t.dir, studyFile), true, append(data, '\n'))
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
		text += fmt.Sprintf("At %g %% noise the network's posterior differs from the exact one "+
			"by %s in the "+
			"mean and %s in the standard deviation. ", l.NoisePercent,
			report.Number(l.MeanRMSE), report.Number(l.StdRMSE))
	}
	return text
}

// pictures returns figures of up to two phantoms of a noise level, as in the
// paper's Fig. 3, and of its FEniCS measurements.
func (t *study) pictures(l *NoiseResult) report.Section {
	s := report.Section{Title: fmt.Sprintf("%g %% noise", l.NoisePercent)}
	spec := l.problem.Spec()
	for k := range append(append([]Case{}, l.Cases[:min(2, len(l.Cases))]...),
		l.Elsewhere...) {
		c := &l.Cases[min(k, len(l.Cases)-1)]
		if k >= min(2, len(l.Cases)) {
			c = &l.Elsewhere[k-min(2, len(l.Cases))]
		}
		p, exact, n := c.posterior.Normalized(), c.exact.Normalized(), l.model.Meta.Normalization
		page := &report.Posterior{
			Name: fmt.Sprintf("noise-%g-%d", l.NoisePercent, k+1), Title: c.Name,
			Quantity: spec.XName, Unit: spec.XUnit, Range: [2]float64{n.XMin, n.XMax},
			Rows: spec.Rows, Cols: spec.Cols, Width: spec.Width, Height: spec.Height,
			LengthUnit: spec.LengthUnit, Truth: c.field, Measured: spec.YName,
			Measurement: []report.Channel{{Name: spec.YName, Unit: spec.YUnit,
				Values: c.measurement}},
			Network:    report.PixelEstimate{Name: "score network", Mean: p.Mean, Std: p.Std},
			References: []report.PixelEstimate{{Name: "exact", Mean: exact.Mean, Std: exact.Std}},
		}
		if c.reference != nil {
			r := c.reference.Normalized()
			page.References = append(page.References,
				report.PixelEstimate{Name: "Monte Carlo", Mean: r.Mean, Std: r.Std})
		}
		section := page.Section()
		s.Blocks = append(s.Blocks, section.Blocks...)
	}
	return s
}

// pointHeads are the heads of CurvePoint.record.
var pointHeads = []string{"method", "steps", "evaluations", "solves", "core_seconds", "rmse_mean",
	"rmse_std", "floor_mean", "floor_std", "ess"}

// record returns the point as a record for CSV, one cell per head of
// pointHeads.
func (p *CurvePoint) record() []string {
	record := []string{p.Method, fmt.Sprint(p.Steps), fmt.Sprint(p.Evaluations),
		fmt.Sprint(p.Solves)}
	for _, v := range []float64{p.CoreSeconds, p.Mean, p.Std, float64(p.FloorMean),
		float64(p.FloorStd), p.ESS} {
		record = append(record, number(v))
	}
	return record
}

// section returns the curves as a section of the report and as tables.
//
// Both axes of each figure are logarithmic, on which an error ∝ cost^(−1/2) is
// a line. A floor is drawn as one line only if all points share it: for the
// mean it depends on the exact posterior and the number of draws, for the
// standard deviation on the draws of each point.
func (c *Curves) section() (report.Section, []*report.Table) {
	s := report.Section{Title: "What accuracy costs",
		Blocks: []report.Block{report.Paragraph(fmt.Sprintf("All curves are at %g %% noise and "+
			"average over %s. Each point of the network uses "+
			"%d draws; the dashed line is the error that as many exact draws would have.",
			c.NoisePercent, cli.Plural(c.Phantoms, "phantom"), c.Draws))}}
	var tables []*report.Table
	add := func(name, caption, xLabel string, points []CurvePoint, x func(CurvePoint) float64) {
		if len(points) == 0 {
			return
		}
		table := &report.Table{Name: name, Columns: pointHeads}
		for _, p := range points {
			table.Rows = append(table.Rows, p.record())
		}
		if name == "cost" {
			table.Rows = append(table.Rows, c.Network.record())
		}
		tables = append(tables, table)
		for _, what := range []struct {
			name, label string
			y           func(CurvePoint) float64
		}{{"mean", "RMSE of the mean", func(p CurvePoint) float64 {
			return p.Mean
		}}, {"std", "RMSE of the standard deviation", func(p CurvePoint) float64 {
			return p.Std
		}}} {
			chart := &plot.Chart{XLabel: xLabel, YLabel: what.label, XLog: true, YLog: true,
				Width: 165, Height: 85, Alt: caption + ": " + what.label}
			index := map[string]int{}
			for _, p := range points {
				k, ok := index[p.Method]
				if !ok {
					k = len(chart.Series)
					index[p.Method] = k
					chart.Series = append(chart.Series, plot.Series{Name: p.Method,
						Style: plot.Points})
				}
				chart.Series[k].X, chart.Series[k].Y = append(chart.Series[k].X, x(p)),
					append(chart.Series[k].Y, what.y(p))
			}
			// Points of cost, and all points of the standard deviation, have
			// different floors.
			if name != "cost" && what.name == "mean" {
				chart.YMarks = []plot.Mark{{At: float64(points[0].FloorMean),
					Name: "error of as many exact draws"}}
			}
			if name == "cost" {
				n := c.Network.CurvePoint
				chart.Series = append(chart.Series, plot.Series{Name: n.Method,
					X: []float64{n.CoreSeconds}, Y: []float64{what.y(n)}, Style: plot.Markers})
			}
			s.Blocks = append(s.Blocks,
				report.FromPlot(name+"-"+what.name, caption+" ("+name+".csv).", chart.Render()))
		}
	}
	coreSeconds := func(p CurvePoint) float64 { return p.CoreSeconds }
	evaluations := func(p CurvePoint) float64 { return float64(p.Evaluations) }
	add("training", "Error against the time of training", "core-seconds of training", c.Training,
		coreSeconds)
	add("sampling", "Error against network evaluations per draw", "network evaluations per draw",
		c.Sampling, evaluations)
	add("cost", "Error against the cost per measurement, without and with a network",
		"core-seconds per measurement", c.Cost, coreSeconds)
	if len(c.BreakEven) > 0 {
		table := &report.Table{Name: "break-even",
			Columns: []string{"method", "core-seconds per measurement for the network's error",
				"measurements from which on training pays"},
			Caption: fmt.Sprintf("Training took %.0f core-seconds. The draws of one measurement "+
				"take %.1f.",
				c.Network.Training, c.Network.CoreSeconds)}
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
