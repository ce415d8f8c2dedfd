package dataset_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"csdm/dataset"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// stripes is a cheap problem with two channels and three images per simulation:
// x is a ramp of random height, shifted by the image's number; y is its square
// and its double. fail, if positive, is a pair whose simulation breaks.
type stripes struct {
	spec      problems.Spec
	fail      int64
	infinite  int64                // number of a pair with an infinite y
	fails     func(i uint64) error // nil: none
	asked     atomic.Int64         // pairs requested
	made      atomic.Int64         // pairs made
	afterPair func(i uint64)
}

func newStripes() *stripes {
	return &stripes{fail: -1, infinite: -1, spec: problems.Spec{
		Name: "stripes", Rows: 3, Cols: 5, YChannels: 2, Width: 1, Height: 1, LengthUnit: "cm",
		XUnit: "kPa", YUnit: "cm", ImagesPerSimulation: 3,
		Options: problems.Options{Grid: 3, NoisePercent: 5},
	}}
}

func (p *stripes) Spec() *problems.Spec                      { return &p.spec }
func (p *stripes) NewGenerator() (problems.Generator, error) { return &striper{p}, nil }
func (p *stripes) Measurement() priors.Measurement           { return priors.Gaussian{Std: 60} }

type striper struct {
	*stripes
}

func (g *striper) Pair(x, y []float64, seed, i uint64) error {
	g.asked.Add(1)
	if g.fails != nil {
		if err := g.fails(i); err != nil {
			return err
		}
	}
	if int64(i) == g.fail {
		return errors.New("the solver broke")
	}
	s := rng.New(seed, rng.Prior, i/3, 0)
	height := s.Uniform(1, 2)
	for k := range x {
		x[k] = height*float64(k) + float64(i%3)
		y[k] = x[k]*x[k] - 70
		y[len(x)+k] = 2 * x[k]
	}
	if int64(i) == g.infinite {
		y[7] /= 0 * y[7]
	}
	g.made.Add(1)
	if g.afterPair != nil {
		g.afterPair(i)
	}
	return nil
}

// settings of a dataset of eight blocks; the last one is short.
func settings() dataset.Settings {
	return dataset.Settings{Pairs: 100, Seed: 9, BlockPairs: 12, Threads: 2, Version: "test",
		KeepFrom: time.Hour}
}

// folder returns the contents of all files in dir.
func folder(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(data)
	}
	return files
}

func sameFolder(t *testing.T, got, want map[string]string) {
	t.Helper()
	for name, data := range want {
		if got[name] != data {
			t.Errorf("%s differs or is missing", name)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is one too many", name)
		}
	}
}

func generate(t *testing.T, dir string, p problems.Problem, s dataset.Settings) dataset.Generated {
	t.Helper()
	g, err := dataset.Generate(context.Background(), dir, p, s)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func open(t *testing.T, dir string) *dataset.Store {
	t.Helper()
	store, err := dataset.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// stored returns stripes and a store of the given number of its pairs.
func stored(t *testing.T, pairs int) (*stripes, *dataset.Store) {
	t.Helper()
	dir, p, s := t.TempDir(), newStripes(), settings()
	s.Pairs = pairs
	generate(t, dir, p, s)
	return p, open(t, dir)
}

// constant is stripes with the same x everywhere.
type constant struct{ *stripes }

func (p *constant) NewGenerator() (problems.Generator, error) { return p, nil }

func (p *constant) Pair(x, y []float64, seed, i uint64) error {
	for k := range x {
		x[k] = 3
	}
	return (&striper{p.stripes}).Pair(make([]float64, len(x)), y, seed, i)
}

// alwaysFailing is stripes whose solver is broken.
type alwaysFailing struct{ *stripes }

func (p *alwaysFailing) NewGenerator() (problems.Generator, error) { return p, nil }

func (p *alwaysFailing) Pair(_, _ []float64, _, _ uint64) error {
	return errors.New("the solver broke")
}
