package infer

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"csdm/bench"
	"csdm/env"
	"csdm/internal/cli"
	"csdm/langevin"
	"csdm/problems"
	"csdm/problems/problemstest"
	"csdm/problems/quasistatic"
)

// measured12 returns a problem of 12×12 nodes with a measurement of it.
func measured12(t *testing.T) (problem problems.Parametric, y []float64) {
	t.Helper()
	problem, err := quasistatic.New(problems.Options{Grid: 12, NoisePercent: 8})
	if err != nil {
		t.Fatal(err)
	}
	_, y = problemstest.Pair(t, problem, 5, 2)
	return problem, y
}

// TestSampleExact stops a call in the middle of its draws. The next call takes
// forward solves and draws over and ends with the draws of a call that was not
// stopped, all of which are fields of the prior.
//
// The posterior on 12×12 nodes consists of finitely many fields, three at
// least. With σ_L = 0.02 the sampler must end on one of them, within the
// tolerance of certify.CountFields, in each of 40 draws. Its error may exceed
// the floor of 40 exact draws by a factor of three at most.
func TestSampleExact(t *testing.T) {
	problem, y := measured12(t)
	model := ExactModel(problem, nil)
	s := langevin.Default()
	s.SigmaMax, s.SigmaMin, s.Draws = 20, 0.02, 40
	want, err := SampleExact(t.Context(), problem, model, y, s, Job{Seed: 3}, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	e := want.Origin.Exact
	if e == nil || e.PriorFields.Count != 40 || e.PriorFields.Share != 1 || e.Fields < 3 {
		t.Errorf("exact draws %+v", e)
	}
	if c := e.Comparison; c.Mean > 3*float64(c.FloorMean) || c.Std > 3*float64(c.FloorStd) {
		t.Errorf("the sampler's error is %+v", c)
	}
	dir := t.TempDir()
	job := Job{Seed: 3, Partial: filepath.Join(dir, "post.npz.partial")}
	ctx, cancel := context.WithCancel(t.Context())
	stopping := env.Quiet(2)
	stopping.Progress = func(stage string, done, _ int, _ string) {
		if stage == "sampling" && done == 20 {
			cancel()
		}
	}
	if _, err := SampleExact(ctx, problem, model, y, s, job, stopping); !errors.Is(err,
		context.Canceled) {
		t.Fatalf("the stopped call ended with %v", err)
	}
	k, record, err := openSolves(t.Context(), solvesOf(job.Partial), env.Quiet(1))
	if err != nil || k.solves == 0 || record.Resume == nil {
		t.Errorf("no forward solves were kept (%v)", err)
	}
	resumed := 0
	again := env.Quiet(1)
	again.Progress = func(stage string, done, _ int, _ string) {
		if stage == "sampling" && resumed == 0 {
			resumed = done
		}
	}
	got, err := SampleExact(t.Context(), problem, model, y, s, job, again)
	if err != nil {
		t.Fatal(err)
	}
	if resumed < 20 || !slices.Equal(got.Samples, want.Samples) ||
		got.Origin.Identity != want.Origin.Identity {
		t.Errorf("resumed at draw %d with other draws or another identity", resumed)
	}
	if err := RemoveExactPartial(job.Partial); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || left != nil {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestCanScore checks the reasons of problems that have no exact score.
//
// It also checks the identity of the draws, which must change with each input
// except the number of draws. Otherwise a stopped call could resume from draws
// of another measurement.
func TestCanScore(t *testing.T) {
	problem, y := measured12(t)
	if err := CanScore(problem); err != nil {
		t.Error(err)
	}
	for _, p := range []problems.Problem{nil, struct{ problems.Problem }{problem}} {
		if err := CanScore(p); cli.Code(err) != cli.ExitUsage {
			t.Errorf("%v, want code 64", err)
		}
	}
	// Seed, measurement, settings and units are part of the identity.
	s, n := langevin.Default(), ExactModel(problem, nil).Meta.Normalization
	id := ExactIdentity(problem, n, y, s, 1)
	other := n
	other.XMax *= 2
	fewer := s
	fewer.Levels--
	more := s
	more.Draws++
	if id != ExactIdentity(problem, n, y, more, 1) {
		t.Error("the number of draws is part of the identity")
	}
	if id == ExactIdentity(problem, n, y, s, 2) || id == ExactIdentity(problem, other, y, s, 1) ||
		id == ExactIdentity(problem, n, y, fewer, 1) ||
		id == ExactIdentity(problem, n, y[1:], s, 1) {
		t.Error("two calls with other inputs have one identity")
	}
}

// TestPointsFile writes the weighted fields of a reference and reads them back.
func TestPointsFile(t *testing.T) {
	w := bench.Weighted{Theta: []float64{1, 2, 3, 4}, LogWeights: []float64{-1, -2}, Finite: true}
	path := filepath.Join(t.TempDir(), "reference.npz")
	r := &ReferenceResult{Posterior: bench.Posterior{Mean: []float64{1}, Std: []float64{2}},
		Rows: 1, Cols: 1, Range: problems.Range{Max: 1}, Points: w}
	if err := r.WriteFile(path, false); err != nil {
		t.Fatal(err)
	}
	s, err := ReadSummary(path, "", "")
	if err != nil || !slices.Equal(s.Points.Theta, w.Theta) || !s.Points.Finite ||
		!slices.Equal(s.Points.LogWeights, w.LogWeights) {
		t.Errorf("%+v, %v", s, err)
	}
}
