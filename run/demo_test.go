package run

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/bench"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/langevin"
	"csdm/models"
	"csdm/nn"
	"csdm/problems"
	"csdm/problems/builtin"
)

// TestDemosFit checks that each problem has a demo, and that its embedded
// network, if there is one, is of the problem, at the paper's grid, and of
// another seed than the measurements.
func TestDemosFit(t *testing.T) {
	for _, e := range builtin.List() {
		d := &demo{DemoSettings: DemoSettings{Problem: e.Name}}
		p, err := e.New(problems.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if p.Spec().Section == "" { // not of the paper
			continue
		}
		if demos[e.Name].model == "" {
			t.Errorf("%s has no demo", e.Name)
			continue
		}
		if _, err := models.Model(demos[e.Name].model); err != nil {
			if err := d.open(); cli.Code(err) != 64 || !strings.Contains(err.Error(), "--model") {
				t.Errorf("%s without a network: %v", e.Name, err)
			}
			continue
		}
		if err := d.open(); err != nil {
			t.Errorf("%s: %v", e.Name, err)
			continue
		}
		spec, m := p.Spec(), &d.net.Meta
		if m.Problem != e.Name || m.Rows != spec.Rows || m.Cols != spec.Cols ||
			m.Training.Seed == demoSeed {
			t.Errorf("%s: a network of %s on %d×%d, seed %d", e.Name, m.Problem, m.Rows, m.Cols,
				m.Training.Seed)
		}
		for _, c := range d.cases {
			if len(c.Y) != spec.YLen() || len(c.Truth) != spec.XLen() {
				t.Errorf("%s: %d values of y and %d of x", e.Name, len(c.Y), len(c.Truth))
			}
		}
	}
}

// opticModel is an untrained network for opticnerve on 32×32.
func opticModel(t *testing.T) string {
	t.Helper()
	m := &nn.Model{Net: nn.NewNet[float32](nn.Arch{NGF: 8, YChannels: 2, Extra: 1,
		Pool: nn.MaxPool, Variant: nn.Light}),
		Parameterization: &nn.Preconditioned{SigmaData: 0.3, YMean: []float64{0.5, 0.5},
			YStd: []float64{0.2, 0.2}},
		Meta: nn.Metadata{Problem: "opticnerve", Rows: 32, Cols: 32, NoisePercent: 4,
			XUnit: "kPa", YUnit: "mm", LengthUnit: "mm",
			Normalization: nn.Normalization{XMax: 250, YMin: -0.02, YMax: 0.02}},
		Sampling: langevin.Settings{Sampler: "dpmpp2m", Draws: 2, Levels: 2, SigmaMax: 2,
			SigmaMin: 0.1, Form: "eq18"}}
	m.Net.Init(3)
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.WriteFile(path, false); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestDemoOfModel makes the demo of a model file: two measurements with a
// figure of both, true values of the quantities, and the distance from the true
// field in physical units. The same call again changes nothing.
func TestDemoOfModel(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	s := DemoSettings{Problem: "opticnerve", Model: opticModel(t), Draws: 2, Seed: 1}
	o, err := Demo(context.Background(), dir, s, env.Quiet(1))
	if err != nil {
		t.Fatal(err)
	}
	if len(o.TruthDistances) != 2 || o.AlreadyThere || len(o.Comparisons) != 0 {
		t.Errorf("%d distances, already there %v, %d comparisons", len(o.TruthDistances),
			o.AlreadyThere, len(o.Comparisons))
	}
	if len(o.Coverage) != 4 || o.Coverage[0].Of != 2 {
		t.Errorf("coverage %+v", o.Coverage)
	}
	page, err := os.ReadFile(o.Report)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"All measurements", "differs from the true field by", " kPa",
		"True field", "Measurement 2"} {
		if !strings.Contains(string(page), text) {
			t.Errorf("the report does not contain %q", text)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "figures", "overview.png")); err != nil {
		t.Error(err)
	}
	if o, err = Demo(context.Background(), dir, s, env.Quiet(1)); err != nil || !o.AlreadyThere {
		t.Errorf("again: %+v, %v", o, err)
	}
	s.Problem = "phantom"
	if _, err = Demo(context.Background(), dir, s, env.Quiet(1)); cli.Code(err) != 64 {
		t.Errorf("the model of another problem: %v", err)
	}
	s.Problem = "spheroids"
	if _, err = Demo(context.Background(), dir, s, env.Quiet(1)); err == nil ||
		!strings.Contains(err.Error(), "spheroid") {
		t.Errorf("an unknown problem: %v", err)
	}
}

// TestEstimateUnits checks that a reference is compared in the units of the
// model: a range of 1 to 3 in units of a range of 0 to 4.
func TestEstimateUnits(t *testing.T) {
	s := &infer.Summary{XMin: 1, XMax: 3, Ranged: true, Origin: &infer.Origin{},
		Posterior: bench.Posterior{Mean: []float64{0, 1}, Std: []float64{0.5, 0}}}
	e := estimate(s, nn.Normalization{XMin: 0, XMax: 4})
	if want := []float64{0.25, 0.75}; !slices.Equal(e.Mean, want) {
		t.Errorf("mean %v, want %v", e.Mean, want)
	}
	if want := []float64{0.25, 0}; !slices.Equal(e.Std, want) {
		t.Errorf("std %v, want %v", e.Std, want)
	}
}
