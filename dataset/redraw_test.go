package dataset_test

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/dataset"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/duallayer"
	"csdm/problems/quasistatic"
	"csdm/rng"
)

// redrawn returns sources of pairs of p without and with redraws.
func redrawn(t *testing.T, p problems.Problem, pairs, neighbors int) (*dataset.Store,
	[2]*dataset.Source) {
	t.Helper()
	dir, s := t.TempDir(), settings()
	s.Pairs, s.BlockPairs = pairs, 0
	generate(t, dir, p, s)
	store := open(t, dir)
	var sources [2]*dataset.Source
	for k := range sources {
		var err error
		if sources[k], err = dataset.NewSource(context.Background(), store, p.Measurement(),
			dataset.Settings{Seed: 4, HeldOut: 10, Threads: 2, Neighbors: neighbors, Redraw: k == 1,
				Problem: p}); err != nil {
			t.Fatal(err)
		}
	}
	return store, sources
}

// TestRedraw checks that a redrawn pair is the problem's redraw of the stored
// one, a function of step and slot, and that held-out pairs are as stored.
func TestRedraw(t *testing.T) {
	p, err := quasistatic.New(problems.Options{Grid: 12})
	if err != nil {
		t.Fatal(err)
	}
	store, sources := redrawn(t, p, 60, 0)
	n, norm := store.Spec().XLen(), sources[1].Scaling().Normalization
	x, y := make([]float32, n), make([]float32, n)
	field, response := make([]float64, n), make([]float64, n)
	turned := 0
	for slot := range uint64(20) {
		i := sources[1].Pair(7, slot)
		if err := store.Pair(int(i), x, y); err != nil {
			t.Fatal(err)
		}
		for k := range x {
			field[k], response[k] = float64(x[k]), float64(y[k])
		}
		before := slices.Clone(field)
		p.(problems.Redrawable).Redraw(field, response, store.Manifest().Seed, i,
			rng.New(4, rng.Redraw, 7, slot))
		if !slices.Equal(before, field) {
			turned++
		}
		noise := make([]float64, n)
		p.Measurement().Sample(noise, noise, rng.New(4, rng.Noise, 7, slot))
		for range 2 { // the second call gives the same pair
			if err := sources[1].Training(x, y, 7, slot); err != nil {
				t.Fatal(err)
			}
			for k := range x {
				wantX := (field[k] - norm.X.Min) / norm.X.Width()
				wantY := (response[k] + noise[k] - norm.Y.Min) / norm.Y.Width()
				if math.Abs(float64(x[k])-wantX) > 1e-6 || math.Abs(float64(y[k])-wantY) > 1e-6 {
					t.Fatalf("slot %d, value %d: %v and %v, want %v and %v", slot, k, x[k], y[k],
						wantX, wantY)
				}
			}
		}
	}
	if turned < 4 || turned > 16 {
		t.Errorf("%d of 20 pairs are turned", turned)
	}
	a, b := make([]float32, 2*n), make([]float32, 2*n)
	for k, held := range [][]float32{a, b} {
		if err := sources[k].HeldOut(held[:n], held[n:], 3); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(a, b) {
		t.Error("a held-out pair is redrawn")
	}
}

// TestRedrawnNeighbors compares the target of a redrawn pair with the mean over
// all training pairs, each redrawn from the stream of the sample.
func TestRedrawnNeighbors(t *testing.T) {
	p, err := quasistatic.New(problems.Options{Grid: 12, NoisePercent: 20})
	if err != nil {
		t.Fatal(err)
	}
	store, sources := redrawn(t, p, 150, 1000)
	source := sources[1]
	n, norm := store.Spec().XLen(), source.Scaling().Normalization
	fields, responses := all(t, store, source.TrainingLen())
	x, y, z := make([]float32, n), make([]float32, n), make([]float32, n)
	noise := p.Measurement().(priors.Likelihood)
	const sigma = 1.0
	scatter := 0.0
	for slot := range uint64(12) {
		if err := source.Training(x, y, 2, slot); err != nil {
			t.Fatal(err)
		}
		own := slices.Clone(x)
		stream := rng.New(8, rng.Z, 2, slot)
		diffused, measured := make([]float64, n), make([]float64, n)
		for k := range z {
			z[k] = float32(stream.Normal())
			diffused[k] = norm.X.Min + (float64(x[k])+sigma*float64(z[k]))*norm.X.Width()
			measured[k] = norm.Y.Min + float64(y[k])*norm.Y.Width()
		}
		mean, total, most := make([]float64, n), 0.0, math.Inf(-1)
		logs, redrawn := make([]float64, len(fields)), make([][]float64, len(fields))
		for i := range fields {
			redrawn[i] = slices.Clone(fields[i])
			response := slices.Clone(responses[i])
			p.(problems.Redrawable).Redraw(redrawn[i], response, store.Manifest().Seed, uint64(i),
				rng.New(4, rng.Redraw, 2, slot))
			logs[i] = noise.LogLikelihood(measured, response)
			for k, v := range redrawn[i] {
				d := (diffused[k] - v) / (sigma * norm.X.Width())
				logs[i] -= d * d / 2
			}
			most = max(most, logs[i])
		}
		for i, l := range logs {
			w := math.Exp(l - most)
			total += w
			for k, v := range redrawn[i] {
				mean[k] += w * (v - norm.X.Min) / norm.X.Width()
			}
		}
		if err := source.Stabilize(x, y, z, sigma, 2, slot); err != nil {
			t.Fatal(err)
		}
		for k, v := range x {
			// y and x̃ are rounded to float32; y enters a sum of squares in
			// units of the noise.
			if e := math.Abs(float64(v) - mean[k]/total); e > 1e-4 {
				t.Fatalf("slot %d: target %v, want %v", slot, v, mean[k]/total)
			}
			scatter = max(scatter, math.Abs(float64(v-own[k])))
		}
	}
	if scatter < 0.05 {
		t.Errorf("targets differ from the fields by %v at most", scatter)
	}
}

// TestAveragedTarget checks that the target of a redrawn pair of duallayer has
// the expectation of x, less scatter, and leaves x + σz as it is.
func TestAveragedTarget(t *testing.T) {
	p, err := duallayer.New(problems.Options{Grid: 32})
	if err != nil {
		t.Fatal(err)
	}
	store, sources := redrawn(t, p, 12, 0)
	source := sources[1]
	x, y := make([]float32, store.Spec().XLen()), make([]float32, store.Spec().YLen())
	z := make([]float32, len(x))
	for _, sigma := range []float64{0.2, 5} {
		var first, square, fields float64
		const draws = 400
		for slot := range uint64(draws) {
			if err := source.Training(x, y, 1, slot); err != nil {
				t.Fatal(err)
			}
			stream := rng.New(8, rng.Z, 1, slot)
			for k := range z {
				z[k] = float32(stream.Normal())
			}
			own, diffused := float64(x[0]), float64(x[0])+sigma*float64(z[0])
			if err := source.Stabilize(x, y, z, sigma, 1, slot); err != nil {
				t.Fatal(err)
			}
			if e := math.Abs(float64(x[0]) + sigma*float64(z[0]) - diffused); e > 3e-7*(1+sigma) {
				t.Fatalf("x + σz is off by %g", e)
			}
			d := float64(x[0]) - own
			first, square, fields = first+d/draws, square+d*d/draws, fields+own*own/draws
		}
		standard := math.Sqrt(square / draws)
		if math.Abs(first) > 4*standard || square < 1e-3*fields*sigma/5 {
			t.Errorf("σ = %v: targets are off by %v ± %v", sigma, first, standard)
		}
	}
}

// TestRedrawIsRefused checks that imported pairs, which have no seed to redraw
// from, and neighbors of pairs without a symmetry are refused with advice.
func TestRedrawIsRefused(t *testing.T) {
	p, err := duallayer.New(problems.Options{Grid: 32})
	if err != nil {
		t.Fatal(err)
	}
	stripes, store := stored(t, 60)
	for want, s := range map[string]dataset.Settings{
		"needs the Problem":  {Threads: 1, Redraw: true},
		"set neighbors to 0": {Threads: 1, Redraw: true, Neighbors: 3, Problem: p},
	} {
		_, err := dataset.NewSource(t.Context(), store, stripes.Measurement(), s)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", s, err)
		}
	}
	if _, err := dataset.NewSource(t.Context(), store, stripes.Measurement(),
		dataset.Settings{Threads: 1, Redraw: true, Problem: stripes}); err != nil {
		t.Errorf("a problem without redraws: %v", err)
	}
	path, dir := filepath.Join(t.TempDir(), "pairs.npz"), t.TempDir()
	if err := errors.Join(dataset.Export(t.Context(), store, path, dataset.ExportSettings{}),
		dataset.Import(t.Context(), dir, []string{path}, dataset.ImportSettings{
			Problem: problems.Spec{Name: "stripes", ImagesPerSimulation: 3}})); err != nil {
		t.Fatal(err)
	}
	if _, err := dataset.NewSource(t.Context(), open(t, dir), stripes.Measurement(),
		dataset.Settings{Threads: 1, Redraw: true, Problem: p}); err == nil ||
		!strings.Contains(err.Error(), "set redraw to false") {
		t.Errorf("imported pairs: %v", err)
	}
}
