package dataset_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"csdm/dataset"
)

// use reads a dataset as training does, with neighbors, and exports it. It
// returns all the results. It does not call Verify.
func use(t *testing.T, dir string) (map[string]any, error) {
	t.Helper()
	store, err := dataset.Open(dir)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	got := map[string]any{"spec": *store.Spec()}
	source, err := dataset.NewSource(context.Background(), store, newStripes().Measurement(),
		dataset.Settings{HeldOut: 12, Threads: 2, Neighbors: 3})
	if err != nil {
		return nil, err
	}
	got["scaling"] = source.Scaling()
	var values [][]float32
	for slot := range uint64(4) {
		x, y, z := make([]float32, 15), make([]float32, 30), make([]float32, 15)
		if err := errors.Join(source.Training(x, y, 0, slot),
			source.Stabilize(x, y, z, 0.5, 0, slot), source.HeldOut(x, y, slot)); err != nil {
			return nil, err
		}
		values = append(values, x, y, z)
	}
	got["values"] = values
	if err := dataset.Export(context.Background(), store, filepath.Join(t.TempDir(), "pairs.npz"),
		dataset.ExportSettings{}); err != nil {
		return nil, err
	}
	return got, nil
}

// refused reports whether an error states that the dataset is damaged or
// incomplete.
func refused(err error) bool {
	_, corrupt := errors.AsType[*dataset.CorruptError](err)
	_, incomplete := errors.AsType[*dataset.IncompleteError](err)
	return corrupt || incomplete
}

// TestFlippedDataset flips a bit of each k-th byte of each file: a user of the
// dataset gets an error, or the same result.
//
// A wrong number that nobody notices is the fault that no later stage could
// find.
func TestFlippedDataset(t *testing.T) {
	dir := t.TempDir()
	p := newStripes()
	p.fails = func(i uint64) error {
		if i == 14 {
			return errors.New("diverged")
		}
		return nil
	}
	s := accepting(10)
	s.Pairs = 36
	generate(t, dir, p, s)
	want, err := use(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	flips, caught := 0, 0
	for name, data := range folder(t, dir) {
		path := filepath.Join(dir, name)
		for at := 0; at < len(data); at += 13 {
			spoiled := []byte(data)
			spoiled[at] ^= 1 << (at / 13 % 8)
			if err := os.WriteFile(path, spoiled, 0o666); err != nil {
				t.Fatal(err)
			}
			got, err := use(t, dir)
			flips++
			switch {
			case err == nil && !reflect.DeepEqual(got, want):
				t.Errorf("byte %d of %s: another result without an error", at, name)
			case err != nil && !refused(err):
				t.Errorf("byte %d of %s: %v", at, name, err)
			case err != nil:
				caught++
			}
		}
		if err := os.WriteFile(path, []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of %d flips are detected, the others have no effect", caught, flips)
	if caught < flips*99/100 {
		t.Errorf("only %d of %d flips are detected", caught, flips)
	}
}

// TestExchangedBlocks checks complete blocks in the wrong place.
//
// Each file is intact; only its name is wrong.
func TestExchangedBlocks(t *testing.T) {
	dir := t.TempDir()
	generate(t, dir, newStripes(), settings())
	files := folder(t, dir)
	for _, exchange := range [][]string{
		{"x-00001.npy", "x-00000.npy"}, {"y-00003.npy", "y-00002.npy"},
		{"x-00001.npy", "x-00000.npy", "y-00001.npy", "y-00000.npy"},
		{"x-00001.npy", "x-00000.npy", "y-00001.npy", "y-00000.npy", "block-00001.json",
			"block-00000.json"},
	} {
		for k := 0; k < len(exchange); k += 2 {
			os.WriteFile(filepath.Join(dir, exchange[k]), []byte(files[exchange[k+1]]), 0o666)
		}
		if _, err := use(t, dir); !refused(err) ||
			!strings.Contains(err.Error(), "0000"+exchange[0][6:7]) {
			t.Errorf("%v: %v", exchange, err)
		}
		for k := 0; k < len(exchange); k += 2 {
			os.WriteFile(filepath.Join(dir, exchange[k]), []byte(files[exchange[k]]), 0o666)
		}
	}
	// A block changes after it was verified, while the store has it closed.
	store := open(t, dir)
	x := make([]float32, 15)
	if err := store.Pair(0, x, nil); err != nil {
		t.Fatal(err)
	}
	spoiled := []byte(files["x-00001.npy"])
	spoiled[len(spoiled)-1] ^= 64
	os.WriteFile(filepath.Join(dir, "x-00001.npy"), spoiled, 0o666)
	if err := store.Pair(12, x, nil); !refused(err) {
		t.Errorf("a block changed after Open: %v", err)
	}
}

// TestOlderDataset checks that a folder without checksums in its JSON files is
// read and finished, and that its statistics are compared with its arrays.
func TestOlderDataset(t *testing.T) {
	dir := t.TempDir()
	generate(t, dir, newStripes(), settings())
	want, err := use(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`,\n  "sha256": "[0-9a-f]{64}"\n}\n$`)
	for name, data := range folder(t, dir) {
		if filepath.Ext(name) == ".json" {
			os.WriteFile(filepath.Join(dir, name), line.ReplaceAll([]byte(data), []byte("\n}\n")),
				0o666)
		}
	}
	if got, err := use(t, dir); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read: %v", err)
	}
	if g := generate(t, dir, newStripes(), settings()); g.Found != 100 {
		t.Errorf("continued: %+v", g)
	}
	path := filepath.Join(dir, "block-00000.json")
	data := []byte(contents(t, path))
	os.WriteFile(path, bytes.Replace(data, []byte(`"mean": `), []byte(`"mean": 1`), 1), 0o666)
	if _, err := use(t, dir); !refused(err) {
		t.Errorf("other statistics: %v", err)
	}
	os.Remove(path)
	if _, err := use(t, dir); !refused(err) || errors.Is(err, fs.ErrExist) {
		t.Errorf("no record: %v", err)
	}
}
