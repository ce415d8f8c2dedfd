package run

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/langevin"
)

// TestStudy runs a small one, runs it again, and runs it with other settings in the same folder.
func TestStudy(t *testing.T) {
	dir := t.TempDir()
	s := StudySettings{
		Models: []string{"builtin:quasistatic-28-n5"}, Phantoms: 1, Draws: 24, Sampler: string(langevin.SamplerDPMSolverPP2M), Steps: 6,
		MonteCarlo: 5000, Seed: StudySeed,
	}
	first, err := Study(context.Background(), dir, s, Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	l := first.Levels[0]
	// So few draws show the exact posterior to FloorMean; the network of the demo adds some 0.015. A posterior of another
	// measurement is off by 0.3 and more.
	if c := l.Cases[0]; !(c.Exact.Mean < 0.05 && c.Exact.FloorMean > 0.002 && c.Truth.Mean < 5*c.Truth.FloorMean+0.01) {
		t.Errorf("scores %+v %+v", c.Exact, c.Truth)
	}
	if len(l.Elsewhere) != 2 || !(l.Elsewhere[1].Exact.Mean < 0.05) {
		t.Errorf("FEniCS's measurements: %+v", l.Elsewhere)
	}
	files := map[string][]byte{}
	for _, name := range []string{"report.html", "table5.csv", "table4.csv", "table5.json"} {
		if files[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(string(files["table5.csv"]), "against Monte Carlo") || bytes.Count(files["table4.csv"], []byte("\n")) != 4 {
		t.Errorf("tables\n%s\n%s", files["table5.csv"], files["table4.csv"])
	}
	var back StudyResult
	if err := json.Unmarshal(files["table5.json"], &back); err != nil || back.Levels[0].MeanRMSE != l.MeanRMSE {
		t.Errorf("table5.json: %v", err)
	}

	// Nothing is computed again, and nothing changes but the time of Monte Carlo, which did not run.
	again, err := Study(context.Background(), dir, s, Quiet(1))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again.Levels[0].Cases[0].Exact, l.Cases[0].Exact) || again.MonteTime != 0 {
		t.Errorf("the second call has %+v", again.Levels[0].Cases[0])
	}
	s.Draws = 25
	if _, err := Study(context.Background(), dir, s, Quiet(1)); cli.Code(err) != cli.ExitExists {
		t.Errorf("other settings in the same folder: %v", err)
	}
}

// TestBreakEven finds where curves of cost cross the network's error.
func TestBreakEven(t *testing.T) {
	cost := []CurvePoint{
		{Method: "a", CoreSeconds: 1, Mean: 0.5, Std: 0.5}, {Method: "a", CoreSeconds: 30, Mean: 0.01, Std: 0.02},
		{Method: "b", CoreSeconds: 5, Mean: 0.01, Std: 0.01}, {Method: "c", CoreSeconds: 100, Mean: 0.01, Std: 0.5},
	}
	got := breakEven(cost, NetworkAsCost{Training: 1000, CoreSeconds: 10, Mean: 0.02, Std: 0.02})
	want := []BreakEven{{"a", 30, 50}, {"b", 5, 0}, {"c", 0, 0}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("break-even %+v, want %+v", got, want)
	}
}
