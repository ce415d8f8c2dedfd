package dataset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"

	"csdm/internal/format"
	"csdm/priors"
	"csdm/problems"
)

// ramps is a problem of small pairs: pair i is a ramp of height i.
type ramps struct{ spec problems.Spec }

func newRamps() *ramps {
	return &ramps{problems.Spec{
		Name: "ramps", Rows: 2, Cols: 3, YChannels: 1, Width: 1, Height: 1, LengthUnit: "cm",
		XUnit: "kPa", YUnit: "cm",
		ImagesPerSimulation: 1, Options: problems.Options{Grid: 2, NoisePercent: 5},
	}}
}

func (p *ramps) Spec() *problems.Spec                      { return &p.spec }
func (p *ramps) Measurement() priors.Measurement           { return priors.Gaussian{Std: 1} }
func (p *ramps) NewGenerator() (problems.Generator, error) { return p, nil }

func (p *ramps) Pair(x, y []float64, _, i uint64) error {
	for k := range x {
		x[k] = float64(i+1) * float64(k)
		y[k] = -x[k]
	}
	return nil
}

const fuzzPairs = 6

// ramped writes a folder of two blocks of ramps.
func ramped(f *testing.F) (dir string, read func(name string) []byte) {
	dir = f.TempDir()
	if _, err := Generate(context.Background(), dir, newRamps(),
		Settings{Pairs: fuzzPairs, BlockPairs: 3, Threads: 1}); err != nil {
		f.Fatal(err)
	}
	return dir, func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			f.Fatal(err)
		}
		return data
	}
}

// FuzzFolder reads a folder whose manifest, one record and one array are
// arbitrary but have correct checksums, as a faulty writer could have made
// them. After the first pair the array changes once more. The result is an
// error of the folder, or numbers that a network can be trained on.
func FuzzFolder(f *testing.F) {
	dir, read := ramped(f)
	plain := func(name string) []byte {
		text, sealed, err := format.UnsealJSON(read(name))
		if err != nil || !sealed {
			f.Fatal(name, sealed, err)
		}
		return text
	}
	manifest, record, x := plain(manifestName), plain("block-00000.json"), read("x-00000.npy")
	nan := append([]byte(nil), x...)
	copy(nan[len(nan)-4:], []byte{0, 0, 0xc0, 0x7f})
	f.Add(manifest, record, x, x)
	f.Add(manifest, record, nan, x)
	f.Add(manifest, record, x, nan)
	f.Add(manifest, record, x, x[:100])
	f.Fuzz(func(t *testing.T, manifest, record, x, later []byte) {
		var r block
		if json.Unmarshal(record, &r) == nil {
			sum := sha256.Sum256(x)
			r.X.SHA256, r.X.Bytes = hex.EncodeToString(sum[:]), int64(len(x))
			var text bytes.Buffer
			if err := writeJSON(&text, &r); err != nil {
				t.Fatal(err)
			}
			record = text.Bytes()
		}
		write := func(name string, data []byte) {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		write(manifestName, sealed(manifest))
		write("block-00000.json", sealed(record))
		write("x-00000.npy", x)
		if m, err := ReadManifest(dir); err != nil || m.Pairs > 100 {
			return // more pairs than files: it would be a slow IncompleteError
		}
		store, err := Open(dir)
		if err != nil {
			onlyFolder(t, err)
			return
		}
		defer store.Close()
		readAll(t, store)
		write("x-00000.npy", later)
		readAll(t, store)
		train(t, store)
	})
}

// sealed adds a checksum to a text, if the text can have one.
func sealed(text []byte) []byte {
	if !bytes.HasSuffix(text, []byte("\n}\n")) {
		return text
	}
	return format.SealJSON(text)
}

// readAll reads the pairs of a store.
func readAll(t *testing.T, store *Store) {
	p := store.Spec()
	x, y := make([]float32, p.XLen()), make([]float32, p.YLen())
	for i := range store.Len() {
		if !store.Has(i) {
			continue
		}
		if err := store.Pair(i, x, y); err != nil {
			onlyFolder(t, err)
		}
	}
}

// train reads from a store as training does. All numbers must be finite.
func train(t *testing.T, store *Store) {
	source, err := NewSource(context.Background(), store, priors.Gaussian{Std: 1},
		Settings{Threads: 1})
	if err != nil {
		onlyFolder(t, err)
		return
	}
	p := store.Spec()
	x, y := make([]float32, p.XLen()), make([]float32, p.YLen())
	for slot := range uint64(4) {
		if err := source.Training(x, y, 0, slot); err != nil {
			onlyFolder(t, err)
			continue
		}
		for _, v := range append(x, y...) {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				t.Fatalf("training gets %v and %v under %+v", x, y, source.Scaling())
			}
		}
	}
}

// onlyFolder checks that the error has an exit code of its own.
func onlyFolder(t *testing.T, err error) {
	_, corrupt := errors.AsType[*CorruptError](err)
	_, incomplete := errors.AsType[*IncompleteError](err)
	_, value := errors.AsType[*ValueError](err)
	_, content := errors.AsType[*format.Error](err)
	if !corrupt && !incomplete && !value && !content && !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%v (%T)", err, err)
	}
}

// FuzzKept changes the file of stored pairs. Each pair must then have its
// original values or be missing.
func FuzzKept(f *testing.F) {
	m, err := NewManifest(&newRamps().spec,
		Settings{Pairs: fuzzPairs, BlockPairs: fuzzPairs, Threads: 1})
	if err != nil {
		f.Fatal(err)
	}
	dir := f.TempDir()
	g := &generation{dir: dir, manifest: m, identity: m.Identity().Sum(),
		earlier: earlierIdentity(m)}
	n := m.Problem.XLen()
	var wantX, wantY []float32
	k := g.kept(0)
	for i := range fuzzPairs {
		x, y := make([]float64, n), make([]float64, n)
		_ = newRamps().Pair(x, y, 0, uint64(i))
		for j := range x {
			wantX, wantY = append(wantX, float32(x[j])), append(wantY, float32(y[j]))
		}
		if err := k.append(uint64(i), wantX[i*n:], wantY[i*n:]); err != nil {
			f.Fatal(err)
		}
	}
	if err := k.close(); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(k.path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole, uint16(0), byte(0))
	f.Add(whole, uint16(70), byte(1))
	f.Add(whole[:100], uint16(7), byte(0x80))
	f.Fuzz(func(t *testing.T, data []byte, at uint16, flip byte) {
		data = append([]byte(nil), data...)
		if len(data) > 0 {
			data[int(at)%len(data)] ^= flip
		}
		if err := os.WriteFile(k.path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		k := g.kept(0)
		states, err := k.states()
		if err != nil {
			t.Fatal(err)
		}
		x, y := make([]float32, len(wantX)), make([]float32, len(wantY))
		if _, err := k.load(x, y); err != nil {
			t.Fatal(err)
		}
		for i, state := range states {
			for j := i * n; j < (i+1)*n; j++ {
				wx, wy := wantX[j], wantY[j]
				if state != madePair {
					wx, wy = 0, 0
				}
				if x[j] != wx || y[j] != wy {
					t.Fatalf("pair %d, in state %d, has x[%d] = %v and y = %v, want %v and %v", i,
						state, j, x[j], y[j], wx, wy)
				}
			}
		}
	})
}
