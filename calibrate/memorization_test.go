package calibrate

import (
	"math"
	"testing"

	"csdm/dataset"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/langevin"
	"csdm/rng"
	"csdm/run"
)

// mixed is a score between two.
type mixed struct {
	a, b  langevin.Scorer
	share float64 // of b
}

func (m mixed) Score(dst, x []float64, sigma float64) error {
	other := make([]float64, len(x))
	if err := m.a.Score(dst, x, sigma); err != nil {
		return err
	}
	err := m.b.Score(other, x, sigma)
	for k, v := range other {
		dst[k] += m.share * (v - dst[k])
	}
	return err
}

// TestMemorized takes networks that are exact, that are the set's optimum, and
// that lie between. The two points of the set are not the posterior's.
//
// A denoiser E + c (S − E) must give Memorized = c, with no error since it is
// exact at each measurement.
func TestMemorized(t *testing.T) {
	exact := langevin.NewPoints([]float64{0, 0, 1, 1}, []float64{0, 0}, 2).Scorer()
	set := langevin.NewPoints([]float64{0, 0.5, 1, 0}, []float64{0, -1}, 2).Scorer()
	for _, share := range []float64{0, 0.3, 1} {
		d := denoisers{mixed{exact, set, share}, exact, set}
		var each []products
		for k := range uint64(3) {
			p, err := d.compare([]float64{0.2, 0.9}, 0.7, 4, rng.New(1, rng.Test, k, 0))
			if err != nil {
				t.Fatal(err)
			}
			each = append(each, p)
		}
		var r MemorizationRow
		r.set(each)
		if math.Abs(float64(r.Memorized)-share) > 1e-12 || !(r.MemorizedError < 1e-12) ||
			math.Abs(r.LearnedToExact-share*r.SetToExact) > 1e-12 ||
			math.Abs(r.LearnedToSet-(1-share)*r.SetToExact) > 1e-12 || !(r.SetToExact > 0.01) {
			t.Errorf("share %v: %+v", share, r)
		}
	}
	row := func(pairs int, memorized float64) MemorizationRow {
		return MemorizationRow{Pairs: pairs, Memorized: infer.StatedError(memorized)}
	}
	for _, c := range []struct {
		rows []MemorizationRow
		want int
	}{
		{[]MemorizationRow{row(100, 0.9), row(400, 0.05), row(200, 0.02), row(400, math.NaN())},
			200},
		{[]MemorizationRow{row(100, 0), row(200, 0.5), row(400, 0)}, 400},
		{[]MemorizationRow{row(400, 0.11)}, 0},
	} {
		if got := enoughPairs(c.rows); got != c.want {
			t.Errorf("%d pairs are enough, want %d", got, c.want)
		}
	}
}

// TestMemorization gauges an embedded network against few pairs. It was trained
// on many more, so that it can't have learned these by heart, and it is closer
// to the exact denoiser than the optimum of the few pairs is.
//
// Few pairs have an optimum that is far from exact, so that the ratio can be
// told from 1.
func TestMemorization(t *testing.T) {
	job, _ := bandTest(t)
	dir := t.TempDir() + "/pairs"
	if _, err := run.Generate(t.Context(), dir, job.Problem,
		dataset.Settings{Pairs: 40, Seed: 77}, env.Quiet(1)); err != nil {
		t.Fatal(err)
	}
	store, err := dataset.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	s := MemorizationSettings{Measurements: 2, States: 1, Levels: 3, HeldOut: 4, Seed: 5}
	models := []NamedModel{{"m", job.Model}}
	if _, err := Memorization(t.Context(), job.Problem, models, store, s,
		env.Quiet(2)); cli.Code(err) != cli.ExitData {
		t.Errorf("fewer pairs than the training had: %v", err)
	}
	job.Model.Meta.Training.Pairs = 40
	r, err := Memorization(t.Context(), job.Problem, models, store, s, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range r.Rows {
		t.Logf("%+v", row)
		if !(row.LearnedToExact < row.SetToExact) || row.Pairs != 40 {
			t.Errorf("%+v", row)
		}
	}
	if len(r.Rows) != 3 || r.Rows[0].Sigma != job.Model.Sampling.SigmaMin {
		t.Errorf("%+v", r)
	}
	s.Seed = 77
	if _, err := Memorization(t.Context(), job.Problem, models, store, s,
		env.Quiet(2)); cli.Code(err) != cli.ExitUsage {
		t.Errorf("measurements of the training set: %v", err)
	}
}
