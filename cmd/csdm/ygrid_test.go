package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/rng"
)

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
	if cli.Code(err) != cli.ExitData || !strings.Contains(err.Error(), "grid of its own of 4×3") {
		t.Errorf("another grid of y: %v", err)
	}
}
