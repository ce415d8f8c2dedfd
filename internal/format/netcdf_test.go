package format

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"
)

// TestWriteNetCDF compares a small file with its bytes by the specification.
func TestWriteNetCDF(t *testing.T) {
	var got bytes.Buffer
	err := WriteNetCDF(&got, []NetCDFAttribute{{"a", "xyz"}}, []NetCDFVariable{
		{Name: "t", Axes: []string{"t"}, Array: &Array{Shape: []int{3}, DType: Int32,
			I32: []int32{7, -1, 2}}},
		{Name: "v", Axes: []string{"t", "s"}, Attributes: []NetCDFAttribute{{"units", "m"}},
			Array: Array64([]float64{1.5, -2, math.Pi}, 3, 1)},
		{Name: "w", Axes: []string{"s"}, Array: Array32([]float32{0.25}, 1)}})
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	put := func(parts ...any) {
		for _, p := range parts {
			switch p := p.(type) {
			case string:
				want.WriteString(p)
			case int:
				binary.Write(&want, binary.BigEndian, uint32(p))
			default: // numbers of 8 bytes, and float32
				binary.Write(&want, binary.BigEndian, p)
			}
		}
	}
	put("CDF\x02", 0)
	put(10, 2, 1, "t\x00\x00\x00", 3, 1, "s\x00\x00\x00", 1)
	put(12, 1, 1, "a\x00\x00\x00", 2, 3, "xyz\x00")
	put(11, 3)
	const header = 224
	put(1, "t\x00\x00\x00", 1, 0, 0, 0, 4, 12, uint64(header))
	put(1, "v\x00\x00\x00", 2, 0, 1, 12, 1, 5, "units\x00\x00\x00", 2, 1, "m\x00\x00\x00", 6, 24,
		uint64(header+12))
	put(1, "w\x00\x00\x00", 1, 1, 0, 0, 5, 4, uint64(header+36))
	if want.Len() != header {
		t.Fatalf("the header has %d bytes", want.Len())
	}
	put(7, int32(-1), 2, 1.5, -2.0, math.Pi, float32(0.25))
	if !bytes.Equal(got.Bytes(), want.Bytes()) {
		t.Errorf("got  %q\nwant %q", got.Bytes(), want.Bytes())
	}
	large := &Array{Shape: []int{1 << 15, 1 << 15}, DType: Float64}
	if err := WriteNetCDF(&got, nil, []NetCDFVariable{{Name: "v", Axes: []string{"a", "b"},
		Array: large}}); err == nil || !strings.Contains(err.Error(), "4 GiB") {
		t.Errorf("8 GiB: %v", err)
	}
}
