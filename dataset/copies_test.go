package dataset_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"csdm/dataset"
)

// TestCopies makes one set by several calls at once. All calls succeed, each
// pair is made once, and a call that waits reports it.
//
// Without the lock each call would make every pair, and the last one to finish
// would win.
func TestCopies(t *testing.T) {
	want := t.TempDir()
	generate(t, want, newStripes(), settings())
	for range 10 {
		dir := t.TempDir()
		p := newStripes()
		var waited atomic.Int64
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				s := settings()
				s.Note = func(line string) {
					if strings.HasPrefix(line, "waiting for another csdm process") {
						waited.Add(1)
					}
				}
				g, err := dataset.Generate(context.Background(), dir, p, s)
				if err != nil || g.Found+g.Made != 100 {
					t.Errorf("%+v, %v", g, err)
				}
			})
		}
		wg.Wait()
		if p.made.Load() != 100 {
			t.Errorf("%d pairs made", p.made.Load())
		}
		sameFolder(t, folder(t, dir), folder(t, want))
	}
}

// TestLeftLock: a call that finds everything made removes the file of the lock
// that a killed call has left.
func TestLeftLock(t *testing.T) {
	for _, part := range []dataset.Shard{{}, {K: 2, M: 3}} {
		dir, s := t.TempDir(), settings()
		s.Shard = part
		generate(t, dir, newStripes(), s)
		want := folder(t, dir)
		lock := filepath.Join(dir, part.LockName())
		if err := os.WriteFile(lock, []byte("{}"), 0o644); err != nil {
			t.Fatal(err)
		}
		generate(t, dir, newStripes(), s)
		sameFolder(t, folder(t, dir), want)
	}
}

// TestOverlappingShards checks that overlapping divisions into shards do not
// wait for each other and do not disturb each other.
func TestOverlappingShards(t *testing.T) {
	want := t.TempDir()
	generate(t, want, newStripes(), settings())
	for range 5 {
		dir := t.TempDir()
		var wg sync.WaitGroup
		for _, shard := range []dataset.Shard{{}, {K: 1, M: 2}, {K: 2, M: 2}, {K: 2, M: 3}} {
			wg.Go(func() {
				s := settings()
				s.Shard, s.KeepFrom = shard, 1
				if _, err := dataset.Generate(context.Background(), dir, newStripes(),
					s); err != nil {
					t.Errorf("%+v: %v", shard, err)
				}
			})
		}
		wg.Wait()
		sameFolder(t, folder(t, dir), folder(t, want))
	}
}
