package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csdm/internal/cli"
)

// TestDryRun checks that the text of a dry run is a configuration of the same
// run, that --json prints one object, and that neither leaves a file.
func TestDryRun(t *testing.T) {
	whole := finished(t)
	t.Chdir(t.TempDir())
	flags := chainFlags("new")
	text := printed(t, append([]string{"run", "--dry-run"}, flags...)...)
	if !strings.HasPrefix(text, "# quasistatic, 8×8") || !strings.Contains(text, "# about ") {
		t.Errorf("a dry run prints %q", text)
	}
	writeBytes(t, "printed.toml", []byte(text))
	var a, b struct {
		Folder     string
		Settings   map[string]any
		Parameters int
		Estimate   map[string]any
	}
	for args, v := range map[string]any{strings.Join(flags, " "): &a,
		"--problem quasistatic --config printed.toml -o new": &b} {
		out := printed(t, append([]string{"run", "--dry-run", "--json", "-q"},
			strings.Fields(args)...)...)
		if err := json.Unmarshal([]byte(out), v); err != nil || strings.Count(out, "\n") != 1 {
			t.Errorf("%v in %q", err, out)
		}
	}
	if a.Folder != "new" || a.Parameters == 0 || a.Settings["training.steps"] != 12.0 {
		t.Errorf("as JSON %+v", a)
	}
	for name, v := range a.Settings {
		if b.Settings[name] != v {
			t.Errorf("setting %s is %v, and %v by way of the file", name, v, b.Settings[name])
		}
	}
	if seconds, ok := a.Estimate["seconds"].(float64); !ok || !(seconds > 0) ||
		math.IsInf(seconds, 0) {
		t.Errorf("estimate %v", a.Estimate)
	}
	// The file names the problem, and a dry run needs no folder.
	var c struct{ Settings map[string]any }
	if err := json.Unmarshal([]byte(printed(t, "run", "--dry-run", "--json", "-q", "--config",
		"printed.toml")), &c); err != nil {
		t.Error(err)
	}
	for name, v := range a.Settings {
		if c.Settings[name] != v {
			t.Errorf("setting %s is %v, and %v by the file alone", name, v, c.Settings[name])
		}
	}
	// Flags win over the file.
	if err := json.Unmarshal([]byte(printed(t, "run", "--dry-run", "--json", "-q", "--config",
		"printed.toml", "--seed", "7", "--noise", "2.5", "--preset", "small")), &c); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]any{"seed": 7.0, "noise_percent": 2.5, "preset": "small"} {
		if got := c.Settings[name]; got != want || got == a.Settings[name] {
			t.Errorf("setting %s is %v where the flag has %v and the file %v", name, got, want,
				a.Settings[name])
		}
	}
	if _, err := os.Stat("new"); err == nil {
		t.Error("a dry run made the folder")
	}
	if out := printed(t, "run", "-o", whole, "--dry-run"); !strings.Contains(out,
		"# nothing is left to compute\n") {
		t.Errorf("a dry run of a finished run prints %q", out)
	}
	for args, code := range map[string]int{
		"--problem quasistatic": cli.ExitUsage,
		"--dry-run --problem quasistatic --set training.steps=-1 -o new": cli.ExitConfig,
		"--dry-run --problem nonesuch -o new":                            cli.ExitUsage,
		"--dry-run --set training.steps=13 -o " + whole:                  cli.ExitExists,
		"--config none.toml -o new":                                      cli.ExitNoInput,
	} {
		if _, _, err := csdm(t, append([]string{"run"},
			strings.Fields(args)...)...); cli.Code(err) != code {
			t.Errorf("csdm run %s: code %d (%v), want %d", args, cli.Code(err), err, code)
		}
	}
}

// TestNeeds checks the disk and memory that --dry-run states against the
// known sizes of the files, and that it leaves none.
func TestNeeds(t *testing.T) {
	folder := finished(t)
	model := filepath.Join(folder, "model.safetensors")
	weights, err := os.Stat(model)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	writeMeasurements(t, "y.npy", 8, 10)
	const pair = 4 * (64 + 64) // bytes
	for _, c := range []struct {
		line        string
		least, most float64 // bytes on disk
	}{
		{"data --problem quasistatic --grid 8 --pairs 5000", 5000 * pair, 5500 * pair},
		{"data --problem quasistatic --grid 8 --pairs 5120 --shard 1/4", 1280 * pair, 1408 * pair},
		{"train --problem quasistatic --data " + filepath.Join(folder, "data"),
			4 * float64(weights.Size()), 1e9},
		{"check --model " + model + " --measurements 1000 --draws 9", 3e6, 30e6},
		{"check --conformal --model " + model + " --measurements 1000 --draws 9", 3e6, 30e6},
		{"reference --problem quasistatic --grid 8 --noise 10 --y y.npy --case 1 " +
			"--method importance --set prior_draws=1000000", 32e6, 64e6},
		{"reference --problem quasistatic --grid 8 --noise 10 --y y.npy --cases 1:3 " +
			"--method importance --set prior_draws=1000000", 64e6, 128e6},
	} {
		var n struct {
			Work        string
			MemoryBytes float64 `json:"memory_bytes"`
			DiskBytes   float64 `json:"disk_bytes"`
		}
		out := printed(t, strings.Fields(c.line+" --threads 2 -o new --dry-run --json -q")...)
		if err := json.Unmarshal([]byte(out), &n); err != nil || n.Work == "" {
			t.Fatalf("%s: %v, %s", c.line, err, out)
		}
		if n.DiskBytes < c.least || n.DiskBytes > c.most {
			t.Errorf("%s: %.0f bytes on disk, want %.0f to %.0f", c.line, n.DiskBytes, c.least,
				c.most)
		}
		if n.MemoryBytes < 200<<20 || n.MemoryBytes > 1e9 {
			t.Errorf("%s: %.0f bytes of memory", c.line, n.MemoryBytes)
		}
	}
	if text := printed(t, strings.Fields("data --problem quasistatic --grid 8 --pairs 5000 "+
		"-o new --dry-run")...); !strings.HasPrefix(text, "5000 pairs; about ") ||
		!strings.Contains(text, "MB of memory and 2.6 MB on disk; threads beyond 5000 ") {
		t.Errorf("as text: %s", text)
	}
	if _, err := os.Stat("new"); err == nil {
		t.Error("a dry run made a folder")
	}
}

// printed returns the output of a command line that must succeed.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	out, notes, err := csdm(t, args...)
	if err != nil {
		t.Fatalf("csdm %v: %v\n%s", args, err, notes)
	}
	return out
}
