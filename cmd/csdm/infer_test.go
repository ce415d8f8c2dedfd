package main

import (
	"encoding/json"
	"math"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/problems"
	"csdm/problems/builtin"
)

// gradedSpecimen is a disc in a background whose stiffness varies. Plates move
// both ends.
const gradedSpecimen = `
name = "graded"
grid = { rows = 16, cols = 16, width = 26, height = 34, unit = "mm" }
physics = {}
edges = { bottom = 0.392, top = 0.084 }
noise = { std = 0.003 }
[prior]
x = [12, 14]
y = [17, 19]
radius = [5, 6]
ratio = [2.2, 2.4]
background = 4
gradient = 0.4
`

// writeMap writes the measured map of pair 2 of gradedSpecimen, in µm and with
// row 0 at the top, and returns the variables of its disc.
func writeMap(t *testing.T, path string) (theta []float64) {
	t.Helper()
	if err := os.WriteFile("source.toml", []byte(gradedSpecimen), 0o666); err != nil {
		t.Fatal(err)
	}
	p, err := builtin.Lookup("source.toml", problems.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, y, err := problems.MeasuredPair(p, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	turned := make([]float64, len(y))
	for i, v := range y {
		turned[(15-i/16)*16+i%16] = 1000 * v
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := format.WriteNPY(f, format.Array64(turned, 16, 16)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	theta = make([]float64, 9)
	p.(problems.Parametric).Latent(theta, 1, 2)
	return theta
}

// TestInfer takes a map without a file to a posterior. The quantities must
// agree with the true ones within three of their standard deviations and the
// grid's resolution. A second call changes nothing.
func TestInfer(t *testing.T) {
	t.Chdir(t.TempDir())
	theta := writeMap(t, "map.npy")
	settings := "--set map.unit=um --set map.extent=26,34mm --set map.rows_down=true"
	call := func(line string) (string, error) {
		out, notes, err := csdm(t, strings.Fields(line)...)
		if err != nil {
			t.Log(notes)
		}
		return out, err
	}
	if _, err := call("specimen --y map.npy --grid 16 -o lab.toml " + settings); err != nil {
		t.Fatal(err)
	}
	// The noise of the instrument is known better than its estimate from 256
	// values.
	lab := string(readBytes(t, "lab.toml"))
	known := regexp.MustCompile(`(?m)^std = 0\.003\d+ #`).ReplaceAllString(lab, "std = 0.003 #")
	if known == lab {
		t.Fatalf("the estimate of the noise is not 0.003 to 0.004:\n%s", lab)
	}
	writeBytes(t, "lab.toml", []byte(known))
	line := "infer --problem lab.toml --y map.npy -o answer --json --threads 1 " + settings
	if err := os.Mkdir("taken", 0o777); err != nil {
		t.Fatal(err)
	}
	writeBytes(t, "taken/report.html", []byte("mine"))
	_, _, err := csdm(t, strings.Fields(strings.Replace(line, "-o answer", "-o taken", 1))...)
	code(t, err, cli.ExitExists, "report.html")
	text, err := call(line)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Explained   struct{ Explained bool }
		Certificate struct{ Certified bool }
		Quantities  []struct {
			Name                            string
			Mean, Std, Q05, Q95, Resolution float64
		}
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatal(err)
	}
	if !answer.Explained.Explained || !answer.Certificate.Certified ||
		len(answer.Quantities) != 4 {
		t.Fatalf("the answer is %s", text)
	}
	for k, want := range []float64{theta[0], theta[1], 2 * theta[2], theta[3]} {
		q := answer.Quantities[k]
		t.Logf("%s: %.3f ± %.3f, %.3f to %.3f; true %.3f", q.Name, q.Mean, q.Std, q.Q05, q.Q95,
			want)
		if math.Abs(q.Mean-want) > 3*q.Std+q.Resolution || q.Std > 0.1*want {
			t.Errorf("%s is %v ± %v, want %v", q.Name, q.Mean, q.Std, want)
		}
	}
	before := hashes(t, "answer")
	if _, err := call(line); err != nil || !reflect.DeepEqual(before, hashes(t, "answer")) {
		t.Errorf("a second call changes the answer: %v", err)
	}
}
