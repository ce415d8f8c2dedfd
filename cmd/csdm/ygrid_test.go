package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/accuracy"
	"csdm/calibrate"
	"csdm/dataset"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/measured"
	"csdm/recipe"
	"csdm/rng"
	"csdm/run"
	"csdm/table5"
)

// TestModelOfAnotherGrid hands a model that was trained for y on a grid of its
// own, with a problem whose y has the grid of x, to everything that takes both.
// Inside, both have measurements of the same length.
func TestModelOfAnotherGrid(t *testing.T) {
	dir, ctx, quiet := t.TempDir(), t.Context(), env.Quiet(1)
	model, err := infer.BuiltinModel("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	problem, err := measured.ProblemOf(model, "")
	if err != nil {
		t.Fatal(err)
	}
	other := *model
	other.Meta.YRows, other.Meta.YCols = 14, 13
	file := filepath.Join(dir, "other.safetensors")
	if err := other.WriteFile(file, false); err != nil {
		t.Fatal(err)
	}
	pairs := filepath.Join(dir, "pairs")
	if _, err := dataset.Generate(ctx, pairs, problem, dataset.Settings{Pairs: 2, Seed: 3,
		Threads: 1}); err != nil {
		t.Fatal(err)
	}
	store, err := dataset.Open(pairs)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	sampling := recipe.Sampling(model, 3)
	for name, err := range map[string]error{
		"check": second(calibrate.Check(ctx, calibrate.Job{Model: &other, Problem: problem},
			calibrate.Settings{Measurements: 2, Sampling: sampling}, quiet)),
		"bands": second(calibrate.Conformal(ctx, calibrate.BandJob{Model: &other,
			Problem: problem, Dir: filepath.Join(dir, "bands")}, calibrate.BandSettings{
			Measurements: 9, Coverage: 0.9, Sampling: sampling}, quiet)),
		"memorization": second(calibrate.Memorization(ctx, problem,
			[]calibrate.NamedModel{{Name: "other", Model: &other}}, store,
			calibrate.MemorizationSettings{}, quiet)),
		"limits": second(infer.Calibrate(ctx, infer.LimitJob{Model: &other, Problem: problem,
			Count: 2}, filepath.Join(dir, "limits"), false, quiet)),
		"limits of pairs": second(run.PairLimits{Model: &other, Problem: problem, Store: store,
			Count: 1}.Measured(ctx, quiet)),
		"accuracy": second(accuracy.Run(ctx, filepath.Join(dir, "accuracy"),
			[]*accuracy.Subject{{Problem: problem, Model: &other, Sampling: sampling}},
			accuracy.Settings{Cases: 1, Seeds: 1, Seed: 56, Budgets: []int{400},
				ReferenceESS: 400}, quiet)),
		"demo": second(run.Demo(ctx, filepath.Join(dir, "demo"), run.DemoSettings{
			Problem: "quasistatic", Model: file}, quiet)),
		"table5": second(table5.Run(ctx, filepath.Join(dir, "table5"), table5.Settings{
			Models: []string{file}, Phantoms: 1, Draws: 2}, quiet)),
		"sample": second(infer.Sample(ctx, &other, make([]float64, 28*28), sampling,
			infer.Job{}, quiet)),
	} {
		code := cli.Code(withCode(ctx, err, false))
		if code != cli.ExitData || !strings.Contains(err.Error(), "14×13") {
			t.Errorf("%s: code %d, %v", name, code, err)
		}
	}
}

// second returns the second result of a call.
func second[T any](_ T, err error) error { return err }

// TestOwnGrid takes imported pairs, whose y has a grid of its own, through a
// run, draws from its case and a check. A definition with another grid of y is
// refused.
func TestOwnGrid(t *testing.T) {
	t.Chdir(t.TempDir())
	toml := func(rows int) string {
		name := fmt.Sprintf("coarse%d.toml", rows)
		writeBytes(t, name, fmt.Appendf(nil, `name = "coarse"
rows = 8
cols = 8
width = 1.0
height = 1.0
length_unit = "cm"
[x]
name = "stiffness"
unit = "kPa"
min = 1.0
max = 2.0
[y]
name = "deflection"
unit = "mm"
rows = %d
cols = 3
[noise]
distribution = "gaussian"
std = 0.1
scale = 1.0
`, rows))
		return name
	}
	const n = 40
	s := rng.New(1, rng.Test, 0, 0)
	x, y := make([]float64, n*64), make([]float64, n*12)
	for i := range x {
		x[i] = s.Uniform(1, 2)
	}
	for i := range y {
		y[i] = s.Uniform(100, 110)
	}
	f, err := os.Create("pairs.npz")
	if err := errors.Join(err, format.WriteNPZ(f,
		format.Named{Name: "x", Array: format.Array64(x, n, 8, 8)},
		format.Named{Name: "y", Array: format.Array64(y, n, 4, 3)}), f.Close()); err != nil {
		t.Fatal(err)
	}
	four := toml(4)
	must(t, "data import pairs.npz --problem "+four+" -o whole/data")
	must(t, "run --problem "+four+" --set data.held_out=30 --set network.ngf=2"+
		" --set training.steps=4 --set training.batch=4 --set training.warm_up=2"+
		" --set training.held_out_every=2 --set cases=1 --set sampling.draws=4"+
		" --set sampling.levels=3 --allow-extrapolation -o whole")
	measurement := "whole/cases/000/measurement.npz:y"
	a, err := format.ReadArrayFile(measurement)
	if err != nil || !slices.Equal(a.Shape, []int{1, 4, 3}) {
		t.Fatalf("the case's measurement: %v, %v", a, err)
	}
	model := " --model whole/model.safetensors --problem "
	must(t, "sample"+model+four+" --y "+measurement+" --draws 4 --allow-extrapolation -o p.npz")
	_, _, err = csdm(t, strings.Fields("check"+model+four+" --data whole/data --set first=10"+
		" --measurements 8 --draws 4 -o check")...)
	if cli.Code(err) != cli.ExitData || !strings.Contains(err.Error(), "calibration") {
		t.Errorf("check of a network without training: %v", err)
	}
	_, _, err = csdm(t, strings.Fields("sample"+model+toml(3)+" --y "+measurement+
		" --draws 4 -o q.npz")...)
	if cli.Code(err) != cli.ExitData || !strings.Contains(err.Error(), "1×4×3 of y; coarse has") {
		t.Errorf("another grid of y: %v", err)
	}
}
