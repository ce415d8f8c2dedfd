package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csdm/bench"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/run"
)

// TestCertify checks that a certified posterior agrees with the exact posterior
// within its stated error, and that the network's own does not. The same
// command again changes nothing. Plain and certified posteriors are not
// confused.
func TestCertify(t *testing.T) {
	dir := t.TempDir()
	out, exact := filepath.Join(dir, "post.npz"), filepath.Join(dir, "exact.npz")
	y := "../../models/measurements/quasistatic-28-n5.npz:y"
	sample := []string{"sample", "-q", "--json", "--model", "builtin:quasistatic-28-n5", "--y", y,
		"--case", "1", "--n", "64", "-o", out}
	printed, _, err := csdm(t, append(sample, "--certify")...)
	if err != nil {
		t.Fatal(err)
	}
	var result struct {
		Certificate *infer.Certificate `json:"certificate"`
	}
	if err := json.Unmarshal([]byte(printed), &result); err != nil || result.Certificate == nil {
		t.Fatalf("%s: %v", printed, err)
	}
	if c := result.Certificate; !c.Certified || c.ESS < 400 || c.KHat >= 0.7 || c.Chi2 < 0.8 ||
		c.Chi2 > 1.2 || c.Solves == 0 {
		t.Errorf("certificate %+v", c)
	}
	if _, _, err := csdm(t, "reference", "-q", "--problem", "quasistatic", "--grid", "28", "--y", y,
		"--case", "1", "-o", exact); err != nil {
		t.Fatal(err)
	}
	p, err := infer.ReadPosterior(out)
	if err != nil {
		t.Fatal(err)
	}
	s, err := infer.ReadSummary(out, "", "")
	if err != nil {
		t.Fatal(err)
	}
	want, err := infer.ReadSummary(exact, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Samples) != 64*28*28 || p.Certificate == nil ||
		p.Certificate.ESS != result.Certificate.ESS {
		t.Errorf("%d values of draws and certificate %+v", len(p.Samples), p.Certificate)
	}
	width := s.XMax - s.XMin
	c := bench.Compare(&s.Posterior, &want.Posterior)
	if c.Mean > 3*(c.MeanErrorA+c.MeanErrorB) || c.Mean/width > 0.004 || c.Std/width > 0.004 {
		t.Errorf("errors %v and %v, stated %v and %v", c.Mean/width, c.Std/width,
			c.MeanErrorA/width, c.StdErrorA/width)
	}
	before, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := csdm(t, append(sample, "--certify")...)
	if err != nil {
		t.Errorf("again: %v", err)
	}
	for _, key := range []string{"certificate", "quantities", "explained", "support", "cover",
		"map"} {
		if strings.Contains(printed, `"`+key+`"`) != strings.Contains(again, `"`+key+`"`) {
			t.Errorf("the first call and the second do not both print %s", key)
		}
	}
	if _, _, err := csdm(t, sample...); cli.Code(err) != cli.ExitExists {
		t.Errorf("a certified posterior is taken for a plain one: %v", err)
	}
	if after, err := os.ReadFile(out); err != nil || string(after) != string(before) {
		t.Errorf("the result changed (%v)", err)
	}
}

// TestCertifyRun certifies the case of a run. The certified posterior is near
// the exact one although the network was hardly trained, the report shows it,
// and the same call again changes nothing. Another call that requests a
// certificate in a folder begun without one is refused.
func TestCertifyRun(t *testing.T) {
	workdir(t)
	args := append([]string{"run", "--json", "-q", "--certify"}, chainFlags("certified")...)
	var o run.Outcome
	if err := json.Unmarshal([]byte(printed(t, args...)), &o); err != nil ||
		len(o.Certificates) != 1 || o.Certificates[0].Comparison == nil {
		t.Fatalf("%v: %+v", err, o)
	}
	if c := o.Certificates[0]; !c.Certified || c.Comparison.Mean > 0.01 ||
		c.Comparison.Mean > o.MeanRMSE/4 || len(c.Quantities) != 2 {
		t.Errorf("%+v, %+v, the network's own RMSE is %v", c, c.Comparison, o.MeanRMSE)
	}
	page, err := os.ReadFile("certified/report.html")
	for _, text := range []string{"certifies: 1 of 1", "The posterior is certified",
		"CPU time"} {
		if err != nil || !strings.Contains(string(page), text) {
			t.Errorf("no %q in the report (%v)", text, err)
		}
	}
	before, err := os.Stat("certified/cases/000/certified.npz")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(printed(t, "run", "--json", "-q", "-o", "certified")),
		&o); err != nil || !o.AlreadyThere {
		t.Errorf("again: %v, %+v", err, o)
	}
	if after, err := os.Stat("certified/cases/000/certified.npz"); err != nil ||
		after.ModTime() != before.ModTime() {
		t.Errorf("the certified posterior was written again (%v)", err)
	}
	if _, _, err := csdm(t, "run", "-q", "--certify", "-o",
		"finished"); cli.Code(err) != cli.ExitExists ||
		!strings.Contains(err.Error(), "certify: false in config.toml, true in this call") {
		t.Errorf("code %d, %v", cli.Code(err), err)
	}
}

// TestCertifyMarks samples a measurement that the model does not explain. The
// result is written with a refused certificate, which the text, the JSON and
// csdm info show, and the exit code is 65, also the second time.
func TestCertifyMarks(t *testing.T) {
	workdir(t)
	a, err := format.ReadArrayFile("models/measurements/quasistatic-28-n5.npz:y")
	if err != nil {
		t.Fatal(err)
	}
	y := a.Float64()[:28*28]
	for k := range y {
		y[k] += 4e-4 * math.Sin(float64(k%28)/4)
	}
	var file bytes.Buffer
	if err := format.WriteNPY(&file, format.Array64(y, 28, 28)); err != nil {
		t.Fatal(err)
	}
	writeBytes(t, "wave.npy", file.Bytes())
	sample := strings.Fields("sample -q --model builtin:quasistatic-28-n5 --y wave.npy --n 16 " +
		"--certify --allow-extrapolation -o wave.npz")
	for _, how := range []string{"first", "again"} {
		out, _, err := csdm(t, sample...)
		if cli.Code(err) != cli.ExitData ||
			!strings.Contains(err.Error(),
				"wave.npz is not certified: the model does not explain") ||
			!strings.Contains(out, "\nNOT CERTIFIED: the model does not explain") {
			t.Errorf("%s: code %d, %v: %s", how, cli.Code(err), err, out)
		}
	}
	if out := printed(t, "info", "wave.npz"); !strings.Contains(out, "certified: false") ||
		!strings.Contains(out, ", not certified") {
		t.Errorf("csdm info prints %s", out)
	}
}

// TestCannotCertify checks that there is no certificate without a forward
// model.
func TestCannotCertify(t *testing.T) {
	if err := infer.CanCertify(nil); cli.Code(err) != cli.ExitUsage {
		t.Error(err)
	}
	for _, name := range []string{"opticnerve", "spheroid"} {
		problem, err := builtin.Lookup(name, problems.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := infer.CanCertify(problem); cli.Code(err) != cli.ExitUsage ||
			!strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
