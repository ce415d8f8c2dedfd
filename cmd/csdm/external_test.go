package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"csdm/dataset"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/problems/external"
)

// fibres copies the example of an external program, with edits that replace
// texts, and goes to an empty folder. It returns the path of the definition.
func fibres(t *testing.T, edits ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"fibres.toml", "fibres.sh"} {
		text := string(readBytes(t, filepath.Join("../../examples/fibres", name)))
		for k := 0; k < len(edits); k += 2 {
			text = strings.ReplaceAll(text, edits[k], edits[k+1])
		}
		writeBytes(t, filepath.Join(dir, name), []byte(text))
	}
	t.Chdir(t.TempDir())
	return filepath.Join(dir, "fibres.toml")
}

// must runs a command line that must succeed.
func must(t *testing.T, args string) string {
	t.Helper()
	out, notes, err := csdm(t, append(strings.Fields(args), "--json")...)
	if err != nil {
		t.Fatalf("csdm %s: %v\n%s", args, err, notes)
	}
	return out
}

// TestExternalProgram uses the example with all verbs that take a problem, and
// samples its model after the program was removed.
func TestExternalProgram(t *testing.T) {
	toml := fibres(t)
	small := " --set data.pairs=24 --set data.held_out=4 --set network.ngf=2 --set " +
		"training.steps=4 --set training.batch=4 --set training.warm_up=2" +
		" --set training.held_out_every=2 --set sampling.cases=1 --set sampling.draws=4 --set " +
		"sampling.steps=3 --set reference.method=none"
	must(t, "run --problem "+toml+small+" --allow-extrapolation -o whole")
	must(t, "run --allow-extrapolation -o whole") // resumes from the file's absolute path
	must(t, "data --problem "+toml+" --n 24 -o pairs")
	same(t, "whole/data", "pairs")
	must(t, "train --problem "+toml+" --data pairs"+small+" -o trained")
	sameModel(t, "whole", "trained")
	must(t, "prior --problem "+toml+" --n 1 -o sheet")
	must(t, "data export pairs --problem "+toml+" --noisy -o pairs.npz")
	must(t, "data import pairs.npz --problem "+toml+" -o back")

	arrays, err := format.ReadNPZFile("whole/cases/000/measurement.npz")
	if err != nil {
		t.Fatal(err)
	}
	writeArrays(t, "case.npz", map[string]*format.Array{"x": arrays["x"]})
	must(t, "forward --model whole/model.safetensors --problem "+toml+" --x case.npz:x -o y.npy")
	a, err := format.ReadArrayFile("y.npy")
	if err != nil || a.CheckShape(1, 16, 16) != nil || a.F64[255] < 0.05 || a.F64[255] > 0.5 {
		t.Errorf("forward gives %v, %v", a, err)
	}
	// So few draws determine nothing, and the error states it.
	if _, _, err := csdm(t, strings.Fields("reference --problem "+toml+
		" --y whole/cases/000/measurement.npz:y --method importance --n 4 "+
		"-o reference.npz")...); cli.Code(err) != cli.ExitData ||
		!strings.Contains(err.Error(), "adaptive") {
		t.Errorf("four prior draws: %v", err)
	}

	if err := os.Remove(toml); err != nil {
		t.Fatal(err)
	}
	must(t, "sample --model whole/model.safetensors --y whole/cases/000/measurement.npz:y --n 4 "+
		"--steps 3 --seed 1 --allow-extrapolation -o post.npz")
	chain, err := format.ReadNPZFile("whole/cases/000/posterior.npz")
	if err != nil {
		t.Fatal(err)
	}
	post, err := format.ReadNPZFile("post.npz")
	if err != nil || !reflect.DeepEqual(chain["samples"], post["samples"]) {
		t.Errorf("without its program the model draws other samples: %v", err)
	}
	if q := chain["quantities"]; q == nil || q.CheckShape(4, 5) != nil {
		t.Error("the chain has no quantities of the inclusion")
	}
	must(t, "info whole/model.safetensors")
	must(t, "info pairs")
	for args, code := range map[string]int{
		// The problem is not a built-in one.
		"forward --model whole/model.safetensors --x case.npz:x -o z.npy": cli.ExitData,
		// The program was removed.
		"data --problem " + toml +
			" --n 4 -o d": cli.ExitNoInput,
		"forward --model whole/model.safetensors --problem phantom --x case.npz:x " +
			"-o z.npy": cli.ExitUsage,
	} {
		if _, _, err := csdm(t, strings.Fields(args)...); cli.Code(err) != code {
			t.Errorf("csdm %s: code %d (%v), want %d", args, cli.Code(err), err, code)
		}
	}
}

// TestExternalFailure lets the program fail at one pair. The other pairs are
// kept, and the error names the failed pair. After a repair of the program the
// same command completes the dataset, bit for bit the same as without the
// failure.
func TestExternalFailure(t *testing.T) {
	toml := fibres(t)
	must(t, "data --problem "+toml+" --n 12 -o whole")
	script := filepath.Join(filepath.Dir(toml), "fibres.sh")
	good := readBytes(t, script)
	const fails = `    if [ "$id" = 5 ]; then echo "no memory" >&2; exit 1; fi
`
	broken := strings.Replace(string(good), "    if awk", fails+"    if awk", 1)
	writeBytes(t, script, []byte(broken))
	_, _, err := csdm(t, strings.Fields("data --threads 1 --problem "+toml+" --n 12 -o pairs")...)
	failed, ok := errors.AsType[*dataset.FailedError](err)
	program, isProgram := errors.AsType[*external.ProgramError](err)
	if !ok || !isProgram || cli.Code(err) != cli.ExitData || len(failed.Failed) != 1 ||
		failed.Failed[0].Pair != 5 || program.Stderr != "no memory" ||
		!strings.Contains(err.Error(),
			"pair 5: sh fibres.sh ended before it answered: exit status 1") {
		t.Errorf("error %v", err)
	}
	writeBytes(t, script, good)
	var made struct{ Found, Made int }
	if err := json.Unmarshal([]byte(must(t, "data --problem "+toml+" --n 12 -o pairs")),
		&made); err != nil || made.Found+made.Made != 12 {
		t.Errorf("%+v, %v", made, err)
	}
	same(t, "whole", "pairs")
}

// TestImportedProblem checks that a definition without a program is enough for
// pairs from files.
func TestImportedProblem(t *testing.T) {
	toml := fibres(t)
	must(t, "data --problem "+toml+" --n 12 -o pairs")
	must(t, "data export pairs -o pairs.npz")
	text, _, _ := strings.Cut(string(readBytes(t, toml)), "[program]")
	writeBytes(t, "lab.toml", []byte(strings.Replace(text, `"fibres"`, `"lab"`, 1)))
	must(t, "data import pairs.npz --problem lab.toml -o imported")
	must(t, "train --problem lab.toml --data imported -o trained --set data.held_out=2 --set "+
		"network.ngf=2 --set training.steps=2 --set training.batch=2 --set "+
		"training.held_out_every=2")
	must(t, "data export imported --problem lab.toml --noisy -o noisy.npz --from 3 --to 4")
	must(t, "sample --model trained/model.safetensors --y noisy.npz:y --n 2 --steps 3 "+
		"--allow-extrapolation -o post.npz")
	for args, says := range map[string]string{
		"data --problem lab.toml --n 4 -o d": "names no program",
		"data import pairs.npz --problem quasistatic -o d": "16 rows; 56 are " +
			"expected",
		"data import nowhere --problem lab.toml -o d":                      "no such file",
		"data export imported --noisy -o again.npz":                        "no problem is called",
		"data export imported --problem " + toml + " --noisy -o again.npz": "name",
	} {
		if _, _, err := csdm(t, strings.Fields(args)...); err == nil ||
			!strings.Contains(err.Error(), says) {
			t.Errorf("csdm %s: %v, want %q", args, err, says)
		}
	}
	if _, err := os.Stat("d"); err == nil {
		if entries, _ := os.ReadDir("d"); len(entries) > 1 {
			t.Errorf("left behind: %v", entries)
		}
	}
}
