package format

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"pgregory.net/rapid"
)

// ramp is the array a of testdata/make.py.
func ramp() []float64 {
	a := make([]float64, 24)
	for i := range a {
		a[i] = float64(i-7) * 0.25
	}
	return a
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func readNPY(b []byte) (*Array, error) { return ReadNPY(bytes.NewReader(b), int64(len(b))) }

// mustBeBad fails unless err is an *Error.
func mustBeBad(t *testing.T, what string, err error) {
	t.Helper()
	if _, ok := errors.AsType[*Error](err); !ok {
		t.Errorf("%s: error %v (%T), want *Error", what, err, err)
	}
}

// TestReadNPYFromNumPy reads files that NumPy wrote, in each version, order of
// bytes and order of indices. A reader and a writer with the same fault would
// agree with each other.
func TestReadNPYFromNumPy(t *testing.T) {
	shape := []int{2, 3, 4}
	ramp32 := Array64(ramp(), 24).Float32()
	for name, want := range map[string]*Array{
		"f8.npy":         Array64(ramp(), shape...),
		"f4_fortran.npy": Array32(ramp32, shape...),
		"f8_big.npy":     Array64(ramp(), shape...),
		"v2.npy":         Array32(ramp32, shape...),
		"v3.npy":         Array32(ramp32, shape...),
		"i4_big.npy":     {Shape: []int{6}, DType: Int32, I32: []int32{-3, -2, -1, 0, 1, 2}},
		"i8.npy":         ArrayInt64([]int64{-1 << 40, 5}, 2),
		"u1.npy":         {Shape: []int{2, 2}, DType: Uint8, U8: []uint8{0, 255, 7, 8}},
		"b1.npy":         {Shape: []int{3}, DType: Bool, U8: []uint8{1, 0, 1}},
		"scalar.npy":     {Shape: []int{}, DType: Float64, F64: []float64{2.5}},
		"empty.npy":      Array64([]float64{}, 0, 3),
	} {
		got, err := readNPY(read(t, name))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, want)
		}
		if got, want := got.Float64(), want.Float64(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s as float64: %v, want %v", name, got, want)
		}
	}
}

// TestWriteNPYAsNumPy compares output with the bytes that NumPy writes. NumPy
// is the independent reader of our output: with equal bytes, it reads equal
// values.
func TestWriteNPYAsNumPy(t *testing.T) {
	for _, name := range []string{"f8.npy", "i8.npy", "u1.npy", "b1.npy", "scalar.npy",
		"empty.npy"} {
		want := read(t, name)
		a, err := readNPY(want)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := WriteNPY(&got, a); err != nil || !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s: written as %q, %v, NumPy wrote %q", name, got.Bytes(), err, want)
		}
	}
}

// TestTruncatedNPY cuts a file at every byte, and appends one. Each is refused
// with the position of the fault: a reader that takes the end of the file for
// the end of the array would return zeros.
func TestTruncatedNPY(t *testing.T) {
	for _, name := range []string{"f8.npy", "f4_fortran.npy", "v3.npy", "b1.npy"} {
		whole := read(t, name)
		for n := range len(whole) {
			_, err := readNPY(whole[:n])
			mustBeBad(t, name, err)
			// The size may be right although bytes are missing.
			_, err = ReadNPY(bytes.NewReader(whole[:n]), int64(len(whole)))
			mustBeBad(t, name, err)
		}
		_, err := readNPY(append(bytes.Clone(whole), 0))
		mustBeBad(t, name+" and a byte", err)
		_, err = ReadNPY(bytes.NewReader(append(bytes.Clone(whole), 0)), int64(len(whole)))
		mustBeBad(t, name+" and a byte unannounced", err)
	}
}

// npyFile returns a .npy file of the given dictionary and data.
func npyFile(dict string, data int) []byte {
	b := []byte(npyMagic + "\x02\x00")
	b = binary.LittleEndian.AppendUint32(b, uint32(len(dict)))
	return append(append(b, dict...), make([]byte, data)...)
}

// refused is a file that must not be read, and the required text of the error.
// The text matters, because another check could hide that one is missing.
type refused struct {
	file []byte
	says string
}

// check reads the file, which must fail with an *Error with the required text,
// and must not allocate the size that the file claims.
func (r refused) check(t *testing.T, name string, read func([]byte) error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := read(r.file)
	runtime.ReadMemStats(&after)
	mustBeBad(t, name, err)
	if err == nil || !strings.Contains(err.Error(), r.says) {
		t.Errorf("%s: error %v, want it to say %q", name, err, r.says)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%s: allocated %d bytes", name, n)
	}
}

// hostile lists headers that must be refused.
var hostile = map[string]refused{
	"nothing":     {nil, `too short`},
	"magic alone": {[]byte(npyMagic), `too short`},
	"version 4":   {[]byte(npyMagic + "\x04\x00\x00\x00\x00\x00"), `version 4.0`},
	"version 1.1": {[]byte(npyMagic +
		"\x01\x01\x36\x00{'descr': '|u1', 'fortran_order': False, 'shape': (0,)}"), `version 1.1`},
	"header of 4 GiB": {[]byte(npyMagic + "\x02\x00\xff\xff\xff\xff{'descr'"),
		`header of 4294967295 bytes`},
	"huge array": {
		npyFile("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,)}", 64),
		`8000000000000 bytes and 64 are there`},
	"overflowing array": {
		npyFile("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", 64),
		`more elements than can be addressed`},
	"overflow to zero": {
		npyFile("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296, 0)}",
			0), `more elements than can be addressed`},
	"overflow to match": {
		npyFile("{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693952, 8)}", 0),
		`more elements than can be addressed`},
	"bytes overflow to 0": {
		npyFile("{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693952,)}", 0),
		`more elements than can be addressed`},
	"extent of 30 digits": {
		npyFile("{'descr': '<f8', 'fortran_order': False, 'shape': "+
			"(100000000000000000000000000000,)}", 0), `no number that fits`},
	"negative extent": {npyFile("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", 0),
		`no number that fits`},
	"two commas": {npyFile("{'descr': '<f8', 'fortran_order': False, 'shape': (1,,)}", 8),
		`no number that fits`},
	"many dimensions": {npyFile("{'descr': '<f8', 'fortran_order': False, 'shape': ("+
		strings.Repeat("1,", 33)+")}", 8), `more than 32 dimensions`},
	"objects": {npyFile("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", 8),
		`Python objects`},
	"fields": {
		npyFile("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}", 8),
		`named fields`},
	"complex": {
		append(npyFile("{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", 4), 0, 0, 0x80,
			0x3f), `imaginary part 1, where real ones are expected`},
	"long double": {npyFile("{'descr': '<f16', 'fortran_order': False, 'shape': (1,)}", 16),
		`"<f16" is not supported`},
	"no order": {npyFile("{'descr': '|f8', 'fortran_order': False, 'shape': (1,)}", 8),
		`"|f8" is not supported`},
	"order 1": {npyFile("{'descr': '<f8', 'fortran_order': 1, 'shape': (1,)}", 8),
		`neither True nor False`},
	"shape a list": {npyFile("{'descr': '<f8', 'fortran_order': False, 'shape': [1]}", 8),
		`no tuple`},
	"no shape": {npyFile("{'descr': '<f8', 'fortran_order': False}", 8),
		`lacks "shape"`},
	"key twice": {
		npyFile("{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", 8),
		`twice`},
	"another key": {
		npyFile("{'descr': '<f8', 'x': '<f8', 'fortran_order': False, 'shape': (1,)}", 8),
		`unknown key "x"`},
	"open string": {npyFile("{'descr", 8), `does not end`},
	"open dictionary": {npyFile("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)", 8),
		`neither ',' nor '}'`},
	"open tuple": {npyFile("{'descr': '<f8', 'fortran_order': False, 'shape': (1", 8),
		`neither ',' nor ')'`},
	"more after": {npyFile("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)} x", 8),
		`continues after its dictionary`},
	"no header": {npyFile("", 8), `no dictionary`},
	"bool of 2": {
		append(npyFile("{'descr': '|b1', 'fortran_order': False, 'shape': (1,)}", 0), 2),
		`a bool of 2`},
	"bytes after": {npyFile("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", 9),
		`takes 8 bytes and 9 are there`},
}

// TestHostileNPY holds that refusing a file needs no significant memory,
// whatever the header claims.
func TestHostileNPY(t *testing.T) {
	for name, r := range hostile {
		r.check(t, name, func(b []byte) error {
			_, err := readNPY(b)
			return err
		})
	}
	// Unusual but valid: NumPy also reads these.
	for _, dict := range []string{
		"{\"shape\":(1L,),'fortran_order':True,'descr':'>f8'}\n\n",
		" { 'descr' : '<f8' , 'shape' : ( ) , 'fortran_order' : False , } ",
	} {
		if a, err := readNPY(npyFile(dict, 8)); err != nil || a.Len() != 1 || a.F64[0] != 0 {
			t.Errorf("%q: %v, %v", dict, a, err)
		}
	}
}

// TestDiskErrorIsPassedOn returns an error of the disk from a reader: it must
// come back as it is, and not as a fault of the data.
func TestDiskErrorIsPassedOn(t *testing.T) {
	broken := &os.PathError{Op: "read", Path: "x", Err: syscall.EIO}
	whole := read(t, "f8.npy")
	for _, n := range []int{0, 9, 130} {
		r := io.MultiReader(bytes.NewReader(whole[:n]), failing{broken})
		_, err := ReadNPY(r, int64(len(whole)))
		if _, isBad := errors.AsType[*Error](err); isBad || !errors.Is(err, broken) {
			t.Errorf("disk error after %d bytes: %v", n, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestFortranOrder checks Fortran order by its definition: element (i, j, …) is
// at i + j·d0 + ….
func TestFortranOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := rapid.SliceOfN(rapid.IntRange(1, 4), 2, 4).Draw(t, "shape")
		n, _ := elements(shape)
		src := make([]float64, n)
		for i := range src {
			src[i] = float64(i)
		}
		got := &Array{Shape: shape, F64: toCOrder(src, shape)}
		for i, v := range got.F64 {
			want, stride := 0, 1
			for k, at := range got.index(i) {
				want += at * stride
				stride *= shape[k]
			}
			if v != float64(want) {
				t.Fatalf("shape %v: element %v is %v, want %v", shape, got.index(i), v, want)
			}
		}
	})
}

// TestReaderAndWriterRoundTrip writes data in runs of any length, in either
// precision, and reads it back in runs of any other length and from any
// position, bit for bit.
func TestReaderAndWriterRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) float64 {
			return math.Float64frombits(rapid.Uint64().Draw(t, "bits"))
		}), 0, 40).Draw(t, "values")
		d := rapid.SampledFrom([]DType{Float32, Float64}).Draw(t, "type")
		var file bytes.Buffer
		w, err := NewWriter(&file, d, len(values))
		if err != nil {
			t.Fatal(err)
		}
		for rest := values; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "run")
			if err := w.Float64(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		same := func(got []float64, from int) {
			for i, v := range got {
				want := values[from+i]
				if d == Float32 {
					want = float64(float32(want))
				}
				if math.Float64bits(v) != math.Float64bits(want) && !(v != v && want != want) {
					t.Fatalf("element %d: %v, want %v", from+i, v, want)
				}
			}
		}
		r, err := NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
		if err != nil {
			t.Fatal(err)
		}
		for from := 0; from < len(values); {
			dst := make([]float64, rapid.IntRange(1, len(values)-from).Draw(t, "run"))
			if err := r.Float64(dst); err != nil {
				t.Fatal(err)
			}
			same(dst, from)
			from += len(dst)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		from := rapid.IntRange(0, len(values)).Draw(t, "from")
		dst := make([]float64, rapid.IntRange(0, len(values)-from).Draw(t, "n"))
		buf := make([]byte, rapid.IntRange(0, 30).Draw(t, "buf"))
		if err := r.Header.Float64At(dst, bytes.NewReader(file.Bytes()), from, buf); err != nil {
			t.Fatal(err)
		}
		same(dst, from)
	})
}

// TestChunksLongerThanTheBuffer reads three buffers and five elements more,
// also with the bytes reversed: a fault at the seam of two buffers needs an
// array of this length.
func TestChunksLongerThanTheBuffer(t *testing.T) {
	values := make([]float64, 3*chunk/8+5)
	for i := range values {
		values[i] = float64(i)
	}
	var file bytes.Buffer
	if err := WriteNPY(&file, Array64(values, len(values))); err != nil {
		t.Fatal(err)
	}
	a, err := readNPY(file.Bytes())
	if err != nil || !reflect.DeepEqual(a.F64, values) {
		t.Fatalf("long array differs, %v", err)
	}
	for i := range values { // big-endian uses the same code
		binary.BigEndian.PutUint64(file.Bytes()[128+8*i:], math.Float64bits(values[i]))
	}
	copy(file.Bytes()[bytes.IndexByte(file.Bytes(), '<'):], ">")
	if a, err := readNPY(file.Bytes()); err != nil || !reflect.DeepEqual(a.F64, values) {
		t.Fatalf("long big-endian array differs, %v", err)
	}
}

// TestFloat64AtDoesNotAllocate holds that a read with a buffer allocates
// nothing, since training reads pairs so in each step.
func TestFloat64AtDoesNotAllocate(t *testing.T) {
	whole := read(t, "f8_big.npy")
	r := bytes.NewReader(whole)
	h, err := ReadHeader(r, int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	dst, buf := make([]float64, 5), make([]byte, 40)
	if n := testing.AllocsPerRun(100, func() {
		if err := h.Float64At(dst, r, 7, buf); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if want := ramp()[7:12]; !reflect.DeepEqual(dst, want) {
		t.Errorf("%v, want %v", dst, want)
	}
}

// TestChecksNameTheElement checks the indices in the messages of CheckFinite
// and CheckShape.
func TestChecksNameTheElement(t *testing.T) {
	a := Array64([]float64{0, 1, 2, math.NaN(), 4, 5}, 2, 3)
	if err := a.CheckFinite(); err == nil || !strings.Contains(err.Error(), "(1, 0) is NaN") {
		t.Errorf("CheckFinite: %v", err)
	}
	if err := Array32([]float32{0, float32(math.Inf(-1))}, 2).CheckFinite(); err == nil ||
		!strings.Contains(err.Error(), "(1,) is -Inf") {
		t.Errorf("CheckFinite: %v", err)
	}
	if err := a.CheckShape(-1, 3); err != nil {
		t.Errorf("CheckShape: %v", err)
	}
	if err := a.CheckShape(1, -1, 3); err == nil ||
		!strings.Contains(err.Error(), "(2, 3), not (1, *, 3)") {
		t.Errorf("CheckShape: %v", err)
	}
}
