package calibrate

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"csdm/bench"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/plot"
	"csdm/internal/report"
)

// write writes measurements.csv, the report with its figures, and last
// check.json, whose presence shows that the other files are complete.
//
// It is written last.
func (c *checker) write(dir string, r *Result) error {
	table, err := c.csv(r)
	if err != nil {
		return err
	}
	if err := atomicfile.WriteFile(filepath.Join(dir, checkDataFile), true, table); err != nil {
		return err
	}
	if err := c.page(r).WriteFolder(dir, true); err != nil {
		return err
	}
	var text bytes.Buffer
	if err := cli.WriteJSON(&text, r); err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(dir, checkFile), true, text.Bytes())
}

// csv returns the records as a table with a row per measurement and posterior.
//
// A reader can repeat every statistic of the report from it.
func (c *checker) csv(r *Result) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	head := []string{"measurement", "posterior"}
	for _, name := range c.names.Quantities {
		head = append(head, "pit of "+name)
	}
	for _, name := range c.names.References {
		head = append(head, "pit of distance to "+name)
	}
	head = append(head, "pixel variance")
	for _, level := range bench.CoverageLevels() {
		head = append(head, fmt.Sprintf("coverage %.2f", level))
	}
	if c.misfit != nil {
		head = append(head, "chi2 of truth", "chi2 of truth with residue", "chi2 of draws")
	}
	if r.weighting != nil {
		head = append(head, weightingColumns...)
	}
	if err := w.Write(head); err != nil {
		return nil, err
	}
	for i := range r.Measurements {
		for k, p := range r.Posteriors {
			s := r.scores[k][i]
			values := append(append(append([]float64{}, s.Quantities...), s.References...),
				s.Weight)
			values = append(values, s.Coverage[:]...)
			if m := s.Misfit; m != nil {
				values = append(values, m.Truth, m.Residue, m.Draws)
			}
			if r.weighting != nil {
				e := r.weighting[i].values()
				values = append(values, e[:]...)
			}
			row := []string{strconv.Itoa(i), p.Name}
			for _, v := range values {
				row = append(row, strconv.FormatFloat(v, 'g', -1, 64))
			}
			if err := w.Write(row); err != nil {
				return nil, err
			}
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// page lays out the report.
func (c *checker) page(r *Result) *report.Report {
	tested := r.Posteriors[c.tested()]
	page := &report.Report{
		Title: "Calibration of posteriors",
		Subtitle: fmt.Sprintf("%s: %s, %d×%d, %g %% noise; %d measurements, %d draws each by %s",
			c.spec.Name, c.spec.Title, r.Rows, r.Cols, r.NoisePercent, r.Measurements, r.Draws,
			r.Sampling),
		Headline: report.Headline{Statement: r.Statement(), Table: summaryTable(r)},
		Sections: []report.Section{
			{Title: "How calibration is judged",
				Blocks: []report.Block{report.Paragraph(c.method(r)),
					effectTable(tested.Assessment)}},
		},
		Provenance: append([]report.KeyValue{{Key: "model", Value: r.Model},
			{Key: "seed", Value: fmt.Sprint(r.Seed)}}, c.env.Call.Rows()...),
	}
	if c.env.Command != "" {
		page.Reproduce = []string{c.env.Command}
	}
	if r.Weighting != nil {
		page.Sections = append(page.Sections, report.Section{Title: "Weights",
			Blocks: []report.Block{r.Weighting.rows(r.Certified)}})
	}
	figures := report.Section{Title: "Figures"}
	for q, ranks := range tested.Ranks {
		if ranks.Test == bench.TestSBC {
			figures.Blocks = append(figures.Blocks, c.rankHistogram(r, q), c.rankCurves(r, q))
		} else {
			figures.Blocks = append(figures.Blocks, c.rankCurves(r, q))
		}
	}
	if len(tested.Coverage) > 0 {
		figures.Blocks = append(figures.Blocks, c.coverageCurves(r))
	}
	if tested.Predictive != nil {
		figures.Blocks = append(figures.Blocks, c.misfits(r))
	}
	page.Sections = append(page.Sections, figures)
	return page
}

// Statement returns the result in one or two sentences.
//
// The second sentence states whether every spoiled posterior was caught.
func (r *Result) Statement() string {
	what := map[bench.Judgment]string{
		bench.Pass: "calibrated to within tolerance",
		bench.Fail: "not calibrated to within tolerance",
		bench.Undecided: "not shown to be calibrated: the intervals reach beyond the tolerance, " +
			"so more measurements are needed",
	}[r.Verdict]
	kind := "held-out measurements"
	if r.At != "" {
		kind = "measurements simulated from the posterior of the given one"
	}
	text := fmt.Sprintf("Over %d %s with %d draws each, the posteriors (%s) are %s.",
		r.Measurements, kind, r.Draws, r.Tested, what)
	if r.Weighting != nil {
		text += " " + r.Weighting.text(r.Certified)
	}
	var missed []string
	for _, p := range r.Posteriors {
		if p.Caught != nil && !*p.Caught {
			missed = append(missed, p.Name)
		}
	}
	if missed == nil {
		return text + " The check catches all posteriors that were spoiled on purpose."
	}
	return text + " The check misses these posteriors, which were spoiled on purpose: " +
		strings.Join(missed, ", ") + "."
}

func (c *checker) method(r *Result) string {
	t := r.Tolerance
	text := "Fields, measurements and noise are new draws of the problem, so that a true field " +
		"and draws of its exact posterior have one distribution. "
	if r.At != "" {
		text = fmt.Sprintf("The check is about one measurement (posterior SBC, Säilynoja et al. "+
			"2025). Fields are draws of the network given this measurement, and a measurement of "+
			"each is simulated. The network’s draws given the simulated measurement are resampled "+
			"by their likelihood for the given one, and one in %d remains. If the network is "+
			"right, field and draws have one distribution. ", thinning)
	}
	text += fmt.Sprintf("Ranks of physical quantities (simulation-based calibration) and of "+
		"distances to "+
		"reference fields (TARP) are transformed to normal scores. The mean of the scores is "+
		"a bias in posterior standard deviations. Their standard deviation, the spread, is "+
		"the ratio of the true value’s scatter to the posterior’s. "+
		"Coverage is over pixels, each weighted by its variance, with fields rounded to 1/%d "+
		"of their range. The posterior predictive check takes %d draws of each posterior, "+
		"clips them at the prior’s smallest value, applies the forward model, and compares "+
		"χ^{2} per value of the measurement with that of the true field. "+
		"A verdict is a test of equivalence: it passes if the %g %% interval of an effect "+
		"lies within the tolerance, fails if the interval lies outside, and is undecided "+
		"otherwise. "+
		"The tolerance is %g for a bias, %g for a ratio of spreads, the coverage that such a "+
		"spread causes, and %g %% for χ^{2}. A p-value tests exact calibration. The smallest "+
		"of all, corrected by Holm’s method, is %s for the posteriors tested.",
		r.Lattice, predictiveDraws, 100*t.Confidence, t.Bias, t.Spread, 100*t.Misfit,
		report.Number(r.Posteriors[c.tested()].LeastP))
	for _, s := range r.Skipped {
		text += " Left out: " + plot.Literal(s) + "."
	}
	return text
}

// checkTests are the columns of a summary.
var checkTests = []struct{ Test, Title string }{
	{bench.TestSBC, "Ranks (SBC)"}, {bench.TestCoverage, "Coverage"}, {bench.TestTARP, "TARP"},
	{bench.TestPredictive, "Predictive"},
}

// Row returns the verdicts of a posterior in the order of Columns.
func (p *CheckedPosterior) Row() []string {
	row := []string{p.Name}
	for _, t := range checkTests {
		v := p.Tests[t.Test]
		if v == "" {
			v = "–"
		}
		row = append(row, string(v))
	}
	return append(row, string(p.Verdict))
}

// Columns returns the column heads of a summary with a row per posterior.
func Columns() []string {
	columns := []string{"Posterior"}
	for _, t := range checkTests {
		columns = append(columns, t.Title)
	}
	return append(columns, "Verdict")
}

func summaryTable(r *Result) *report.Table {
	t := &report.Table{Name: "verdicts", Columns: append(Columns(), "What")}
	for _, p := range r.Posteriors {
		t.Rows = append(t.Rows, append(p.Row(), p.What))
	}
	return t
}

// EffectRow is a row of the table of effects: the test, the effect with its
// quantity, and its numbers.
type EffectRow struct {
	Test, What string
	bench.Effect
}

// EffectRows returns the effects of an assessment.
func EffectRows(a *bench.Assessment) (rows []EffectRow) {
	for _, k := range a.Ranks {
		rows = append(rows, EffectRow{k.Test, "bias, " + k.Of, k.Bias},
			EffectRow{k.Test, "spread, " + k.Of, k.Spread})
	}
	for _, k := range a.Coverage {
		rows = append(rows, EffectRow{bench.TestCoverage,
			fmt.Sprintf("%g %% intervals", 100*k.Level), k.Effect})
	}
	if a.Predictive != nil {
		rows = append(rows, EffectRow{bench.TestPredictive, "excess of χ²", a.Predictive.Excess})
	}
	return rows
}

func effectTable(a *bench.Assessment) *report.Table {
	t := &report.Table{Name: "effects",
		Caption: "Effects with their confidence intervals and tolerances.",
		Columns: []string{"Effect", "Value", "Interval", "Tolerated", "p", "Verdict"}}
	n := report.Number
	for _, e := range EffectRows(a) {
		t.Rows = append(t.Rows, []string{e.Test + ": " + plot.Literal(e.What), n(e.Value),
			n(e.Low) + " to " + n(e.High), n(e.LeastOK) + " to " + n(e.MostOK), n(e.P),
			string(e.Decision)})
	}
	for _, k := range a.Ranks {
		for _, v := range k.Intervals {
			t.Rows = append(t.Rows, []string{fmt.Sprintf("%s: %g %% interval, %s", k.Test,
				100*v.Level, plot.Literal(k.Of)),
				n(v.Value), "± " + n(v.Error), "–", n(v.P), fmt.Sprintf("%d of %d", v.Held, v.Of)})
		}
	}
	return t
}
