package calibrate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csdm/env"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/measured"
	"csdm/problems"
	"csdm/recipe"
)

// job returns a check of the embedded model at 28×28 in a new folder.
func job(t *testing.T, settings *Settings, draws int) Job {
	t.Helper()
	model, err := infer.BuiltinModel("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	problem, err := measured.ProblemOf(model, "")
	if err != nil {
		t.Fatal(err)
	}
	settings.Sampling = recipe.Sampling(model, draws)
	return Job{Model: model, Name: "m", Problem: problem, Dir: filepath.Join(t.TempDir(), "c")}
}

// TestCheckCertified checks the counts of certified measurements, that they are
// in the report, and that more measurements keep the records.
func TestCheckCertified(t *testing.T) {
	settings := Settings{Measurements: 2, Seed: 3, Certify: true}
	j := job(t, &settings, 8)
	r, err := Check(t.Context(), j, settings, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	w := r.Weighting
	if w == nil || w.Used != 2 || w.Refused != 0 || w.LeastESS < 400 || w.Solves == 0 ||
		w.LargestKHat >= 0.7 || r.Tested != CertifiedPosterior || !r.Certified {
		t.Errorf("tested %s, weighting %+v", r.Tested, w)
	}
	page, err := os.ReadFile(r.Report)
	if err != nil || !strings.Contains(string(page), "2 of 2 posteriors are certified") {
		t.Errorf("the report does not count certificates (%v)", err)
	}
	again, err := Check(t.Context(), j, settings, env.Quiet(1))
	if err != nil || !again.AlreadyThere || *again.Weighting != *w {
		t.Errorf("again: %v, %+v", err, again)
	}
	settings.At = make([]float64, 28*28)
	if _, err := Check(t.Context(), j, settings, env.Quiet(1)); cli.Code(err) != cli.ExitUsage {
		t.Errorf("certify and a measurement: %v", err)
	}
}

// TestSummarize checks counts, medians and the interval of Wilson (1927) with
// its closed form for 9 of 10: 0.596 to 0.982.
//
// For p = 0.9 and n = 10 the formula gives 0.596 and 0.982.
func TestSummarize(t *testing.T) {
	all := make([]weighting, 10)
	for i := range all {
		all[i] = weighting{used: i > 0, misfit: i == 0, ess: 400 + float64(i), solves: float64(i)}
		v := all[i].values()
		if back := unpackWeighting(v[:]); back != all[i] {
			t.Errorf("%+v comes back as %+v", all[i], back)
		}
	}
	w := summarize(all)
	if w.Used != 9 || w.Refused != 1 || w.RefusedByMisfit != 1 || w.RefusedByWeights != 0 ||
		w.LeastESS != 401 || w.MedianESS != 405 || w.Solves != 5 {
		t.Errorf("%+v", w)
	}
	for k, want := range []float64{0.5958, 0.9821} {
		if d := w.Within[k] - want; d < -1e-4 || d > 1e-4 {
			t.Errorf("end %d of the interval is %v, want %v", k, w.Within[k], want)
		}
	}
}

// TestCheckAt checks that a check at one measurement keeps one draw in eight,
// counts what it leaves out, and depends on the measurement.
//
// Of 16 draws two are kept.
func TestCheckAt(t *testing.T) {
	settings := Settings{Measurements: 4, Seed: 3}
	j := job(t, &settings, 16)
	g, err := j.Problem.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, 28*28), make([]float64, 28*28)
	if err := g.Pair(x, y, 9, 0); err != nil {
		t.Fatal(err)
	}
	problems.Measure(j.Problem.Measurement(), y, y, 9, 0)
	settings.At = y
	r, err := Check(t.Context(), j, settings, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	w := r.Weighting
	if r.Kept != 2 || r.At == "" || w.Used+w.Refused != 4 || w.Used < 2 ||
		!(w.MedianESS < 16) {
		t.Errorf("%d kept at %q, weighting %+v", r.Kept, r.At, w)
	}
	if page, err := os.ReadFile(r.Report); err != nil ||
		!strings.Contains(string(page), "posterior SBC") {
		t.Errorf("the report does not name the check (%v)", err)
	}
	settings.At[0]++
	if _, err := Check(t.Context(), j, settings, env.Quiet(2)); cli.Code(err) != cli.ExitExists {
		t.Errorf("another measurement in the same folder: %v", err)
	}
}
