package infer

import (
	"context"
	"encoding/json"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/env"
	"csdm/explain"
	"csdm/langevin"
	"csdm/measured"
	"csdm/models"
	"csdm/nn"
	"csdm/problems"
	"csdm/recipe"
	"csdm/rng"
)

// embedded returns an embedded model with its problem.
func embedded(t testing.TB, name string) (*nn.Model, problems.Problem) {
	t.Helper()
	model, err := BuiltinModel(name)
	if err != nil {
		t.Fatal(err)
	}
	problem, err := measured.ProblemOf(model, "")
	if err != nil || problem == nil {
		t.Fatal(problem, err)
	}
	return model, problem
}

// explained judges a measurement and a few draws of its posterior.
func explained(t testing.TB, e *Explainer, y []float64) (*explain.Verdict, *Posterior) {
	t.Helper()
	v, err := e.Measurement(context.Background(), y, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Sample(context.Background(), e.model, y, recipe.Sampling(e.model, ExplainDraws),
		Job{Seed: 3}, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Posterior(context.Background(), v, p, y, env.Quiet(2)); err != nil {
		t.Fatal(err)
	}
	return v, p
}

// TestEmbeddedModelsHaveLimits checks that the limits in an embedded model come
// from enough measurements and are for the draws that sample makes by default.
// Two models of other noise have none. The model for waves has the outlier and
// the edge of typical measurements, and a test of novelty.
//
// Limits for other draws than the default would never be used, without any
// visible sign.
func TestEmbeddedModelsHaveLimits(t *testing.T) {
	without := []string{"builtin:quasistatic-56-n10", "builtin:quasistatic-56-n25"}
	for _, name := range models.Names() {
		model, problem := embedded(t, strings.TrimPrefix(name, models.Prefix))
		c := model.Meta.Calibration
		if typical := model.Meta.Typical; name == "builtin:opticnerve-64" &&
			(model.Novelty == nil || !(typical.Outlier.Max > 0 && typical.Edge.Std > 0)) {
			t.Errorf("%s: %+v", name, typical)
		}
		if c == nil && slices.Contains(without, name) || !explain.HasForward(problem) {
			continue
		}
		if c == nil || c.Count < leastCalibration || c.Draws != ExplainDraws ||
			c.Rate > explain.DrawsRate || len(c.Tests) != len(explain.Names()) {
			t.Errorf("%s: %+v", name, c)
		} else if c.Sampling != recipe.Sampling(model, ExplainDraws).String() {
			t.Errorf("%s: limits are of %s, draws are made by %s", name, c.Sampling,
				recipe.Sampling(model, ExplainDraws))
		}
	}
}

// TestExplained checks that the embedded network explains a measurement of its
// problem and no other measurement, by its draws and by the nearest member of
// the prior. A result file keeps the verdict and the residual.
//
// An offset of 0.0004 at each value is 4 % of the prescribed displacement 0.01
// cm: a specimen that moved as a whole. Both tests of the mean must find it,
// and the verdict must name this cause. The residual must survive the file.
func TestExplained(t *testing.T) {
	model, problem := embedded(t, "quasistatic-28-n5")
	e := NewExplainer(problem, model)
	g, err := problem.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, problem.Spec().XLen()), make([]float64, problem.Spec().YLen())
	if err := g.Pair(x, y, 11, 4); err != nil {
		t.Fatal(err)
	}
	problem.Measurement().Sample(y, y, rng.New(11, rng.Noise, 4, 0))
	v, p := explained(t, e, y)
	if !v.Explained || v.FalseAlarms > 0.02 || len(v.Basis) != 2 ||
		!strings.Contains(v.Text, "draws") || !strings.Contains(v.Text, "nearest member") {
		t.Errorf("a right measurement: %+v", v)
	}
	path := filepath.Join(t.TempDir(), "post.npz")
	if err := p.WriteFile(path, false); err != nil {
		t.Fatal(err)
	}
	back, err := ReadPosterior(path)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := json.Marshal(v)
	b, _ := json.Marshal(back.Explained)
	if string(a) != string(b) || !slices.Equal(back.Explained.Residual().Values,
		v.Residual().Values) {
		t.Errorf("read back: %s", b)
	}

	for k := range y {
		y[k] += 0.0004
	}
	v, _ = explained(t, e, y)
	failed := func(by string) bool {
		return slices.ContainsFunc(v.Tests, func(t explain.Test) bool {
			return t.By == by && t.Name == "mean" && !t.Passed
		})
	}
	if v.Explained || !failed(explain.ByPrior) || !failed(explain.ByDraws) ||
		!strings.Contains(v.Text, "did the specimen move as a whole") {
		t.Errorf("an offset of 4 %%: %s", v.Text)
	}
}

// TestCalibrateIsDeterministic checks that limits are the same for any number
// of threads, and that a training that is too short has none.
//
// With exact draws, χ² per value of a right measurement tends to 1; a network's
// draws may add to it. The sizes check the inequality count · 8 · (12 + 8) ≤
// 0.1 · 3 · samples at its smallest and largest result.
func TestCalibrateIsDeterministic(t *testing.T) {
	model, problem := embedded(t, "quasistatic-28-n5")
	job := LimitJob{Model: model, Problem: problem, Count: 6, Seed: 5}
	a, err := Calibrate(context.Background(), job, "", false, env.Quiet(1))
	if err != nil {
		t.Fatal(err)
	}
	b, err := Calibrate(context.Background(), job, "", false, env.Quiet(3))
	if err != nil {
		t.Fatal(err)
	}
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	if string(x) != string(y) {
		t.Errorf("one thread: %s\nthree: %s", x, y)
	}
	if math.Abs(a.Tests[0].Median-1) > 0.3 {
		t.Errorf("χ² per value of right measurements is %v", a.Tests[0].Median)
	}
	s := langevin.Settings{Levels: 12, Corrections: 8}
	for samples, want := range map[int]int{1000: 0, 300 * 8 * 20 * 10 / 3: 300,
		1 << 30: MostCalibration} {
		if got := CalibrationSize(samples+1, s); got != want {
			t.Errorf("a training of %d samples is calibrated on %d measurements, want %d", samples,
				got, want)
		}
	}
}
