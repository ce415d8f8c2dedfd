package main

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/infer"
	"csdm/internal/format"
)

// hanging copies the example with two fields, and goes to an empty folder. It
// returns the path of the definition.
func hanging(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"hanging.toml", "hanging.sh"} {
		writeBytes(t, filepath.Join(dir, name),
			readBytes(t, filepath.Join("../../examples/hanging", name)))
	}
	t.Chdir(t.TempDir())
	return filepath.Join(dir, "hanging.toml")
}

// TestSeveralFields takes a problem with two fields through pairs, a training,
// draws, a report and all files.
func TestSeveralFields(t *testing.T) {
	toml := hanging(t)
	must(t, "run --problem "+toml+" --set data.pairs=24 --set data.held_out=4 --set network.ngf=2"+
		" --set training.steps=4 --set training.batch=4 --set training.warm_up=2"+
		" --set training.held_out_every=2 --set sampling.cases=1 --set sampling.draws=4"+
		" --set sampling.steps=3 --set reference.method=none --allow-extrapolation -o whole")
	posterior := "whole/cases/000/posterior.npz"
	arrays, err := format.ReadNPZFile(posterior)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]int{"samples": {4, 2, 8, 8}, "mean": {2, 8, 8},
		"std_physical": {2, 8, 8}, "samples_physical": {4, 2, 8, 8}} {
		if a := arrays[name]; a == nil || !slices.Equal(a.Shape, want) {
			t.Errorf("%s: %v, want the shape %v", name, a, want)
		}
	}
	s, err := infer.ReadSummary(posterior, "", "")
	if err != nil {
		t.Fatal(err)
	}
	fields := s.Origin.Fields
	if len(fields) != 2 || fields[0].Name != "stiffness" || fields[1].Unit != "g/cm3" {
		t.Fatalf("fields %+v", fields)
	}
	// mean_physical = min + (max − min)·mean, with the field's own ends.
	for k, f := range fields {
		for p := range 64 {
			want := f.Min + (f.Max-f.Min)*arrays["mean"].Float64()[64*k+p]
			if got := s.Mean[64*k+p]; math.Abs(got-want) > 1e-12*math.Abs(want) {
				t.Fatalf("%s at %d: %v, want %v", f.Name, p, got, want)
			}
			want = (f.Max - f.Min) * arrays["std"].Float64()[64*k+p]
			if got := s.Std[64*k+p]; math.Abs(got-want) > 1e-12*want {
				t.Fatalf("std of %s at %d: %v, want %v", f.Name, p, got, want)
			}
		}
	}
	page := string(readBytes(t, "whole/report.html"))
	for _, want := range []string{"Measurement 1: stiffness", "Measurement 1: density"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	must(t, "run --allow-extrapolation -o whole") // reads all files again
	must(t, "export "+posterior+" -o fields.vti")
	if !strings.Contains(string(readBytes(t, "fields.vti")), "mean_physical of density") {
		t.Error("the VTK file lacks the mean of the density")
	}
	must(t, "compare "+posterior+" "+posterior)
	must(t, "export "+posterior+" -o fields.nc")
	if nc := string(readBytes(t, "fields.nc")); !strings.Contains(nc, "mean_density") {
		t.Error("the NetCDF file lacks mean_density")
	}
}

// sameBytes compares two files.
func sameBytes(t *testing.T, a, b string) {
	t.Helper()
	if !slices.Equal(readBytes(t, a), readBytes(t, b)) {
		t.Errorf("%s and %s differ", a, b)
	}
}

// TestRequest compares the answer to a request with a given x with y of the
// pair that has this x.
func TestRequest(t *testing.T) {
	toml := hanging(t)
	must(t, "data --problem "+toml+" --pairs 2 -o pairs")
	must(t, "data export pairs -o pairs.npz")
	pairs, err := format.ReadNPZFile("pairs.npz")
	if err != nil {
		t.Fatal(err)
	}
	if x := pairs["x"]; !slices.Equal(x.Shape, []int{2, 2, 8, 8}) {
		t.Fatalf("x has shape %v", x.Shape)
	}
	must(t, "data import pairs.npz --problem "+toml+" -o back")
	sameBytes(t, "pairs/x-00000.npy", "back/x-00000.npy")
	must(t, "forward --problem "+toml+" --x pairs.npz:x --case 1 -o y.npy")
	y, err := format.ReadArrayFile("y.npy")
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range y.Float64() {
		if want := pairs["y"].Float64()[128+k]; math.Abs(v-want) > 1e-6*math.Abs(want) {
			t.Fatalf("value %d is %v, of the pair %v", k, v, want)
		}
	}
	edited := strings.Split(string(readBytes(t, toml)), "[program]")[0] +
		"[request]\ncommand = [\"sh\", \"hanging.sh\"]\nfiles = \"csv\"\n"
	if err := os.WriteFile(toml, []byte(edited), 0o644); err != nil {
		t.Fatal(err)
	}
	must(t, "forward --problem "+toml+" --x pairs.npz:x --case 1 -o y2.npy") // imported pairs
	sameBytes(t, "y.npy", "y2.npy")
}
