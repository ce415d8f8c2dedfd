package table5

import (
	"math"
	"slices"
	"testing"

	"csdm/bench"
	"csdm/infer"
)

// made returns the result of a study with made-up numbers: two noise levels
// with two phantoms each, and one FEniCS measurement at the first.
func made(priorDraws int) *Result {
	r := &Result{Problem: "quasistatic", Grid: 56, PriorDraws: priorDraws}
	for i, noise := range []float64{10, 5} {
		l := &NoiseResult{NoisePercent: noise, Evaluations: 17 + i}
		for k := range 2 {
			c := Case{Name: []string{"phantom 1", "phantom 2"}[k],
				Exact: infer.Comparison{Mean: 0.02 + 0.01*float64(k), Std: 0.03, FloorMean: 0.001,
					FloorStd: 0.002, ReferenceMean: 0.0004, ReferenceStd: 0.0006},
				Seconds:   3,
				posterior: &infer.Summary{Posterior: bench.Posterior{Draws: 500}},
			}
			if priorDraws > 0 {
				c.ESS = 120
				c.MonteCarlo = &infer.Comparison{Mean: 0.05, Std: 0.06, ReferenceMean: 0.004,
					ReferenceStd: infer.NotStated}
				c.MonteCarloError = &infer.Comparison{Mean: 0.007, Std: 0.009}
			}
			l.Cases = append(l.Cases, c)
		}
		if i == 0 {
			l.Elsewhere = []Case{{Name: "FEniCS 1", Exact: infer.Comparison{Mean: 0.011, Std: 0.012,
				FloorMean: infer.NotStated, FloorStd: infer.NotStated, ReferenceMean: 0.003,
				ReferenceStd: 0.003}}}
		}
		l.average()
		r.Levels = append(r.Levels, l)
	}
	return r
}

// cell returns the cell of a row below the named column.
func cell(t *testing.T, heads, row []string, head string) string {
	t.Helper()
	k := slices.Index(heads, head)
	if k < 0 || k >= len(row) {
		t.Fatalf("no cell of column %q in %q", head, row)
	}
	return row[k]
}

// TestTable5 checks cells of the page's table and of the CSV of Table 5.
func TestTable5(t *testing.T) {
	r := made(1000)
	page := r.Table5()
	if len(page.Rows) != 2 || len(page.Units) != len(page.Columns) {
		t.Fatalf("%d rows, %d units for %d columns", len(page.Rows), len(page.Units),
			len(page.Columns))
	}
	for head, want := range map[string]string{
		"noise": "10", "paper": "0.051 / 0.051", "score network": "0.0250 / 0.0300",
		"floor": "0.0010 / 0.0020", "Monte Carlo's error": "0.0040 / not stated",
		"FEniCS 1": "0.0110 / 0.0120", "evaluations": "17", "1000 draws": "6.0",
	} {
		if got := cell(t, page.Columns, page.Rows[0], head); got != want {
			t.Errorf("%s: %q, want %q", head, got, want)
		}
	}
	if got := cell(t, page.Columns, page.Rows[1], "FEniCS 1"); got != "" {
		t.Errorf("a measurement that is missing at 5 %%: %q", got)
	}
	all := records(r.columns5(), r.Levels)
	for _, record := range all[1:] {
		if len(record) != len(all[0]) {
			t.Fatalf("%d cells for %d columns", len(record), len(all[0]))
		}
	}
	for head, want := range map[string]string{"noise_percent": "5", "paper_std": "0.032",
		"network_mean": "0.025", "montecarlo_error_mean": "0.004", "montecarlo_error_std": "",
		"fenics_1_mean": "", "seconds_per_1000_draws": "6"} {
		if got := cell(t, all[0], all[2], head); got != want {
			t.Errorf("CSV, %s: %q, want %q", head, got, want)
		}
	}
	none := made(0)
	if got := cell(t, none.Table5().Columns, none.Table5().Rows[0],
		"against Monte Carlo"); got != "" {
		t.Errorf("without Monte Carlo: %q", got)
	}
}

// TestTable4 checks the rows of single measurements: the paper's two phantoms
// stand next to the first two, and FEniCS's measurement has no paper value.
func TestTable4(t *testing.T) {
	r := made(1000)
	table := r.Table4()
	var names []string
	for _, row := range table.Rows {
		names = append(names, cell(t, table.Columns, row, "phantom"))
	}
	if want := []string{"phantom 1", "phantom 2", "FEniCS 1", "phantom 1",
		"phantom 2"}; !slices.Equal(names, want) {
		t.Fatalf("rows %q, want %q", names, want)
	}
	for k, want := range []string{"0.036 / 0.038", "0.027 / 0.029", "", "0.039 / 0.032",
		"0.025 / 0.029"} {
		if got := cell(t, table.Columns, table.Rows[k], "paper"); got != want {
			t.Errorf("row %d: paper %q, want %q", k, got, want)
		}
	}
	if got := cell(t, table.Columns, table.Rows[0], "effective prior draws"); got != "120" {
		t.Errorf("effective prior draws %q", got)
	}
	if got := cell(t, table.Columns, table.Rows[2], "floor"); got != "not stated" {
		t.Errorf("a floor that is not stated: %q", got)
	}
	r.Problem = "phantom"
	if got := cell(t, table.Columns, r.Table4().Rows[0], "paper"); got != "" {
		t.Errorf("another problem has the paper's errors %q", got)
	}
}

// TestNumber checks the numbers of the CSV files.
func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.0250000001: "0.025", 1e-7: "1e-07",
		123456.7: "123457", math.NaN(): ""} {
		if got := number(v); got != want {
			t.Errorf("%v is written %q, want %q", v, got, want)
		}
	}
}

// TestCoreSeconds checks that an old result without a number of threads counts
// with the threads of this call.
func TestCoreSeconds(t *testing.T) {
	s := &study{}
	s.env.Threads = 3
	if a, b := s.coreSeconds(2, 4), s.coreSeconds(2, 0); a != 8 || b != 6 {
		t.Errorf("%v and %v core-seconds, want 8 and 6", a, b)
	}
}
