package main

import (
	"encoding/json"
	"strings"
	"testing"

	"csdm/fidelity"
	"csdm/internal/cli"
)

// TestDataCorrect corrects pairs by pairs of the same model: their difference
// is 0, and no error is NaN. Pairs of another seed are refused.
func TestDataCorrect(t *testing.T) {
	workdir(t)
	must(t, "data --problem quasistatic --grid 8 --pairs 12 -o cheap -q")
	must(t, "data --problem quasistatic --grid 8 --pairs 9 -o dear -q")
	must(t, "data --problem quasistatic --grid 8 --pairs 9 --seed 2 -o other -q")
	stdout, stderr, err := csdm(t, strings.Fields("data correct cheap dear -o c.npz --json -q")...)
	if err != nil {
		t.Fatal(err, stderr)
	}
	var r fidelity.Result
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatal(err, stdout)
	}
	if r.Pairs != 12 || r.Solved != 9 || len(r.Errors) != 1 ||
		r.Errors[0] != (fidelity.Error{Solves: 9}) {
		t.Errorf("%+v", r)
	}
	must(t, "data import c.npz --problem quasistatic --grid 8 -o imported")
	must(t, "data export dear --set to=9 -o d.npz")
	must(t, "data import d.npz --problem quasistatic --grid 8 -o better")
	must(t, "data correct imported better -o again.npz")
	_, _, err = csdm(t, strings.Fields("data correct cheap other -o d.npz")...)
	if cli.Code(err) != cli.ExitData || !strings.Contains(err.Error(), "fields of pair 0 differ") {
		t.Errorf("pairs of another seed: %v", err)
	}
}
