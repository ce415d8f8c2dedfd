package fidelity_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"csdm/dataset"
	"csdm/fidelity"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/problems"
	"csdm/problems/specimen"
	"csdm/rng"
)

// linear returns n pairs whose difference is an affine function of two features
// of the cheap measurement, plus noise.
func linear(n int, noise float64, seed uint64) fidelity.Pairs {
	const size = 30
	p := fidelity.Pairs{Cheap: mat.NewDense(n, size, nil), Dear: mat.NewDense(n, size, nil)}
	for i := range n {
		s := rng.New(seed, rng.Test, uint64(i), 0)
		a, b := s.Normal(), s.Normal()
		for k := range size {
			x := float64(k) / size
			y := 1 + a*math.Sin(3*x) + 0.3*b*x*x
			p.Cheap.Set(i, k, y)
			p.Dear.Set(i, k, y+0.2+0.1*a*math.Cos(2*x)-0.05*b+noise*s.Normal())
		}
	}
	return p
}

// TestLinear fits differences that are affine in the features. Fresh pairs are
// then corrected to the noise, and have no larger errors than are stated.
func TestLinear(t *testing.T) {
	const noise = 1e-3
	p := linear(60, noise, 1)
	c, err := fidelity.Fit(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	errs, err := fidelity.Judge(t.Context(), p, 1)
	if err != nil {
		t.Fatal(err)
	}
	fresh := linear(200, noise, 2)
	c.Apply(fresh.Cheap)
	got := rms(fresh)
	if got > 1.2*noise {
		t.Errorf("a corrected measurement is off by %v; the noise is %v", got, noise)
	}
	last := errs[len(errs)-1]
	if last.Solves != 60 || math.Abs(last.After-got) > 4*last.AfterError+0.02*got ||
		last.Before < 0.15 {
		t.Errorf("errors %+v; fresh pairs have %v", errs, got)
	}
	for k := 1; k < len(errs); k++ {
		if errs[k].After > 1.1*errs[k-1].After {
			t.Errorf("the error rises with the number of solves: %+v", errs)
		}
	}
}

// TestNothingToLearn gives differences that are noise. The correction must not
// make them larger.
func TestNothingToLearn(t *testing.T) {
	p := linear(40, 0, 3)
	s := rng.New(4, rng.Test, 0, 0)
	n, size := p.Dear.Dims()
	for i := range n {
		for k := range size {
			p.Dear.Set(i, k, p.Cheap.At(i, k)+s.Normal())
		}
	}
	errs, err := fidelity.Judge(t.Context(), p, 1)
	if err != nil {
		t.Fatal(err)
	}
	if e := errs[len(errs)-1]; e.After > 1.05*e.Before {
		t.Errorf("%+v", e)
	}
}

func rms(p fidelity.Pairs) float64 {
	var d mat.Dense
	d.Sub(p.Cheap, p.Dear)
	n, size := d.Dims()
	return mat.Norm(&d, 2) / math.Sqrt(float64(n*size))
}

// models returns n fields' measurements by the crossed mesh of the grid, and by
// another model.
func models(t *testing.T, n int, seed uint64, other string) fidelity.Pairs {
	t.Helper()
	var p fidelity.Pairs
	for k, model := range []string{`kind = "plane-stress"`, other} {
		q := gel(t, model)
		g, err := q.NewGenerator()
		if err != nil {
			t.Fatal(err)
		}
		x, y := make([]float64, q.Spec().XLen()), make([]float64, q.Spec().YLen())
		rows := mat.NewDense(n, len(y), nil)
		for i := range n {
			if err := g.Pair(x, y, seed, uint64(i)); err != nil {
				t.Fatal(err)
			}
			rows.SetRow(i, y)
		}
		if k == 0 {
			p.Cheap = rows
		} else {
			p.Dear = rows
		}
	}
	return p
}

// gel returns the problem phantom on a small grid, with other physics.
func gel(t *testing.T, physics string) problems.Problem {
	t.Helper()
	text, err := specimen.Described("phantom")
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + "/specimen.toml"
	text = strings.NewReplacer("kind = \"plane-stress\"\n"+
		"mesh = \"diagonal\" # the paper's", physics, "rows = 56", "rows = 14",
		"cols = 56", "cols = 14", "sharp = true # no transition at the rim\n", "").Replace(text)
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
	return p
}

// TestModels corrects the measurements of a coarse mesh, and of a solid that is
// incompressible. Fresh fields have no larger errors than are stated.
func TestModels(t *testing.T) {
	for other, gain := range map[string]float64{
		"kind = \"plane-stress\"\nrefine = 2": 1.4,
		"kind = \"plane-strain\"\nnu = 0.4":   2,
	} {
		p := models(t, 64, 1, other)
		c, err := fidelity.Fit(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		errs, err := fidelity.Judge(t.Context(), p, 1)
		if err != nil {
			t.Fatal(err)
		}
		fresh := models(t, 100, 2, other)
		before := rms(fresh)
		c.Apply(fresh.Cheap)
		after, stated := rms(fresh), errs[len(errs)-1]
		t.Logf("%q: fresh %.2e to %.2e mm; stated %+v; %+v", other, before, after, errs, c.Settings)
		if after > before/gain || after > stated.After+3*stated.AfterError {
			t.Errorf("%q: fresh fields: %v to %v; stated %+v", other, before, after, stated)
		}
	}
}

// TestCorrect corrects a dataset. Pairs that the dear model solved keep its
// measurements, the others are closer to the dear model's than they were, and
// fields stay as they are. Datasets of other seeds are refused.
func TestCorrect(t *testing.T) {
	dir := t.TempDir()
	const pairs, solved = 60, 40
	open := func(name string, physics string, n int, seed uint64) *dataset.Store {
		path := filepath.Join(dir, name)
		if _, err := dataset.Generate(t.Context(), path, gel(t, physics),
			dataset.Settings{Pairs: n, Seed: seed, Threads: 1}); err != nil {
			t.Fatal(err)
		}
		store, err := dataset.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		return store
	}
	const dearPhysics = "kind = \"plane-strain\"\nnu = 0.4"
	cheap := open("cheap", `kind = "plane-stress"`, pairs, 1)
	dear, all := open("dear", dearPhysics, solved, 1), open("all", dearPhysics, pairs, 1)
	path := filepath.Join(dir, "corrected.npz")
	models := fidelity.Models{Cheap: cheap, Dear: dear}
	r, err := fidelity.Correct(t.Context(), models, path, 1, false)
	if err != nil {
		t.Fatal(err)
	}
	if r.Pairs != pairs || r.Solved != solved || r.Errors[len(r.Errors)-1].Solves != solved {
		t.Errorf("%+v", r)
	}
	arrays, err := format.ReadNPZFile(path)
	if err != nil {
		t.Fatal(err)
	}
	size := cheap.Spec().YLen()
	x, y, want := make([]float32, size), make([]float32, size), make([]float32, size)
	before, after := 0.0, 0.0
	for i := range pairs {
		if err := errors.Join(cheap.Pair(i, x, y), all.Pair(i, nil, want)); err != nil {
			t.Fatal(err)
		}
		got := arrays["y"].F32[i*size : (i+1)*size]
		if !slices.Equal(x, arrays["x"].F32[i*size:(i+1)*size]) ||
			i < solved && !slices.Equal(got, want) {
			t.Fatalf("pair %d has another field, or not the dear model's measurement", i)
		}
		for k, v := range want {
			before += float64(v-y[k]) * float64(v-y[k])
			after += float64(v-got[k]) * float64(v-got[k])
			if i < solved {
				before, after = 0, 0
			}
		}
	}
	if after > before/4 {
		t.Errorf("the squared errors are %v, and were %v", after, before)
	}
	other := open("other", dearPhysics, solved, 2)
	if _, err := fidelity.Correct(t.Context(), fidelity.Models{Cheap: cheap, Dear: other}, path,
		1, true); cli.Code(err) !=
		cli.ExitData || !strings.Contains(err.Error(), "fields of pair 0 differ") {
		t.Errorf("datasets of two seeds: %v", err)
	}
	// A pair has equally many values inside, whatever the grid of y.
	coarse := open("coarse", dearPhysics+"\n[measurement]\nrows = 7\ncols = 5", 2, 1)
	if _, err := fidelity.Correct(t.Context(), fidelity.Models{Cheap: cheap, Dear: coarse}, path,
		1, true); cli.Code(err) != cli.ExitData || !strings.Contains(err.Error(), "1×7×5 of y") {
		t.Errorf("y on another grid: %v", err)
	}
}
