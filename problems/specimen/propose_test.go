package specimen_test

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"csdm/priors"
	"csdm/problems"
	"csdm/problems/specimen"
	"csdm/rng"
)

// TestPropose proposes files for simulated maps. The estimate of the noise must
// hold the true one within its errors, the length of its correlation within a
// factor of 2, the edges their values within the jitter, and the file must
// describe a problem.
//
// The average deviation over six maps must be below 1.5 errors of one map,
// which a biased estimate of the standard deviation would exceed. Stretch is
// present if and only if a length was found.
func TestPropose(t *testing.T) {
	const n = 28
	grid := specimen.Grid{Rows: n, Cols: n, Width: 24, Height: 32, Unit: "mm"}
	source := read(t, `
name = "source"
grid = { rows = 28, cols = 28, width = 24, height = 32, unit = "mm" }
physics = {}
edges = { bottom = 0.4, top = 0.1 }
noise = { std = 0.002 }
[prior]
x = [8, 16]
y = [10, 22]
radius = [3, 6]
ratio = [1.5, 4]
background = 3
gradient = 0.4`, problems.Options{})
	for _, length := range []float64{0, 1.2} {
		noise, err := priors.NewCorrelated(priors.Correlated{Grid: priors.Grid{Rows: n, Cols: n,
			Width: 24, Height: 32}, Channels: 1, Std: 0.002, Length: length})
		if err != nil {
			t.Fatal(err)
		}
		var deviation, lengths float64
		const maps = 6
		for i := range uint64(maps) {
			_, exact := pair(t, source, i)
			y := make([]float64, len(exact))
			noise.Sample(y, exact, rng.New(8, rng.Test, i, 0))
			p, err := specimen.Propose(y, specimen.Setup{Name: "map", Grid: grid,
				Components: []string{"uy"}, Measured: []string{"bottom", "top", "left", "right"}})
			if err != nil {
				t.Fatal(err)
			}
			deviation += (p.Noise.Std.Value - 0.002) / p.Noise.Std.Error / maps
			lengths += p.Noise.Length / maps
			if stretch := p.Definition.Noise.Stretch; (stretch > 0) != (p.Noise.Length > 0) {
				t.Errorf("correlation %v, map %d: a length of %v with a stretch of %v", length, i,
					p.Noise.Length, stretch)
			}
			if e := math.Abs(p.Noise.Std.Value-0.002) / p.Noise.Std.Error; e > 3.5 {
				t.Errorf("correlation %v, map %d: noise of %v, off by %.1f errors", length, i,
					p.Noise.Std, e)
			}
			edges := p.Definition.Edges
			for name, at := range map[string]func(k int) int{
				"bottom": func(k int) int { return k },
				"top":    func(k int) int { return n*(n-1) + k },
				"left":   func(k int) int { return k * n },
				"right":  func(k int) int { return k*n + n - 1 },
			} {
				square := 0.0
				for k, v := range edges.Measured[name].Uy {
					square += (v - exact[at(k)]) * (v - exact[at(k)]) / n
				}
				if rms := math.Sqrt(square); rms > 3*edges.Jitter {
					t.Errorf("map %d: the %s is off by %v (RMS), with a jitter of %v", i, name, rms,
						edges.Jitter)
				}
			}
			if i == 0 {
				describes(t, p, y)
			}
		}
		if math.Abs(deviation) > 1.5 || lengths > 2*max(length, 0.3) || lengths < length/2 {
			t.Errorf("correlation %v: on average off by %.1f errors, a length of %.2f", length,
				deviation, lengths)
		}
	}
}

// describes checks that the text of a proposal is a file with the same content.
//
// The text is written with fewer digits than float64 has, except for the
// settings that are compared.
func describes(t *testing.T, p *specimen.Proposal, y []float64) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "map.toml")
	if err := os.WriteFile(path, []byte(p.Text()), 0o666); err != nil {
		t.Fatal(err)
	}
	if !specimen.Describes(path) {
		t.Error("the file is not recognized")
	}
	d, err := specimen.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	problem, err := specimen.New(d, problems.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(d.Noise, p.Definition.Noise) ||
		d.Discrepancy != p.Definition.Discrepancy ||
		d.Edges.Jitter != p.Definition.Edges.Jitter || d.Grid != p.Definition.Grid {
		t.Errorf("the file holds %+v, not %+v", d, p.Definition)
	}
	_, exact := pair(t, problem, 0)
	if r := slices.Max(exact) - slices.Max(y); math.Abs(r) > 0.02 {
		t.Errorf("a pair of the proposal moves by %v more than the map", r)
	}
	if text := p.Text(); text != p.Text() || len(text) > 16<<10 {
		t.Errorf("a file of %d bytes", len(text))
	}
}

// TestProposeRefuses checks that a map of zeros is refused: a standard
// deviation of 0 would make any field impossible.
func TestProposeRefuses(t *testing.T) {
	if _, err := specimen.Propose(make([]float64, 64), specimen.Setup{Name: "still",
		Grid:       specimen.Grid{Rows: 8, Cols: 8, Width: 1, Height: 1, Unit: "mm"},
		Components: []string{"uy"}, Measured: []string{"bottom"}}); err == nil {
		t.Error("a map without noise is accepted")
	}
}

// TestProposeAxisymmetric proposes a file for a map from the axis outward, on a
// grid that is not square. The axis does not move as measured.
//
// Exchanged rows and columns, or a left edge that was stored as measured, would
// show in the grid or in u_r at the axis.
func TestProposeAxisymmetric(t *testing.T) {
	source := read(t, cylinder, problems.Options{})
	_, y := pair(t, source, 0)
	noise := priors.Gaussian{Std: 0.001}
	noise.Sample(y, y, rng.New(8, rng.Test, 0, 0))
	p, err := specimen.Propose(y, specimen.Setup{Name: "map",
		Grid:    specimen.Grid{Rows: 10, Cols: 12, Width: 4, Height: 3, Unit: "mm"},
		Physics: specimen.Physics{Kind: "axisymmetric", Nu: 0.45}, Components: []string{"ux", "uy"},
		Measured: []string{"bottom", "top", "left", "right"}})
	if err != nil {
		t.Fatal(err)
	}
	mine := read(t, p.Text(), problems.Options{})
	if s := mine.Spec(); s.Rows != 10 || s.Cols != 12 || s.XName != "Young's modulus" {
		t.Errorf("the proposal is %+v", s)
	}
	if e := p.Definition.Edges; e.Left != any("free") || e.Right != any("measured") {
		t.Errorf("the edges are %+v", e)
	}
	_, y = pair(t, mine, 0)
	for row := range 10 {
		if y[row*12] != 0 {
			t.Errorf("u_r of row %d on the axis: %v", row, y[row*12])
		}
	}
}
