package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/internal/plot"
	"csdm/measured"
)

// TestMeasuredMap converts an embedded measurement to the form of a laboratory:
// in µm, as text, the top row first, on another grid. Its posterior must be the
// posterior of the measurement itself.
func TestMeasuredMap(t *testing.T) {
	workdir(t)
	a, err := format.ReadArrayFile("models/measurements/quasistatic-28-n5.npz:y")
	if err != nil {
		t.Fatal(err)
	}
	y := a.Float64()[:28*28]
	var text strings.Builder
	for r := 27; r >= 0; r-- {
		for c := range 28 {
			fmt.Fprintf(&text, "%.17g%c", 1e4*y[r*28+c], ",\n"[c/27])
		}
	}
	writeBytes(t, "map.csv", []byte(text.String()))
	const sample = "sample --model builtin:quasistatic-28-n5 --n 8 --steps 6 --json"
	type result struct {
		Verdict    measured.Likeness
		Quantities []infer.Quantity
	}
	call := func(args string) (r result) {
		t.Helper()
		out, notes, err := csdm(t, strings.Fields(sample+args)...)
		if err != nil {
			t.Fatalf("%s: %v %s", args, err, notes)
		}
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	same := call(" --y models/measurements/quasistatic-28-n5.npz:y --case 0 -o same.npz")
	if len(same.Quantities) != 2 || same.Quantities[0].Unit != "cm" ||
		!(same.Quantities[0].Q05 < same.Quantities[0].Q95) || !same.Verdict.In {
		t.Errorf("%+v", same)
	}
	// Samples at the model's nodes: neither averaging nor interpolation changes
	// them, up to rounding; the draws have other random numbers, which are
	// keyed by the measurement's last bit.
	placed := call(" --y map.csv --unit um --rows-down --extent 1cm,10mm -o placed.npz")
	if !placed.Verdict.In ||
		math.Abs(placed.Quantities[0].Mean-same.Quantities[0].Mean) > 6*same.Quantities[0].Std {
		t.Errorf("%+v, and as a map %+v", same, placed)
	}
	arrays, err := format.ReadNPZFile("placed.npz")
	if err != nil || arrays["quantities"].CheckShape(2, 5) != nil ||
		arrays["quantity_draws"].CheckShape(8, 2) != nil {
		t.Errorf("%v: %v", err, arrays["quantities"])
	}
	for _, c := range []struct {
		code int
		says string
		args string
	}{
		{cli.ExitData, "is its unit right", "--y map.csv --rows-down"},
		{cli.ExitData, "out of distribution: its distance from the mean measurement",
			"--y map.csv --unit um"},
		{cli.ExitData, "do not cover 0 to 1 cm",
			"--y map.csv --unit um --rows-down --pixel-size 0.03"},
		{cli.ExitUsage, "a unit of length is expected: m,", "--y map.csv --unit kPa"},
		{cli.ExitUsage, "is not known; units of length: m,", "--y map.csv --unit furlong"},
		{cli.ExitUsage, "is not known; units of length: m,", "--y map.csv --extent 1furlong"},
		{cli.ExitUsage, "set only one", "--y map.csv --pixel-size 1 --extent 1"},
		{cli.ExitUsage, "a length such as", "--y map.csv --pixel-size wide"},
		{cli.ExitUsage, "origin", "--y map.csv --origin 1"},
	} {
		_, _, err := csdm(t, strings.Fields(sample+" "+c.args+" -o bad.npz")...)
		if cli.Code(err) != c.code || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: code %d, %v; want %d, %q", c.args, cli.Code(err), err, c.code, c.says)
		}
	}
	mapIsShown(t, sample+" --y map.csv --unit um --rows-down --extent 10,10mm")
	if r := call(" --y map.csv --rows-down --allow-extrapolation -o far.npz"); r.Verdict.In {
		t.Error("an accepted extrapolation is reported as in distribution")
	}
}

// mapIsShown checks that the map is drawn next to the result and printed with
// its sides named, that -q prints nothing, and that a picture of an earlier
// call is replaced but a file of another program is not.
func mapIsShown(t *testing.T, call string) {
	t.Helper()
	shown := func(args string) (string, error) {
		_, notes, err := csdm(t, strings.Fields(call+args)...)
		return notes, err
	}
	notes, err := shown(" -o shown.npz")
	for _, side := range []string{"left|", "|right", "top", "bottom", "x = 10 mm, y = 10 mm",
		"covers 1.00 × 1.00", "shown-map.png"} {
		if err != nil || !strings.Contains(notes, side) {
			t.Errorf("%q is not printed: %v\n%s", side, err, notes)
		}
	}
	first, err := os.ReadFile("shown-map.png")
	if err != nil || !plot.Drew(first) {
		t.Fatalf("no picture: %v", err)
	}
	if _, err := shown(" --rows-down=false --allow-extrapolation -o shown.npz --overwrite"); err !=
		nil {
		t.Fatal(err)
	}
	if second, err := os.ReadFile("shown-map.png"); err != nil || bytes.Equal(first, second) {
		t.Errorf("upside down the picture is the same (%v)", err)
	}
	if notes, err := shown(" -q -o quiet.npz"); err != nil || notes != "" {
		t.Errorf("quiet: %v, %q", err, notes)
	}
	writeBytes(t, "mine-map.png", []byte("a picture of mine"))
	if _, err := shown(" -o mine.npz"); cli.Code(err) != cli.ExitExists {
		t.Errorf("a file of another program is replaced: %v", err)
	}
}
