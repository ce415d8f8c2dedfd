package format

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// raw returns a .npy file of elements as encoding/binary writes them.
func raw(t testing.TB, descr, shape string, order binary.ByteOrder, elements any) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := binary.Write(&b, order, elements); err != nil {
		t.Fatal(err)
	}
	return append(npyFile(fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s}", descr,
		shape), 0), b.Bytes()...)
}

// TestElementTypes reads each type of element that other programs write, in
// both byte orders, with its extreme values.
func TestElementTypes(t *testing.T) {
	for _, c := range []struct {
		name     string
		elements any
		want     []float64
		held     DType
	}{
		{"i1", []int8{-128, 127, 5}, []float64{-128, 127, 5}, Int32},
		{"i2", []int16{-32768, 32767, 258}, []float64{-32768, 32767, 258}, Int32},
		{"u2", []uint16{65535, 1, 258}, []float64{65535, 1, 258}, Int32},
		{"i4", []int32{math.MinInt32, 1, 66051}, []float64{math.MinInt32, 1, 66051}, Int32},
		{"u4", []uint32{math.MaxUint32, 1, 66051}, []float64{math.MaxUint32, 1, 66051}, Int64},
		{"u8", []uint64{1 << 63, 1, 258}, []float64{1 << 63, 1, 258}, Float64},
		// 1, −2, the largest, the smallest subnormal, 0.333251953125.
		{"f2", []uint16{0x3c00, 0xc000, 0x7bff, 0x0001, 0x3555},
			[]float64{1, -2, 65504, 0x1p-24, 0.333251953125}, Float32},
		{"f8", []float64{0.1, -2e300}, []float64{0.1, -2e300}, Float64},
		{"c8", []complex64{1.5, -2}, []float64{1.5, -2}, Float64},
		{"c16", []complex128{0.1, -2e300}, []float64{0.1, -2e300}, Float64},
	} {
		for order, prefix := range map[binary.ByteOrder]string{binary.LittleEndian: "<",
			binary.BigEndian: ">"} {
			shape := fmt.Sprintf("(%d,)", len(c.want))
			prefixes := []string{prefix}
			if prefix == "<" {
				prefixes = []string{"<", "=", ""}
			}
			for _, prefix := range prefixes {
				file := raw(t, prefix+c.name, shape, order, c.elements)
				a, err := readNPY(file)
				if err != nil || a.DType != c.held || !reflect.DeepEqual(a.Float64(), c.want) {
					t.Errorf("%s%s: %+v, %v", prefix, c.name, a, err)
				}
				h, err := ReadHeader(bytes.NewReader(file), int64(len(file)))
				if err != nil || h.Len() != len(c.want) {
					t.Fatalf("%s%s: %+v, %v", prefix, c.name, h, err)
				}
				got := make([]float64, len(c.want))
				if err := h.Float64At(got, bytes.NewReader(file), 0, nil); err != nil ||
					!slices.Equal(got, c.want) {
					t.Errorf("%s%s at a place: %v, %v", prefix, c.name, got, err)
				}
			}
		}
	}
}

// TestMeasuredForms reads measurements of one and two channels in the layouts
// of other programs.
func TestMeasuredForms(t *testing.T) {
	real := []complex128{1, 2, 3, 4, 5, 6}
	phasors := []complex128{1 + 7i, 2 + 8i, 3 + 9i, 4 + 10i, 5 + 11i, 6 + 12i}
	numbers := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	le := binary.LittleEndian
	two := "complex numbers: real and imaginary parts are the two channels"
	for name, c := range map[string]struct {
		file     []byte
		channels int
		shape    []int
		want     []float64
		note     string
	}{
		"plain": {raw(t, "<f8", "(2, 3, 2)", le, numbers), 2, []int{2, 3, 2},
			numbers, ""},
		"channels last": {raw(t, "<f8", "(3, 2, 2)", le, numbers), 2, []int{2, 3, 2},
			[]float64{1, 3, 5, 7, 9, 11, 2, 4, 6, 8, 10, 12}, "channels come last, (3, 2, 2)"},
		"one channel last": {raw(t, "<f8", "(3, 4, 1)", le, numbers), 1, []int{1, 3, 4},
			numbers, "channels come last, (3, 4, 1)"},
		"several, last": {raw(t, "<f8", "(2, 3, 2, 1)", le, numbers), 1, []int{2, 1, 3, 2},
			numbers, "channels come last, (2, 3, 2, 1)"},
		"several maps": {raw(t, "<f8", "(3, 2, 2)", le, numbers), 1, []int{3, 2, 2},
			numbers, ""},
		"phasors": {raw(t, "<c16", "(2, 3)", le, phasors), 2, []int{2, 2, 3}, numbers,
			two},
		"several of phasors": {raw(t, "<c16", "(2, 1, 3)", le, phasors), 2, []int{2, 2, 1, 3},
			[]float64{1, 2, 3, 7, 8, 9, 4, 5, 6, 10, 11, 12}, two},
		"real, one channel": {raw(t, "<c16", "(2, 3)", le, real), 1, []int{2, 3}, numbers[:6],
			"complex numbers whose imaginary parts are all 0"},
		"real, two channels": {raw(t, "<c16", "(2, 3, 1)", le, real), 2, []int{2, 3, 1},
			numbers[:6], "complex numbers whose imaginary parts are all 0"},
		"real, as two already": {raw(t, "<c16", "(2, 3)", le, real), 2, []int{2, 2, 3},
			[]float64{1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0}, two},
	} {
		m := measure(t, "y.npy", string(c.file), c.channels)
		if m.CheckShape(c.shape...) != nil || !slices.Equal(m.Float64(), c.want) ||
			m.Note != c.note || m.Grid != nil {
			t.Errorf("%s: shape %v, %v, %q", name, m.Shape, m.Float64(), m.Note)
		}
	}
	fortran := bytes.Replace(raw(t, "<c16", "(2, 3)", le,
		[]complex128{1 + 7i, 4 + 10i, 2 + 8i, 5 + 11i, 3 + 9i, 6 + 12i}), []byte("False"),
		[]byte("True "), 1)
	if m := measure(t, "y.npy", string(fortran), 2); m.CheckShape(2, 2, 3) != nil ||
		!slices.Equal(m.F64, numbers) {
		t.Errorf("Fortran order: %v", m.F64)
	}
	path := filepath.Join(t.TempDir(), "y.npy")
	if err := os.WriteFile(path, raw(t, "<c16", "(2, 3)", le, phasors), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadMeasured(path, 1, false); err == nil ||
		!strings.Contains(err.Error(),
			"complex numbers (complex128), where 1 channel(s) of real numbers are expected") {
		t.Error(err)
	}
}

// FuzzReadMeasured checks that no bytes cause a panic, and that a map has
// finite sizes that match its elements and uses memory in proportion to the
// file.
func FuzzReadMeasured(f *testing.F) {
	f.Add([]byte("x,y,u\n0,0,1\n1,0,2\n2,0,2\n0,1,3\n1,1,4\n2,1,2\n0,2,5\n1,2,1\n2,2,0\n"), true, 1)
	f.Add([]byte("\xff\xfe1\x00;\x002\x00\n\x00"), true, 2)
	f.Add([]byte(",0,1\n0,\"1,5\",2\n1,3,4\n"), true, 1)
	f.Add(raw(f, "<c16", "(2, 3)", binary.LittleEndian, make([]complex128, 6)), false, 2)
	f.Add(raw(f, ">f2", "(2, 3, 1)", binary.BigEndian, make([]uint16, 6)), false, 1)
	f.Fuzz(func(t *testing.T, b []byte, text bool, channels int) {
		channels = 1 + channels&3
		m := &Measurements{}
		var err error
		if text {
			err = m.readText(bytes.NewReader(b), channels, channels > 2)
		} else {
			err = m.readNPY(bytes.NewReader(b), int64(len(b)), channels)
		}
		if err != nil {
			onlyBad(t, err)
			return
		}
		if n, ok := elements(m.Shape); !ok || n != m.Len() || n > 2*len(b) {
			t.Fatalf("shape %v of %d elements from %d bytes", m.Shape, m.Len(), len(b))
		}
		for _, v := range m.F64 { // NaN is a missing value
			if text && math.IsInf(v, 0) {
				t.Fatalf("%v", m.F64)
			}
		}
	})
}
