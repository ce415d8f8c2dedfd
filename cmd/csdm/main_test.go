package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/internal/format"
)

// csdm runs a command line in this process and returns what it printed and its error.
func csdm(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, notes bytes.Buffer
	err = execute(context.Background(), args, &out, newConsole(&notes), func(string) string { return "" })
	return out.String(), notes.String(), err
}

// workdir makes a folder with links to the repository's, as the examples expect them, and goes there.
func workdir(t *testing.T) {
	t.Helper()
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"nn", "fem", "models"} {
		if err := os.Symlink(filepath.Join(repo, name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

// TestExamplesRun runs the example of every verb, in an order in which each finds its inputs. Those of demo and run take minutes;
// the chain behind them is tested in package run on a smaller grid.
func TestExamplesRun(t *testing.T) {
	workdir(t)
	examples := map[string]string{}
	var collect func(*cobra.Command)
	collect = func(c *cobra.Command) {
		path := strings.TrimPrefix(c.CommandPath(), "csdm ")
		runs := c.Runnable() && !c.HasSubCommands() || c.Name() == "data"
		if runs && c.IsAvailableCommand() && c.Name() != "help" && !strings.HasPrefix(path, "completion") {
			if c.Example == "" {
				t.Errorf("csdm %s has no example", path)
			}
			examples[path] = strings.TrimSpace(c.Example)
		}
		for _, child := range c.Commands() {
			collect(child)
		}
	}
	collect(newRoot(new(bytes.Buffer), newConsole(new(bytes.Buffer)), os.Getenv))
	order := []string{
		"problems", "schedule check", "schedule propose", "data", "data verify", "data export", "data import", "prior", "train", "net eval",
		"sample", "compare", "reference", "forward", "info", "fem plane-stress", "fem helmholtz", "fem plane-strain",
		"fem axisym-dynamics", "bench fem", "bench train", "bench conv",
	}
	short := map[string][]string{"train": {"--set", "training.steps=2"}, "bench train": {"--runs", "1"}}
	for _, path := range order {
		example, ok := examples[path]
		if !ok {
			t.Errorf("no verb %q", path)
			continue
		}
		delete(examples, path)
		args := append(strings.Fields(example)[1:], short[path]...)
		if _, stderr, err := csdm(t, append(args, "-q")...); err != nil {
			t.Errorf("%s: %v\n%s", example, err, stderr)
		}
	}
	delete(examples, "demo")
	delete(examples, "run")
	for path := range examples {
		t.Errorf("the example of csdm %s is not run", path)
	}
}

// TestExitCodes gives each kind of bad input and asks for its code.
func TestExitCodes(t *testing.T) {
	workdir(t)
	write := func(name, content string) string {
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		return name
	}
	truncate := func(from, name string) string {
		data, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		return write(name, string(data[:len(data)*2/3]))
	}
	there := write("there.npz", "")
	cut := truncate("nn/testdata/scorenet_ngf8_28.safetensors", "cut.safetensors")
	cutNPZ := truncate("models/measurements/quasistatic-28-n5.npz", "cut.npz")
	huge := write("huge.npy", "\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 99999999), }"+strings.Repeat(" ", 40)+"\n")
	nan := "nan.csv"
	write(nan, strings.Repeat(strings.Repeat("1,", 27)+"nan\n", 28))
	badTOML, unknownKey := write("bad.toml", "seed = = 1"), write("unknown.toml", "sed = 1")
	const builtinModel, y = "builtin:quasistatic-28-n5", "models/measurements/quasistatic-28-n5.npz:y"

	for _, c := range []struct {
		name string
		code int
		args []string
	}{
		{"unknown verb", cli.ExitUsage, []string{"frobnicate"}},
		{"unknown flag", cli.ExitUsage, []string{"problems", "--frobnicate"}},
		{"missing flag", cli.ExitUsage, []string{"sample"}},
		{"unknown problem", cli.ExitUsage, []string{"data", "--problem", "nosuch", "--n", "4", "-o", "d"}},
		{"no draws", cli.ExitUsage, []string{"sample", "--model", builtinModel, "--y", y, "--case", "1", "--n", "0", "-o", "o.npz"}},
		{"unknown sampler", cli.ExitUsage, []string{"sample", "--model", builtinModel, "--y", y, "--case", "1", "--sampler", "magic", "-o", "o.npz"}},
		{"bad threads", cli.ExitUsage, []string{"data", "--problem", "quasistatic", "--n", "4", "-o", "d", "--threads", "-3"}},
		{"missing file", cli.ExitNoInput, []string{"info", "nosuch.npz"}},
		{"missing embedded model", cli.ExitNoInput, []string{"info", "builtin:nosuch"}},
		{"truncated model", cli.ExitData, []string{"info", cut}},
		{"truncated npz", cli.ExitData, []string{"info", cutNPZ}},
		{"hostile npy", cli.ExitData, []string{"info", huge}},
		{"hostile measurement", cli.ExitData, []string{"sample", "--model", builtinModel, "--y", huge, "-o", "o.npz"}},
		{"NaN measurement", cli.ExitData, []string{"sample", "--model", builtinModel, "--y", nan, "-o", "o.npz"}},
		{"wrong shape", cli.ExitData, []string{"sample", "--model", builtinModel, "--y", "fem/testdata/plane_stress_56.npz:uy", "-o", "o.npz"}},
		{"model without metadata", cli.ExitData, []string{"sample", "--model", "nn/testdata/scorenet_ngf8_28.safetensors", "--y", y, "-o", "o.npz"}},
		{"would overwrite", cli.ExitExists, []string{"sample", "--model", builtinModel, "--y", y, "--case", "1", "-o", there}},
		{"malformed settings", cli.ExitConfig, []string{"run", "--problem", "quasistatic", "--config", badTOML, "-o", "r"}},
		{"unknown setting", cli.ExitConfig, []string{"run", "--problem", "quasistatic", "--config", unknownKey, "-o", "r"}},
		{"senseless setting", cli.ExitConfig, []string{"run", "--problem", "quasistatic", "--set", "training.steps=0", "-o", "r"}},
		{"folder of others", cli.ExitExists, []string{"run", "--problem", "quasistatic", "-o", "."}},
	} {
		_, _, err := csdm(t, append(c.args, "-q")...)
		if got := cli.Code(err); err == nil || got != c.code {
			t.Errorf("%s: exit code %d (%v), want %d", c.name, got, err, c.code)
		}
	}
}

// TestUnitMistake gives a measurement in micrometres to a model of centimetres.
func TestUnitMistake(t *testing.T) {
	workdir(t)
	arrays, err := format.ReadNPZFile("models/measurements/quasistatic-28-n5.npz")
	if err != nil {
		t.Fatal(err)
	}
	y := arrays["y"].Float64()[:28*28]
	for i := range y {
		y[i] *= 1e4
	}
	f, err := os.Create("um.npy")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(format.WriteNPY(f, format.Array64(y, 28, 28)), f.Close()); err != nil {
		t.Fatal(err)
	}
	_, _, err = csdm(t, "sample", "--model", "builtin:quasistatic-28-n5", "--y", "um.npy", "-o", "o.npz", "-q")
	if cli.Code(err) != cli.ExitData || !strings.Contains(err.Error(), "unit") {
		t.Errorf("error %v", err)
	}
}

// TestJSON asks that --json prints one object that a program can read, and that a comparison with itself is zero.
func TestJSON(t *testing.T) {
	workdir(t)
	const m = "models/measurements/quasistatic-28-n5.npz"
	out, _, err := csdm(t, "compare", m, m, "--json", "-q")
	if err != nil {
		t.Fatal(err)
	}
	var score map[string]any
	if err := json.Unmarshal([]byte(out), &score); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	if score["rmse_mean"] != 0.0 || score["rmse_std"] != 0.0 {
		t.Errorf("a file differs from itself: %v", score)
	}
	out, _, err = csdm(t, "compare", m, m, "--case-b", "1", "--json", "-q")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(out), &score); err != nil {
		t.Fatal(err)
	}
	if v, _ := score["rmse_mean"].(float64); math.IsNaN(v) || v < 0.05 {
		t.Errorf("two posteriors of different places differ by %v only", score["rmse_mean"])
	}
}
