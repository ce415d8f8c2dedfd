package calibrate

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"csdm/bench"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/report"
	"csdm/measured"
	"csdm/recipe"
	"csdm/rng"
)

// newTestChecker returns a checker of the smallest embedded model.
func newTestChecker(t *testing.T, change func(*Settings)) *checker {
	t.Helper()
	c, err := tryChecker(t, change)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	return c
}

func tryChecker(t *testing.T, change func(*Settings)) (*checker, error) {
	t.Helper()
	model, err := infer.BuiltinModel("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	problem, err := measured.ProblemOf(model, "")
	if err != nil {
		t.Fatal(err)
	}
	settings := Settings{Measurements: 250, Sampling: recipe.Sampling(model, 7), Seed: 1}
	if change != nil {
		change(&settings)
	}
	return newChecker(model, problem, settings, env.Quiet(1))
}

// judge fills the records of c with made-up ones and judges them. The records
// of the posteriors whose names are given are the ranks of a calibrated
// posterior. All others have a bias, too little coverage and too large a
// misfit.
func judge(t *testing.T, c *checker, calibrated ...string) *Result {
	t.Helper()
	c.records = make([]float64, c.settings.Measurements*c.recordLen)
	s := rng.New(3, rng.Test, 0, 0)
	for i := range c.settings.Measurements {
		for k, p := range c.spoilings {
			good := slices.Contains(calibrated, p.Name)
			transform := func() float64 {
				u := s.Float64()
				if !good {
					u *= u * u
				}
				return u
			}
			r := &bench.Record{Weight: 1, Misfit: &bench.Misfit{Truth: 1 + 0.1*s.Normal(),
				Residue: 1 + 0.1*s.Normal(), Draws: 1 + 0.1*s.Normal()}}
			for range c.names.Quantities {
				r.Quantities = append(r.Quantities, transform())
			}
			for range c.names.References {
				r.References = append(r.References, transform())
			}
			for b, level := range bench.CoverageLevels() {
				r.Coverage[b] = level + 0.02*s.Normal()
				if !good {
					r.Coverage[b] /= 2
				}
			}
			if !good {
				r.Misfit.Draws++
			}
			r.Pack(c.records[i*c.recordLen+k*c.scoreLen():][:c.scoreLen()])
		}
	}
	r, err := c.result("m")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestResultJudges checks that a calibrated posterior passes, and that the
// check as a whole also needs every spoiled posterior to be caught.
//
// The records of the test are made up: uniform ranks for calibrated posteriors,
// and the cube of a uniform number for all others.
func TestResultJudges(t *testing.T) {
	c := newTestChecker(t, nil)
	r := judge(t, c, NetworkPosterior)
	if r.Verdict != bench.Pass || !r.Passed || r.Tested != NetworkPosterior {
		t.Errorf("a calibrated posterior: %s, passed %v, of %s", r.Verdict, r.Passed, r.Tested)
	}
	if len(r.Posteriors) != 1+len(bench.Spoilings()) || r.Posteriors[0].Caught != nil {
		t.Fatalf("posteriors %+v", r.Posteriors)
	}
	for _, p := range r.Posteriors[1:] {
		if p.Caught == nil || !*p.Caught || p.Verdict != bench.Fail {
			t.Errorf("%s: verdict %s", p.Name, p.Verdict)
		}
	}
	if text := r.Statement(); !strings.Contains(text, "250 held-out measurements with 7 draws") ||
		!strings.Contains(text, "are calibrated to within tolerance") ||
		!strings.Contains(text, "catches all posteriors") {
		t.Errorf("statement %q", text)
	}
	if want := int(1 / (8 * c.settings.Sampling.SigmaMin)); r.Lattice != want {
		t.Errorf("lattice %d, want %d", r.Lattice, want)
	}

	r = judge(t, c, NetworkPosterior, "wide", "shift")
	if r.Verdict != bench.Pass || r.Passed {
		t.Errorf("two spoiled posteriors look calibrated: %s, passed %v", r.Verdict, r.Passed)
	}
	if text := r.Statement(); !strings.Contains(text, "misses these") ||
		!strings.HasSuffix(text, "shift, wide.") {
		t.Errorf("statement %q", text)
	}

	if r = judge(t, c); r.Verdict != bench.Fail || r.Passed ||
		!strings.Contains(r.Statement(), "are not calibrated") {
		t.Errorf("a wrong posterior: %s, %q", r.Verdict, r.Statement())
	}
	c.settings.Measurements = 5
	if r = judge(t, c, NetworkPosterior); r.Verdict != bench.Undecided || r.Passed ||
		!strings.Contains(r.Statement(), "more measurements are needed") {
		t.Errorf("five measurements: %s, %q", r.Verdict, r.Statement())
	}
}

// TestSpoiledPosterior judges a spoiled posterior instead of the network's own.
//
// A command that judges a spoiled posterior shows a user how a failure looks.
func TestSpoiledPosterior(t *testing.T) {
	c := newTestChecker(t, func(s *Settings) { s.Spoil = "narrow" })
	r := judge(t, c, NetworkPosterior)
	if r.Tested != "narrow" || r.Verdict != bench.Fail || r.Passed {
		t.Errorf("tested %s: %s", r.Tested, r.Verdict)
	}
	if own := newTestChecker(t, nil); own.resultIdentity() == c.resultIdentity() ||
		own.recordsIdentity() != c.recordsIdentity() {
		t.Error("the spoiled posterior must change the result's identity and keep the records'")
	}
}

// TestCheckerErrors checks the exit codes and advice for settings that make no
// check.
func TestCheckerErrors(t *testing.T) {
	for says, change := range map[string]func(*Settings){
		"1 measurements with 7 draws": func(s *Settings) { s.Measurements = 1 },
		"250 measurements with 1":     func(s *Settings) { s.Sampling.Draws = 1 },
		"the names are shift, narrow": func(s *Settings) { s.Spoil = "none" },
		"choose another seed":         func(s *Settings) { s.Seed = 1 ^ checkSeed },
	} {
		if _, err := tryChecker(t, change); cli.Code(err) != cli.ExitUsage ||
			!strings.Contains(err.Error(), says) {
			t.Errorf("%v; want exit 64 and %q", err, says)
		}
	}
}

// TestRows checks that the cells of a summary stand below their columns.
func TestRows(t *testing.T) {
	p := CheckedPosterior{Name: "network", Assessment: &bench.Assessment{Verdict: bench.Fail,
		Tests: map[string]bench.Judgment{bench.TestSBC: bench.Pass, bench.TestTARP: bench.Fail,
			bench.TestPredictive: bench.Undecided}}}
	cell := map[string]string{}
	for k, column := range Columns() {
		cell[column] = p.Row()[k]
	}
	for column, want := range map[string]string{"Posterior": "network", "Ranks (SBC)": "pass",
		"Coverage": "–", "TARP": "fail", "Predictive": "undecided", "Verdict": "fail"} {
		if cell[column] != want {
			t.Errorf("%s: %q, want %q", column, cell[column], want)
		}
	}
}

// TestEffectRows checks that the table of effects holds every effect once.
func TestEffectRows(t *testing.T) {
	c := newTestChecker(t, nil)
	a := judge(t, c, NetworkPosterior).Posteriors[0].Assessment
	rows := EffectRows(a)
	if want := 2*len(a.Ranks) + len(a.Coverage) + 1; len(rows) != want {
		t.Fatalf("%d rows, want %d", len(rows), want)
	}
	if rows[0].Effect != a.Ranks[0].Bias || rows[1].Effect != a.Ranks[0].Spread ||
		rows[0].Test != bench.TestSBC || !strings.HasSuffix(rows[0].What, c.names.Quantities[0]) {
		t.Errorf("first rows %+v", rows[:2])
	}
	if last := rows[len(rows)-1]; last.Effect != a.Predictive.Excess ||
		last.Test != bench.TestPredictive {
		t.Errorf("last row %+v", last)
	}
	table := effectTable(a)
	intervals := 0
	for _, k := range a.Ranks {
		intervals += len(k.Intervals)
	}
	if len(table.Rows) != len(rows)+intervals {
		t.Errorf("the table has %d rows", len(table.Rows))
	}
	for _, row := range table.Rows {
		if len(row) != len(table.Columns) {
			t.Errorf("row %q for columns %q", row, table.Columns)
		}
	}
}

// TestCSV reads measurements.csv back and compares it with the records.
func TestCSV(t *testing.T) {
	c := newTestChecker(t, func(s *Settings) { s.Measurements = 3 })
	r := judge(t, c, NetworkPosterior)
	text, err := c.csv(r)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1+3*len(r.Posteriors) {
		t.Fatalf("%d rows", len(rows))
	}
	at := func(row []string, head string) float64 {
		k := slices.Index(rows[0], head)
		if k < 0 {
			t.Fatalf("no column %q in %q", head, rows[0])
		}
		v, err := strconv.ParseFloat(row[k], 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for i := range 3 {
		for k, p := range r.Posteriors {
			row, record := rows[1+i*len(r.Posteriors)+k], r.scores[k][i]
			if row[0] != strconv.Itoa(i) || row[1] != p.Name {
				t.Errorf("row of measurement %s, posterior %s", row[0], row[1])
			}
			for head, want := range map[string]float64{
				"pit of " + c.names.Quantities[1]:             record.Quantities[1],
				"pit of distance to " + c.names.References[0]: record.References[0],
				"pixel variance":                              record.Weight,
				"coverage 0.50":                               record.Coverage[9],
				"chi2 of truth":                               record.Misfit.Truth,
				"chi2 of draws":                               record.Misfit.Draws,
			} {
				if got := at(row, head); got != want {
					t.Errorf("%s of %s: %v, want %v", head, p.Name, got, want)
				}
			}
		}
	}
}

// TestReportFolder writes the files of a finished check. check.json reads back,
// and the report has two figures per quantity, one per reference field, one of
// coverage and one of misfits.
func TestReportFolder(t *testing.T) {
	c := newTestChecker(t, func(s *Settings) { s.Measurements = 40 })
	c.skipped = []string{"an example (for this test)"}
	r := judge(t, c, NetworkPosterior)
	dir := t.TempDir()
	if err := c.write(dir, r); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, checkFile))
	if err != nil {
		t.Fatal(err)
	}
	var back Result
	if err := json.Unmarshal(text, &back); err != nil || back.Verdict != r.Verdict ||
		back.Identity != r.Identity || len(back.Posteriors) != len(r.Posteriors) ||
		back.Posteriors[0].Ranks[0].Bias != r.Posteriors[0].Ranks[0].Bias {
		t.Errorf("%s: %v, %+v", checkFile, err, back)
	}
	page, err := os.ReadFile(filepath.Join(dir, report.PageFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{r.Statement(), "Left out: an example (for this test).",
		"1/" + strconv.Itoa(r.Lattice) + " of their range"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	figures, err := filepath.Glob(filepath.Join(dir, report.FigureFolder, "*.png"))
	want := 2*len(c.names.Quantities) + len(c.names.References) + 2
	if err != nil || len(figures) != want {
		t.Errorf("%d figures, want %d: %v", len(figures), want, err)
	}
	if _, err := os.Stat(filepath.Join(dir, checkDataFile)); err != nil {
		t.Error(err)
	}
}

// TestTransforms checks the order of statistics: quantities, then references.
func TestTransforms(t *testing.T) {
	c := newTestChecker(t, func(s *Settings) { s.Measurements = 4 })
	r := judge(t, c, NetworkPosterior)
	n := len(c.names.Quantities)
	for i, record := range r.scores[1] {
		if u := c.transforms(r, 1, n-1)[i]; u != record.Quantities[n-1] {
			t.Errorf("quantity of measurement %d: %v", i, u)
		}
		if u := c.transforms(r, 1, n+1)[i]; u != record.References[1] {
			t.Errorf("reference of measurement %d: %v", i, u)
		}
	}
}

// TestMisfit checks χ² of a true field under the noise of the problem, that the
// field of another measurement has a larger χ², and that values below the
// prior's range count as its lower end.
//
// χ² per value of n values has the mean 1 and the standard deviation √(2/n).
func TestMisfit(t *testing.T) {
	c := newTestChecker(t, nil)
	pool := &pool{size: 2}
	nx, ny := c.spec.XLen(), c.spec.YLen()
	generator, err := c.problem.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	pool.fields, pool.y = make([]float64, 2*nx), make([]float64, 2*ny)
	for j := range 2 {
		x := pool.fields[j*nx : (j+1)*nx]
		if err := generator.Pair(x, pool.y[j*ny:(j+1)*ny], 5, uint64(j)); err != nil {
			t.Fatal(err)
		}
		c.model.Meta.Normalization.NormalizeX(x, x, len(x))
	}
	y := make([]float64, ny)
	for j := range 2 {
		c.problem.Measurement().Sample(y, pool.y[j*ny:(j+1)*ny],
			rng.New(5, rng.Noise, uint64(j), 0))
		if got := pool.nearest(y); got != j {
			t.Errorf("measurement %d is nearest to pair %d", j, got)
		}
	}
	of := func(x []float64) float64 {
		t.Helper()
		v, err := c.misfit.of(x, c, y)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	truth, other := of(pool.fields[nx:]), of(pool.fields[:nx])
	if math.Abs(truth-1) > 5*math.Sqrt(2/float64(ny)) || other < 1.2*truth {
		t.Errorf("χ² of the true field %v, of another %v", truth, other)
	}
	low := slices.Clone(pool.fields[nx:])
	at := slices.Index(low, slices.Min(low))
	low[at] = -3
	clipped := slices.Clone(low)
	clipped[at] = (c.spec.XRange.Min - c.model.Meta.Normalization.XMin) /
		(c.model.Meta.Normalization.XMax - c.model.Meta.Normalization.XMin)
	if a, b := of(low), of(clipped); a != b {
		t.Errorf("χ² of a value below the range %v, at its lower end %v", a, b)
	}
}
