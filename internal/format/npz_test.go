package format

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func readNPZ(b []byte) (map[string]*Array, error) {
	return ReadNPZ(bytes.NewReader(b), int64(len(b)))
}

// TestReadNPZFromNumPy reads stored and deflated files that NumPy wrote.
func TestReadNPZFromNumPy(t *testing.T) {
	x := Array64(ramp(), 2, 3, 4)
	for name, want := range map[string]map[string]*Array{
		"stored.npz": {"x": x, "y": Array32(Array64(ramp()[:12], 12).Float32(), 3, 4),
			"n": ArrayInt64([]int64{3}, 1)},
		"deflated.npz": {"x": x, "zeros": Array32(make([]float32, 2500), 50, 50)},
	} {
		got, err := readNPZ(read(t, name))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// writeNPZ writes a whole array and a streamed one.
func writeNPZ(t testing.TB, compress bool) []byte {
	var b bytes.Buffer
	z := NewNPZWriter(&b, compress)
	if err := z.Write("x", Array64(ramp(), 2, 3, 4)); err != nil {
		t.Fatal(err)
	}
	w, err := z.Create("samples", Float32, 3, 8)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := w.Float64(ramp()[8*i : 8*i+8]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestNPZRoundTrip writes a whole array and a streamed one, stored and
// deflated, and reads them back. The same arrays must give the same bytes: a
// time stamp of the clock would differ.
func TestNPZRoundTrip(t *testing.T) {
	for _, compress := range []bool{false, true} {
		b := writeNPZ(t, compress)
		if again := writeNPZ(t, compress); !bytes.Equal(b, again) {
			t.Errorf("compress=%v: the same arrays give other bytes", compress)
		}
		z, err := NewNPZ(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if names := z.Names(); !reflect.DeepEqual(names, []string{"x", "samples"}) {
			t.Errorf("names %v", names)
		}
		if h, err := z.Header("samples"); err != nil || h.DType != Float32 ||
			!reflect.DeepEqual(h.Shape, []int{3, 8}) {
			t.Errorf("header %+v, %v", h, err)
		}
		if x, err := z.Read("x"); err != nil || !reflect.DeepEqual(x, Array64(ramp(), 2, 3, 4)) {
			t.Errorf("x %+v, %v", x, err)
		}
		row := make([]float64, 8)
		err = z.Stream("samples", func(r *Reader) error {
			for i := range 3 {
				if err := r.Float64(row); err != nil {
					return err
				}
				if want := ramp()[8*i : 8*i+8]; !reflect.DeepEqual(row, want) {
					t.Errorf("row %d: %v, want %v", i, row, want)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		_, err = z.Read("y")
		mustBeBad(t, "a name that is not there", err)

		// A minimal independent reader: the standard library unpacks a header
		// and the numbers.
		archive, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if m := archive.File[0].Modified; !m.Equal(zipEpoch) {
			t.Errorf("time stamp %v makes the bytes depend on the day", m)
		}
		f, err := archive.Open("samples.npy")
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		var got [24]float32
		if err := binary.Read(bytes.NewReader(raw[10+binary.LittleEndian.Uint16(raw[8:]):]),
			binary.LittleEndian, &got); err != nil {
			t.Fatal(err)
		}
		if want := Array64(ramp(), 24).Float32(); !reflect.DeepEqual(got[:], want) {
			t.Errorf("unpacked %v, want %v", got, want)
		}
	}
}

// TestDamagedNPZ cuts a file at every byte and flips every byte of its data:
// the directory or the checksum detects each.
func TestDamagedNPZ(t *testing.T) {
	for _, name := range []string{"stored.npz", "deflated.npz"} {
		whole := read(t, name)
		for n := range len(whole) {
			_, err := readNPZ(whole[:n])
			mustBeBad(t, name, err)
		}
	}
	whole := writeNPZ(t, false)
	at := bytes.Index(whole, []byte("\n")) + 9 // in the elements of x
	damaged := bytes.Clone(whole)
	damaged[at] ^= 1
	_, err := readNPZ(damaged)
	mustBeBad(t, "a flipped bit", err)
	if !strings.Contains(err.Error(), "checksum") || !strings.Contains(err.Error(), `"x"`) {
		t.Errorf("a flipped bit: %v", err)
	}
}

// claim is a zip entry with claimed sizes instead of true ones.
type claim struct {
	name             string
	method           uint16
	packed, unpacked uint64
	data             []byte
}

func zipOf(t testing.TB, claims ...claim) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, c := range claims {
		raw, err := w.CreateRaw(&zip.FileHeader{Name: c.name, Method: c.method,
			CompressedSize64: c.packed, UncompressedSize64: c.unpacked})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := raw.Write(c.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// encrypted sets the flag of the first entry of a zip file in its directory.
func encrypted(b []byte) []byte {
	b[bytes.Index(b, []byte("PK\x01\x02"))+8] |= 1
	return b
}

// bomb returns a small file that unpacks to n bytes of zeros after the header
// of an array of that size.
func bomb(t testing.TB, n int) []byte {
	var b bytes.Buffer
	z := NewNPZWriter(&b, true)
	w, err := z.Create("x", Float32, n/4)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]float32, 1<<16)
	for left := n / 4; left > 0; left -= len(zeros) {
		if err := w.Float32(zeros[:min(left, len(zeros))]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestHostileNPZ refuses archives whose directory claims too much, claims that
// overflow a sum, entries that overlap, and names that are not arrays.
func TestHostileNPZ(t *testing.T) {
	ten := []byte("0123456789")
	x := claim{"x.npy", zip.Store, 10, 10, ten}
	large := claim{"y.npy", zip.Deflate, 1 << 40, 1 << 41, nil}
	for name, r := range map[string]refused{
		"empty":  {[]byte{}, "not a whole .npz"},
		"no zip": {[]byte("PK\x03\x04 and nothing more"), "not a whole .npz"},
		"huge claim": {zipOf(t, claim{"x.npy", zip.Deflate, 10, 1 << 50, ten}),
			"which 10 packed bytes cannot hold"},
		"huge stored claim": {zipOf(t, claim{"x.npy", zip.Store, 10, 1 << 50, ten}),
			"which 10 packed bytes cannot hold"},
		"small stored claim": {zipOf(t, claim{"x.npy", zip.Store, 10, 9, ten}),
			"which 10 packed bytes cannot hold"},
		"largest claims": {zipOf(t, claim{"x.npy", zip.Deflate, 1 << 63, 1 << 63, ten}, large),
			"run beyond the end"},
		"packed beyond end": {zipOf(t, x, large), "run beyond the end"},
		"overlapping entries": {zipOf(t, claim{"x.npy", zip.Store, 150, 150, ten},
			claim{"y.npy", zip.Store, 150, 150, ten}), "overlap"},
		"another method": {zipOf(t, claim{"x.npy", 12, 10, 10, ten}), "method 12"},
		"name twice":     {zipOf(t, x, x), "twice"},
		"no array": {zipOf(t, claim{"readme.txt", zip.Store, 10, 10, ten}),
			"no .npy array"},
		"no name": {zipOf(t, claim{".npy", zip.Store, 10, 10, ten}), "no .npy array"},
		"long name": {zipOf(t, claim{strings.Repeat("x", 300) + ".npy", zip.Store, 10, 10,
			ten}), "name is longer"},
		"not an npy": {zipOf(t, x), "not a .npy file"},
		"encrypted":  {encrypted(zipOf(t, x)), "encrypted"},
		"bomb": {zipOf(t, claim{"x.npy", zip.Deflate, 3e6, 3e9, make([]byte, 3e6)}),
			`"x" unpacks to more than 2.15 GB`},
		"bomb of two": {zipOf(t, claim{"x.npy", zip.Deflate, 2e6, 2e9, make([]byte, 2e6)},
			claim{"y.npy", zip.Deflate, 2e6, 2e9, make([]byte, 2e6)}),
			`"y" unpacks to more than 2.15 GB`},
	} {
		r.check(t, name, func(b []byte) error {
			_, err := readNPZ(b)
			return err
		})
	}
	one := zipOf(t, claim{"x.npy", zip.Deflate, 3e6, 3e9, make([]byte, 3e6)})
	path := filepath.Join(t.TempDir(), "bomb.npz")
	if err := os.WriteFile(path, one, 0o666); err != nil {
		t.Fatal(err)
	}
	z, err := NewNPZ(bytes.NewReader(one), int64(len(one)))
	if err != nil {
		t.Fatal(err)
	}
	_, read := z.Read("x")
	_, file := ReadArrayFile(path)
	for _, err := range []error{read, file} {
		if err == nil || !strings.Contains(err.Error(), `"x" unpacks to more than 2.15 GB`) {
			t.Errorf("one array of a bomb: %v", err)
		}
	}
	// Nearly constant fields of ordinary size are not bombs.
	if _, err := readNPZ(bomb(t, 8<<20)); err != nil {
		t.Errorf("8 MiB of zeros: %v", err)
	}
}

// TestNPZLyingSize refuses deflated data that unpacks to fewer or more bytes
// than entry and header state.
func TestNPZLyingSize(t *testing.T) {
	header := AppendHeader(nil, Float32, 1000)
	for held, says := range map[int]string{999: "ends early", 1001: "cannot be decoded"} {
		var packed bytes.Buffer
		w, err := flate.NewWriter(&packed, flate.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(append(bytes.Clone(header), make([]byte, 4*held)...)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		r := refused{zipOf(t, claim{"x.npy", zip.Deflate, uint64(packed.Len()),
			uint64(len(header) + 4000), packed.Bytes()}), says}
		r.check(t, says, func(b []byte) error {
			_, err := readNPZ(b)
			return err
		})
	}
}

func TestReadArrayFile(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var one bytes.Buffer
	if err := WriteNPZ(&one, Named{"only", Scalar(4)}); err != nil {
		t.Fatal(err)
	}
	npz := put("two.npz", read(t, "stored.npz"))
	for path, want := range map[string]float64{
		put("a.npy", read(t, "scalar.npy")):     2.5,
		put("b.CSV", []byte("7.5, 1")):          7.5,
		put("one.npz", one.Bytes()):             4,
		npz + ":n":                              3,
		put("odd.npz:x", read(t, "i8.npy")):     0, // ".npz:" always splits
		put("c.txt", []byte("# map\n1 2\n3 4")): 1,
	} {
		a, err := ReadArrayFile(path)
		if strings.HasSuffix(path, "odd.npz:x") {
			if !os.IsNotExist(err) {
				t.Errorf("%s: %v, want not exist", path, err)
			}
			continue
		}
		if err != nil || a.Float64()[0] != want {
			t.Errorf("%s: %v, %v, want %v", path, a, err, want)
		}
	}
	for _, path := range []string{npz, npz + ":z", put("d.dat", nil), put("e.npy", []byte("x")),
		put("f.csv", []byte("nan")), filepath.Join(dir, "b.npy.d")} {
		if strings.HasSuffix(path, ".d") {
			path = strings.TrimSuffix(path, ".npy.d") + ".npy"
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		_, err := ReadArrayFile(path)
		mustBeBad(t, path, err)
		if err != nil && !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: the error does not name the file: %v", path, err)
		}
	}
	if _, err := ReadNPZFile(filepath.Join(dir, "none.npz")); !os.IsNotExist(err) {
		t.Errorf("no file: %v", err)
	}
}
