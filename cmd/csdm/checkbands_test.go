package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/nn"
)

// TestBands calibrates bands, and samples a measurement with the model that has
// them: bands at each pixel, for each quantity, in text and in JSON.
func TestBands(t *testing.T) {
	dir := t.TempDir()
	folder, out := filepath.Join(dir, "bands"), filepath.Join(dir, "post.npz")
	const embedded = "builtin:quasistatic-28-n5"
	check := []string{"check", "--conformal", "--model", embedded, "--measurements", "9",
		"--draws", "2", "--levels", "6", "-q", "-o", folder}
	printed, _, err := csdm(t, check...)
	if err != nil || !strings.Contains(printed, "bands of 90 % coverage from 9 held-out") ||
		!strings.Contains(printed, "center from the left") {
		t.Fatalf("%v, %s", err, printed)
	}
	model := filepath.Join(folder, "model.safetensors")
	sample := []string{"sample", "-q", "--model", model, "--y",
		"../../models/measurements/quasistatic-28-n5.npz:y", "--case", "1", "--levels", "6",
		"--draws", "3", "--allow-extrapolation", "-o", out}
	printed, _, err = csdm(t, sample...)
	if err != nil || !strings.Contains(printed, "bands: over measurements of the prior, 90 % of") ||
		!strings.Contains(printed, "90 % band from") {
		t.Fatalf("%v, %s", err, printed)
	}
	low, err := format.ReadArrayFile(out + ":band_low_physical")
	if err != nil {
		t.Fatal(err)
	}
	high, err := format.ReadArrayFile(out + ":band_high_physical")
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range low.Float64() {
		if !(v <= high.Float64()[k]) {
			t.Fatalf("pixel %d: band from %v to %v", k, v, high.Float64()[k])
		}
	}
	printed, _, err = csdm(t, append(sample, "--json")...)
	var result struct {
		Bands *infer.Bands `json:"bands"`
	}
	if err != nil || json.Unmarshal([]byte(printed), &result) != nil || result.Bands == nil ||
		len(result.Bands.Quantities) != 2 || result.Bands.Quantities[0].Low == nil {
		t.Errorf("the same again: %v, %s", err, printed)
	}

	// A damaged level is refused, and so is an answer that no pair supports.
	m, err := nn.ReadModelFile(model)
	if err != nil {
		t.Fatal(err)
	}
	m.Meta.Bands.Levels[0] = -1
	if err := m.WriteFile(filepath.Join(dir, "bad.safetensors"), false); err == nil {
		t.Error("a level of −1 is written")
	}
	for says, args := range map[string][]string{
		"at least 9 are needed":   {"--conformal", "--measurements", "8", "-o", folder + "2"},
		"give a folder for it":    {"--conformal"},
		"leave out spoil":         {"--conformal", "--set", "spoil=wide", "-o", folder + "2"},
		"fresh is for bands":      {"--set", "fresh=3"},
		"give both or none":       {"--set", "first=3"},
		"must lie between 0 and ": {"--conformal", "--set", "coverage=90", "-o", folder + "2"},
	} {
		_, _, err := csdm(t, append([]string{"check", "--model", embedded, "-q"}, args...)...)
		if cli.Code(err) != cli.ExitUsage || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: %v", args, err)
		}
	}
	if _, err := os.Stat(folder + "2"); err == nil {
		t.Error("a refused call makes its folder")
	}
}
