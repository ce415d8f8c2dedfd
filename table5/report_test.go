package table5

import (
	"bytes"
	"encoding/csv"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"csdm/infer"
	"csdm/nn"
)

// comparison returns a comparison with an error of the mean, twice the error of
// the std, and tenths of both as floor and error of the reference.
func comparison(mean float64) infer.Comparison {
	return infer.Comparison{Method: "score network", Reference: "exact", Mean: mean, Std: 2 * mean,
		FloorMean: infer.StatedError(mean / 10), FloorStd: infer.StatedError(mean / 5),
		ReferenceMean: infer.StatedError(mean / 100), ReferenceStd: infer.StatedError(mean / 50)}
}

// level returns a level with one phantom for each of the given errors, and 100
// draws in 2 seconds for each. With monteCarlo, the network's distance from
// Monte Carlo is three times the error, and Monte Carlo's from the exact
// posterior four times, so that a swapped pair of columns shows.
func level(noise float64, monteCarlo bool, errors ...float64) *NoiseResult {
	l := &NoiseResult{NoisePercent: noise, Model: "m", Evaluations: 17,
		Training: nn.Training{Steps: 10, Batch: 4}}
	for k, e := range errors {
		c := Case{Name: "phantom " + string(rune('1'+k)), Exact: comparison(e), Seconds: 2,
			ESS: 123, posterior: &infer.Summary{}}
		c.posterior.Draws = 100
		if monteCarlo {
			against, own := comparison(3*e), comparison(4*e)
			c.MonteCarlo, c.MonteCarloError = &against, &own
		}
		l.Cases = append(l.Cases, c)
	}
	l.average()
	return l
}

// TestAverage averages two phantoms whose errors are 0.1 and 0.3.
func TestAverage(t *testing.T) {
	l := level(5, true, 0.1, 0.3)
	for what, c := range map[string]struct{ got, want float64 }{
		"mean": {l.MeanRMSE, 0.2}, "std": {l.StdRMSE, 0.4},
		"floor of the mean":           {float64(l.FloorMean), 0.02},
		"floor of the std":            {float64(l.FloorStd), 0.04},
		"error of the exact mean":     {float64(l.ExactErrorMean), 0.002},
		"distance from Monte Carlo":   {l.MonteMean, 0.6},
		"Monte Carlo's own distance":  {l.MonteCarloMean, 0.8},
		"Monte Carlo's stated error":  {float64(l.MonteErrorMean), 0.006},
		"seconds of a thousand draws": {l.Seconds, 4 * 1000. / 200},
	} {
		if math.Abs(c.got-c.want) > 1e-15*max(1, c.want) {
			t.Errorf("%s: %v, want %v", what, c.got, c.want)
		}
	}
	if l := level(5, false, 0.1); l.MonteMean != 0 || l.MonteCarloStd != 0 {
		t.Errorf("without Monte Carlo: %+v", l)
	}
}

// TestNotStated checks that a phantom whose reference states no error leaves
// the average without one, and its cells empty in CSV.
func TestNotStated(t *testing.T) {
	l := level(5, false, 0.1, 0.3)
	l.FloorMean, l.FloorStd = 0, 0
	l.Cases[1].Exact.FloorMean = infer.NotStated
	l.MeanRMSE, l.StdRMSE, l.Seconds = 0, 0, 0
	l.average()
	if !math.IsNaN(float64(l.FloorMean)) || math.Abs(float64(l.FloorStd)-0.04) > 1e-15 {
		t.Errorf("floors %v and %v", l.FloorMean, l.FloorStd)
	}
	if number(math.NaN()) != "" || number(0.25) != "0.25" || number(1e-7) != "1e-07" {
		t.Errorf("numbers %q, %q, %q", number(math.NaN()), number(0.25), number(1e-7))
	}
	c := errorColumn("floor", "floor", func(v [2]float64) []float64 { return v[:] })
	for _, e := range []struct {
		row  [2]float64
		want string
	}{
		{[2]float64{0.1, 0.25}, "0.1000 / 0.2500"},
		{[2]float64{math.NaN(), 0.25}, "not stated / 0.2500"},
		{[2]float64{math.NaN(), math.NaN()}, "not stated"}, // once
	} {
		if got := c.shown(e.row); got != e.want {
			t.Errorf("%v is shown as %q, want %q", e.row, got, e.want)
		}
	}
}

// TestPaper checks the paper's numbers: Table 5 by noise level, Table 4 for the
// first two phantoms, and none for other problems, grids and levels.
//
// A row of other phantoms, or of a measurement from FEniCS, must not stand next
// to a number of the paper.
func TestPaper(t *testing.T) {
	r := &Result{Problem: "quasistatic", Grid: 56}
	average := func(average, _, _ [2]float64) [2]float64 { return average }
	for noise, want := range map[float64][]float64{10: {0.051, 0.051}, 5: {0.031, 0.032},
		2.5: {0.025, 0.029}, 7: nil} {
		if got := r.paper(noise, average); !reflect.DeepEqual(got, want) {
			t.Errorf("%g %%: %v, want %v", noise, got, want)
		}
	}
	for _, other := range []*Result{{Problem: "quasistatic", Grid: 28},
		{Problem: "phantom", Grid: 56}} {
		if got := other.paper(5, average); got != nil {
			t.Errorf("%s on %d: %v", other.Problem, other.Grid, got)
		}
	}
	r.Levels = []*NoiseResult{level(5, false, 0.1, 0.2, 0.3)}
	r.Levels[0].Elsewhere = []Case{{Name: "FEniCS", Exact: comparison(0.4)}}
	rows := r.rows4()
	if len(rows) != 4 || rows[3].k != -1 {
		t.Fatalf("%d rows", len(rows))
	}
	paper := r.columns4()[2]
	for k, want := range []string{"0.039 / 0.032", "0.025 / 0.029", "", ""} {
		if got := paper.shown(rows[k]); got != want {
			t.Errorf("row %d: the paper has %q, want %q", k, got, want)
		}
	}
}

// TestTables checks that each row of the page and of CSV has a cell per column,
// with the numbers of the level in their places.
func TestTables(t *testing.T) {
	for _, monteCarlo := range []bool{false, true} {
		r := &Result{Problem: "quasistatic", Grid: 56,
			Levels: []*NoiseResult{level(10, monteCarlo, 0.1, 0.3), level(5, monteCarlo, 0.05)}}
		if monteCarlo {
			r.PriorDraws = 1000
		}
		r.Levels[0].Elsewhere = []Case{{Name: "FEniCS a", Exact: comparison(0.7)}}
		page, file := r.Table5(), records(r.columns5(), r.Levels)
		if len(page.Rows) != 2 || len(page.Units) != len(page.Columns) || len(file) != 3 {
			t.Fatalf("%d rows, %d units, %d columns, %d records", len(page.Rows), len(page.Units),
				len(page.Columns), len(file))
		}
		for _, row := range page.Rows {
			if len(row) != len(page.Columns) {
				t.Errorf("%d cells in %d columns", len(row), len(page.Columns))
			}
		}
		cell := func(row int, key string) string {
			k := slices.Index(file[0], key)
			if k < 0 {
				t.Fatalf("no column %q in %v", key, file[0])
			}
			return file[row][k]
		}
		monteMean, monteOfTwo := "", ""
		if monteCarlo {
			monteMean, monteOfTwo = "0.15", "0.6"
		}
		for _, c := range []struct {
			row       int
			key, want string
		}{
			{1, "noise_percent", "10"}, {2, "noise_percent", "5"}, {1, "paper_mean", "0.051"},
			{1, "network_mean", "0.2"}, {1, "network_std", "0.4"}, {2, "network_mean", "0.05"},
			{1, "floor_mean", "0.02"}, {1, "network_montecarlo_mean", monteOfTwo},
			{2, "network_montecarlo_mean", monteMean}, {1, "fenics_1_mean", "0.7"},
			{2, "fenics_1_mean", ""}, {1, "evaluations", "17"}, {1, "seconds_per_1000_draws", "20"},
		} {
			if got := cell(c.row, c.key); got != c.want {
				t.Errorf("Monte Carlo %v: row %d, %s is %q, want %q", monteCarlo, c.row, c.key, got,
					c.want)
			}
		}
		var b bytes.Buffer
		if err := csv.NewWriter(&b).WriteAll(records(r.columns4(), r.rows4())); err != nil {
			t.Fatal(err)
		}
		four, err := csv.NewReader(&b).ReadAll() // refuses records of different lengths
		if err != nil || len(four) != 1+4 {
			t.Errorf("%d records of table 4, %v", len(four), err)
		}
		if text := r.Table4().Caption; !strings.Contains(text, "phantom") {
			t.Errorf("caption %q", text)
		}
	}
}

// TestHeadline names each level with its errors, in words a reader can check.
func TestHeadline(t *testing.T) {
	s := &study{Result: &Result{Levels: []*NoiseResult{level(10, false, 0.1),
		level(5, false, 0.2)}}}
	text := s.headline()
	for _, want := range []string{"At 10 % noise", "by 0.1", "0.200 in the standard deviation",
		"At 5 % noise", "0.400 in"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
	if orRandom("") != "random weights" || orRandom("a.safetensors") != "a.safetensors" {
		t.Error("the start of a training has another name")
	}
}

// TestSettingsAreValidated holds that each setting out of range is an error
// whose text names the value.
func TestSettingsAreValidated(t *testing.T) {
	good := Settings{Models: []string{"m"}, Phantoms: 1, Draws: 2}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for text, change := range map[string]func(*Settings){
		"no model":       func(s *Settings) { s.Models = nil },
		"0 phantoms":     func(s *Settings) { s.Phantoms = 0 },
		"1001 phantoms":  func(s *Settings) { s.Phantoms = 1001 },
		"1 draws":        func(s *Settings) { s.Draws = 1 },
		"1 prior draws":  func(s *Settings) { s.MonteCarlo = 1 },
		"-5 prior draws": func(s *Settings) { s.MonteCarlo = -5 },
	} {
		s := good
		change(&s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
