package dataset_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"csdm/dataset"
	"csdm/problems"
)

// TestPairsAreTheGenerators compares stored pairs with direct calls of the
// problem's generator, rounded to float32, in descending order: a pair must not
// depend on the pairs before it.
func TestPairsAreTheGenerators(t *testing.T) {
	p := newStripes()
	dir := t.TempDir()
	if g := generate(t, dir, p, settings()); g.Made != 100 || g.Found != 0 {
		t.Errorf("%+v", g)
	}
	store := open(t, dir)
	generator, _ := p.NewGenerator()
	x, y := make([]float64, 15), make([]float64, 30)
	x32, y32 := make([]float32, 15), make([]float32, 30)
	var wg sync.WaitGroup // concurrent readers, for the race detector
	for range 4 {
		wg.Go(func() {
			x, y := make([]float32, 15), make([]float32, 30)
			for i := range 100 {
				if err := store.Pair(i, x, y); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := 99; i >= 0; i-- {
		if err := generator.Pair(x, y, 9, uint64(i)); err != nil {
			t.Fatal(err)
		}
		if err := store.Pair(i, x32, y32); err != nil {
			t.Fatal(err)
		}
		for k := range x {
			if x32[k] != float32(x[k]) {
				t.Fatalf("pair %d: x[%d] = %v, want %v", i, k, x32[k], x[k])
			}
		}
		for k := range y {
			if y32[k] != float32(y[k]) {
				t.Fatalf("pair %d: y[%d] = %v, want %v", i, k, y32[k], y[k])
			}
		}
	}
	wg.Wait()
}

// TestSameBytes makes one dataset in several ways: with threads, with shards at
// once and one after another, and with runs stopped at random pairs, one of
// which leaves half-written files behind.
//
// The comparison is of whole files, so that a record, a statistic or a name
// that depends on the way would show.
func TestSameBytes(t *testing.T) {
	want := t.TempDir()
	s := settings()
	s.Threads = 1
	generate(t, want, newStripes(), s)
	wanted := folder(t, want)
	if len(wanted) != 1+3*9 {
		t.Fatalf("%d files, want a manifest and nine blocks of three", len(wanted))
	}

	t.Run("threads", func(t *testing.T) {
		for _, threads := range []int{2, 5, 64} {
			s := settings()
			s.Threads = threads
			dir := filepath.Join(t.TempDir(), "new", "folder")
			generate(t, dir, newStripes(), s)
			sameFolder(t, folder(t, dir), wanted)
		}
	})
	t.Run("shards", func(t *testing.T) {
		dir := t.TempDir()
		var wg sync.WaitGroup
		for k := 1; k <= 4; k++ {
			wg.Go(func() {
				s := settings()
				s.Shard = dataset.Shard{K: k, M: 4}
				if _, err := dataset.Generate(context.Background(), dir, newStripes(),
					s); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		sameFolder(t, folder(t, dir), wanted)
		if g := generate(t, dir, newStripes(), settings()); g.Made != 0 || g.Found != 100 {
			t.Errorf("after all shards: %+v", g)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		for _, stopAt := range []uint64{0, 1, 13, 40, 77, 99} {
			dir := t.TempDir()
			ctx, cancel := context.WithCancel(context.Background())
			p := newStripes()
			p.afterPair = func(i uint64) {
				if i == stopAt {
					cancel()
				}
			}
			if _, err := dataset.Generate(ctx, dir, p, settings()); err != nil &&
				!errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			before := p.made.Load()
			for name, data := range folder(t, dir) {
				if data != wanted[name] && filepath.Ext(name) != ".partial" {
					t.Errorf("stopped at %d: %s is not what it will be", stopAt, name)
				}
			}
			// A crash between array and record, and a truncated array.
			os.WriteFile(filepath.Join(dir, "x-00005.npy"), []byte("half"), 0o666)
			os.Remove(filepath.Join(dir, "block-00006.json"))
			left := filepath.Join(dir, ".y-00005.npy.0badf00d.tmp")
			os.WriteFile(left, []byte("half"), 0o666)
			os.Chtimes(left, time.Time{}, time.Now().Add(-2*time.Hour))

			again := newStripes()
			g := generate(t, dir, again, settings())
			if int64(g.Made) != again.made.Load() || g.Found+g.Made != 100 {
				t.Errorf("stopped at %d after %d pairs: then %+v, %d made", stopAt, before, g,
					again.made.Load())
			}
			sameFolder(t, folder(t, dir), wanted)
		}
	})
}

// TestGenerateRefuses checks that a folder of other data is an error that names
// the difference and changes nothing.
func TestGenerateRefuses(t *testing.T) {
	dir := t.TempDir()
	generate(t, dir, newStripes(), settings())
	before := folder(t, dir)
	for field, change := range map[string]func(*stripes, *dataset.Settings){
		"seed: 9 in the dataset, 8 in this call": func(_ *stripes, s *dataset.Settings) {
			s.Seed = 8
		},
		"pairs: 100 in the dataset, 99 in this call": func(_ *stripes, s *dataset.Settings) {
			s.Pairs = 99
		},
		"block_pairs: 12 in the dataset, 15 in this call": func(_ *stripes, s *dataset.Settings) {
			s.BlockPairs = 15
		},
		`problem.name: "stripes" in the dataset, "dots" in this call`: func(p *stripes,
			_ *dataset.Settings) {
			p.spec.Name = "dots"
		},
		"problem.options.grid: 3 in the dataset, 4 in this call": func(p *stripes,
			_ *dataset.Settings) {
			p.spec.Options.Grid = 4
		},
		"problem.cols: 5 in the dataset, 6 in this call": func(p *stripes, _ *dataset.Settings) {
			p.spec.Cols = 6
		},
		`problem.x_unit: "kPa" in the dataset, "Pa" in this call`: func(p *stripes,
			_ *dataset.Settings) {
			p.spec.XUnit = "Pa"
		},
		`problem.variables: none in the dataset, [{"name":"a","unit":""}] in this call`: func(
			p *stripes, _ *dataset.Settings) {
			p.spec.Variables = []problems.Variable{{Name: "a"}}
		},
	} {
		p, s := newStripes(), settings()
		change(p, &s)
		_, err := dataset.Generate(context.Background(), dir, p, s)
		mismatch, ok := errors.AsType[*dataset.MismatchError](err)
		if !ok || !strings.Contains(err.Error(), field) || len(mismatch.Differences) != 1 {
			t.Errorf("want %q, got %v", field, err)
		}
	}
	// Noise and the program's version do not affect pairs.
	p, s := newStripes(), settings()
	p.spec.Options.NoisePercent, s.Version = 10, "later"
	if g := generate(t, dir, p, s); g.Found != 100 {
		t.Errorf("other noise: %+v", g)
	}
	sameFolder(t, folder(t, dir), before)
	store := open(t, dir)
	if err := store.Check(&p.spec); err != nil {
		t.Errorf("its own problem: %v", err)
	}
	p.spec.Rows++
	if _, ok := errors.AsType[*dataset.MismatchError](store.Check(&p.spec)); !ok {
		t.Error("another problem passes for the dataset's")
	}

	other := t.TempDir()
	os.WriteFile(filepath.Join(other, "thesis.tex"), nil, 0o666)
	if _, err := dataset.Generate(context.Background(), other, newStripes(),
		settings()); err == nil || !strings.Contains(err.Error(), "thesis.tex") {
		t.Errorf("a folder with other files: %v", err)
	}
	if names := folder(t, other); len(names) != 1 {
		t.Errorf("left %v in a refused folder", names)
	}
	for name, spoil := range map[string]func(*dataset.Settings){
		"no pairs": func(s *dataset.Settings) {
			s.Pairs = 0
		}, "no threads": func(s *dataset.Settings) { s.Threads = 0 },
		"shard": func(s *dataset.Settings) {
			s.Shard = dataset.Shard{K: 3, M: 2}
		}, "split simulation": func(s *dataset.Settings) { s.BlockPairs = 10 },
	} {
		s := settings()
		spoil(&s)
		if _, err := dataset.Generate(context.Background(), t.TempDir(), newStripes(),
			s); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestGenerateNamesTheBrokenPair checks that a solver that fails is reported
// with its pair, and a number that is not finite also with its array and index.
func TestGenerateNamesTheBrokenPair(t *testing.T) {
	p := newStripes()
	p.fail = 41
	if _, err := dataset.Generate(context.Background(), t.TempDir(), p, settings()); err == nil ||
		!strings.Contains(err.Error(), "pair 41: the solver broke") {
		t.Error(err)
	}
	p = newStripes()
	p.infinite = 17
	_, err := dataset.Generate(context.Background(), t.TempDir(), p, settings())
	if v, ok := errors.AsType[*dataset.ValueError](err); !ok || v.Pair != 17 || v.Array != "y" ||
		v.Index != 7 {
		t.Error(err)
	}
}

// TestProgressRisesToTheEnd checks that progress never falls and ends at the
// total.
func TestProgressRisesToTheEnd(t *testing.T) {
	var seen []int
	s := settings()
	s.Progress = func(done, total int) {
		if total != 100 {
			t.Errorf("total %d", total)
		}
		seen = append(seen, done)
	}
	generate(t, t.TempDir(), newStripes(), s)
	if !slices.IsSorted(seen) || seen[0] != 0 || seen[len(seen)-1] != 100 {
		t.Errorf("progress %v", seen)
	}
}

// TestManifestNamesUnits reads the manifest as an independent program would.
func TestManifestNamesUnits(t *testing.T) {
	dir := t.TempDir()
	generate(t, dir, newStripes(), settings())
	var m struct {
		Pairs   int
		Problem struct {
			XUnit   string         `json:"x_unit"`
			YUnit   string         `json:"y_unit"`
			Options map[string]any `json:"options"`
		}
	}
	if err := json.Unmarshal([]byte(folder(t, dir)["dataset.json"]), &m); err != nil {
		t.Fatal(err)
	}
	if m.Pairs != 100 || m.Problem.XUnit != "kPa" || m.Problem.YUnit != "cm" ||
		len(m.Problem.Options) != 1 {
		t.Errorf("%+v", m)
	}
}
