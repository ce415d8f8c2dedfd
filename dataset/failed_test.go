package dataset_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"csdm/dataset"
	"csdm/internal/format"
)

// breaking returns stripes whose solver diverges at images 1 and 2 of every
// seventh simulation: at pairs 1, 2, 22, 23, …
func breaking() (p *stripes, failed []int) {
	p = newStripes()
	p.fails = func(i uint64) error {
		if i/3%7 == 0 && i%3 >= 1 {
			return errors.New("diverged")
		}
		return nil
	}
	for i := range 100 {
		if p.fails(uint64(i)) != nil {
			failed = append(failed, i)
		}
	}
	return p, failed
}

// accepting returns settings that accept the given percentage of failures.
func accepting(percent float64) dataset.Settings {
	s := settings()
	s.MaxFailed = percent
	return s
}

// TestFailedAreLeftOut checks that the set is finished, the failed pairs are
// listed and NaN, the other pairs equal those of a set without failures, and
// the bytes do not depend on threads and shards.
//
// A failed pair must not shift the index of any other, since the index is the
// seed of the pair.
func TestFailedAreLeftOut(t *testing.T) {
	dir := t.TempDir()
	p, failed := breaking()
	g := generate(t, dir, p, accepting(10))
	if g.Failed != len(failed) || g.Made != 100-len(failed) || len(failed) != 10 {
		t.Fatalf("%+v, of which %d fail", g, len(failed))
	}
	store := open(t, dir)
	if !slices.Equal(store.Failed(), failed) || store.Count(dataset.Span{From: 1, To: 23}) != 19 {
		t.Errorf("failed %v, want %v", store.Failed(), failed)
	}
	_, whole := stored(t, 100)
	x, y, wx, wy := make([]float32, 15), make([]float32, 30), make([]float32, 15),
		make([]float32, 30)
	for i := range 100 {
		err := store.Pair(i, x, y)
		if slices.Contains(failed, i) {
			if _, ok := errors.AsType[*dataset.FailedError](err); !ok || store.Has(i) {
				t.Errorf("pair %d: %v", i, err)
			}
			continue
		}
		if err := errors.Join(err, whole.Pair(i, wx, wy)); err != nil || !slices.Equal(x, wx) ||
			!slices.Equal(y, wy) {
			t.Errorf("pair %d is another: %v", i, err)
		}
	}
	array, err := format.ReadArrayFile(filepath.Join(dir, "x-00000.npy"))
	if err != nil || !math.IsNaN(float64(array.F32[15])) || math.IsNaN(float64(array.F32[0])) {
		t.Errorf("the array: %v", err)
	}
	report, err := dataset.Verify(context.Background(), dir, 2)
	if err != nil || !report.OK() || !slices.Equal(report.Failed, failed) {
		t.Errorf("%+v, %v", report, err)
	}

	want := folder(t, dir)
	for _, s := range []dataset.Settings{accepting(10), accepting(50)} {
		for _, shards := range []int{1, 3} {
			other := t.TempDir()
			for k := shards; k >= 1; k-- {
				p, _ := breaking()
				s.Shard, s.Threads = dataset.Shard{K: k, M: shards}, shards
				if s.MaxFailed == 10 && shards > 1 {
					s.MaxFailed = 15 // percent of a shard's pairs
				}
				generate(t, other, p, s)
			}
			sameFolder(t, folder(t, other), want)
		}
	}
	// Without failures, the accepted percentage has no effect.
	plain, tolerant := t.TempDir(), t.TempDir()
	generate(t, plain, newStripes(), settings())
	generate(t, tolerant, newStripes(), accepting(50))
	sameFolder(t, folder(t, tolerant), folder(t, plain))
}

// TestFailedAreSkipped checks that training, held-out pairs, moments, the mean
// field and the export use exactly the pairs that were made.
//
// A single NaN in a batch would spoil the weights of a whole training.
func TestFailedAreSkipped(t *testing.T) {
	dir := t.TempDir()
	p, failed := breaking()
	generate(t, dir, p, accepting(10))
	store := open(t, dir)
	for _, neighbors := range []int{0, 5} {
		source, err := dataset.NewSource(context.Background(), store, p.Measurement(),
			dataset.Settings{HeldOut: 40, Threads: 2, Neighbors: neighbors})
		if err != nil {
			t.Fatal(err)
		}
		if source.TrainingLen() != 60-6 || source.HeldOutLen() != 40-4 {
			t.Errorf("%d and %d pairs", source.TrainingLen(), source.HeldOutLen())
		}
		x, y, z := make([]float32, 15), make([]float32, 30), make([]float32, 15)
		seen := map[uint64]bool{}
		for step := range uint64(1500) {
			pair := source.Pair(step, 0)
			seen[pair] = true
			if err := errors.Join(source.Training(x, y, step, 0),
				source.Stabilize(x, y, z, 0.5, step, 0)); err != nil || pair >= 60 ||
				slices.Contains(failed, int(pair)) {
				t.Fatalf("pair %d: %v", pair, err)
			}
			if v := x[3] + y[20]; v-v != 0 {
				t.Fatalf("pair %d gives %v", pair, v)
			}
		}
		if len(seen) != 54 { // P(one never drawn) = 54·(1−1/54)^1500 = 4e-11
			t.Errorf("%d pairs are trained on", len(seen))
		}
		var held []int
		for i := range source.HeldOutLen() {
			held = append(held, source.HeldOutPair(i))
			if err := source.HeldOut(x, y, uint64(i)); err != nil {
				t.Error(err)
			}
		}
		if !slices.IsSorted(held) || held[0] != 60 || held[len(held)-1] != 99 ||
			slices.ContainsFunc(held, func(i int) bool {
				return slices.Contains(failed, i)
			}) {
			t.Errorf("held out %v", held)
		}
	}

	// Moments and mean by hand.
	x := make([]float32, 15)
	var sum, n float64
	mean := make([]float64, 15)
	for i := 5; i < 50; i++ {
		if !store.Has(i) {
			continue
		}
		if err := store.Pair(i, x, nil); err != nil {
			t.Fatal(err)
		}
		for k, v := range x {
			sum += float64(v)
			mean[k] += float64(v)
		}
		n++
	}
	stats, err := store.Statistics(dataset.Span{From: 5, To: 50})
	if err != nil || stats.X.Count != int64(15*n) || math.Abs(stats.X.Mean-sum/15/n) > 1e-12 {
		t.Errorf("moments %+v, %v", stats, err)
	}
	field, err := store.FieldMean(context.Background(), dataset.Span{From: 5, To: 50}, 2)
	if err != nil {
		t.Fatal(err)
	}
	for k := range mean {
		if math.Abs(field[k]-mean[k]/n) > 1e-12 {
			t.Errorf("mean field[%d] = %v, want %v", k, field[k], mean[k]/n)
		}
	}

	path := filepath.Join(t.TempDir(), "pairs.npz")
	if err := dataset.Export(context.Background(), store, path,
		dataset.ExportSettings{Pairs: dataset.Span{From: 20, To: 30}}); err != nil {
		t.Fatal(err)
	}
	arrays, err := format.ReadNPZFile(path)
	if err != nil || !slices.Equal(arrays["index"].I64, []int64{20, 21, 24, 25, 26, 27, 28, 29}) ||
		arrays["x"].Shape[0] != 8 || arrays["y"].Shape[0] != 8 {
		t.Errorf("export: %v", err)
	}
	if err := arrays["x"].CheckFinite(); err != nil {
		t.Error(err)
	}
	if err := dataset.Export(context.Background(), store, path,
		dataset.ExportSettings{Pairs: dataset.Span{From: 22, To: 24},
			Overwrite: true}); err == nil {
		t.Error("an export of failed pairs alone")
	}
}

// TestFinishedFailuresAreMadeAgain checks that the same call does not try
// failed pairs of a finished block again, whether the model is repaired or not.
// Without the record of its block it does, and the folder then equals the
// folder of a model that never failed.
func TestFinishedFailuresAreMadeAgain(t *testing.T) {
	dir, right := t.TempDir(), t.TempDir()
	p, failed := breaking()
	generate(t, dir, p, accepting(10))
	mended := newStripes()
	if g := generate(t, dir, mended, accepting(10)); g.Failed != len(failed) || g.Made != 0 {
		t.Errorf("the same call made %d pairs, %d stay failed", g.Made, g.Failed)
	}
	for b := range 9 { // blocks of 12
		record := filepath.Join(dir, fmt.Sprintf("block-%05d.json", b))
		text, err := os.ReadFile(record)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), `"failed"`) {
			if err := os.Remove(record); err != nil {
				t.Fatal(err)
			}
		}
	}
	if g := generate(t, dir, mended, accepting(10)); g.Failed != 0 || g.Made == 0 || g.Made == 100 {
		t.Errorf("without the records of their blocks: %+v", g)
	}
	generate(t, right, newStripes(), accepting(10))
	if got, want := folder(t, dir), folder(t, right); !maps.Equal(got, want) {
		t.Error("the folder differs from one of a model that never failed")
	}
}

// TestTooManyFail checks that nothing is lost. The same call tries only the
// failed pairs again; a call that accepts more failures solves nothing.
func TestTooManyFail(t *testing.T) {
	for _, keepFrom := range []time.Duration{1, time.Hour} {
		for _, threads := range []int{1, 3} {
			dir := t.TempDir()
			with := func(percent float64) dataset.Settings {
				s := accepting(percent)
				s.Threads, s.KeepFrom = threads, keepFrom
				return s
			}
			p, failed := breaking()
			_, err := dataset.Generate(context.Background(), dir, p, with(9))
			f, ok := errors.AsType[*dataset.FailedError](err)
			if !ok || f.GaveUp || len(f.Failed) != 10 || f.Accepted != 9 {
				t.Fatalf("keep from %v: %v", keepFrom, err)
			}
			if !strings.Contains(err.Error(),
				"10 pairs could not be made; 9 may fail. The pairs made are kept.") ||
				!strings.Contains(err.Error(),
					"pair 1: diverged\npair 2: diverged\npair 22: diverged\nand pairs 23, 43–44") {
				t.Error(err)
			}
			_, err = dataset.Open(dir)
			if incomplete, ok := errors.AsType[*dataset.IncompleteError](err); !ok ||
				len(incomplete.Missing) == 0 {
				t.Errorf("a block with a failed pair is finished: %v", err)
			}

			// The same command repeats simulations with a failed pair, and no
			// others.
			again, _ := breaking()
			if _, err := dataset.Generate(context.Background(), dir, again, with(9)); err == nil ||
				again.made.Load() != 5 {
				t.Errorf("%d pairs made again, %v", again.made.Load(), err)
			}
			// With a larger percentage, the forward model is not called.
			last, _ := breaking()
			g := generate(t, dir, last, with(10))
			if last.asked.Load() != 0 || g.Failed != 10 || g.Found != 90 || g.Made != 0 {
				t.Errorf("%d pairs asked for, %+v", last.asked.Load(), g)
			}
			if store := open(t, dir); !slices.Equal(store.Failed(), failed) {
				t.Errorf("failed %v", store.Failed())
			}
			// A finished set stays finished, whatever percentage is given
			// later.
			if g := generate(t, dir, last, with(0)); last.asked.Load() != 0 || g.Failed != 10 {
				t.Errorf("a finished set: %+v", g)
			}
			clean, _ := breaking()
			want := t.TempDir()
			generate(t, want, clean, accepting(10))
			sameFolder(t, folder(t, dir), folder(t, want))
		}
	}
}

// TestMendedModel checks that after the forward model is repaired, the failed
// pairs are made, and the set equals a set without failures.
func TestMendedModel(t *testing.T) {
	dir := t.TempDir()
	p, _ := breaking()
	if _, err := dataset.Generate(context.Background(), dir, p, accepting(5)); err == nil {
		t.Fatal("no error")
	}
	mended := newStripes()
	if g := generate(t, dir, mended, accepting(5)); mended.made.Load() != 15 || g.Failed != 0 {
		t.Errorf("%d pairs made, %+v", mended.made.Load(), g)
	}
	want := t.TempDir()
	generate(t, want, newStripes(), settings())
	sameFolder(t, folder(t, dir), folder(t, want))
}

// TestMachineFailures checks that errors which are not the fault of a pair end
// the call, and are never recorded as a failed pair.
//
// A full disk is no property of a field.
func TestMachineFailures(t *testing.T) {
	for name, cause := range map[string]error{
		"disk": &os.PathError{Op: "write", Path: "y.npy", Err: syscall.ENOSPC},
		"stop": context.Canceled, "no program": os.ErrNotExist,
	} {
		dir := t.TempDir()
		p := newStripes()
		p.fails = func(i uint64) error {
			if i == 50 {
				return cause
			}
			return nil
		}
		if _, err := dataset.Generate(context.Background(), dir, p, accepting(50)); !errors.Is(err,
			cause) {
			t.Errorf("%s: %v", name, err)
		}
		generate(t, dir, newStripes(), accepting(50))
		if store := open(t, dir); len(store.Failed()) != 0 {
			t.Errorf("%s: pairs %v are recorded as failed", name, store.Failed())
		}
	}
}

// TestShareOfFailures checks that the time of giving up depends on the accepted
// percentage of failures.
func TestShareOfFailures(t *testing.T) {
	for share, want := range map[float64]int{0: 3, 2: 3, 10: 5, 50: 14} {
		p := &alwaysFailing{stripes: newStripes()}
		p.spec.ImagesPerSimulation = 1
		s := accepting(share)
		s.Threads = 1
		_, err := dataset.Generate(context.Background(), t.TempDir(), p, s)
		failed, ok := errors.AsType[*dataset.FailedError](err)
		if !ok || !failed.GaveUp || len(failed.Failed) != want {
			t.Errorf("share %v: %v", share, err)
		}
	}
	if _, err := dataset.Generate(context.Background(), t.TempDir(), newStripes(),
		accepting(101)); err == nil {
		t.Error("a share of 101 percent")
	}
}
