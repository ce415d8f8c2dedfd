package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/format"
)

// copied returns a copy of the finished run folder that a test may spoil.
func copied(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(dir, os.DirFS(finished(t))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestVerify names the kind of each file and reports that it is whole.
func TestVerify(t *testing.T) {
	dir := copied(t)
	writeBytes(t, filepath.Join(dir, "..", "plain.npy"),
		readBytes(t, filepath.Join(dir, "data", "x-00000.npy")))
	for path, kind := range map[string]string{
		dir: "run folder", filepath.Join(dir, "data"): "dataset",
		filepath.Join(dir, "model.safetensors"):                               "model",
		filepath.Join(dir, "cases", "000", "posterior.npz"):                   "result",
		filepath.Join(dir, "cases", "000", "measurement.npz"):                 "arrays",
		filepath.Join(dir, "run.json"):                                        "JSON",
		filepath.Join(dir, "metrics.jsonl"):                                   "log",
		filepath.Join(dir, "cases"):                                           "folder",
		filepath.Join(dir, "checkpoints", "checkpoint-000000012.safetensors"): "checkpoint",
		filepath.Join(dir, "..", "plain.npy"):                                 "array",
		"builtin:quasistatic-28-n5":                                           "model",
	} {
		var got struct {
			Kind               string
			OK                 bool
			Verified, Unsealed []string
		}
		if err := json.Unmarshal([]byte(must(t, "verify "+path)), &got); err != nil ||
			got.Kind != kind || !got.OK || len(got.Verified)+len(got.Unsealed) == 0 {
			t.Errorf("%s: %+v, %v", path, got, err)
		}
		if sealed := len(got.Verified) > 0; sealed == (kind == "array" || kind == "log") {
			t.Errorf("%s: verified %v", path, got.Verified)
		}
	}
	for path, code := range map[string]int{filepath.Join(dir, "nowhere"): cli.ExitNoInput,
		"builtin:nobody": cli.ExitNoInput, t.TempDir(): cli.ExitData} {
		if _, _, err := csdm(t, "verify", path); cli.Code(err) != code {
			t.Errorf("%s: code %d (%v), want %d", path, cli.Code(err), err, code)
		}
	}
	// A missing block.
	if err := os.Remove(filepath.Join(dir, "data", "y-00001.npy")); err != nil {
		t.Fatal(err)
	}
	if out, _, err := csdm(t, "verify", dir); cli.Code(err) != cli.ExitData ||
		!strings.Contains(out, "lacks pairs 256–511") {
		t.Errorf("a missing block: %v\n%s", err, out)
	}
}

// TestVerifyNoticesFlips turns a bit of each k-th byte of each file that has a
// checksum: verify notices, or nothing that can be read has changed.
func TestVerifyNoticesFlips(t *testing.T) {
	dir := copied(t)
	flips := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		ext := filepath.Ext(path)
		if err != nil || d.IsDir() || ext != ".npz" && ext != ".safetensors" && ext != ".json" &&
			(ext != ".npy" || filepath.Base(filepath.Dir(path)) != "data") {
			return err
		}
		good := readBytes(t, path)
		looked := path
		if filepath.Base(filepath.Dir(path)) == "data" {
			looked = filepath.Dir(path) // arrays of a dataset have their checksums in its records
		}
		step := max(1, len(good)/40)
		for at := 0; at < len(good); at += step {
			spoiled := append([]byte{}, good...)
			spoiled[at] ^= 1 << (at / step % 8)
			writeBytes(t, path, spoiled)
			flips++
			_, _, err := csdm(t, "verify", "-q", looked)
			switch {
			case cli.Code(err) == cli.ExitData:
			case err == nil && ext == ".npz":
				want, err1 := format.ReadNPZ(strings.NewReader(string(good)), int64(len(good)))
				got, err2 := format.ReadNPZFile(path)
				if err1 != nil || err2 != nil || !sameNumbers(got, want) {
					t.Errorf("byte %d of %s: other arrays: %v, %v", at, path, err1, err2)
				}
			case err == nil && at > len(good)-85 && (filepath.Base(path) == "run.json" ||
				filepath.Base(path) == "error-split.json"):
				// the checksum itself was hit, and nothing else
			case filepath.Base(path) == "comparison.json" || filepath.Base(path) == "truth.json":
				// nobody reads them
			default:
				t.Errorf("byte %d of %s: code %d, %v", at, path, cli.Code(err), err)
			}
		}
		writeBytes(t, path, good)
		return nil
	})
	if err != nil || flips < 300 {
		t.Errorf("%d flips, %v", flips, err)
	}
	t.Log(flips, "flips")
}

// TestUsersNoticeFlips: sample refuses a model, and compare a result, in which
// a bit was turned, unless it makes no difference.
func TestUsersNoticeFlips(t *testing.T) {
	workdir(t)
	post := "finished/cases/000/posterior.npz"
	for _, c := range []struct {
		path, args string
		flips      int
	}{
		{"finished/model.safetensors",
			"sample -q --model spoiled.safetensors --y finished/cases/000/measurement.npz:y --n " +
				"2 --steps 2 --allow-extrapolation -o drawn.npz", 60},
		{post, "compare spoiled.npz " + post, 120},
		{post, "compare " + post + " spoiled.npz", 120},
	} {
		good := readBytes(t, c.path)
		spoiled := "spoiled" + filepath.Ext(c.path)
		writeBytes(t, spoiled, good)
		want, _, err := csdm(t, strings.Fields(c.args)...)
		if err != nil {
			t.Fatal(err)
		}
		os.Remove("drawn.npz")
		caught, step := 0, len(good)/c.flips
		for at := 0; at < len(good); at += step {
			bad := append([]byte{}, good...)
			bad[at] ^= 1 << (at / step % 8)
			writeBytes(t, spoiled, bad)
			switch out, _, err := csdm(t, strings.Fields(c.args)...); {
			case cli.Code(err) == cli.ExitData:
				caught++
			case err != nil || out != want:
				t.Errorf("byte %d: csdm %s: %v", at, c.args, err)
			}
			os.Remove("drawn.npz")
		}
		t.Logf("%s: %d of %d flips are refused", c.args, caught, (len(good)+step-1)/step)
		if filepath.Ext(c.path) == ".safetensors" && caught < (len(good)+step-1)/step {
			t.Errorf("only %d flips of a model are refused", caught)
		}
	}
}

// sameNumbers reports whether files hold the same arrays, NaN for NaN.
func sameNumbers(a, b map[string]*format.Array) bool {
	return maps.EqualFunc(a, b, func(x, y *format.Array) bool {
		var bytesX, bytesY bytes.Buffer
		return format.WriteNPY(&bytesX, x) == nil && format.WriteNPY(&bytesY, y) == nil &&
			bytes.Equal(bytesX.Bytes(), bytesY.Bytes())
	})
}
