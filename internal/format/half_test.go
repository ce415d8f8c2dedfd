package format

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

// TestHalfPrecision widens all 65,536 halves and compares with the definition:
// (−1)^s·2^(e−15)·(1 + f/1024), f·2⁻²⁴ for e = 0, infinity and NaN for e = 31.
func TestHalfPrecision(t *testing.T) {
	for b := range 1 << 16 {
		e, f := b>>10&31, float64(b&1023)
		want := math.Ldexp(1+f/1024, e-15)
		switch {
		case e == 0:
			want = math.Ldexp(f, -24)
		case e == 31 && f == 0:
			want = math.Inf(1)
		case e == 31:
			want = math.NaN()
		}
		if b>>15 == 1 {
			want = -want
		}
		got := float64(fromHalf(uint16(b)))
		if math.Float64bits(got) != math.Float64bits(want) && !(got != got && want != want) {
			t.Fatalf("half %#04x: %v, want %v", b, got, want)
		}
	}
}

// TestToHalf checks rounding between all neighbors among the halves: below,
// above and at the middle, where the even one is nearest.
func TestToHalf(t *testing.T) {
	for b := range uint16(0x7c00) { // 0 to the largest finite half
		lo, hi := float64(fromHalf(b)), float64(fromHalf(b+1))
		if b == 0x7bff {
			hi = 65536 // where the next half would be
		}
		middle := float32((lo + hi) / 2)
		even := b + b%2
		for _, c := range []struct {
			v    float32
			want uint16
		}{{float32(lo), b}, {middle, even}, {math.Nextafter32(middle, 0), b},
			{math.Nextafter32(middle, 1e9), b + 1}} {
			if got := toHalf(c.v); got != c.want {
				t.Fatalf("%v becomes %#04x, want %#04x", c.v, got, c.want)
			}
			if got := toHalf(-c.v); got != c.want|0x8000 {
				t.Fatalf("%v becomes %#04x, want %#04x", -c.v, got, c.want|0x8000)
			}
		}
	}
	if b := toHalf(float32(math.NaN())); !math.IsNaN(float64(fromHalf(b))) {
		t.Errorf("NaN becomes %v", fromHalf(b))
	}
}

// TestHalfTensors checks a file in half precision: its size, its values, its
// checksum, and that it is written again without change.
func TestHalfTensors(t *testing.T) {
	values := []float32{1.0 / 3, -1e-6, 0, 1234.56}
	in := &Tensors{Half: true, Metadata: map[string]string{"format": "x"},
		Arrays: map[string]*Array{"a": Array32(values, 2, 2), "n": ArrayInt64([]int64{7}, 1)}}
	var file, again, single bytes.Buffer
	if err := WriteTensors(&file, in); err != nil {
		t.Fatal(err)
	}
	out, err := readTensors(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if !out.Half || !out.Sealed || out.Metadata["format"] != "x" {
		t.Errorf("half %v, sealed %v, metadata %v", out.Half, out.Sealed, out.Metadata)
	}
	for i, v := range out.Arrays["a"].F32 {
		if want := fromHalf(toHalf(values[i])); v != want {
			t.Errorf("value %d is %v, want %v", i, v, want)
		}
	}
	if values[0] != 1.0/3 {
		t.Error("writing changed the values of its caller")
	}
	if err := WriteTensors(&again, out); err != nil || !bytes.Equal(again.Bytes(), file.Bytes()) {
		t.Errorf("written again, the file differs: %v", err)
	}
	if err := WriteTensors(&single, &Tensors{Metadata: out.Metadata,
		Arrays: out.Arrays}); err != nil || single.Len()-file.Len() != 8 {
		t.Errorf("single precision takes %d bytes more, want 2 for each of 4 values: %v",
			single.Len()-file.Len(), err)
	}
	in.Arrays["a"].F32[2] = 1e6
	if err := WriteTensors(&file, in); err == nil || !strings.Contains(err.Error(), "65504") {
		t.Errorf("a value beyond half precision: %v", err)
	}
}
