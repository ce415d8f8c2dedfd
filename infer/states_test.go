package infer

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"csdm/bench"
	"csdm/env"
	"csdm/internal/cli"
	"csdm/internal/identity"
	"csdm/recipe"
)

// posterior2 returns a posterior of two pixels in normalized units.
func posterior2(draws int) *bench.Posterior {
	return &bench.Posterior{Mean: []float64{0.25, 0.5}, Std: []float64{0.1, 0.2},
		MeanError: []float64{0.01, 0.02}, StdError: []float64{0.03, 0.04}, Draws: draws, ESS: 450}
}

// TestIsReference checks which results of csdm support the errors that they
// state.
//
// The thresholds are an effective sample size of 100 and k̂ = 0.7. A file of an
// earlier version by quadrature passes with 50 cells, as it did then.
func TestIsReference(t *testing.T) {
	for _, c := range []struct {
		method    string
		ess, khat float64
		ok        bool
	}{
		{recipe.MethodImportance, 450, 0.3, true},
		{recipe.MethodImportance, 99, 0.3, false},
		{recipe.MethodAdaptive, 450, 0.71, false},
		{recipe.MethodQuadrature, 60, math.NaN(), true}, // of an earlier version
		{recipe.MethodQuadrature, 40, math.NaN(), false},
		{"dpmpp2m", 3, 5, true}, // draws of a network have no weights
	} {
		s := &Summary{KHat: c.khat, Origin: &Origin{Method: c.method}}
		s.ESS = c.ess
		err := s.IsReference("file.npz")
		if (err == nil) != c.ok || err != nil && (cli.Code(err) != cli.ExitData ||
			!strings.Contains(err.Error(), "csdm reference finds a method")) {
			t.Errorf("%s, ESS %v, k̂ %v: %v", c.method, c.ess, c.khat, err)
		}
	}
	if err := (&Summary{}).IsReference("file.npz"); err != nil {
		t.Errorf("a result of another program: %v", err)
	}
}

// TestStated checks that an error that is not stated is null in JSON.
//
// JSON has no NaN: an encoder that met one would fail, and a 0 would claim an
// exact result.
func TestStatedInJSON(t *testing.T) {
	c := NewComparison("a", &bench.Posterior{Mean: []float64{1}, Std: []float64{2}}, "b",
		posterior1(), 0)
	text, err := json.Marshal(c)
	if err != nil || !strings.Contains(string(text), `"floor_mean":null`) ||
		!strings.Contains(string(text), `"reference_error_mean":0.5`) {
		t.Fatalf("%s, %v", text, err)
	}
	var back Comparison
	if err := json.Unmarshal(text, &back); err != nil || !math.IsNaN(float64(back.FloorMean)) ||
		back.ReferenceMean != 0.5 || back.Mean != c.Mean {
		t.Errorf("%s is read as %+v, %v", text, back, err)
	}
	if a, b := NotStated.String(), StatedError(0.01234).String(); a != "not stated" ||
		b != "0.01234" {
		t.Errorf("%q and %q", a, b)
	}
	if c := NewComparison("a", posterior1(), "b", &bench.Posterior{Mean: []float64{1},
		Std: []float64{2}}, 0.003); c.ReferenceMean != 0.003 || c.FloorMean != 0.5 {
		t.Errorf("a given error of the reference: %+v", c)
	}
}

func posterior1() *bench.Posterior {
	return &bench.Posterior{Mean: []float64{3}, Std: []float64{1}, MeanError: []float64{0.5},
		StdError: []float64{0.25}}
}

// TestDrawsFloor checks the floor of the mean: RMS(std)/√n of the reference.
//
// The reference's standard deviations 0.1 and 0.2 have the root mean square
// √((0.01 + 0.04)/2), and √16 = 4. The floor of the standard deviation comes
// from the draws' own errors 0.03 and 0.04.
func TestDrawsFloor(t *testing.T) {
	c := NewDrawsComparison("a", posterior2(16), "b", posterior2(0), 0)
	want := math.Sqrt((0.01+0.04)/2) / 4
	if math.Abs(float64(c.FloorMean)-want) > 1e-15 || math.Abs(float64(c.FloorStd)-
		math.Sqrt((0.0009+0.0016)/2)) > 1e-15 {
		t.Errorf("floors %v and %v, want %v", c.FloorMean, c.FloorStd, want)
	}
}

// TestReadIdentity checks the identity of a finished check or study in JSON.
//
// A file without the key has the zero identity; half a file is an error with a
// way out.
func TestReadIdentity(t *testing.T) {
	id := identity.New("r", 1).Add("k", 1).Identity()
	text, err := json.Marshal(map[string]any{"identity": id, "other": 3})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "check.json")
	for content, want := range map[string]identity.Identity{string(text): id, "{}": {}} {
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadIdentity(path); err != nil || got != want {
			t.Errorf("%s: %v, %v", content, got, err)
		}
	}
	if err := os.WriteFile(path, text[:len(text)/2], 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadIdentity(path); cli.Code(err) != cli.ExitData ||
		!strings.Contains(err.Error(), "move it away") {
		t.Errorf("a truncated file: %v", err)
	}
}

// TestStates writes the states of unfinished work and reads them back. A
// missing file is no state, and another file is refused with a way out.
//
// The effective sample size of the state is (Σw)²/Σw² = 2²/3 from its second
// and third sum.
func TestStates(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state.npz")
	if s, err := readState(path); s != nil || err != nil {
		t.Errorf("no file: %v, %v", s, err)
	}
	if s, err := readSolves(path); s != nil || err != nil {
		t.Errorf("no file: %v, %v", s, err)
	}
	state := &bench.ImportanceState{Fingerprint: "f", Draws: 4096, Sums: []float64{1, 2, 3},
		Weights: []float64{4}}
	if err := writeState(path, state); err != nil {
		t.Fatal(err)
	}
	if got, err := readState(path); err != nil || !reflect.DeepEqual(got, state) {
		t.Errorf("%+v, %v", got, err)
	}
	if ess := stateESS(state); ess != 4./3 { // Σw = 2, Σw² = 3
		t.Errorf("effective sample size %v", ess)
	}
	if _, err := readSolves(path); cli.Code(err) != cli.ExitExists ||
		!strings.Contains(err.Error(), "another kind") {
		t.Errorf("a state of importance sampling as solves: %v", err)
	}
	solves := &bench.SolveState{Fingerprint: "g", Theta: []float64{1, 2, 3, 4},
		LogL: []float64{-1, math.NaN()}}
	if err := writeSolves(path, solves); err != nil {
		t.Fatal(err)
	}
	got, err := readSolves(path)
	if err != nil || got.Fingerprint != "g" || !slices.Equal(got.Theta, solves.Theta) ||
		got.LogL[0] != -1 || !math.IsNaN(got.LogL[1]) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := readState(path); cli.Code(err) != cli.ExitData ||
		!strings.Contains(err.Error(), "move it away") {
		t.Errorf("solves as a state of importance sampling: %v", err)
	}
	if err := RemovePartial(path); err != nil {
		t.Error(err)
	}
	if err := RemoveReferencePartial(path); err != nil {
		t.Errorf("removing a file that does not exist: %v", err)
	}
}

// TestSolveKeeper checks when solves are written: at the end of a call that is
// stopped, and not if the file already has as many.
//
// The order of events matters: a state soon after the start stays in memory,
// the end of a failed call writes it, and a resumed call that has reached the
// same number of solves writes nothing.
func TestSolveKeeper(t *testing.T) {
	path := filepath.Join(t.TempDir(), "solves.npz")
	saved := 0
	e := env.Quiet(1)
	e.Saved = func() { saved++ }
	k, record, err := openSolves(t.Context(), path, e)
	if err != nil || record.Resume != nil {
		t.Fatal(record, err)
	}
	state := &bench.SolveState{Fingerprint: "g", Theta: []float64{1, 2}, LogL: []float64{-1, -2}}
	if err := record.Save(state); err != nil || saved != 0 {
		t.Errorf("soon after the start: saved %d times, %v", saved, err)
	}
	if err := k.end(os.ErrDeadlineExceeded); !errors.Is(err, os.ErrDeadlineExceeded) || saved != 1 {
		t.Errorf("at the end: saved %d times, %v", saved, err)
	}
	k, record, err = openSolves(t.Context(), path, e)
	if err != nil || len(record.Resume.LogL) != 2 {
		t.Fatal(record, err)
	}
	if err := record.Save(state); err != nil || k.unsaved != nil {
		t.Errorf("the solves of the file: %v", err)
	}
	if err := k.end(&bench.StateError{Reason: "is of another run"}); cli.Code(err) !=
		cli.ExitExists || !strings.Contains(err.Error(), path) {
		t.Errorf("another run's solves: %v", err)
	}
	if k, record, err := openSolves(t.Context(), "", e); err != nil || record.Save != nil ||
		k.end(nil) != nil {
		t.Errorf("without a file: %+v, %v", record, err)
	}
}
