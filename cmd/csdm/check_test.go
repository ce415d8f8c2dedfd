package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csdm/internal/cli"
)

// TestCheck runs a check with six measurements. They show that prior draws are
// not a posterior, but not that the network's draws are calibrated. The exit
// code is 65, with the whole result on stdout.
func TestCheck(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "check")
	args := strings.Fields(
		"check --model builtin:quasistatic-28-n5 --measurements 6 --draws 19 -q -o " + dir)
	out, stderr, err := csdm(t, append(args, "--json")...)
	if cli.Code(err) != cli.ExitData || stderr != "" {
		t.Fatalf("code %d, %v, on stderr %q", cli.Code(err), err, stderr)
	}
	var result struct {
		Verdict    string
		Passed     bool
		Posteriors []struct {
			Name, Verdict string
			Caught        *bool
			Tests         map[string]string
			Ranks         []struct{ Of string }
		}
	}
	if err := json.Unmarshal([]byte(out), &result); err != nil {
		t.Fatal(err)
	}
	if p := result.Posteriors; result.Passed || result.Verdict == "pass" || len(p) != 5 ||
		len(p[0].Tests) != 4 || len(p[0].Ranks) != 4 ||
		p[0].Caught != nil || p[4].Name != "prior" || p[4].Caught == nil || !*p[4].Caught {
		t.Errorf("result %+v", result)
	}
	for _, name := range []string{"report.html", "check.json", "measurements.csv",
		"figures/ranks-1.png", "figures/tarp-2.svg", "figures/coverage.png",
		"figures/predictive.png"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if again, _, err := csdm(t, args...); cli.Code(err) != cli.ExitData ||
		!strings.Contains(again, "already there: "+dir) {
		t.Errorf("the same check again: %v", err)
	}
	if _, _, err := csdm(t, append(args, "--spoil", "prior")...); cli.Code(err) != cli.ExitExists ||
		!strings.Contains(err.Error(), `spoil: "network" in the file, "prior" in this call`) {
		t.Errorf("another check in the same folder: %v", err)
	}
	// This check uses the existing records.
	out, _, err = csdm(t, append(args, "--overwrite", "--spoil", "prior")...)
	if cli.Code(err) != cli.ExitData || !strings.Contains(err.Error(), "calibration: fail") {
		t.Errorf("spoiled: %v", err)
	}
	for _, line := range []string{"\nnetwork ", "\nprior ", "excess of χ²", "of 6\n",
		"posteriors (prior) are not calibrated"} {
		if !strings.Contains(out, line) {
			t.Errorf("no %q in %s", line, out)
		}
	}
	for _, bad := range []string{"--spoil=x", "--measurements=1", "--draws=1", "--sampler=x"} {
		if _, _, err := csdm(t, "check", "--model", "builtin:quasistatic-28-n5", "-q",
			bad); cli.Code(err) != cli.ExitUsage {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
