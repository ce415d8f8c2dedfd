package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
)

// verbs calls do for each command that is not only a group.
func verbs(do func(path string, c *cobra.Command)) {
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		path := strings.TrimPrefix(c.CommandPath(), "csdm ")
		if c.IsAvailableCommand() && (!c.HasSubCommands() || c.Name() == "data") {
			do(path, c)
		}
		for _, child := range c.Commands() {
			walk(child)
		}
	}
	walk(newRoot(io.Discard, newConsole(io.Discard), os.Getenv))
}

// TestExamples runs the example of every verb with --json, in an order in which
// each finds its inputs, and checks that it prints one JSON object. The
// examples of demo, run, check and bench accuracy take minutes, and the one
// of merge needs the parts of a check, so that other tests cover these verbs.
func TestExamples(t *testing.T) {
	workdir(t)
	examples := map[string]string{}
	verbs(func(path string, c *cobra.Command) {
		if c.Example == "" {
			t.Errorf("csdm %s has no example", path)
		}
		examples[path] = strings.TrimSpace(c.Example)
	})
	order := []string{
		"problems", "schedule check", "schedule propose", "data", "data verify", "status",
		"data export",
		"data import", "prior", "train", "net eval", "net shrink",
		"sample", "compare", "reference", "forward", "info", "verify", "export", "mesh",
		"fem plane-stress",
		"fem helmholtz", "fem plane-strain",
		"fem axisym-dynamics", "bench fem", "bench train", "bench conv", "bench table5",
		"bench limits", "bench truth", "net onnx", "docs", "version",
	}
	short := map[string]string{
		"data": "--n 40", "data export": "--to 20",
		"train": "--set data.held_out=8 --set training.steps=2 --set training.batch=2 --set " +
			"network.ngf=4 --set training.held_out_every=2",
		"sample": "--n 4 --steps 6", "bench train": "--runs 1 --ngf 4 --batch 2",
		"bench fem": "--runs 1 --size 20", "prior": "--n 1",
		"fem axisym-dynamics": "--frames 1 --dt 5e-5", "bench table5": "--draws 8 --steps 3",
		"bench limits": "--n 12", "bench truth": "--set cases=1 --set grid=8",
	}
	for _, path := range order {
		example, ok := examples[path]
		if !ok {
			t.Errorf("no verb %q", path)
			continue
		}
		delete(examples, path)
		args := append(strings.Fields(example)[1:], strings.Fields(short[path])...)
		stdout, stderr, err := csdm(t, append(args, "--json", "-q")...)
		if err != nil || stderr != "" {
			t.Errorf("%s: %v, and on stderr %q", example, err, stderr)
		}
		var v map[string]any
		if err := json.Unmarshal([]byte(stdout), &v); err != nil ||
			strings.Count(stdout, "\n") != 1 {
			t.Errorf("%s: %v in %q", example, err, stdout)
		}
	}
	delete(examples, "demo")
	delete(examples, "run")
	delete(examples, "check")
	delete(examples, "merge")
	delete(examples, "bench accuracy")
	for _, path := range []string{"data correct", "bench memorization", "bench peers",
		"bench tasks", "infer", "lab", "licenses", "man", "net wrap", "slurm", "specimen"} {
		delete(examples, path) // their own tests run them
	}
	for path := range examples {
		t.Errorf("the example of csdm %s is not run", path)
	}
}

// TestInfo describes all files of a finished run.
func TestInfo(t *testing.T) {
	workdir(t)
	for path, kind := range map[string]string{
		"finished": "run folder", "finished/run.json": "run folder",
		"finished/metrics.jsonl": "run folder", "finished/config.toml": "settings",
		"finished/data": "dataset", "finished/data/dataset.json": "dataset",
		"finished/data/x-00000.npy":                             "array",
		"finished/checkpoints/checkpoint-000000012.safetensors": "checkpoint",
		"finished/model.safetensors":                            "model",
		"finished/cases/000/posterior.npz":                      "posterior",
		"finished/cases/000/reference.npz":                      "posterior",
		"finished/cases/000/measurement.npz":                    "arrays",
		"finished/cases/000/measurement.npz:y":                  "array",
		"nn/testdata/scorenet_ngf8_28.safetensors":              "weights",
	} {
		for _, flag := range []string{"--json", "--json=false"} {
			out, _, err := csdm(t, "info", path, flag)
			if err != nil || !strings.Contains(out, kind) {
				t.Errorf("csdm info %s %s: %v, %q", path, flag, err, out)
			}
		}
	}
}

// TestCompare checks that the distance of a posterior from itself is zero, and
// that the distance of two measurements is not.
func TestCompare(t *testing.T) {
	workdir(t)
	const m = "models/measurements/quasistatic-28-n5.npz"
	for _, c := range []struct {
		other  string
		lo, hi float64
	}{{"0", 0, 0}, {"1", 0.05, 1}} {
		out, _, err := csdm(t, "compare", m, m, "--case-a", "0", "--case-b", c.other, "--json",
			"-q")
		if err != nil {
			t.Fatal(err)
		}
		var score map[string]any
		if err := json.Unmarshal([]byte(out), &score); err != nil {
			t.Fatal(err)
		}
		if v, ok := score["rmse_mean"].(float64); !ok || math.IsNaN(v) || v < c.lo || v > c.hi {
			t.Errorf("case %s: %v", c.other, score)
		}
	}
}

// TestRunOfFinishedFolder checks that a finished folder accepts the command
// that made it, a shorter one, and one with the same settings in other words.
func TestRunOfFinishedFolder(t *testing.T) {
	workdir(t)
	want := ""
	for _, args := range [][]string{
		chainFlags("finished"), {"-o", "finished"},
		{"-o", "finished", "--seed", "1", "--grid", "8", "--set", "training.steps=12"},
		{"-o", "finished", "--problem", "quasistatic"},
		{"-o", "finished", "--config", "finished/config.toml"},
	} {
		out, notes, err := csdm(t, append([]string{"run", "--json", "--allow-extrapolation"},
			args...)...)
		if err != nil || !strings.Contains(notes, "finished; nothing is left to do") {
			t.Errorf("csdm run %v: %v, %q", args, err, notes)
		}
		if want == "" {
			want = out
		}
		if out != want {
			t.Errorf("csdm run %v prints %s, before %s", args, out, want)
		}
	}
	// Draws of a network of 12 training steps leave the range of fields.
	out, _, err := csdm(t, "run", "-o", "finished", "--json", "-q")
	var outcome struct{ Refused []string }
	if cli.Code(err) != cli.ExitData || !strings.Contains(err.Error(), "all results are written") ||
		json.Unmarshal([]byte(out), &outcome) != nil || len(outcome.Refused) != 1 ||
		!strings.HasPrefix(outcome.Refused[0], "case 000: the draws are not a posterior") {
		t.Errorf("a run whose draws are refused: code %d, %v, %s", cli.Code(err), err, out)
	}
	out, _, err = csdm(t, "train", "-o", "finished", "--data", "finished/data", "-q")
	if err != nil || !strings.Contains(out, "trained 12 steps") {
		t.Errorf("csdm train in a finished folder: %v, %q", err, out)
	}
}

// TestStdoutFails checks that a call fails if its result cannot be printed.
func TestStdoutFails(t *testing.T) {
	broken := errors.New("broken pipe")
	for _, args := range [][]string{{"problems"}, {"problems", "--json"}, {"--help"}, {"--version"},
		{"schedule", "check"}} {
		err := execute(context.Background(), args, failing{broken}, newConsole(io.Discard),
			os.Getenv)
		if cli.Code(err) != cli.ExitIO || !errors.Is(err, broken) {
			t.Errorf("%v into a broken pipe: code %d, %v", args, cli.Code(err), err)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestConsole checks that a remark ends the line of a bar, that nothing is
// printed with -q, and that no carriage return goes to a file.
func TestConsole(t *testing.T) {
	var b bytes.Buffer
	c := newConsole(&b)
	c.progress("training", 1, 9, "")
	c.note("half way")
	c.progress("training", 9, 9, "")
	c.end()
	if got := b.String(); !strings.Contains(got, "\nhalf way\n") || strings.Contains(got, "\r") ||
		!strings.HasSuffix(got, "\n") {
		t.Errorf("printed %q", got)
	}
	b.Reset()
	c.quiet = true
	c.progress("sampling", 1, 9, "")
	c.note("half way")
	c.end()
	if b.Len() > 0 {
		t.Errorf("quiet printed %q", b.String())
	}
}
