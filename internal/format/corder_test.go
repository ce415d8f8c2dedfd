package format

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
)

// TestInCOrder reads arrays in Fortran order element by element, of types that
// an Array has and of types that it holds in a wider one.
func TestInCOrder(t *testing.T) {
	fortran := func(descr string, order binary.ByteOrder, values any) []byte {
		file := raw(t, descr, "(2, 3)", order, values)
		return bytes.Replace(file, []byte("False"), []byte("True "), 1)
	}
	le, be := binary.LittleEndian, binary.BigEndian
	for name, file := range map[string][]byte{
		"f4":  fortran("<f4", le, []float32{1, 4, 2, 5, 3, 6}),
		"f8":  fortran(">f8", be, []float64{1, 4, 2, 5, 3, 6}),
		"i1":  fortran("|i1", le, []int8{1, 4, 2, 5, 3, 6}),
		"i2":  fortran(">i2", be, []int16{1, 4, 2, 5, 3, 6}),
		"u4":  fortran("<u4", le, []uint32{1, 4, 2, 5, 3, 6}),
		"f2":  fortran("<f2", le, []uint16{0x3c00, 0x4400, 0x4000, 0x4500, 0x4200, 0x4600}),
		"c16": fortran("<c16", le, []complex128{1, 4, 2, 5, 3, 6}),
	} {
		r, err := NewReader(bytes.NewReader(file), int64(len(file)))
		if err == nil {
			err = r.InCOrder()
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := make([]float64, 6)
		for k := range got { // one at a time, as for pairs
			if err := r.Float64(got[k : k+1]); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if !slices.Equal(got, []float64{1, 2, 3, 4, 5, 6}) {
			t.Errorf("%s: %v", name, got)
		}
		if err := r.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
