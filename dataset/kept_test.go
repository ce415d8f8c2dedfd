package dataset_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csdm/dataset"
)

// slow returns settings of two blocks for which every pair counts as slow.
func slow() dataset.Settings {
	s := settings()
	s.Pairs = 24
	s.KeepFrom, s.Threads = 1, 1
	return s
}

// wanted returns the files of the complete dataset.
func wanted(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	generate(t, dir, newStripes(), slow())
	return folder(t, dir)
}

// TestKeptPairs stops in the middle of blocks and damages the stored pairs. No
// valid pair is made twice, no damaged one is used, and the dataset is the
// same.
//
// A pair counts as valid by its checksum alone, wherever it stands in the file.
func TestKeptPairs(t *testing.T) {
	want := wanted(t)
	for name, c := range map[string]struct {
		damage func(t *testing.T, path string)
		lost   int64 // pairs
	}{
		"whole": {},
		"cut off": {func(t *testing.T, path string) {
			if err := os.Truncate(path, size(t, path)-1); err != nil {
				t.Error(err)
			}
		}, 3}, // a pair, and therefore its simulation
		"damaged": {func(t *testing.T, path string) {
			data := []byte(contents(t, path))
			data[len(data)/6/2] ^= 1 // in the first of six records
			if err := os.WriteFile(path, data, 0o666); err != nil {
				t.Error(err)
			}
		}, 3},
		"of another dataset": {func(t *testing.T, path string) {
			other := t.TempDir()
			s := slow()
			s.Seed++
			stopAt(t, other, s, 16)
			if err := os.WriteFile(path, []byte(contents(t,
				filepath.Join(other, filepath.Base(path)))), 0o666); err != nil {
				t.Error(err)
			}
		}, 6},
		"garbage": {func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(strings.Repeat("garbage", 1000)),
				0o666); err != nil {
				t.Error(err)
			}
		}, 6},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			stopAt(t, dir, slow(), 16) // with pairs 12 … 17 in block 1
			partial := filepath.Join(dir, "block-00001.partial")
			if c.damage != nil {
				c.damage(t, partial)
			}
			// Stop once more, so that records are appended after the damage.
			again := stopAt(t, dir, slow(), 19)
			last := newStripes()
			g := generate(t, dir, last, slow())
			if made := again + last.made.Load(); made != 24-18+c.lost {
				t.Errorf("%d pairs were made again", made-(24-18))
			}
			if g.Found+g.Made != 24 {
				t.Errorf("%+v", g)
			}
			sameFolder(t, folder(t, dir), want)
		})
	}
}

// stopAt stops Generate after it has made the given pair, and returns the
// number of pairs made.
func stopAt(t *testing.T, dir string, s dataset.Settings, pair uint64) int64 {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := newStripes()
	p.afterPair = func(i uint64) {
		if i >= pair {
			cancel()
		}
	}
	if _, err := dataset.Generate(ctx, dir, p, s); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	return p.made.Load()
}

// TestKeptWhole checks that a block whose pairs are all stored is written if
// only its files are missing.
func TestKeptWhole(t *testing.T) {
	want := wanted(t)
	dir := t.TempDir()
	var records string
	for _, fail := range []int64{0, 11} {
		part := t.TempDir()
		p := newStripes()
		p.fail = fail
		if _, err := dataset.Generate(context.Background(), part, p, slow()); err == nil {
			t.Fatal("no failure")
		}
		records += contents(t, filepath.Join(part, "block-00000.partial"))
	}
	stopAt(t, dir, slow(), 0) // to write the manifest
	if err := os.WriteFile(filepath.Join(dir, "block-00000.partial"), []byte(records),
		0o666); err != nil {
		t.Fatal(err)
	}
	p := newStripes()
	generate(t, dir, p, slow())
	if n := p.made.Load(); n != 24-12+3 {
		t.Errorf("%d pairs made", n)
	}
	sameFolder(t, folder(t, dir), want)
}

// TestFailedPairs checks that failed pairs are listed and the others are made,
// and that later only the failed ones are made.
func TestFailedPairs(t *testing.T) {
	want := wanted(t)
	for _, threads := range []int{1, 2} {
		dir := t.TempDir()
		s := slow()
		s.Threads = threads
		p := newStripes()
		p.fail, p.infinite = 17, 5
		_, err := dataset.Generate(context.Background(), dir, p, s)
		failed, ok := errors.AsType[*dataset.FailedError](err)
		if !ok || len(failed.Failed) != 2 || failed.GaveUp ||
			!strings.Contains(err.Error(),
				"pair 5: pair 5: y[7] is +Inf\npair 17: the solver broke") {
			t.Errorf("error %v", err)
		}
		again := newStripes()
		if g := generate(t, dir, again, s); again.made.Load() != 6 || g.Found != 18 || g.Made != 6 {
			t.Errorf("then %d pairs are made: %+v", again.made.Load(), g)
		}
		sameFolder(t, folder(t, dir), want)
	}
}

// TestGivesUp checks that a forward model that always fails is not called
// forever.
//
// A mistyped command would otherwise be called once for each of a million
// pairs.
func TestGivesUp(t *testing.T) {
	p := &alwaysFailing{stripes: newStripes()}
	_, err := dataset.Generate(context.Background(), t.TempDir(), p, settings())
	failed, ok := errors.AsType[*dataset.FailedError](err)
	if !ok || !failed.GaveUp || len(failed.Failed) > 4 {
		t.Errorf("error %v", err)
	}
}

func contents(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// TestStoppedWithinBlock stops each call after some fast pairs of one block:
// none of them is made again.
func TestStoppedWithinBlock(t *testing.T) {
	s := settings()
	s.BlockPairs, s.Threads = 99, 1
	whole := t.TempDir()
	generate(t, whole, newStripes(), s)
	dir, total := t.TempDir(), int64(0)
	for _, after := range []int64{6, 6, 6} {
		ctx, cancel := context.WithCancel(context.Background())
		p := newStripes()
		p.afterPair = func(uint64) {
			if p.made.Load() == after {
				cancel()
			}
		}
		g, err := dataset.Generate(ctx, dir, p, s)
		if !errors.Is(err, context.Canceled) || int64(g.Found) != total ||
			int64(g.Made) != p.made.Load() {
			t.Errorf("%+v, %d pairs made after %d: %v", g, p.made.Load(), total, err)
		}
		total += p.made.Load()
	}
	p := newStripes()
	if g := generate(t, dir, p, s); int64(g.Found) != total || p.made.Load() != 100-total {
		t.Errorf("then %+v, %d pairs made", g, p.made.Load())
	}
	sameFolder(t, folder(t, dir), folder(t, whole))
}

// TestFailureOfAStop checks that an error which a forward model returns when it
// is stopped does not count as a failure of its pair. The next call makes the
// pair.
func TestFailureOfAStop(t *testing.T) {
	dir, s := t.TempDir(), settings()
	s.Threads, s.MaxFailed, s.KeepFrom = 1, 10, 1
	ctx, cancel := context.WithCancel(context.Background())
	p := newStripes()
	p.fails = func(i uint64) error {
		if i == 7 {
			cancel()
			return errors.New("interrupted")
		}
		return nil
	}
	if _, err := dataset.Generate(ctx, dir, p, s); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if g := generate(t, dir, newStripes(), s); g.Failed != 0 || g.Found+g.Made != 100 {
		t.Errorf("then %+v", g)
	}
}
