package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/format"
)

// csdmUnder runs a command line with variables NAME=VALUE of the environment.
func csdmUnder(variables, args string) (stdout, stderr string, err error) {
	var out, notes bytes.Buffer
	err = execute(context.Background(), strings.Fields(args), &out, newConsole(&notes),
		func(name string) string {
			for _, pair := range strings.Fields(variables) {
				if value, ok := strings.CutPrefix(pair, name+"="); ok {
					return value
				}
			}
			return ""
		})
	return out.String(), notes.String(), err
}

// code checks the exit code of an error.
func code(t *testing.T, err error, want int, text string) {
	t.Helper()
	if cli.Code(err) != want || !strings.Contains(fmt.Sprint(err), text) {
		t.Errorf("code %d, %v; want %d and %q", cli.Code(err), err, want, text)
	}
}

// content returns the files below dir with their bytes. It leaves out what
// belongs to the call and not to the result: the record of the call in
// check.json and in origin_json, and the report, which shows it.
func content(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "report.html" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, dir)
		switch {
		case d.Name() == "check.json" || d.Name() == "bands.json":
			var r map[string]any
			if err := json.Unmarshal(text, &r); err != nil {
				return err
			}
			for _, key := range []string{"call", "seconds", "report", "out"} {
				delete(r, key)
			}
			text, err = json.Marshal(r)
		case filepath.Ext(path) == ".npz":
			return resultContent(files, name, path)
		}
		files[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// resultContent adds the arrays of a result to files, and its origin without
// the call.
func resultContent(files map[string]string, name, path string) error {
	arrays, err := format.ReadNPZFile(path)
	if err != nil {
		return err
	}
	for entry, a := range arrays {
		if entry != "origin_json" {
			var text bytes.Buffer
			if err := format.WriteNPY(&text, a); err != nil {
				return err
			}
			files[name+":"+entry] = text.String()
			continue
		}
		var origin map[string]any
		if err := json.Unmarshal(a.U8, &origin); err != nil {
			return err
		}
		for _, key := range []string{"command", "seconds", "evaluations", "threads"} {
			delete(origin, key)
		}
		text, err := json.Marshal(origin)
		if err != nil {
			return err
		}
		files[name+":"+entry] = string(text)
	}
	return nil
}

// sameContent compares two results.
func sameContent(t *testing.T, got, want string) {
	t.Helper()
	a, b := content(t, got), content(t, want)
	for name := range b {
		if a[name] != b[name] {
			t.Errorf("%s: %s is not that of %s", got, name, want)
		}
	}
	if len(a) != len(b) || len(b) == 0 {
		t.Errorf("%s has %d parts, %s has %d", got, len(a), want, len(b))
	}
}

// TestDataShards divides the blocks of a dataset, and counts them with csdm
// status on the way.
func TestDataShards(t *testing.T) {
	t.Chdir(t.TempDir())
	const line = "data --problem quasistatic --grid 8 --pairs 30 --set block_pairs=4 --threads 1 "
	must(t, line+"-o whole")
	for _, m := range []int{1, 3, 7} {
		dir := fmt.Sprintf("in%d", m)
		for k := range m { // from 0
			variables := fmt.Sprintf("SLURM_PROCID=%d SLURM_NTASKS=%d", k, m)
			if _, notes, err := csdmUnder(variables, line+"--shard auto -o "+dir); err != nil ||
				!strings.Contains(notes, fmt.Sprintf("shard %d/%d, from SLURM_PROCID", k+1, m)) {
				t.Errorf("%v: %s", err, notes)
			}
			out, _, err := csdm(t, "status", dir, "--json")
			var s struct {
				Whole   bool
				Done    int
				Missing []struct{ From, To int }
			}
			if json.Unmarshal([]byte(out), &s) != nil || s.Whole != (k == m-1) ||
				s.Done < 4*(k+1) || s.Whole != (len(s.Missing) == 0) {
				t.Errorf("shard %d of %d: %s", k, m, out)
			}
			if s.Whole != (err == nil) {
				code(t, err, cli.ExitData, "are missing")
			}
		}
		sameContent(t, dir, "whole")
	}
	const few = "data --problem quasistatic --grid 8 --pairs 30 -o few "
	if out, notes, err := csdmUnder("", few+"--shard 8/8"); err != nil ||
		!strings.Contains(notes, "1 of 8 shards have work, because there are 1 blocks of 256") ||
		!strings.Contains(out, "0 pairs made") {
		t.Errorf("%v: %s%s", err, out, notes)
	}
	if _, notes, err := csdmUnder("SLURM_PROCID=0 SLURM_NTASKS=2 SLURM_STEP_ID=0",
		few); err != nil || !strings.Contains(notes, "each of them does all the work") {
		t.Errorf("%v: %s", err, notes)
	}
	_, _, err := csdmUnder("", few+"--shard auto")
	code(t, err, cli.ExitUsage, "SLURM_PROCID")
}

// TestCheckShards merges the parts of a check, and refuses incomplete ones.
func TestCheckShards(t *testing.T) {
	line := "check --model " + filepath.Join(finished(t), "model.safetensors") +
		" --measurements 7 --draws 2 --set sampling.levels=2 --threads 1 -q "
	t.Chdir(t.TempDir())
	_, _, err := csdm(t, strings.Fields(line+"-o whole")...)
	code(t, err, cli.ExitData, "calibration")
	for _, m := range []int{1, 3, 7} {
		dir := fmt.Sprintf("in%d", m)
		for k := range m {
			must(t, fmt.Sprintf("%s --shard %d/%d -o %s", line, k, m, dir))
			if k < m-1 {
				_, _, err := csdm(t, "merge", dir, "-o", "none", "-q")
				code(t, err, cli.ExitData, "are missing")
			}
		}
		must(t, "status "+dir)
		_, _, err := csdm(t, "merge", dir, "-o", "merged"+dir, "-q")
		code(t, err, cli.ExitData, "calibration")
		sameContent(t, "merged"+dir, "whole")
	}
	out, _, err := csdm(t, "merge", "in3", "-o", "mergedin3", "-q")
	code(t, err, cli.ExitData, "calibration")
	if !strings.HasPrefix(out, "already there") {
		t.Errorf("merged again: %s", out)
	}
	_, noise, err := csdm(t, "merge", "in3", "-o", "mergedin3", "--overwrite")
	code(t, err, cli.ExitData, "calibration")
	if strings.Contains(noise, "checking: 0/") {
		t.Errorf("merging with --overwrite checks again: %s", noise)
	}
	sameContent(t, "mergedin3", "whole")
	if err := os.Mkdir("mine", 0o777); err != nil {
		t.Fatal(err)
	}
	writeBytes(t, "mine/report.html", []byte("mine"))
	_, _, err = csdm(t, "merge", "in3", "-o", "mine", "-q")
	code(t, err, cli.ExitExists, "report.html")
	_, _, err = csdm(t, strings.Fields(line+"--seed 2 --shard 1/3 -o in3")...)
	code(t, err, cli.ExitExists, "seed: 1 in the file, 2 in this call")
	_, _, err = csdm(t, strings.Fields(line+"--shard 1/3")...)
	code(t, err, cli.ExitUsage, "--shard needs -o")
	_, _, err = csdm(t, "merge", "whole", "-o", "none")
	code(t, err, cli.ExitNoInput, "whole is no folder of parts")
}

// TestSampleShards merges the draws of one measurement.
func TestSampleShards(t *testing.T) {
	line := "sample --model " + filepath.Join(finished(t), "model.safetensors") + " --y y.npz:y " +
		"--case 0 --draws 9 --threads 1 -q --allow-extrapolation "
	t.Chdir(t.TempDir())
	must(t, "data --problem quasistatic --grid 8 --n 2 -o d -q")
	must(t, "data export d --noisy --noise 10 -o y.npz -q")
	must(t, line+"-o whole.npz")
	for _, m := range []int{1, 3, 7} {
		dir := fmt.Sprintf("in%d", m)
		for k := m; k >= 1; k-- {
			must(t, fmt.Sprintf("%s --shard %d/%d -o %s", line, k, m, dir))
		}
		must(t, fmt.Sprintf("merge %s -q -o merged%d.npz", dir, m))
		sameContent(t, fmt.Sprintf("merged%d.npz", m), "whole.npz")
	}
	out, _, err := csdm(t, "merge", "in3", "-o", "merged3.npz", "-q")
	if err != nil || !strings.HasPrefix(out, "already there") {
		t.Errorf("merged again: %v, %s", err, out)
	}
	_, _, err = csdm(t, strings.Fields(line+"--set sampling.sigma_max=5 --shard 1/3 -o in3")...)
	code(t, err, cli.ExitExists, "sampling.sigma_max")
	_, _, err = csdm(t, strings.Fields(line+"--case 1 --shard 1/3 -o in3")...)
	code(t, err, cli.ExitExists, "measurement")
}

// TestCasesShards divides a range of measurements, of which one is refused, and
// stacks the results.
func TestCasesShards(t *testing.T) {
	t.Chdir(t.TempDir())
	writeMeasurements(t, "y.npy", 8, 10)
	const line = "reference --problem quasistatic --grid 8 --noise 10 --y y.npy --cases 1:4 " +
		"--method importance --set prior_draws=5000 --threads 1 -q "
	_, _, err := csdm(t, strings.Fields(line+"-o whole")...)
	code(t, err, cli.ExitData, "of measurements 1 to 3, 2 were refused")
	for _, m := range []int{1, 3, 7} {
		dir := fmt.Sprintf("in%d", m)
		for k := m; k >= 1; k-- {
			_, _, err := csdm(t, strings.Fields(fmt.Sprintf("%s --shard %d/%d -o %s", line, k, m,
				dir))...)
			if err != nil && cli.Code(err) != cli.ExitData {
				t.Fatal(err)
			}
		}
		must(t, "status "+dir)
		for _, name := range []string{"/case-0001.npz", "/case-0003.npz"} {
			sameContent(t, dir+name, "whole"+name)
		}
		must(t, fmt.Sprintf("merge %s -o merged%d.npz -q", dir, m))
		if !bytes.Equal(readBytes(t, fmt.Sprintf("merged%d.npz", m)),
			readBytes(t, "merged1.npz")) {
			t.Errorf("%d shards: merged to other bytes", m)
		}
	}
	arrays, err := format.ReadNPZFile("merged3.npz")
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Case    int
		Refused string
	}
	if err := json.Unmarshal(arrays["index_json"].U8, &rows); err != nil || len(rows) != 3 ||
		rows[1].Case != 2 || rows[1].Refused == "" || rows[0].Refused != "" {
		t.Errorf("%v: %+v", err, rows)
	}
	one, err := format.ReadNPZFile("whole/case-0003.npz")
	if err != nil {
		t.Fatal(err)
	}
	mean := arrays["mean"]
	if mean.CheckShape(2, 8, 8) != nil || arrays["case"].I64[1] != 3 ||
		!slices.Equal(mean.F64[64:], one["mean"].F64) {
		t.Errorf("mean is of %v, cases %v", mean.Shape, arrays["case"].I64)
	}
	if err := os.Remove("in3/case-0003.npz"); err != nil {
		t.Fatal(err)
	}
	_, _, err = csdm(t, "merge", "in3", "-o", "none.npz")
	code(t, err, cli.ExitData, "measurements 3 are missing")
	_, _, err = csdm(t, "status", "in3")
	code(t, err, cli.ExitData, "1 of 3 cases are missing")
	_, _, err = csdm(t, strings.Fields(strings.Replace(line, "1:4", "0:4", 1)+
		"--shard 1/3 -o in3")...)
	code(t, err, cli.ExitExists, "cases")
	_, _, err = csdm(t, strings.Fields(strings.Replace(line, "1:4", "1:", 1)+
		"--shard 1/3 -o in3")...)
	code(t, err, cli.ExitUsage, "with both ends")
	must(t, strings.Replace(line, "--cases 1:4", "--case 3", 1)+
		"--set prior_draws=6000 -o in3/case-0003.npz")
	_, _, err = csdm(t, "merge", "in3", "-o", "none.npz")
	code(t, err, cli.ExitData, "in3/case-0003.npz was made with other settings")
	damaged := readBytes(t, "in7/case-0003.npz")
	damaged[len(damaged)/3] ^= 1
	writeBytes(t, "in7/case-0003.npz", damaged)
	_, _, err = csdm(t, "merge", "in7", "-o", "none.npz")
	code(t, err, cli.ExitData, "in7/case-0003.npz")
	must(t, "merge in1 -o again.npz")
	_, _, err = csdm(t, "merge", "in1", "in3", "-o", "none.npz")
	code(t, err, cli.ExitData, "both have measurement 1")
}

// TestMergedCalls divides the verbs whose parts merge resumes from, and
// compares the merged result with the undivided call's.
func TestMergedCalls(t *testing.T) {
	model := filepath.Join(finished(t), "model.safetensors")
	t.Chdir(t.TempDir())
	writeMeasurements(t, "y.npy", 8, 10)
	for _, c := range []struct{ line, out string }{
		{"check --conformal --model " + model + " --measurements 8 --draws 3 --set coverage=0.5 " +
			"--set sampling.levels=8 --set fresh=3", "bands"},
		{"bench limits --model " + model + " --measurements 12 --seed 5", "limits.safetensors"},
		{"reference --problem quasistatic --grid 8 --noise 10 --y y.npy --case 1 " +
			"--method importance --set prior_draws=5000", "reference.npz"},
	} {
		line := c.line + " --threads 1 -q "
		must(t, line+"-o "+c.out)
		for _, m := range []int{1, 3, 7} {
			dir := fmt.Sprintf("%d-of-%s", m, c.out)
			for k := range m {
				if k > 0 {
					_, _, err := csdm(t, "merge", dir, "-o", "none"+c.out, "-q")
					code(t, err, cli.ExitData, "are missing")
				}
				must(t, fmt.Sprintf("%s --shard %d/%d -o %s", line, k, m, dir))
			}
			must(t, "status "+dir)
			merged := fmt.Sprintf("merged%d%s", m, c.out)
			must(t, "merge "+dir+" -o "+merged+" -q")
			sameContent(t, merged, c.out)
			if out := must(t, "merge "+dir+" -o "+merged+" -q"); !strings.Contains(out,
				`"already_there"`) {
				t.Errorf("%s merged again: %s", merged, out)
			}
		}
		if left, _ := filepath.Glob("merged*.partial*"); left != nil {
			t.Errorf("unfinished work is left: %v", left)
		}
	}
	_, _, err := csdm(t, strings.Fields("reference --problem quasistatic --grid 8 --y y.npy "+
		"--case 1 --method quadrature --shard 1/2 -o none")...)
	code(t, err, cli.ExitUsage, "chooses each solve by the ones before")
	_, _, err = csdm(t, "merge", "3-of-bands", "-o", "limits.safetensors", "-q")
	if err == nil {
		t.Error("bands are merged into a file")
	}
}

// TestMergePairs copies the blocks of shards that lie in several folders into
// one dataset, which has the bytes of one that was made at once.
func TestMergePairs(t *testing.T) {
	t.Chdir(t.TempDir())
	const line = "data --problem quasistatic --grid 8 --pairs 30 --set block_pairs=4 --threads 1 " +
		"-q "
	must(t, line+"-o whole")
	for _, m := range []int{3, 7} {
		folders := ""
		for k := range m {
			folders += fmt.Sprintf(" in%d-%d", m, k)
			must(t, fmt.Sprintf("%s --shard %d/%d -o in%d-%d", line, k, m, m, k))
		}
		must(t, fmt.Sprintf("merge%s -o merged%d", folders, m))
		sameContent(t, fmt.Sprintf("merged%d", m), "whole")
		must(t, fmt.Sprintf("merge%s -o merged%d", folders, m)) // again
		must(t, "data verify merged3")
	}
	_, _, err := csdm(t, "merge", "in3-0", "in3-2", "-o", "none")
	code(t, err, cli.ExitData, "in3-0 with in3-2 lacks pairs")
	must(t, strings.Replace(line, "quasistatic", "phantom", 1)+"-o other")
	_, _, err = csdm(t, "merge", "in3-0", "other", "-o", "none")
	code(t, err, cli.ExitExists, "other")
	if _, err := os.Stat("none"); err == nil {
		t.Error("a refused merge makes a folder")
	}
	blocks, _ := filepath.Glob("in3-1/x-*.npy")
	damaged := readBytes(t, blocks[0])
	damaged[len(damaged)-1] ^= 1
	writeBytes(t, blocks[0], damaged)
	_, _, err = csdm(t, "merge", "in3-0", "in3-1", "in3-2", "-o", "damaged")
	code(t, err, cli.ExitData, blocks[0])
}

// TestStudyShards divides Table 5, which csdm merge finishes in its folder.
func TestStudyShards(t *testing.T) {
	line := "bench table5 --set phantoms=3 --draws 2 --set sampling.levels=8 " +
		"--set prior_draws=0 --models " + filepath.Join(finished(t), "model.safetensors") +
		" --threads 1 -q "
	t.Chdir(t.TempDir())
	must(t, line+"-o whole")
	for k := range 3 {
		must(t, fmt.Sprintf("%s --shard %d/3 -o parts", line, k))
		if k == 0 {
			_, _, err := csdm(t, "merge", "parts", "-o", "parts", "-q")
			code(t, err, cli.ExitData, "are missing")
		}
	}
	must(t, "status parts")
	_, _, err := csdm(t, "merge", "parts", "-o", "elsewhere", "-q")
	code(t, err, cli.ExitUsage, "as the only argument and as -o")
	before, err := filepath.Glob("parts/noise-*/*.npz")
	if err != nil || len(before) < 6 {
		t.Fatalf("%v: %v", err, before)
	}
	must(t, "merge parts -o parts -q")
	for _, path := range before {
		sameContent(t, path, strings.Replace(path, "parts", "whole", 1))
	}
}

// TestFailsBeforeItsPart lets shards fail before they begin, which csdm status
// must show until they are made.
func TestFailsBeforeItsPart(t *testing.T) {
	model := filepath.Join(finished(t), "model.safetensors")
	t.Chdir(t.TempDir())
	writeBytes(t, "bad.npy", []byte("no array"))
	for _, c := range []struct {
		line, want string
		code       int
	}{
		{"check --model none.safetensors --measurements 4", "none.safetensors", cli.ExitNoInput},
		{"sample --model " + model + " --y bad.npy --draws 4", "bad.npy", cli.ExitData},
		{"data --problem none.toml --pairs 4", "none.toml", cli.ExitNoInput},
	} {
		dir := "in-" + strings.Fields(c.line)[0]
		_, _, err := csdm(t, strings.Fields(c.line+" --shard 2/3 -o "+dir)...)
		code(t, err, c.code, c.want)
		out, _, err := csdm(t, "status", dir)
		code(t, err, cli.ExitData, "no shard has begun")
		if !strings.Contains(out, "failed: shard 2/3") || !strings.Contains(out, c.want) {
			t.Errorf("%s: %s", c.line, out)
		}
	}
	const data = "data --problem quasistatic --grid 8 --pairs 6 --set block_pairs=2 --shard "
	must(t, data+"1/3 -o in-data -q")
	out, _, err := csdm(t, "status", "in-data")
	code(t, err, cli.ExitData, "4 of 6 pairs are missing")
	if !strings.Contains(out, "failed: shard 2/3") {
		t.Errorf("the failure is gone: %s", out)
	}
	must(t, data+"2/3 -o in-data -q")
	if out, _, _ := csdm(t, "status", "in-data"); strings.Contains(out, "failed") {
		t.Errorf("the failure of a finished shard is left: %s", out)
	}
	_, _, err = csdm(t, strings.Fields("data --problem none --pairs 4 --shard 1/3 -o wrong")...)
	if _, left := os.Stat("wrong"); cli.Code(err) != cli.ExitUsage || left == nil {
		t.Errorf("a wrong command line: %v, folder %v", err, left)
	}
}

// writeMeasurements writes five maps of a grid with noise in percent, of which
// number 2 is no measurement.
func writeMeasurements(t *testing.T, path string, grid, noise int) {
	t.Helper()
	must(t, fmt.Sprintf("data --problem quasistatic --grid %d --n 5 -o d -q", grid))
	must(t, fmt.Sprintf("data export d --noisy --noise %d -o y.npz -q", noise))
	y, err := format.ReadArrayFile("y.npz:y")
	if err != nil {
		t.Fatal(err)
	}
	size := grid * grid
	clear(y.F32[2*size : 3*size])
	var file bytes.Buffer
	if err := format.WriteNPY(&file, y); err != nil {
		t.Fatal(err)
	}
	writeBytes(t, path, file.Bytes())
}

// TestKeep checks what results keep, that a rounded draw is close to the draw,
// and that --dry-run states the size of the results.
func TestKeep(t *testing.T) {
	line := "sample --model " + filepath.Join(finished(t), "model.safetensors") + " --y y.npy " +
		"--case 1 --draws 4 --threads 1 -q --allow-extrapolation "
	t.Chdir(t.TempDir())
	writeMeasurements(t, "y.npy", 8, 10)
	must(t, line+"-o both.npz")
	both, err := format.ReadNPZFile("both.npz")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		flags, has, lacks string
		error             float64 // of a draw, relative to 1
	}{
		{"--keep summary", "mean q05 std_physical quantities", "samples samples_physical", 0},
		{"--keep draws", "samples mean std", "samples_physical q05 q95_physical", 0},
		{"--keep draws --set precision=float16", "samples", "q50", 0x1p-11},
		{"--set precision=float32", "samples q05", "", 0x1p-24},
	} {
		must(t, line+c.flags+" -o kept.npz --overwrite")
		must(t, line+c.flags+" -o kept.npz") // already there
		kept, err := format.ReadNPZFile("kept.npz")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range strings.Fields(c.has) {
			if kept[name] == nil {
				t.Errorf("%s: there is no %s", c.flags, name)
			}
		}
		for _, name := range strings.Fields(c.lacks) {
			if kept[name] != nil {
				t.Errorf("%s: there is %s", c.flags, name)
			}
		}
		if kept["samples"] != nil {
			a, b := kept["samples"].Float64(), both["samples"].Float64()
			for i := range b {
				if d := a[i] - b[i]; d > c.error*(1+b[i]*b[i]) || -d > c.error*(1+b[i]*b[i]) {
					t.Fatalf("%s: draw %d is %v, not %v", c.flags, i, a[i], b[i])
				}
			}
		}
		info, err := os.Stat("kept.npz")
		if err != nil {
			t.Fatal(err)
		}
		var plan struct {
			Bytes        float64
			Measurements int
		}
		out := printed(t, strings.Fields(line+c.flags+" -o none.npz --dry-run --json")...)
		if err := json.Unmarshal([]byte(out), &plan); err != nil || plan.Measurements != 1 ||
			plan.Bytes < 0.3*float64(info.Size()) || plan.Bytes > 3*float64(info.Size()) {
			t.Errorf("%s: %v, %s for %d bytes", c.flags, err, out, info.Size())
		}
	}
	_, _, err = csdm(t, strings.Fields(line+"--keep summary -o both.npz")...)
	code(t, err, cli.ExitExists, "keeps both as float64 and this call keeps summary as float64")
	_, _, err = csdm(t, strings.Fields(line+"--keep all -o none.npz")...)
	code(t, err, cli.ExitUsage, "summary, draws or both")
	_, _, err = csdm(t, strings.Fields(line+"--set precision=half -o none.npz")...)
	code(t, err, cli.ExitUsage, "float64, float32 or float16")
	if _, err := os.Stat("none.npz"); err == nil {
		t.Error("a refused call or a dry run has a result")
	}
}
