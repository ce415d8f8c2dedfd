package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csdm/bench"
	"csdm/internal/cli"
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
		Certificate *run.Certificate `json:"certificate"`
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
	p, err := run.ReadPosterior(out)
	if err != nil {
		t.Fatal(err)
	}
	s, err := run.ReadSummary(out, "", "")
	if err != nil {
		t.Fatal(err)
	}
	want, err := run.ReadSummary(exact, "", "")
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

// TestCannotCertify checks that there is no certificate without a forward
// model.
func TestCannotCertify(t *testing.T) {
	if err := run.CanCertify(nil); cli.Code(err) != cli.ExitUsage {
		t.Error(err)
	}
	for _, name := range []string{"opticnerve", "spheroid"} {
		problem, err := builtin.Lookup(name, problems.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := run.CanCertify(problem); cli.Code(err) != cli.ExitUsage ||
			!strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
