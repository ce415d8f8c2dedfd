package certify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/certify"
	"csdm/internal/cli"
	"csdm/problems"
	"csdm/problems/specimen"
	"csdm/rng"
)

// A stand-in is a measured map whose specimen is known: a disc in a background
// whose stiffness varies, under uneven compression, with correlated noise. Its
// mesh is twice as fine as the mesh of the model proposed from the map.
const (
	standInSide  = 16
	standInNoise = 0.001 // mm
	standInESS   = 600
	standInTag   = 9
)

const standInFile = `
name = "stand-in"
grid = { rows = %d, cols = %d, width = 26, height = 34, unit = "mm" }
physics = { refine = 2 }
[edges]
bottom = "measured"
top = "measured"
[prior]
x = [%[4]v, %[5]v]
y = [%[6]v, %[7]v]
radius = [3.5, 6.5]
ratio = [1.5, 3.5]
background = 1
gradient = 0.4
[noise]
std = %[3]v
correlation = 1.0
[edges.measured.bottom]
uy = %[8]s
[edges.measured.top]
uy = %[9]s
`

// standIn is a line of the file of stand-ins. Arrays hold the center, the
// radius and the ratio.
type standIn struct {
	Seed       uint64     `json:"seed"`
	Certified  bool       `json:"certified"`
	Reasons    []string   `json:"reasons,omitempty"`
	Truth      [4]float64 `json:"truth"`
	Low        [4]float64 `json:"q05"`
	Median     [4]float64 `json:"q50"`
	High       [4]float64 `json:"q95"`
	Noise      float64    `json:"noise_estimate"`
	Spread     float64    `json:"noise_spread"`
	NoiseLow   float64    `json:"noise_q05"`
	NoiseHigh  float64    `json:"noise_q95"`
	Solves     int        `json:"solves"`
	CPUSeconds float64    `json:"cpu_seconds"`
}

// newStandIn returns the map of a seed and the variables of its disc.
func newStandIn(t *testing.T, side int, seed uint64) (y []float64, truth [4]float64) {
	t.Helper()
	stream := rng.New(seed, rng.Test, standInTag, 0)
	edge := func(level float64) string {
		slope, bend := 0.004*stream.Normal(), 0.004*stream.Normal()
		var parts []string
		for k := range side {
			at := 2*float64(k)/float64(side-1) - 1
			parts = append(parts, fmt.Sprintf("%.6f", level+slope*at+bend*at*at))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	path := filepath.Join(t.TempDir(), "stand-in.toml")
	text := fmt.Sprintf(standInFile, side, side, standInNoise, 8., 18., 10., 24., edge(0.392),
		edge(0.084))
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	d, err := specimen.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := specimen.New(d, problems.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, y, err = problems.MeasuredPair(p, seed, 0); err != nil {
		t.Fatal(err)
	}
	lo, _ := p.(problems.Parametric).Box()
	theta := make([]float64, len(lo))
	p.(problems.Parametric).Latent(theta, seed, 0)
	copy(truth[:], theta)
	return y, truth
}

// answer proposes a specimen for a map and returns its posterior.
func (s *standIn) answer(t *testing.T, y []float64, side int) {
	t.Helper()
	made, err := specimen.Propose(y, specimen.Setup{Name: "lab",
		Grid:       specimen.Grid{Rows: side, Cols: side, Width: 26, Height: 34, Unit: "mm"},
		Components: []string{"uy"}, Measured: []string{"bottom", "top", "left", "right"}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := specimen.New(made.Definition, problems.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := certify.Certify(context.Background(), p, y, nil,
		certify.Settings{Seed: s.Seed, Threads: 1, ESS: standInESS})
	if err != nil {
		t.Fatal(err)
	}
	s.Low, s.Median, s.High = discIntervals(r)
	s.Certified, s.Reasons = r.Certificate.Certified, r.Certificate.Reasons
	s.Noise, s.Spread = made.Noise.Std.Value, made.Definition.Noise.Spread
	if noise := r.Certificate.Noise; noise != nil {
		s.NoiseLow, s.NoiseHigh = noise.Q05, noise.Q95
	}
	s.Solves = r.Certificate.Solves
}

// discIntervals returns the limits of the 90 % intervals of the first four
// variables, and their medians.
func discIntervals(r *certify.Result) (low, median, high [4]float64) {
	d := len(r.Theta) / len(r.LogWeights)
	n := len(r.SampleTheta) / d
	for k := range low {
		column := make([]float64, n)
		for i := range column {
			column[i] = r.SampleTheta[i*d+k]
		}
		slices.Sort(column)
		low[k], median[k], high[k] = column[n/20], column[n/2], column[n-1-n/20]
	}
	return low, median, high
}

// TestStandIn takes a small stand-in from its map to an answer. The truth must
// lie within three of the posterior's 90 % intervals.
func TestStandIn(t *testing.T) {
	const side = 12
	s := standIn{Seed: 5}
	y, truth := newStandIn(t, side, s.Seed)
	s.answer(t, y, side)
	if !s.Certified {
		t.Error(s.Reasons)
	}
	for k, v := range truth {
		if math.Abs(v-s.Median[k]) > 3*(s.High[k]-s.Low[k]) {
			t.Errorf("variable %d is %.3f, %.3f to %.3f; want %.3f", k, s.Median[k], s.Low[k],
				s.High[k], v)
		}
	}
	t.Logf("%+v", s)
}

// TestStandIns makes 40 stand-ins, if CSDM_STANDINS names the file for their
// lines. It resumes behind its last line. Without the name it makes none.
func TestStandIns(t *testing.T) {
	path, count := os.Getenv("CSDM_STANDINS"), 40
	if path == "" {
		path, count = filepath.Join(t.TempDir(), "standins.jsonl"), 0
	}
	old, _ := os.ReadFile(path) // none at the first call
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for i := bytes.Count(old, []byte("\n")); i < count; i++ {
		s := standIn{Seed: uint64(100 + i)}
		begin, _, _ := cli.Used()
		var y []float64
		y, s.Truth = newStandIn(t, standInSide, s.Seed)
		s.answer(t, y, standInSide)
		if end, _, ok := cli.Used(); ok {
			s.CPUSeconds = (end - begin).Seconds()
		}
		line, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write(append(line, '\n')); err != nil {
			t.Fatal(err)
		}
	}
}
