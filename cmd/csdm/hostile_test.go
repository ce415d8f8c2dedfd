package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/format"
)

func write(t *testing.T, name string, content func(io.Writer) error) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(content(f), f.Close()); err != nil {
		t.Fatal(err)
	}
}

func writeBytes(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func writeArray(t *testing.T, name string, value float64, shape ...int) {
	t.Helper()
	n := 1
	for _, s := range shape {
		n *= s
	}
	data := slices.Repeat([]float64{value}, n)
	write(t, name, func(w io.Writer) error {
		return format.WriteNPY(w, format.Array64(data, shape...))
	})
}

func writeArrays(t *testing.T, name string, arrays map[string]*format.Array) {
	t.Helper()
	var named []format.Named
	for _, key := range slices.Sorted(maps.Keys(arrays)) {
		named = append(named, format.Named{Name: key, Array: arrays[key]})
	}
	write(t, name, func(w io.Writer) error { return format.WriteNPZ(w, named...) })
}

func readBytes(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// hostileModels writes malformed variants of the finished model, which every
// verb must refuse, and returns their names.
func hostileModels(t *testing.T) (names []string) {
	t.Helper()
	data := readBytes(t, "finished/model.safetensors")
	end := 8 + binary.LittleEndian.Uint64(data)
	weights := data[end:]
	variant := func(name string, change func(header map[string]map[string]any), weights []byte) {
		var header map[string]map[string]any
		if err := json.Unmarshal(data[8:end], &header); err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(header)
		}
		text, err := json.Marshal(header)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, bytes.Repeat([]byte{' '}, (8-len(text)%8)%8)...)
		names = append(names, name+".safetensors")
		writeBytes(t, name+".safetensors", slices.Concat(binary.LittleEndian.AppendUint64(nil,
			uint64(len(text))), text, weights))
	}
	// set changes the value at a path within one of the JSON strings of the
	// metadata.
	set := func(key string, value any, path ...string) func(map[string]map[string]any) {
		return func(header map[string]map[string]any) {
			var v map[string]any
			if err := json.Unmarshal([]byte(header["__metadata__"][key].(string)), &v); err != nil {
				t.Fatal(err)
			}
			at := v
			for _, p := range path[:len(path)-1] {
				at = at[p].(map[string]any)
			}
			at[path[len(path)-1]] = value
			text, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			header["__metadata__"][key] = string(text)
		}
	}
	nan := slices.Clone(weights)
	binary.LittleEndian.PutUint32(nan[100:], math.Float32bits(float32(math.NaN())))
	variant("nan-weights", nil, nan)
	variant("cut", nil, weights[:len(weights)/2])
	variant("no-metadata", func(h map[string]map[string]any) { delete(h, "__metadata__") }, weights)
	variant("no-rows", set("model", 0, "rows"), weights)
	variant("huge", set("model", 1_000_000_000, "rows"), weights)
	variant("no-range", set("model", -1, "normalization", "y_max"), weights)
	variant("negative-level", set("sampling", -3, "sigma_max"), weights)
	variant("other-size", set("model", 9, "rows"), weights) // another size than y_mean
	variant("no-spread", set("parameterization", -1, "sigma_data"), weights)
	variant("wide", set("architecture", 1_000_000, "ngf"), weights)
	for name, data := range map[string]string{"garbage": strings.Repeat("garbage", 99),
		"huge-header": "\xff\xff\xff\xff\xff\xff\xff\x7f{}", "empty": ""} {
		writeBytes(t, name+".safetensors", []byte(data))
		names = append(names, name+".safetensors")
	}
	return names
}

// TestExitCodes makes calls with each kind of bad input. It checks the exit
// code, that the message names the fault, and that no file is left behind.
func TestExitCodes(t *testing.T) {
	workdir(t)
	const (
		builtinModel = "builtin:quasistatic-28-n5"
		model        = "finished/model.safetensors"
		y            = "finished/cases/000/measurement.npz:y"
	)
	type check struct {
		code int
		says string // part of the message
		args string
	}
	checks := []check{
		{64, "did you mean sample?", "smaple"},
		{64, "did you mean export?", "data exprot"},
		{64, "did you mean plane-stress?", "fem plane-stres"},
		{64, "--frobnicate", "problems --frobnicate"},
		{64, "--y, --out is missing", "sample"},
		{64, "--model is missing", "sample --y " + y + " -o p.npz"},
		{64, "--out is missing", "sample --model " + model + " --y " + y + " --out="},
		{64, "accepts 2", "compare a.npz"},
		{64, "quasistatic", "data --problem nosuch --n 4 -o d"},
		{64, "one", "data --problem quasistatic --model " + builtinModel + " --n 4 -o d"},
		{64, "--problem", "data --n 4 -o d"},
		{64, "blocks", "data --problem quasistatic --n 1000000000000 -o d"},
		{64, "shard", "data --problem quasistatic --n 10 --shard 3/2 -o d"},
		{64, "grid", "data --problem quasistatic --grid 3 --n 4 -o d"},
		{64, "finite", "data --problem quasistatic --noise nan --n 4 -o d"},
		{64, "positive", "data --problem quasistatic --noise 0 --n 4 -o d"},
		{64, "0.05 % or 5 %", "reference --problem quasistatic --grid 8 --noise 0.05 --y " + y +
			" -o o.npz"},
		{64, "--noisy", "data export finished/data --noise 5 -o o.npz"},
		{64, "--prior-draws is for",
			"reference --problem quasistatic --grid 8 --method quadrature --n 100 --y " + y +
				" -o o.npz"},
		{64, "threads", "data --problem quasistatic --n 4 -o d --threads -3"},
		{64, "threads", "data --problem quasistatic --n 4 -o d --threads 99999"},
		{64, "--time-limit", "data --problem quasistatic --n 4 -o d --time-limit -5s"},
		{64, "--time-limit", "data --problem quasistatic --n 4 -o d --time-limit 5"},
		{64, "--draws", "prior --problem quasistatic --n 1000 -o d"},
		{64, "at least 2", "sample --model " + model + " --y " + y + " --n 1 -o o.npz"},
		{64, "memory", "sample --model " + model + " --y " + y +
			" --n 1000000000000 --allow-extrapolation -o o.npz"},
		{64, "magic", "sample --model " + model + " --y " + y + " --sampler magic -o o.npz"},
		{64, "levels", "sample --model " + model + " --y " + y + " --steps 1000000000 -o o.npz"},
		{64, "steps_per_level", "sample --model " + model + " --y " + y + " --T 5 -o o.npz"},
		{64, "sigma_max", "sample --model " + model + " --y " + y + " --sigma-max -3 -o o.npz"},
		{64, "magic", "reference --problem quasistatic --grid 8 --y " + y +
			" --method magic -o o.npz"},
		{64, "at least 2", "reference --problem quasistatic --grid 8 --y " + y +
			" --method importance --n 1 -o o.npz"},
		{64, "levels", "schedule check --levels 1000000000000"},
		{64, "finite", "schedule propose --target inf"},
		{64, "--size", "bench fem --size 100000000"},
		{64, "--size", "bench train --size 100000000"},
		{64, "--batch", "bench train --batch 100000000000"},
		{64, "--nu is 0.6",
			"fem plane-strain --e fem/testdata/plane_strain_q16.npz:E_cells --nu 0.6 -o o.npz"},
		{64, "--width",
			"fem plane-stress --mu fem/testdata/plane_stress_28.npz:mu --width -1 -o o.npz"},
		{64, "finite",
			"fem plane-stress --mu fem/testdata/plane_stress_28.npz:mu --top nan -o o.npz"},
		{64, "", "fem helmholtz --mu fem/testdata/plane_stress_28.npz:mu --frequency -3 -o o.npz"},
		{66, "nosuch.npz", "info nosuch.npz"},
		{66, "nosuch", "info builtin:nosuch"},
		{66, "nosuch", "train --problem quasistatic --data nosuch -o d"},
		{65, "neither", "info fem"},
		{65, "unit", "sample --model " + model + " --y metres.npy -o o.npz"},
		{65, "NaN", "sample --model " + model + " --y nan.npy -o o.npz"},
		{65, "nan", "sample --model " + model + " --y nan.csv -o o.npz"},
		{65, "1×8×8", "sample --model " + model +
			" --y fem/testdata/plane_stress_56.npz:uy -o o.npz"},
		{65, "1×8×8", "sample --model " + model + " --y channels.npy -o o.npz"},
		{64, "--case 3: there is only one measurement", "sample --model " + model + " --y " + y +
			" --case 3 -o o.npz"},
		{64, "--case 3: there is only one measurement",
			"reference --problem quasistatic --grid 8 --y " + y + " --case 3 -o o.npz"},
		{64, "--case 3: there is only one field", "forward --problem quasistatic --grid 8 --x " +
			y +
			" --case 3 -o o.npy"},
		{64, "holds 3 measurements, numbered from 0 to 2", "sample --model " + model +
			" --y three.npz:mean -o o.npz"},
		{64, "pick one with --case",
			"reference --problem quasistatic --grid 8 --y three.npz:mean -o o.npz"},
		{64, "holds 3 fields",
			"forward --problem quasistatic --grid 8 --x three.npz:mean -o o.npy"},
		{65, "", "sample --model " + model + " --y empty.npy -o o.npz"},
		{65, "", "sample --model " + model + " --y garbage.npz -o o.npz"},
		{65, "huge.npy", "sample --model " + model + " --y huge.npy -o o.npz"},
		{65, "holds x, y", "sample --model " + model +
			" --y finished/cases/000/measurement.npz:z -o o.npz"},
		{65, "huge.npy", "info huge.npy"},
		{65, "cut.npz", "info cut.npz"},
		{65, "other.safetensors", "forward --model other.safetensors --x " + y + " -o o.npy"},
		{65, "--problem", "forward --model no-metadata.safetensors --x " + y + " -o o.npy"},
		{65, "", "forward --problem quasistatic --grid 8 --x negative.npy -o o.npy"},
		{65, "does not explain",
			"reference --problem quasistatic --grid 8 --y vast.npy --method importance --n 100 " +
				"-o o.npz"},
		{65, "x_max", "compare range.npz range.npz"},
		{65, `"std"`, "compare nostd.npz nostd.npz"},
		{64, "--case-a 5: there are 3", "compare three.npz three.npz --case-a 5"},
		{64, "--case-a \"-1\"", "compare three.npz three.npz --case-a -1"},
		{64, "three.npz: holds 3 posteriors", "compare three.npz three.npz --case-a 2"},
		{64, "--case-b 3: there is only one posterior",
			"compare three.npz finished/cases/000/posterior.npz --case-a 0 --case-b 3"},
		{65, "8×8", "compare --case-a 1 three.npz finished/cases/000/posterior.npz"},
		{65, "origin_json", "compare origin.npz origin.npz"},
		{65, "sigma", "net eval --weights " + model + " --case case.npz -o o.npz"},
		{65, "small", "fem plane-stress --mu empty.npy -o o.npz"},
		{65, "NaN", "fem plane-stress --mu nan.npy -o o.npz"},
		{65, "", "fem plane-stress --mu negative.npy -o o.npz"},
		{65, "run.json", "run -o broken-record"},
		{65, "posterior.npz was changed", "run -o changed"},
		{65, "incomplete or damaged", "data verify damaged"},
		{65, "", "train --problem quasistatic --grid 8 --data damaged -o d"},
		{73, "finished/cases/000/posterior.npz", "sample --model " + model + " --y " + y +
			" --n 5 --steps 4 -o finished/cases/000/posterior.npz"},
		{73, "there.npz", "reference --problem quasistatic --grid 8 --y " + y + " -o there.npz"},
		{73, "there.npz",
			"net eval --weights nn/testdata/scorenet_ngf4_avg.safetensors --case " +
				"nn/testdata/scorenet_ngf4_avg.npz -o there.npz"},
		{73, "seed: 1 in config.toml, 2 in this call", "run -o finished --seed 2"},
		{73, "training.steps: 12 in config.toml, 13 in this call",
			"run -o finished --set training.steps=13"},
		{73, "grid: 8 in config.toml, 28 in this call; " +
			"noise_percent: 10 in config.toml, 5 in this call",
			"run -o finished --model " + builtinModel},
		{73, "data.pairs: 600 in config.toml, 20 in this call", "train -o finished --data pairs"},
		{64, "data.pairs = 19: pairs has 20 pairs", "train --problem quasistatic --grid 8 " +
			"--data pairs --set data.pairs=19 --set data.held_out=4 -o fewer"},
		{73, "other pairs", "train -o finished --data others"},
		{73, "not a run folder", "run --problem quasistatic -o fem"},
		{74, "nosuch/o.npz", "sample --model " + model + " --y " + y + " -o nosuch/o.npz"},
		{74, "folder", "sample --model " + model + " --y " + y + " -o pairs --overwrite"},
		{78, "bad.toml", "run --problem quasistatic --config bad.toml -o d"},
		{78, "sed", "run --problem quasistatic --config unknown.toml -o d"},
		{78, "broken-config", "run -o broken-config"},
		{78, "steps", "run --problem quasistatic --set training.steps=0 -o d"},
		{78, "ngf", "run --problem quasistatic --set network.ngf=1000000000 -o d"},
		{78, "pairs", "run --problem quasistatic --set data.pairs=1000000000000000 -o d"},
		{78, "held_out",
			"train --problem quasistatic --grid 8 --data pairs --set data.held_out=20 -o d"},
		{78, "draws", "run --problem quasistatic --set sampling.draws=1000000000000 -o d"},
		{78, "quadrature", "run --problem quasistatic --set reference.method=magic -o d"},
		{78, "center", "run --problem quasistatic --set network.center=magic -o d"},
		{64, "section", "run --problem quasistatic --set training=2 -o d"},
		{64, "integer", "run --problem quasistatic --set training.steps=many -o d"},
		{64, "preset", "run --problem quasistatic --preset magic -o d"},
	}
	for _, name := range hostileModels(t) {
		says := name
		if name == "no-metadata.safetensors" {
			says = "does not store"
		} else {
			checks = append(checks, check{65, name, "info " + name})
		}
		checks = append(checks, check{65, says, "sample --model " + name + " --y " + y +
			" --n 4 -o o.npz"})
	}

	writeArray(t, "metres.npy", 5, 8, 8)
	writeArray(t, "vast.npy", 1e200, 8, 8)
	writeArray(t, "negative.npy", -1, 8, 8)
	writeArray(t, "nan.npy", math.NaN(), 8, 8)
	writeArray(t, "channels.npy", 0, 1, 2, 8, 8)
	writeArray(t, "empty.npy", 0, 0, 8)
	writeBytes(t, "nan.csv", []byte(strings.Repeat(strings.Repeat("1,", 7)+"nan\n", 8)))
	writeBytes(t, "huge.npy",
		[]byte("\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': "+
			"(99999999999, 99999999), }"+strings.Repeat(" ", 40)+"\n"))
	writeBytes(t, "garbage.npz", []byte(strings.Repeat("garbage", 99)))
	writeBytes(t, "there.npz", nil)
	writeBytes(t, "bad.toml", []byte("seed = = 1"))
	writeBytes(t, "unknown.toml", []byte("sed = 1"))
	posterior := readBytes(t, "finished/cases/000/posterior.npz")
	writeBytes(t, "cut.npz", posterior[:len(posterior)*2/3])
	other := readBytes(t, "finished/model.safetensors")
	writeBytes(t, "other.safetensors", bytes.Replace(other, []byte("quasistatic\\\""),
		[]byte("quasistatik\\\""), 1))
	field, fields := format.Array64(make([]float64, 16), 4, 4),
		format.Array64(make([]float64, 48), 3, 4, 4)
	writeArrays(t, "range.npz", map[string]*format.Array{
		"mean": field, "std": field, "mean_physical": field, "std_physical": field,
		"x_min": format.Scalar(3), "x_max": format.Scalar(1),
	})
	writeArrays(t, "nostd.npz", map[string]*format.Array{"mean": field})
	writeArrays(t, "three.npz", map[string]*format.Array{"mean": fields, "std": fields})
	writeArrays(t, "origin.npz", map[string]*format.Array{"mean": field, "std": field,
		"origin_json": field})
	image := format.Array64(make([]float64, 64), 1, 1, 8, 8)
	writeArrays(t, "case.npz", map[string]*format.Array{"x": image, "y": image, "z": image,
		"sigma": format.Array64([]float64{0}, 1)})
	for _, dir := range []string{"broken-record", "broken-config", "changed"} {
		if err := os.CopyFS(dir, os.DirFS(finished(t))); err != nil {
			t.Fatal(err)
		}
	}
	writeBytes(t, "broken-record/run.json", []byte(`{"calls": [`))
	writeBytes(t, "broken-config/config.toml", []byte("problem = 5"))
	writeBytes(t, "changed/cases/000/posterior.npz", posterior[:len(posterior)-1])
	if err := os.CopyFS("damaged", os.DirFS("finished/data")); err != nil {
		t.Fatal(err)
	}
	block := readBytes(t, "damaged/x-00001.npy")
	writeBytes(t, "damaged/x-00001.npy", block[:len(block)-100])
	for out, flags := range map[string]string{"pairs": "--n 20", "others": "--n 600 --seed 2"} {
		if _, _, err := csdm(t, strings.Fields("data -q --problem quasistatic --grid 8 -o "+out+" "+
			flags)...); err != nil {
			t.Fatal(err)
		}
	}

	before := listing(t)
	for _, c := range checks {
		out, notes, err := csdm(t, append(strings.Fields(c.args), "-q")...)
		if got := cli.Code(err); err == nil || got != c.code ||
			!strings.Contains(err.Error(), c.says) {
			t.Errorf("csdm %s: code %d (%v), want %d and %q", c.args, got, err, c.code, c.says)
		}
		if notes != "" || out != "" && !strings.HasPrefix(c.args, "data verify") {
			t.Errorf("csdm %s -q printed %q %q", c.args, out, notes)
		}
	}
	// The picture of a refused measurement stays, to show the measurement.
	if err := os.Remove("o-map.png"); err != nil {
		t.Error(err)
	}
	if after := listing(t); !slices.Equal(before, after) {
		t.Errorf("left behind: %v", slices.DeleteFunc(after, func(name string) bool {
			return slices.Contains(before, name)
		}))
	}
}

// listing returns the names of all files here, except locks.
func listing(t *testing.T) (names []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if d.Name() != ".lock" {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
