package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/format"
)

// hashes returns the SHA-256 and the time of the last change of each file below
// a path.
func hashes(t *testing.T, path string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		info, err := d.Info()
		sum := sha256.Sum256(data)
		all[name] = hex.EncodeToString(sum[:]) + info.ModTime().String()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// resultCalls are small calls that make a result. OUT is the result. differ is
// a flag that changes the result, with the setting that the refusal must name.
var resultCalls = map[string]struct{ args, out, differ, setting string }{
	"sample": {
		"sample --model builtin:quasistatic-28-n5 --y " +
			"models/measurements/quasistatic-28-n5.npz:y --case 0 --n 4 --steps 3 " +
			"--allow-extrapolation -o OUT",
		"p.npz", "--sigma-min 0.03", "sampling.sigma_min: 0.02 in the file, 0.03 in this call",
	},
	"reference": {
		"reference --problem quasistatic --grid 8 --noise 10 --y y.npy --method importance --n " +
			"40000 -o OUT", "r.npz", "--n 50000",
		"reference.draws: 40000 in the file, 50000 in this call",
	},
	"quadrature": {
		"reference --problem quasistatic --grid 8 --noise 10 --y y.npy --method quadrature -o OUT",
		"q.npz", "--noise 20", "problem.options.noise_percent: 10 in the file, 20 in this call",
	},
	"check": {
		"check --model builtin:quasistatic-28-n5 --measurements 6 --draws 19 --steps 2 -o OUT",
		"check", "--steps 3", "scores.sampling.levels: 2 in the file, 3 in this call",
	},
	"table5": {
		"bench table5 --models builtin:quasistatic-28-n5 --phantoms 1 --draws 4 --steps 3 " +
			"--prior-draws 100 -o OUT", "table5", "--steps 4",
		"of.sampling.levels: 3 in the file, 4 in this call",
	},
	"accuracy": {
		"bench accuracy --problem builtin:quasistatic-28-n5 --methods network,importance " +
			"--cases 1 --draws 4 --levels 3 --budgets 100 --reference none -o OUT",
		"accuracy", "--levels 4",
		"sampling of target 1.levels: 3 in the file, 4 in this call",
	},
	"tasks": {
		"bench tasks --tasks gaussian_mixture --set simulations=2560 --set steps=2 " +
			"--set draws=1000 --set cases=1 -o OUT",
		"tasks", "--set steps=3", "steps: 2 in the file, 3 in this call",
	},
	"demo": {"demo --model builtin:quasistatic-28-n5 --n 4 -o OUT", "demo", "--seed 5",
		"seed: 1 in the file, 5 in this call"},
	"data": {"data --problem quasistatic --grid 8 --n 40 -o OUT", "data", "--seed 5", "seed"},
	"train": {"train --problem quasistatic --grid 8 --noise 10 --data d --set data.pairs=40 " +
		"--set data.held_out=8 --set network.ngf=2 --set training.steps=3 --set " +
		"training.warm_up=1 --set training.held_out_every=3 --set training.batch=2 -o OUT", "net",
		"--set training.batch=3", "training.batch"},
	"run": {strings.Join(chainFlagsOf("OUT"), " "), "run", "--seed 5", "seed"},
}

func chainFlagsOf(out string) []string {
	return append([]string{"run", "--allow-extrapolation"}, chainFlags(out)...)
}

// TestTwice makes each call twice. The second call exits as the first, reports
// that the result exists, and changes no file. With another setting it is
// refused with the name of the setting, and also changes no file.
func TestTwice(t *testing.T) {
	for name, verb := range resultCalls {
		t.Run(name, func(t *testing.T) {
			workdir(t)
			prepare(t)
			args := strings.Fields(strings.ReplaceAll(verb.args, "OUT", verb.out) + " -q")
			_, _, first := csdm(t, args...)
			if first != nil && !(name == "check" && cli.Code(first) == cli.ExitData) {
				t.Fatal(first)
			}
			if page, err := os.ReadFile(filepath.Join(verb.out, "report.html")); name == "demo" &&
				(err != nil || !strings.Contains(string(page), "<html")) {
				t.Errorf("the demo has no report: %v", err)
			}
			before := hashes(t, verb.out)
			out, _, err := csdm(t, args...)
			if cli.Code(err) != cli.Code(first) {
				t.Errorf("the second call: %v", err)
			}
			if name != "data" && name != "train" &&
				!strings.Contains(out, "already there: "+verb.out) {
				t.Errorf("the second call does not say that the result is there: %s", out)
			}
			if out, _, _ = csdm(t, append(args, "--json")...); !json.Valid([]byte(out)) {
				t.Errorf("the second call as JSON: %s", out)
			}
			if after := hashes(t, verb.out); !reflect.DeepEqual(before, after) {
				t.Error("the second call changed files")
			}
			_, _, err = csdm(t, append(args, strings.Fields(verb.differ)...)...)
			if cli.Code(err) != cli.ExitExists || !strings.Contains(err.Error(), verb.setting) {
				t.Errorf("%s: code %d, %v; want the setting %q", verb.differ, cli.Code(err), err,
					verb.setting)
			}
			if after := hashes(t, verb.out); !reflect.DeepEqual(before, after) {
				t.Error("the refused call changed files")
			}
		})
	}
}

// TestRepeated makes calls twice that write their output directly. The second
// call succeeds and changes no file. Another content is refused.
func TestRepeated(t *testing.T) {
	workdir(t)
	prepare(t)
	const net = "net eval --case nn/testdata/scorenet_ngf4_avg.npz --weights " +
		"nn/testdata/scorenet_ngf4_avg.safetensors"
	for _, c := range []struct{ args, out, differ string }{
		{"forward --problem quasistatic --grid 8 --x pair.npz:x -o OUT", "y.out.npy",
			"--x finished/cases/000/measurement.npz:x"},
		{"data export d -o OUT", "pairs.npz", "--to 7"},
		{"data export d --noisy -o OUT", "noisy.npz", "--seed 7"},
		{"fem plane-stress --mu finished/cases/000/measurement.npz:x --bottom 0 --top 0.1 -o OUT",
			"u.npz", "--top 0.2"},
		{net + " -o OUT", "score.npz", "-o pairs.npz"},
		{"prior --problem quasistatic --grid 8 --n 2 -o OUT", "sheet", "--n 3"},
	} {
		args := strings.Fields(strings.ReplaceAll(c.args, "OUT", c.out))
		if _, _, err := csdm(t, args...); err != nil {
			t.Errorf("%v: %v", args, err)
			continue
		}
		before := hashes(t, c.out)
		if _, _, err := csdm(t, args...); err != nil {
			t.Errorf("%v again: %v", args, err)
		}
		if _, _, err := csdm(t, append(args,
			strings.Fields(c.differ)...)...); cli.Code(err) != cli.ExitExists {
			t.Errorf("%v %s: %v, want exit 73", args, c.differ, err)
		}
		if after := hashes(t, c.out); !reflect.DeepEqual(before, after) {
			t.Errorf("%v again: %s changed", args, c.out)
		}
	}
}

// prepare makes the inputs of the verbs: y.npy and pairs in d.
func prepare(t *testing.T) {
	t.Helper()
	for _, args := range []string{"data --problem quasistatic --grid 8 --n 40 -o d",
		"data export d --from 0 --to 1 -o pair.npz"} {
		if _, _, err := csdm(t, append(strings.Fields(args), "-q")...); err != nil {
			t.Fatal(err)
		}
	}
	y, err := format.ReadArrayFile("pair.npz:y")
	if err != nil {
		t.Fatal(err)
	}
	y.Shape = y.Shape[1:]
	file, err := os.Create("y.npy")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := format.WriteNPY(file, y); err != nil {
		t.Fatal(err)
	}
}

// TestOverwrite checks each flag of sample that changes draws. --overwrite over
// a result without the flag, or over unfinished work, gives the draws of a new
// file. The network is a small one, because there are some forty calls.
func TestOverwrite(t *testing.T) {
	workdir(t)
	prepare(t)
	_, _, err := csdm(t, strings.Fields("data export d --noisy --to 2 -o two.npz")...)
	if err != nil {
		t.Fatal(err)
	}
	const base = "sample --model finished/model.safetensors --y two.npz:y --case 0 --steps 3 " +
		"--allow-extrapolation -q --n "
	sample := func(flags string) {
		t.Helper()
		if _, _, err := csdm(t, strings.Fields(base+flags)...); err != nil {
			t.Fatalf("%s: %v", flags, err)
		}
	}
	draws := func(path string) []float64 {
		t.Helper()
		a, err := format.ReadArrayFile(path + ":samples")
		if err != nil {
			t.Fatal(err)
		}
		return a.Float64()
	}
	sample("3 -o base.npz")
	old := draws("base.npz")
	data, err := os.ReadFile("base.npz")
	if err != nil {
		t.Fatal(err)
	}
	for _, flags := range []string{
		"--sigma-max 80", "--sigma-min 0.03", "--steps 4", "--corrections 2 --correct-at 0.05",
		"--correct-keep 0.5 --corrections 1 --correct-at 0.05", "--seed 7", "--case 1",
		"--sampler heun", "--sampler pc --T 2", "--sampler annealed --T 2",
		"--sampler annealed --epsilon 1e-5", "--sampler annealed --form algorithm1",
		"--sigma-max 80 --sampler heun",
	} {
		sample("5 -o fresh.npz --overwrite " + flags)
		fresh := draws("fresh.npz")
		if reflect.DeepEqual(fresh[:len(old)], old) {
			t.Errorf("%s changes no draw; remove it from this test", flags)
		}
		if err := os.WriteFile("over.npz", data, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, _, err := csdm(t, strings.Fields(base+"5 -o over.npz "+
			flags)...); cli.Code(err) != cli.ExitExists ||
			!strings.Contains(err.Error(), "in the file, ") {
			t.Errorf("%s without --overwrite: %v", flags, err)
		}
		sample("5 --overwrite -o over.npz " + flags)
		if !reflect.DeepEqual(draws("over.npz"), fresh) {
			t.Errorf("%s: --overwrite gives other draws than a fresh file", flags)
		}
	}
	// With the same settings, a call for more draws keeps the existing draws,
	// and a call for as many computes them again.
	sample("5 -o fresh.npz --overwrite")
	for range 2 {
		sample("5 --overwrite -o base.npz")
		if now := draws("base.npz"); !reflect.DeepEqual(now, draws("fresh.npz")) ||
			!reflect.DeepEqual(now[:len(old)], old) {
			t.Error("--overwrite with the same settings changes draws")
		}
	}
	if _, _, err := csdm(t, strings.Fields(base+
		"6 -o base.npz")...); cli.Code(err) != cli.ExitExists ||
		!strings.Contains(err.Error(), "has 5 draws and this call wants 6") {
		t.Errorf("more draws without --overwrite: %v", err)
	}
}

// TestOldResult checks a result of an earlier version, which does not store its
// settings. It can be read, and it is neither resumed nor replaced without
// --overwrite.
func TestOldResult(t *testing.T) {
	workdir(t)
	const call = "sample --model builtin:quasistatic-28-n5 --y " +
		"models/measurements/quasistatic-28-n5.npz:y --case 0 --steps 3 --n 3 " +
		"--allow-extrapolation -q -o p.npz"
	if _, _, err := csdm(t, strings.Fields(call)...); err != nil {
		t.Fatal(err)
	}
	arrays, err := format.ReadNPZFile("p.npz")
	if err != nil {
		t.Fatal(err)
	}
	var origin map[string]any
	if err := json.Unmarshal(arrays["origin_json"].U8, &origin); err != nil {
		t.Fatal(err)
	}
	delete(origin, "identity")
	origin["draws"] = "0123"
	text, err := json.Marshal(origin)
	if err != nil {
		t.Fatal(err)
	}
	arrays["origin_json"] = &format.Array{Shape: []int{len(text)}, DType: format.Uint8, U8: text}
	var all []format.Named
	for name, a := range arrays {
		all = append(all, format.Named{Name: name, Array: a})
	}
	file, err := os.Create("p.npz")
	if err != nil {
		t.Fatal(err)
	}
	if err := format.WriteNPZ(file, all...); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	before := hashes(t, "p.npz")
	if _, _, err := csdm(t, strings.Fields(call)...); cli.Code(err) != cli.ExitExists ||
		!strings.Contains(err.Error(), "earlier versions") {
		t.Errorf("an old result: %v", err)
	}
	if _, _, err := csdm(t, "compare", "p.npz", "p.npz", "-q"); err != nil {
		t.Errorf("an old result is not read: %v", err)
	}
	if !reflect.DeepEqual(before, hashes(t, "p.npz")) {
		t.Error("an old result was changed")
	}
	if _, _, err := csdm(t, append(strings.Fields(call), "--overwrite")...); err != nil {
		t.Error(err)
	}
}
