package table5

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"csdm/bench"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/models"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/recipe"
	"csdm/run"
)

// TestStudy runs a small study, runs it again, and runs it with other settings
// in the same folder.
//
// It recomputes the floor of the mean as √(Σ s_k²/(n·K)) from the exact
// posterior, to 10⁻¹². 5,000 prior draws leave few of weight, so that Monte
// Carlo states no error and the CSV must have an empty cell, not a zero. The
// second call must find all parts. A call for one draw more in the same folder
// must be refused.
func TestStudy(t *testing.T) {
	dir := t.TempDir()
	s := Settings{
		Models: []string{"builtin:quasistatic-28-n5"}, Phantoms: 1, Draws: 24,
		Sampling:   []string{"sampling.levels=6"},
		MonteCarlo: 5000, Seed: Seed,
	}
	first, err := Run(context.Background(), dir, s, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	l := first.Levels[0]
	// The error of exact draws would be FloorMean, and the network adds about
	// 0.015. The posterior of another measurement has an error of 0.3 or more.
	if c := l.Cases[0]; !(c.Exact.Mean < 0.05 && c.Exact.FloorMean > 0.002 &&
		c.MonteCarloError.Mean < 0.1) {
		t.Errorf("scores %+v %+v", c.Exact, c.MonteCarloError)
	}
	if len(l.Elsewhere) != 2 || !(l.Elsewhere[1].Exact.Mean < 0.05) {
		t.Errorf("FEniCS's measurements: %+v", l.Elsewhere)
	}
	if u := l.Cases[0].posterior.Origin.Support; u == nil || !(u.Rehearsal[0] > 0.5) ||
		!(u.Narrow > 1) || u.Outside > 0.01 {
		t.Errorf("support %+v", u)
	}
	files := map[string][]byte{}
	for _, name := range []string{"report.html", "table5.csv", "table4.csv", "table5.json"} {
		if files[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	// The floor of the mean depends only on the exact posterior and the number
	// of draws, not on the spread of the network's draws.
	floor := 0.0
	for _, v := range l.Cases[0].exact.Normalized().Std {
		floor += v * v / float64(28*28*s.Draws)
	}
	if c := l.Cases[0].Exact; math.Abs(float64(c.FloorMean)-math.Sqrt(floor)) > 1e-12 ||
		l.ExactErrorMean != c.ReferenceMean || !(c.ReferenceMean > 0 && c.ReferenceMean < 1e-3) {
		t.Errorf("floor %v, want %v; error of the quadrature %v, %v", c.FloorMean, math.Sqrt(floor),
			c.ReferenceMean, l.ExactErrorMean)
	}
	for name, rows := range map[string]int{"table5.csv": 1, "table4.csv": 3} {
		table, err := csv.NewReader(bytes.NewReader(files[name])).ReadAll()
		if err != nil || len(table) != rows+1 {
			t.Errorf("%s, %v:\n%s", name, err, files[name])
			continue
		}
		heads := strings.Join(table[0], ",")
		for _, want := range []string{
			"noise_percent,",
			"network_mean,network_std,floor_mean,floor_std,exact_error_mean,exact_error_std," +
				"network_montecarlo_mean,network_montecarlo_std,montecarlo_error_mean," +
				"montecarlo_error_std,montecarlo_mean,montecarlo_std",
		} {
			if !strings.Contains(heads, want) {
				t.Errorf("%s has columns %s, want %s among them", name, heads, want)
			}
		}
		for k, head := range table[0] {
			v, err := strconv.ParseFloat(table[1][k], 64)
			switch {
			case strings.HasPrefix(head, "montecarlo_error"): // too few draws for an error
				if table[1][k] != "" {
					t.Errorf("%s: %s is %q, want nothing", name, head, table[1][k])
				}
			case head == "network_mean" && math.Abs(v-l.MeanRMSE) > 1e-5*l.MeanRMSE:
				t.Errorf("%s: %s is %v, want %v", name, head, v, l.MeanRMSE)
			case v == 0 && strings.Contains(head, "error"):
				t.Errorf("%s: %s is 0", name, head)
			case err != nil && head != "phantom" && !strings.HasPrefix(head, "paper"):
				// The paper's columns are empty except at 56×56.
				t.Errorf("%s: %s: %v", name, head, err)
			}
		}
	}
	var back Result
	if err := json.Unmarshal(files["table5.json"], &back); err != nil ||
		back.Levels[0].MeanRMSE != l.MeanRMSE {
		t.Errorf("table5.json: %v", err)
	}

	// Phantoms are not pairs that the network was trained on.
	trained := s
	trained.Seed = 1
	if _, err := Run(context.Background(), t.TempDir(), trained, env.Quiet(2)); err == nil ||
		!strings.Contains(err.Error(), "seed 1 ") {
		t.Errorf("seed of the training: %v", err)
	}

	// Nothing is computed again, and only the time of Monte Carlo, which did
	// not run, changes.
	again, err := Run(context.Background(), dir, s, env.Quiet(1))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again.Levels[0].Cases[0].Exact, l.Cases[0].Exact) ||
		again.MonteTime != 0 {
		t.Errorf("the second call has %+v", again.Levels[0].Cases[0])
	}
	for want, change := range map[string]func(*Settings){
		"sampler \"euler\"": func(s *Settings) { s.Sampling = []string{"sampling.sampler=euler"} },
		"both of 5 % noise": func(s *Settings) {
			s.Models = []string{s.Models[0], s.Models[0]}
		},
		"no-such-run": func(s *Settings) { s.Trainings = []string{"no-such-run"} },
	} {
		wrong := s
		change(&wrong)
		if _, err := Run(context.Background(), t.TempDir(), wrong, env.Quiet(1)); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	s.Draws = 25
	if _, err := Run(context.Background(), dir, s, env.Quiet(1)); cli.Code(err) != cli.ExitExists {
		t.Errorf("other settings in the same folder: %v", err)
	}
}

// TestCostCurve checks on a coarse grid that the error of each method agrees
// with its effective number of draws, and that a second call computes nothing.
//
// A chain whose ESS is counted far too high has an error above the bound
// 0.1/√ESS.
func TestCostCurve(t *testing.T) {
	problem, err := builtin.Lookup("quasistatic", problems.Options{Grid: 28, NoisePercent: 5})
	if err != nil {
		t.Fatal(err)
	}
	generator, err := problem.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	spec := problem.Spec()
	x, y := make([]float64, spec.XLen()), make([]float64, spec.YLen())
	if err := generator.Pair(x, y, 5, 0); err != nil {
		t.Fatal(err)
	}
	problems.Measure(problem.Measurement(), y, y, 5, 0)
	exact, err := infer.ReferencePosterior(context.Background(), problem, y,
		recipe.NewReference(recipe.MethodQuadrature), infer.Job{}, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	summary := &infer.Summary{Posterior: exact.Posterior, Rows: exact.Rows, Cols: exact.Cols,
		Physical: true, XMin: exact.Range.Min, XMax: exact.Range.Max}
	l := &NoiseResult{problem: problem.(problems.Parametric), NoisePercent: 5}
	cases := []Case{{measurement: y, exact: summary}}
	methods := []costMethod{
		importanceMethod(1), importanceMethod(2),
		chainMethod("random-walk Metropolis", bench.RandomWalk, 4000),
		chainMethod("pCN", bench.PCN, 4000),
	}
	s := &study{dir: t.TempDir(), s: Settings{Seed: 3}, env: env.Quiet(2)}
	curve, err := s.costCurve(context.Background(), l, cases, methods)
	if err != nil {
		t.Fatal(err)
	}
	for k, p := range curve {
		// A draw has an error of 0.03 to 0.05 (RMS over the field), and the
		// mean of n effective draws has this error over √n.
		if p.Method != methods[k].name || p.Solves < 100 || !(p.CoreSeconds > 0) || !(p.ESS > 2) ||
			!(p.Mean < 0.1/math.Sqrt(p.ESS)) || !(p.Std < 0.1/math.Sqrt(p.ESS)) {
			t.Errorf("point %d: %+v", k, p)
		}
	}
	for k := range methods {
		methods[k].run = nil
	}
	again, err := s.costCurve(context.Background(), l, cases, methods)
	if err != nil {
		t.Fatal(err)
	}
	// Compare as JSON, because an error that is not stated is NaN.
	was, err1 := json.Marshal(curve)
	now, err2 := json.Marshal(again)
	if err1 != nil || err2 != nil || string(was) != string(now) {
		t.Errorf("again: %s, was %s (%v, %v)", now, was, err1, err2)
	}
}

// TestBreakEven finds where curves of cost cross the network's error.
//
// Method a reaches the errors at 30 s: 1000/(30 − 10) = 50 measurements. Method
// b is cheaper than the network at all numbers of measurements, so that
// training never pays. Method c has a good mean and a bad standard deviation,
// and so never reaches the network.
func TestBreakEven(t *testing.T) {
	cost := []CurvePoint{
		{Method: "a", CoreSeconds: 1, Mean: 0.5, Std: 0.5},
		{Method: "a", CoreSeconds: 30, Mean: 0.01, Std: 0.02},
		{Method: "b", CoreSeconds: 5, Mean: 0.01, Std: 0.01},
		{Method: "c", CoreSeconds: 100, Mean: 0.01, Std: 0.5},
	}
	got := breakEven(cost, NetworkAsCost{Training: 1000,
		CurvePoint: CurvePoint{CoreSeconds: 10, Mean: 0.02, Std: 0.02}})
	want := []BreakEven{{"a", 30, 50}, {"b", 5, 0}, {"c", 0, 0}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("break-even %+v, want %+v", got, want)
	}
}

// TestEmbeddedSampling checks that the embedded networks store the sampling
// settings of their preset, so that the same command makes the same model.
func TestEmbeddedSampling(t *testing.T) {
	for _, noise := range []float64{10, 5, 2.5} {
		c, err := recipe.Resolve("quasistatic", "small", problems.Options{NoisePercent: noise}, 3)
		if err != nil {
			t.Fatal(err)
		}
		model, err := run.OpenModel(models.Prefix + models.Name("quasistatic", 56, noise))
		if err != nil {
			t.Fatal(err)
		}
		got, want := recipe.Sampling(model, c.Sampling.Draws), c.Sampling
		if want.Threads = got.Threads; !reflect.DeepEqual(got, want) {
			t.Errorf("%g %%: the model stores %+v, the preset has %+v", noise, got, want)
		}
	}
}

// TestCurveTables checks that each curve is a table and two figures, and that
// the table of costs has the network as its last row.
//
// Their cells are in the order of pointHeads.
func TestCurveTables(t *testing.T) {
	point := CurvePoint{Method: "heun", Steps: 3, Evaluations: 5, CoreSeconds: 2, Mean: 0.02,
		Std: 0.03, FloorMean: 0.002, FloorStd: 0.003, ESS: 100}
	c := &Curves{NoisePercent: 5, Phantoms: 1, Draws: 100, Sampling: []CurvePoint{point},
		Cost: []CurvePoint{point}, Network: NetworkAsCost{1000, point}}
	c.Network.Method = "score network, once trained"
	section, tables := c.section()
	if len(tables) != 2 || tables[0].Name != "sampling" || tables[1].Name != "cost" ||
		len(section.Blocks) != 1+2*2 {
		t.Fatalf("%d tables, %d blocks", len(tables), len(section.Blocks))
	}
	want := []string{c.Network.Method, "3", "5", "0", "2", "0.02", "0.03", "0.002", "0.003", "100"}
	if rows := tables[1].Rows; len(rows) != 2 || !reflect.DeepEqual(rows[1], want) ||
		len(rows[1]) != len(tables[1].Columns) {
		t.Errorf("costs: %v, want %v last", rows, want)
	}
}
