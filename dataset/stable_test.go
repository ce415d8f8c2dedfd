package dataset_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"csdm/dataset"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/quasistatic"
	"csdm/rng"
)

// TestStabilize checks that the target equals the posterior mean over all
// training pairs, that x + σz is unchanged, and that the average target equals
// the average field: given its neighbors, a target is the expectation of the
// field.
//
// With all training pairs as neighbors the target is the exact conditional
// expectation of the finite set. Averaged over samples it must return the mean
// field: E[E[x | x̃, y]] = E[x].
func TestStabilize(t *testing.T) {
	p, store := stored(t, 600)
	sources := map[int]*dataset.Source{}
	for _, neighbors := range []int{0, 270, 10_000} {
		source, err := dataset.NewSource(context.Background(), store, p.Measurement(),
			dataset.Settings{Seed: 4, HeldOut: 60, Threads: 2, Neighbors: neighbors})
		if err != nil {
			t.Fatal(err)
		}
		sources[neighbors] = source
	}
	source := sources[10_000]
	training := source.TrainingLen()
	fields, responses := all(t, store, training)
	norm := source.Scaling().Normalization

	nx, ny := len(fields[0]), len(responses[0])
	x, y, z := make([]float32, nx), make([]float32, ny), make([]float32, nx)
	var stream rng.Stream
	// draw sets x, y and z to the target of a slot, from sums over the given
	// number of neighbors.
	draw := func(neighbors int, sigma float64, slot uint64) {
		t.Helper()
		if err := sources[neighbors].Training(x, y, 3, slot); err != nil {
			t.Fatal(err)
		}
		stream.Reset(8, rng.Z, 3, slot)
		for k := range z {
			z[k] = float32(stream.Normal())
		}
		if err := sources[neighbors].Stabilize(x, y, z, sigma, 3, slot); err != nil {
			t.Fatal(err)
		}
	}
	for _, sigma := range []float64{0.003, 0.05, 0.3, 5} {
		var error1, error2, scatter, n float64 // errors are target minus field
		for slot := range uint64(100) {
			draw(0, sigma, slot)
			own, measured := append([]float32(nil), x...), append([]float32(nil), y...)
			diffused := make([]float64, nx)
			for k := range x {
				diffused[k] = float64(x[k]) + sigma*float64(z[k])
			}
			draw(10_000, sigma, slot)
			logs, most := make([]float64, training), math.Inf(-1)
			for i := range logs {
				for k, v := range fields[i] {
					d := (diffused[k] - (v-norm.X.Min)/norm.X.Width()) / sigma
					logs[i] -= d * d / 2
				}
				for k, v := range responses[i] {
					d := (norm.Y.Min + float64(measured[k])*norm.Y.Width() - v) / 60
					logs[i] -= d * d / 2
				}
				most = max(most, logs[i])
			}
			mean, total := make([]float64, nx), 0.0
			for i, l := range logs {
				w := math.Exp(l - most)
				total += w
				for k, v := range fields[i] {
					mean[k] += w * (v - norm.X.Min) / norm.X.Width()
				}
			}
			for k := range x {
				// Tolerance: x̃ is rounded to float32 through x and z, and
				// weights below 1e-9 are left out.
				if e := math.Abs(float64(x[k]) - mean[k]/total); e > 1e-6 {
					t.Fatalf("σ = %g, slot %d: target %v, want %v", sigma, slot, x[k],
						mean[k]/total)
				}
				if e := math.Abs(float64(x[k]) + sigma*float64(z[k]) - diffused[k]); e > 3e-7*(1+
					sigma) {
					t.Fatalf("σ = %g, slot %d: x + σz is off by %g", sigma, slot, e)
				}
			}
			d := float64(x[7]) - float64(own[7])
			error1, error2, n = error1+d, error2+d*d, n+1
			target := append([]float32(nil), x...)
			draw(270, sigma, slot)
			scatter += math.Abs(float64(x[7]) - float64(target[7]))
		}
		if standard := math.Sqrt(error2 / n / n); math.Abs(error1/n) > 4*standard {
			t.Errorf("σ = %g: targets are off by %g ± %g in the mean", sigma, error1/n, standard)
		}
		// The nearest half of the pairs has nearly all of the weight.
		if deviation := math.Sqrt(error2 / n); scatter/n > 0.1*deviation+1e-6 || sigma > 0.1 &&
			deviation < 0.01 {
			t.Errorf("σ = %g: targets scatter by %g about the fields; the nearest half of the "+
				"pairs changes them by %g", sigma, deviation, scatter/n)
		}
	}
}

// TestNearest compares the neighbors with the result of a search through all
// pairs.
//
// A wrong lower bound would end the search before the nearest pair.
func TestNearest(t *testing.T) {
	p, store := stored(t, 300)
	for _, count := range []int{2, 40, 1000} {
		source, err := dataset.NewSource(context.Background(), store, p.Measurement(),
			dataset.Settings{Seed: 4, HeldOut: 20, Threads: 2, Neighbors: count})
		if err != nil {
			t.Fatal(err)
		}
		for i := range source.TrainingLen() {
			found, distances := dataset.Nearest(source, i)
			if len(found) != min(count, source.TrainingLen()) || int(found[0]) != i {
				t.Fatalf("%d neighbors of pair %d, the first %d; want %d and itself", len(found),
					i, found[0], count)
			}
			got := make([]float32, len(found))
			for k, j := range found {
				got[k] = distances[j]
			}
			slices.Sort(got)
			slices.Sort(distances)
			if !slices.Equal(got, distances[:len(got)]) ||
				len(slices.Compact(slices.Sorted(slices.Values(found)))) != len(found) {
				t.Fatalf("pair %d: neighbors %v at distances %v, want %v", i, found, got,
					distances[:len(got)])
			}
		}
	}
}

// TestStabilizeFromDisk checks that the targets are the same when pairs and
// lists of neighbors are too many to be kept in memory, and when they are
// computed a second time.
func TestStabilizeFromDisk(t *testing.T) {
	p, store := stored(t, 200)
	target := func(limit int) []float32 {
		defer dataset.KeepAtMost(limit)()
		source, err := dataset.NewSource(context.Background(), store, p.Measurement(),
			dataset.Settings{Seed: 4, Threads: 1, Neighbors: 50})
		if err != nil {
			t.Fatal(err)
		}
		x, y := make([]float32, store.Spec().XLen()), make([]float32, store.Spec().YLen())
		var all [2][]float32
		for k := range all {
			z := make([]float32, len(x))
			if err := errors.Join(source.Training(x, y, 1, 2),
				source.Stabilize(x, y, z, 0.3, 1, 2)); err != nil {
				t.Fatal(err)
			}
			all[k] = slices.Concat(x, z)
		}
		if !slices.Equal(all[0], all[1]) {
			t.Errorf("first %v, again %v", all[0], all[1])
		}
		return all[0]
	}
	if kept, read := target(1<<20), target(1<<10); !slices.Equal(kept, read) {
		t.Errorf("from memory %v, from disk %v", kept, read)
	}
}

// TestNeighborsNeedADensity checks that a distribution without a density is
// refused, since its pairs would have no weights.
func TestNeighborsNeedADensity(t *testing.T) {
	dir := t.TempDir()
	generate(t, dir, newStripes(), settings())
	store := open(t, dir)
	_, err := dataset.NewSource(context.Background(), store, priors.Recorded{},
		dataset.Settings{Seed: 4, Threads: 1, Neighbors: 8})
	if err == nil {
		t.Error("weights without a density")
	}
	if _, err := dataset.NewSource(context.Background(), store, priors.Recorded{},
		dataset.Settings{Seed: 4, Threads: 1, Neighbors: -1}); err == nil {
		t.Error("a negative number of neighbors")
	}
}

// BenchmarkStabilize uses more pairs than fit in a cache.
func BenchmarkStabilize(b *testing.B) {
	p, err := quasistatic.New(problems.Options{Grid: 56})
	if err != nil {
		b.Fatal(err)
	}
	s := settings()
	s.Pairs = 8192
	dir := b.TempDir()
	if _, err := dataset.Generate(context.Background(), dir, p, s); err != nil {
		b.Fatal(err)
	}
	store, err := dataset.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	source, err := dataset.NewSource(context.Background(), store, p.Measurement(),
		dataset.Settings{Seed: 4, Threads: 1, Neighbors: 256})
	if err != nil {
		b.Fatal(err)
	}
	spec := store.Spec()
	x, y, z := make([]float32, spec.XLen()), make([]float32, spec.YLen()),
		make([]float32, spec.XLen())
	var stream rng.Stream
	// neighbors differ in their fields, or also in their measurements
	for _, sigma := range []float64{0.1, 5} {
		b.Run(fmt.Sprintf("sigma=%g", sigma), func(b *testing.B) {
			for i := uint64(0); b.Loop(); i = (i + 1) % 64 {
				if err := source.Training(x, y, i, 0); err != nil {
					b.Fatal(err)
				}
				stream.Reset(8, rng.Z, i, 0)
				for k := range z {
					z[k] = float32(stream.Normal())
				}
				if err := source.Stabilize(x, y, z, sigma, i, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
