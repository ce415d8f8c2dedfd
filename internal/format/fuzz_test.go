package format

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// For any bytes there is no panic, and the result is an *Error or an array that
// uses no more memory than the limits. An array that can be read can be written
// and read again.

func seed(f *testing.F, pattern string) {
	files, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds %s: %v", pattern, err)
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
}

func onlyBad(t *testing.T, err error) {
	if _, ok := errors.AsType[*Error](err); !ok {
		t.Fatalf("error %v (%T), want *Error", err, err)
	}
}

func sameArrays(a, b *Array) bool {
	if a.DType != b.DType || len(a.Shape) != len(b.Shape) || a.CheckShape(b.Shape...) != nil ||
		a.Len() != b.Len() {
		return false
	}
	x, y := a.Float64(), b.Float64()
	for i := range x {
		if math.Float64bits(x[i]) != math.Float64bits(y[i]) {
			return false
		}
	}
	return true
}

func FuzzReadNPY(f *testing.F) {
	seed(f, "*.npy")
	for _, r := range hostile {
		f.Add(r.file)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := readNPY(b)
		if err != nil {
			onlyBad(t, err)
			return
		}
		if a.Len()*a.DType.Size() > 4*len(b) { // int8 becomes int32
			t.Fatalf("%d elements out of %d bytes", a.Len(), len(b))
		}
		var again bytes.Buffer
		if err := WriteNPY(&again, a); err != nil {
			t.Fatal(err)
		}
		if c, err := readNPY(again.Bytes()); err != nil || !sameArrays(a, c) {
			t.Fatalf("written and read: %+v, %v, want %+v", c, err, a)
		}
	})
}

func FuzzReadNPZ(f *testing.F) {
	seed(f, "*.npz")
	f.Add(writeNPZ(f, false))
	f.Add(bomb(f, 1<<20))
	f.Fuzz(func(t *testing.T, b []byte) {
		arrays, err := readNPZ(b)
		if err != nil {
			onlyBad(t, err)
			return
		}
		z, err := NewNPZ(bytes.NewReader(b), int64(len(b)))
		if err != nil || len(z.Names()) != len(arrays) {
			t.Fatalf("%v, %v", z, err)
		}
		for _, name := range z.Names() {
			if h, err := z.Header(name); err != nil || h.Len() != arrays[name].Len() {
				t.Fatalf("%q: header %+v, %v", name, h, err)
			}
		}
	})
}

// The length is put before the header here, because a fuzzer would hardly find
// it.
func FuzzReadTensors(f *testing.F) {
	foreign := read(f, "foreign.safetensors")
	n := 8 + binary.LittleEndian.Uint64(foreign)
	f.Add(string(foreign[8:n]), foreign[n:])
	f.Add(`{"a":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]},"b":{"dtype":"BOOL",`+
		`"shape":[2,2],"data_offsets":[0,4]}}  `, make([]byte, 8))
	f.Add(`{"__metadata__":{"a":"b","c":""},"a":{"dtype":"F64","shape":[],"data_offsets":[0,8]},`+
		`"b":{"dtype":"U8","shape":[0,9],"data_offsets":[8,8]}}`, make([]byte, 8))
	f.Fuzz(func(t *testing.T, header string, data []byte) {
		b := append(tensorFile(header, 0), data...)
		in, err := readTensors(b)
		if err != nil {
			onlyBad(t, err)
			return
		}
		var again bytes.Buffer
		if err := WriteTensors(&again, in); err != nil {
			t.Fatal(err)
		}
		out, err := readTensors(again.Bytes())
		if err != nil || len(in.Arrays) != len(out.Arrays) ||
			len(in.Metadata) != len(out.Metadata) {
			t.Fatalf("written and read: %+v, %v", out, err)
		}
		for name, a := range in.Arrays {
			if !sameArrays(a, out.Arrays[name]) {
				t.Fatalf("%q: %+v, want %+v", name, out.Arrays[name], a)
			}
		}
	})
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte("1,2\n3,4\n"))
	f.Add([]byte("# x\n1;2\n3;nan\n"))
	f.Add([]byte("1 2\t3\r\n4 5 6 # end"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := ReadCSV(bytes.NewReader(b))
		if err != nil {
			onlyBad(t, err)
			return
		}
		if a.Len() > len(b) || a.CheckFinite() != nil || a.Len() == 0 {
			t.Fatalf("%+v from %d bytes", a, len(b))
		}
	})
}
