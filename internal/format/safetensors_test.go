package format

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func readTensors(b []byte) (*Tensors, error) {
	return ReadTensors(bytes.NewReader(b), int64(len(b)))
}

// TestReadForeignTensors reads a file of another library with all types, among
// them both kinds of half precision with their extreme values.
func TestReadForeignTensors(t *testing.T) {
	got, err := readTensors(read(t, "foreign.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	third := math.Float32frombits(0x7f61 << 16) // 3e38 cut to bfloat16
	want := &Tensors{
		Metadata: map[string]string{"ngf": "4", "note": "σ"},
		Arrays: map[string]*Array{
			"w":    Array32([]float32{0, 1, 2, 3, 4, 5}, 2, 3),
			"none": Array64([]float64{}, 0, 4),
			"half": Array32([]float32{1, -2.5, 65504, 0x1p-24, 0.0999755859375,
				float32(math.Inf(1))}, 6),
			"brain": Array32([]float32{1, -2.5, third}, 3),
			"step":  {Shape: []int{}, DType: Int64, I64: []int64{7}},
		},
	}
	for name, a := range want.Arrays {
		if !reflect.DeepEqual(got.Arrays[name], a) {
			t.Errorf("%s: %+v, want %+v", name, got.Arrays[name], a)
		}
	}
	if !maps.Equal(got.Metadata, want.Metadata) || len(got.Arrays) != len(want.Arrays) {
		t.Errorf("metadata %v, %d tensors", got.Metadata, len(got.Arrays))
	}
}

// Every half equals the float32 with its sign and the value of its bits:
// (−1)^s·2^(e−15)·(1+f/1024).
// decodeTensors is an independent reader that follows the specification of the
// layout, without checks.
func decodeTensors(
	t *rapid.T, b []byte,
) (metadata map[string]string, float32s map[string][]float32, offsets map[string]int) {
	n := 8 + int(binary.LittleEndian.Uint64(b))
	var header map[string]json.RawMessage
	if err := json.Unmarshal(b[8:n], &header); err != nil {
		t.Fatal(err)
	}
	float32s, offsets = map[string][]float32{}, map[string]int{}
	for name, raw := range header {
		if name == "__metadata__" {
			if err := json.Unmarshal(raw, &metadata); err != nil {
				t.Fatal(err)
			}
			continue
		}
		var entry struct {
			DType   string
			Offsets [2]int `json:"data_offsets"`
		}
		if err := json.Unmarshal(raw, &entry); err != nil {
			t.Fatal(err)
		}
		offsets[name] = n + entry.Offsets[0]
		if entry.DType == "F32" {
			values := make([]float32, (entry.Offsets[1]-entry.Offsets[0])/4)
			if _, err := binary.Decode(b[n+entry.Offsets[0]:], binary.LittleEndian,
				values); err != nil {
				t.Fatal(err)
			}
			float32s[name] = values
		}
	}
	return metadata, float32s, offsets
}

// TestTensorsRoundTrip writes any names, shapes and values and reads them back
// by our reader and by the independent one. Each tensor is aligned to its
// elements, and the bytes do not depend on the order of maps.
func TestTensorsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := &Tensors{Metadata: rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "metadata"),
			Arrays: map[string]*Array{}}
		for _, name := range rapid.SliceOfNDistinct(rapid.String(), 0, 8, rapid.ID).Draw(t,
			"names") {
			shape := rapid.SliceOfN(rapid.IntRange(0, 3), 0, 3).Draw(t, "shape")
			n, _ := elements(shape)
			a := &Array{Shape: append([]int{}, shape...),
				DType: rapid.SampledFrom([]DType{Float32, Float64, Int32, Int64, Uint8}).Draw(t,
					"type")}
			switch a.DType {
			case Float32:
				a.F32 = rapid.SliceOfN(rapid.Float32(), n, n).Draw(t, "v")
			case Float64:
				a.F64 = rapid.SliceOfN(rapid.Float64(), n, n).Draw(t, "v")
			case Int32:
				a.I32 = rapid.SliceOfN(rapid.Int32(), n, n).Draw(t, "v")
			case Int64:
				a.I64 = rapid.SliceOfN(rapid.Int64(), n, n).Draw(t, "v")
			case Uint8:
				a.U8 = rapid.SliceOfN(rapid.Uint8(), n, n).Draw(t, "v")
			}
			in.Arrays[name] = a
		}
		var first, second bytes.Buffer
		if err := WriteTensors(&first, in); err != nil {
			t.Fatal(err)
		}
		if err := WriteTensors(&second, &Tensors{Metadata: maps.Clone(in.Metadata),
			Arrays: maps.Clone(in.Arrays)}); err != nil ||
			!bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Fatalf("the same tensors give other bytes, %v", err)
		}
		out, err := readTensors(first.Bytes())
		in.Sealed = true
		if len(in.Metadata) == 0 {
			in.Metadata = nil
		}
		if err != nil || !reflect.DeepEqual(in, out) {
			t.Fatalf("read back %+v, %v, want %+v", out, err, in)
		}
		metadata, float32s, offsets := decodeTensors(t, first.Bytes())
		if delete(metadata, checksumKey); !maps.Equal(metadata, in.Metadata) {
			t.Fatalf("metadata %v, want %v", metadata, in.Metadata)
		}
		for name, a := range in.Arrays {
			if a.DType == Float32 && !reflect.DeepEqual(float32s[name], a.F32) {
				t.Fatalf("%q: %v, want %v", name, float32s[name], a.F32)
			}
			if offsets[name]%a.DType.Size() != 0 {
				t.Fatalf("%q of %v lies at %d", name, a.DType, offsets[name])
			}
		}
	})
}

func tensorFile(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

// TestTruncatedTensors cuts a file at each byte and appends one; all are
// refused.
func TestTruncatedTensors(t *testing.T) {
	whole := read(t, "foreign.safetensors")
	for n := range len(whole) {
		_, err := readTensors(whole[:n])
		mustBeBad(t, fmt.Sprint(n, " bytes"), err)
	}
	_, err := readTensors(append(whole, 0))
	mustBeBad(t, "a byte too many", err)
}

// TestHostileTensors refuses headers of impossible length, text that is not
// strict JSON, and tensors that do not cover the data.
func TestHostileTensors(t *testing.T) {
	one := func(entry string) []byte { return tensorFile(`{"a":{`+entry+`}}`, 8) }
	for name, r := range map[string]refused{
		"header of 2⁶³ bytes": {append(binary.LittleEndian.AppendUint64(nil, 1<<63), "{}      "...),
			`header of 9223372036854775808 bytes`},
		"header beyond limit": {append(binary.LittleEndian.AppendUint64(nil, maxTensorHeader+1),
			"{}      "...), `the limit is 16777216`},
		"no JSON":            {tensorFile(`hello world`, 0), `begin with '{'`},
		"an array":           {tensorFile(`[1,2,3]`, 0), `begin with '{'`},
		"space first":        {tensorFile(` {}`, 0), `begin with '{'`},
		"not UTF-8":          {tensorFile("{\"\xff\":{}}", 0), `not UTF-8`},
		"cut":                {tensorFile(`{"a":{"dtype":"F32"`, 8), `not JSON`},
		"more after":         {tensorFile(`{} {}`, 0), `continues after its object`},
		"data but no tensor": {tensorFile(`{}`, 8), `the file at 18`},
		"huge shape": {
			one(`"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]`),
			`does not take the 8 bytes`},
		"huge tensor": {
			one(`"dtype":"F64","shape":[1000000000000],"data_offsets":[0,8000000000000]`),
			`the file at 94`},
		"overflow to match": {
			one(`"dtype":"F64","shape":[2305843009213693953],"data_offsets":[0,8]`),
			`an extent of 2305843009213693953`},
		"shape too small": {one(`"dtype":"F32","shape":[1],"data_offsets":[0,8]`),
			`does not take the 8 bytes`},
		"negative extents": {one(`"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]`),
			`-1 where a size`},
		"a real extent": {one(`"dtype":"F32","shape":[2.0],"data_offsets":[0,8]`),
			`2.0 where a size`},
		"an extent in text": {one(`"dtype":"F32","shape":["2"],"data_offsets":[0,8]`),
			`where a size`},
		"33 dimensions": {one(`"dtype":"F32","shape":[2` + strings.Repeat(",1", 32) +
			`],"data_offsets":[0,8]`), `more than 32 numbers`},
		"offsets reversed": {one(`"dtype":"F32","shape":[2],"data_offsets":[8,0]`), `no range`},
		"three offsets": {one(`"dtype":"F32","shape":[2],"data_offsets":[0,8,8]`),
			`more than 2 numbers`},
		"one offset": {one(`"dtype":"F32","shape":[2],"data_offsets":[8]`), `no range`},
		"offsets too large": {
			one(`"dtype":"F32","shape":[2],"data_offsets":[9223372036854775799,` +
				`9223372036854775807]`), `no range`},
		"a hole": {
			tensorFile(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}`, 12),
			`does not begin where`},
		"an overlap": {
			tensorFile(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},`+
				`"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}`, 12), `does not begin ` +
				`where`},
		"shared bytes": {
			tensorFile(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},`+
				`"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8), `does not begin ` +
				`where`},
		"unknown type": {one(`"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]`),
			`"F8_E4M3" is not supported`},
		"no type":    {one(`"shape":[2],"data_offsets":[0,8]`), `is missing`},
		"no shape":   {one(`"dtype":"F32","data_offsets":[0,8]`), `is missing`},
		"no offsets": {one(`"dtype":"F32","shape":[2]`), `is missing`},
		"another key": {one(`"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1`),
			`unknown key "x"`},
		"key twice": {one(`"dtype":"F64","dtype":"F32","shape":[2],"data_offsets":[0,8]`),
			`twice`},
		"key in capitals": {one(`"DTYPE":"F32","shape":[2],"data_offsets":[0,8]`),
			`unknown key "DTYPE"`},
		"tensor twice": {
			tensorFile(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},`+
				`"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8), `twice`},
		"metadata a number": {tensorFile(`{"__metadata__":{"a":1}}`, 0),
			`where text is expected`},
		"metadata a list": {tensorFile(`{"__metadata__":[]}`, 0), `where { is expected`},
		"bool of 2": {
			append(tensorFile(`{"a":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}}`, 0), 2),
			`a bool of 2`},
		"deep": {tensorFile(`{"a":`+strings.Repeat(`[`, 1000), 8),
			`where { is expected`},
	} {
		r.check(t, name, func(b []byte) error {
			_, err := readTensors(b)
			return err
		})
	}
	if _, err := readTensors(tensorFile(`{}   `, 0)); err != nil {
		t.Errorf("an empty file: %v", err)
	}
	if err := WriteTensors(new(bytes.Buffer),
		&Tensors{Metadata: map[string]string{"a": "\xff"}}); err == nil {
		t.Error("metadata that is not UTF-8 was written")
	}
}
