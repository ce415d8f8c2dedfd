package run

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/bench"
	"csdm/certify"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/langevin"
	"csdm/nn"
	"csdm/problems"
	"csdm/problems/quasistatic"
	"csdm/recipe"
)

// TestCertificateFile writes a posterior with a certificate and reads it back,
// and one without.
func TestCertificateFile(t *testing.T) {
	p := &infer.Posterior{Posterior: *bench.FromDraws([]float64{1, 2, 3, 4}, 2, 2, 1), Rows: 1,
		Cols:    2,
		Samples: []float64{1, 2, 3, 4}, Normalization: nn.Normalization{XMax: 1},
		NetworkMean: []float64{5, 6}, NetworkStd: []float64{7, 8},
		Certificate: &infer.Certificate{Certificate: certify.Certificate{ESS: 1234, KHat: 0.25,
			Reasons: []string{"one", "two"}, Chi2: 1.01}}}
	dir := t.TempDir()
	path := filepath.Join(dir, "certified.npz")
	if err := p.WriteFile(path, false); err != nil {
		t.Fatal(err)
	}
	c, err := infer.ReadCertificate(path)
	if err != nil || c.ESS != 1234 || c.Chi2 != 1.01 || len(c.Reasons) != 2 || c.Certified {
		t.Errorf("%+v, %v", c, err)
	}
	// Mean and std come from all weighted draws, and not from the samples.
	p.Mean = []float64{2.5, 3.5}
	weighted := filepath.Join(dir, "weighted.npz")
	if err := p.WriteFile(weighted, false); err != nil {
		t.Fatal(err)
	}
	if back, err := infer.ReadPosterior(weighted); err != nil || !slices.Equal(back.Mean, p.Mean) ||
		!slices.Equal(back.NetworkStd, p.NetworkStd) {
		t.Errorf("read back %+v, %v", back, err)
	}
	err = infer.NotCertified(c, path)
	if cli.Code(err) != cli.ExitData || !strings.Contains(err.Error(), "one; two") ||
		!strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	p.Certificate = nil
	plain := filepath.Join(dir, "plain.npz")
	if err := p.WriteFile(plain, false); err != nil {
		t.Fatal(err)
	}
	if c, err := infer.ReadCertificate(plain); c != nil || err != nil {
		t.Errorf("without a certificate: %+v, %v", c, err)
	}
	if back, err := infer.ReadPosterior(plain); err != nil || back.Draws != 2 ||
		!slices.Equal(back.Samples, p.Samples) {
		t.Errorf("read back %+v, %v", back, err)
	}
}

// TestCanCertify checks which problems can be certified.
func TestCanCertify(t *testing.T) {
	p, err := quasistatic.New(problems.Options{Grid: 8})
	if err != nil {
		t.Fatal(err)
	}
	if err := infer.CanCertify(p); err != nil {
		t.Error(err)
	}
	for says, problem := range map[string]problems.Problem{"--problem FILE.toml": nil,
		"few variables": struct{ problems.Problem }{p}} {
		if err := infer.CanCertify(problem); cli.Code(err) != cli.ExitUsage ||
			!strings.Contains(err.Error(), says) {
			t.Errorf("%v, want code 64 and %q", err, says)
		}
	}
}

// TestKeep checks a run folder's results: made once, refused after a change,
// made again after a loss, and entered if a killed call left them.
//
// Each call of make writes another content. A file made twice would have
// another checksum.
func TestKeep(t *testing.T) {
	call, made, saved := env.Quiet(1), 0, 0
	call.Saved = func() { saved++ }
	f, err := Open(filepath.Join(t.TempDir(), "run"), small(t), call)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	keep := func(name string) error {
		return f.keep(name, func(path string) error {
			made++ // another content each time, as results with their time have
			return os.WriteFile(path, []byte{byte(made)}, 0o666)
		})
	}
	for range 2 {
		if err := keep("a/result"); err != nil || made != 1 {
			t.Fatalf("made %d times, %v", made, err)
		}
	}
	m, err := ReadManifest(f.Dir)
	if err != nil || len(m.Results["a/result"]) != 64 || len(m.Calls) != 1 {
		t.Errorf("manifest %+v, %v", m, err)
	}
	if err := os.WriteFile(f.path("a/result"), []byte("other"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := keep("a/result"); cli.Code(err) != cli.ExitData ||
		!strings.Contains(err.Error(), "move it away") {
		t.Errorf("a changed result: %v", err)
	}
	if err := os.Remove(f.path("a/result")); err != nil {
		t.Fatal(err)
	}
	if err := keep("a/result"); err != nil || made != 2 {
		t.Errorf("a lost result: made %d times, %v", made, err)
	}
	if err := os.WriteFile(f.path("b"), []byte("of a killed call"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := keep("b"); err != nil || made != 2 {
		t.Errorf("a result without an entry: made %d times, %v", made, err)
	}
	if m, err := ReadManifest(f.Dir); err != nil || m.Results["b"] == "" {
		t.Errorf("manifest %+v, %v", m, err)
	}
	failed := errors.New("failed")
	if err := f.keep("c", func(string) error { return failed }); !errors.Is(err, failed) {
		t.Errorf("a failure: %v", err)
	}
	if saved != made {
		t.Errorf("%d results were reported as saved, want %d", saved, made)
	}
}

// TestForeign checks which folders may become run folders.
//
// A folder with a thesis in it must never become a run folder; a folder that a
// killed call left, or with pairs made in advance, may.
func TestForeign(t *testing.T) {
	for files, want := range map[string]bool{
		"": false, lockFile: false, configFile + " other": false, "thesis.tex": true,
		lockFile + " ." + configFile + ".123": false, lockFile + " data.csv": true,
		dataFolder + "/": false, dataFolder: true, dataFolder + "/ thesis.tex": true,
	} {
		dir := t.TempDir()
		for _, name := range strings.Fields(files) {
			path := filepath.Join(dir, name)
			make := func() error { return os.WriteFile(path, nil, 0o666) }
			if strings.HasSuffix(name, "/") {
				make = func() error { return os.Mkdir(path, 0o777) }
			}
			if err := make(); err != nil {
				t.Fatal(err)
			}
		}
		entries, err := os.ReadDir(dir)
		if err != nil || foreign(entries) != want {
			t.Errorf("%q: foreign %v, want %v (%v)", files, !want, want, err)
		}
	}
}

// TestInWords checks the sentence that a dry run prints.
func TestInWords(t *testing.T) {
	c := small(t)
	c.Reference.Method = recipe.MethodQuadrature
	problem, err := c.NewProblem()
	if err != nil {
		t.Fatal(err)
	}
	text := inWords(c, problem.Spec(), "dir")
	for _, want := range []string{"quasistatic, 8×8, 10 % noise, in dir: 24 pairs;",
		"8 steps of batch 4", "each of 2 held-out measurements 5 posterior draws",
		"reference posterior by quadrature", "at the end report.html"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
	c.Cases = 0
	if text := inWords(c, problem.Spec(), "dir"); strings.Contains(text, "draws") {
		t.Errorf("without cases: %q", text)
	}
}

// TestOutcomeOfTheFirstVersion reads the names of comparisons and distances
// that the first version wrote, and prefers the present ones.
func TestOutcomeOfTheFirstVersion(t *testing.T) {
	var o Outcome
	if err := json.Unmarshal([]byte(`{"rmse_mean":0.5,"scores":[{"rmse_mean":0.25}],`+
		`"truth":[{"case":"1"}],"truth_overall":{"rmse_mean":2}}`), &o); err != nil ||
		o.MeanRMSE != 0.5 || o.Comparisons[0].Mean != 0.25 || o.TruthDistances[0].Case != "1" ||
		o.TruthDistance.Mean != 2 {
		t.Errorf("%+v, %v", o, err)
	}
	var now Outcome
	if err := json.Unmarshal([]byte(`{"comparisons":[{"rmse_mean":1}],`+
		`"scores":[{"rmse_mean":2}]}`), &now); err != nil || now.Comparisons[0].Mean != 1 {
		t.Errorf("%+v, %v", now, err)
	}
	in := (Outcome{Report: "report.html", Model: "model.safetensors"}).in("dir")
	if in.Report != filepath.Join("dir", "report.html") ||
		in.Model != filepath.Join("dir", "model.safetensors") {
		t.Errorf("paths %s and %s", in.Report, in.Model)
	}
}

// TestOriginNote checks the sentence on a reference's method and cost.
func TestOriginNote(t *testing.T) {
	e := 0.00123
	for want, o := range map[string]*infer.Origin{"": nil, "quadrature": {Method: "quadrature"},
		"quadrature, 50 forward solves in 2.0 s, error about 0.0012": {Method: "quadrature",
			Solves: 50, Seconds: 2, Error: &e}} {
		if got := originNote(o); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	exact := infer.ReferenceName(recipe.MethodQuadrature)
	other := infer.ReferenceName(recipe.MethodAdaptive)
	if exact == other || !strings.HasPrefix(exact, "exact") {
		t.Errorf("names %q and %q", exact, other)
	}
}

// TestSizes checks the sizes of the calibration and of the test of novelty at
// their limits.
func TestSizes(t *testing.T) {
	s := langevin.Settings{Levels: 12}
	each := infer.ExplainDraws * s.Levels // evaluations per measurement
	for samples, want := range map[int]int{0: 0, 299 * each * 10 / 3: 0,
		300*each*10/3 + 1: 300, 1e9: infer.MostCalibration} {
		if got := infer.CalibrationSize(samples, s); got != want {
			t.Errorf("a training of %d samples is calibrated on %d, want %d", samples, got, want)
		}
	}
	for _, c := range []struct{ simulations, heldOut, want int }{
		{2*leastHeld - 1, 0, 0}, {2 * leastHeld, 0, leastHeld}, {10_000, 0, enoughHeld},
		{10_000, 450, 450}, {10_000, 5000, mostHeld},
	} {
		if got := heldFor(c.simulations, c.heldOut); got != c.want {
			t.Errorf("of %d simulations, %d held out, %d set limits; want %d", c.simulations,
				c.heldOut, got, c.want)
		}
	}
}

// TestSentence checks the form of a verdict on the page.
func TestSentence(t *testing.T) {
	if got := sentence("explained by the model"); got != "Explained by the model." {
		t.Errorf("%q", got)
	}
}
