package dataset_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/dataset"
)

// TestVerify damages a folder in many ways and checks that each damage is
// reported with its pairs.
func TestVerify(t *testing.T) {
	dir := t.TempDir()
	generate(t, dir, newStripes(), settings())
	report, err := dataset.Verify(context.Background(), dir, 2)
	if err != nil || !report.OK() || report.Bytes < 100*45*4 {
		t.Fatalf("intact: %+v, %v", report, err)
	}

	change := func(name string, do func([]byte) []byte) {
		path := filepath.Join(dir, name)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, do(data), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	change("x-00000.npy", func(b []byte) []byte { b[len(b)-1] ^= 1; return b })
	os.Remove(filepath.Join(dir, "block-00002.json"))
	os.Remove(filepath.Join(dir, "y-00003.npy"))
	change("y-00005.npy", func(b []byte) []byte { return b[:len(b)-4] })
	change("block-00006.json", func(b []byte) []byte {
		return []byte(strings.Replace(string(b), `"mean": `, `"mean": 1`, 1))
	})
	change("block-00008.json", func(b []byte) []byte { return b[:len(b)/2] })

	report, err = dataset.Verify(context.Background(), dir, 2)
	if err != nil {
		t.Fatal(err)
	}
	if want := []dataset.Span{{From: 24, To: 48}}; !slices.Equal(report.Missing, want) {
		t.Errorf("missing %v, want %v", report.Missing, want)
	}
	var corrupt []int
	reasons := []string{"SHA-256", "size", "sha256", "is not what"}
	for i, c := range report.Corrupt {
		corrupt = append(corrupt, c.Pairs.From/12)
		if i < len(reasons) && !strings.Contains(c.Err.Error(), reasons[i]) {
			t.Errorf("%v: not for its %s", c.Err, reasons[i])
		}
	}
	if want := []int{0, 5, 6, 8}; !slices.Equal(corrupt, want) {
		t.Errorf("corrupt blocks %v, want %v: %+v", corrupt, want, report.Corrupt)
	}

	_, err = dataset.Open(dir)
	incomplete, ok := errors.AsType[*dataset.IncompleteError](err)
	if !ok || !slices.Equal(incomplete.Missing,
		[]dataset.Span{{From: 24, To: 48}, {From: 60, To: 72}}) {
		t.Errorf("Open: %v", err)
	}
}

// TestStoreSurvivesHostileBlocks opens a store whose arrays are damaged without
// a change of size.
func TestStoreSurvivesHostileBlocks(t *testing.T) {
	dir := t.TempDir()
	generate(t, dir, newStripes(), settings())
	x, y := make([]float32, 15), make([]float32, 30)
	pristine := folder(t, dir)["x-00001.npy"]
	for name, damage := range map[string]func(string) string{
		"magic": func(s string) string { return "!" + s[1:] },
		"shape": func(s string) string {
			return strings.Replace(s, "(12, 3, 5)", "(12, 5, 3)", 1)
		},
		"huge": func(s string) string {
			return strings.Replace(s, "(12, 3, 5)", "(99999)   ", 1)
		},
		"dtype":  func(s string) string { return strings.Replace(s, "<f4", ">f4", 1) },
		"length": func(s string) string { return s[:8] + "\xff\xff" + s[10:] },
		"zeros":  func(s string) string { return strings.Repeat("\x00", len(s)) },
	} {
		os.WriteFile(filepath.Join(dir, "x-00001.npy"), []byte(damage(pristine)), 0o666)
		store, err := dataset.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Pair(0, x, y); err != nil {
			t.Errorf("%s: an intact block fails: %v", name, err)
		}
		if _, ok := errors.AsType[*dataset.CorruptError](store.Pair(13, x, y)); !ok {
			t.Errorf("%s: not noticed", name)
		}
		store.Close()
	}
}

// TestHostileManifest reads manifests with absurd numbers and of other forms:
// each must be a *CorruptError, without much memory or a panic.
func TestHostileManifest(t *testing.T) {
	dir := t.TempDir()
	generate(t, dir, newStripes(), settings())
	good := folder(t, dir)["dataset.json"]
	for _, c := range [][2]string{
		{`"format": 1`, `"format": 2`},
		{`"pairs": 100`, `"pairs": 0`},
		{`"pairs": 100`, `"pairs": 9007199254740993`},
		{`"pairs": 100`, `"pairs": 1e400`},
		{`"block_pairs": 12`, `"block_pairs": -3`},
		{`"block_pairs": 12`, `"block_pairs": 13`},
		{`"rows": 3`, `"rows": -3`},
		{`"rows": 3`, `"rows": 4611686018427387904`},
		{`"y_channels": 2`, `"y_channels": 4000000000`},
		{`"images_per_simulation": 3`, `"images_per_simulation": 0`},
		{`"seed": 9`, `"sead": 9`},
		{`}`, `}}`},
		{good, ""}, {good, "[]"}, {good, "null"}, {good, strings.Repeat("[", 5<<20)},
	} {
		os.WriteFile(filepath.Join(dir, "dataset.json"),
			[]byte(strings.Replace(good, c[0], c[1], 1)), 0o666)
		if _, err := dataset.Open(dir); err == nil {
			t.Errorf("%.40q for %.40q: accepted", c[1], c[0])
		} else if _, ok := errors.AsType[*dataset.CorruptError](err); !ok {
			t.Errorf("%.40q: %v is no CorruptError", c[1], err)
		}
		if _, err := dataset.Generate(context.Background(), dir, newStripes(),
			settings()); err == nil {
			t.Errorf("%.40q: generated into a folder with a broken manifest", c[1])
		}
	}
}
