package accuracy

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/bench"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/format"
)

// writeNPZ writes arrays to the file path.
func writeNPZ(t *testing.T, path string, arrays map[string]*format.Array) {
	t.Helper()
	var named []format.Named
	for name, a := range arrays {
		named = append(named, format.Named{Name: name, Array: a})
	}
	var buf bytes.Buffer
	if err := format.WriteNPZ(&buf, named...); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, buf.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestForeign infers the measurements of a truth file by another program, whose
// mean has an error of 0.1 and whose spread is 0.2. The study judges it by the
// references of the file.
func TestForeign(t *testing.T) {
	targets, s := small(t)
	dir := t.TempDir()
	s.Methods = []string{"importance"}
	truth, err := WriteReferences(t.Context(), dir, targets[0], s, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	// The same call does nothing, and one with fewer measurements is refused.
	again, err := WriteReferences(t.Context(), dir, targets[0], s, env.Quiet(2))
	if err != nil || !again.AlreadyThere || again.Identity != truth.Identity {
		t.Errorf("again: %+v, %v", again, err)
	}
	fewer := s
	fewer.Cases = 1
	if _, err := WriteReferences(t.Context(), dir, targets[0], fewer,
		env.Quiet(2)); cli.Code(err) != cli.ExitExists {
		t.Errorf("fewer measurements: %v, want code 73", err)
	}
	arrays, err := format.ReadNPZFile(truth.File)
	if err != nil {
		t.Fatal(err)
	}
	const size, draws = 64, 4
	mean := arrays["mean"].Float64()
	if !slices.Equal(arrays["y"].Shape, []int{2, 1, 8, 8}) ||
		!slices.Equal(arrays["log_evidence"].Shape, []int{2}) || truth.Missing != nil ||
		truth.Reference != "quadrature" || !(truth.ErrorMean > 0) {
		t.Fatalf("%+v", truth)
	}
	var meta References
	if json.Unmarshal(arrays["meta_json"].U8, &meta) != nil || meta.Seed != Seed ||
		meta.Cases != 2 {
		t.Errorf("meta_json is %s", arrays["meta_json"].U8)
	}
	var fields []float64
	for m := range 2 {
		for i := range draws {
			for _, v := range mean[m*size : (m+1)*size] {
				fields = append(fields, v+0.1+0.2*[]float64{-1, 1, -1, 1}[i])
			}
		}
	}
	path := filepath.Join(dir, "other.npz")
	good := map[string]*format.Array{"y": arrays["y"],
		"draws":       format.Array64(fields, 2, draws, 8, 8),
		"cpu_seconds": format.Array64([]float64{3, 5}, 2),
		"solves":      format.Array64([]float64{7, 9}, 2)}
	writeNPZ(t, path, good)
	f, err := ReadForeign("other", path)
	if err != nil {
		t.Fatal(err)
	}
	targets[0].Foreign = []*Foreign{f}
	r, err := Run(t.Context(), dir, targets, s, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	row := r.Rows[3]
	reference, err := infer.ReadSummary(filepath.Join(dir, "quasistatic-8-n10", "case-0001",
		"reference.npz"), "", "")
	if err != nil {
		t.Fatal(err)
	}
	width := targets[0].Problem.Spec().XRange.Width()
	std := slices.Repeat([]float64{0.2 * math.Sqrt(4./3) / width}, size)
	for name, v := range map[string][2]float64{
		"rmse_mean":   {float64(row.RMSEMean), 0.1 / width},
		"rmse_std":    {float64(row.RMSEStd), bench.RMSE(std, reference.Normalized().Std)},
		"cpu_seconds": {float64(row.CPUSeconds), 5},
		"solves":      {float64(row.Solves), 9},
		"budget":      {float64(row.Budget), draws},
	} {
		if math.Abs(v[0]-v[1]) > 1e-9 {
			t.Errorf("%s is %v, want %v", name, v[0], v[1])
		}
	}
	if row.Program != "" || row.Kernel != "" || !math.IsNaN(float64(row.Evaluations)) {
		t.Errorf("the row of another program names csdm: %+v", row)
	}
	if row.Method != "other" || row.Case != 1 || len(r.Rows) != 4 ||
		!math.IsNaN(float64(row.WallSeconds)) {
		t.Errorf("%d rows, the last %+v", len(r.Rows), row)
	}
	if len(r.Quantities) == 0 || r.Quantities[len(r.Quantities)-1].Method != "other" {
		t.Error("the draws have no quantities")
	}

	for want, change := range map[string]func(a map[string]*format.Array){
		"measurement 0 is another one": func(a map[string]*format.Array) {
			y := slices.Clone(a["y"].Float64())
			y[5] *= 1.5
			a["y"] = format.Array64(y, 2, 1, 8, 8)
		},
		"needs the arrays": func(a map[string]*format.Array) { delete(a, "draws") },
		"draws: has shape (2, 4, 64)": func(a map[string]*format.Array) {
			a["draws"] = format.Array64(fields, 2, draws, size)
		},
		"2 measurements are judged": func(a map[string]*format.Array) {
			a["y"] = format.Array64(a["y"].Float64()[:size], 1, 1, 8, 8)
		},
		"is NaN": func(a map[string]*format.Array) {
			bad := slices.Clone(fields)
			bad[3] = math.NaN()
			a["draws"] = format.Array64(bad, 2, draws, 8, 8)
		},
	} {
		spoiled := map[string]*format.Array{}
		for name, a := range good {
			spoiled[name] = a
		}
		change(spoiled)
		writeNPZ(t, path, spoiled)
		f, err := ReadForeign("other", path)
		if err == nil {
			targets[0].Foreign = []*Foreign{f}
			_, err = Run(t.Context(), t.TempDir(), targets, s, env.Quiet(2))
		}
		if cli.Code(err) != cli.ExitData || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q with code 65", err, want)
		}
	}
	for _, name := range []string{"adaptive", "", "A", "../x"} {
		if _, err := ReadForeign(name, path); cli.Code(err) != cli.ExitUsage {
			t.Errorf("name %q: %v, want code 64", name, err)
		}
	}
}
