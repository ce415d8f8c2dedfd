package format

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
)

// flips calls do with data in which one bit of each step-th byte is flipped,
// another bit each time.
func flips(data []byte, step int, do func(at int, spoiled []byte)) {
	for at := 0; at < len(data); at += step {
		spoiled := bytes.Clone(data)
		spoiled[at] ^= 1 << (at / step % 8)
		do(at, spoiled)
	}
}

func sample() *Tensors {
	return &Tensors{Metadata: map[string]string{"format": "a model", "pool": "max"},
		Arrays: map[string]*Array{
			"a": Array32([]float32{1, 2, 3, 4, 5, 6}, 2, 3), "b": Array64([]float64{0.5}, 1),
			"c": {Shape: []int{2}, DType: Bool, U8: []uint8{0, 1}},
		}}
}

// TestFlippedTensors flips each bit of a file: the reader refuses it, or reads
// the same content.
func TestFlippedTensors(t *testing.T) {
	var file bytes.Buffer
	if err := WriteTensors(&file, sample()); err != nil {
		t.Fatal(err)
	}
	want, err := readTensors(file.Bytes())
	if err != nil || !want.Sealed {
		t.Fatal(err, want.Sealed)
	}
	for bit := range 8 {
		for at := range file.Len() {
			spoiled := bytes.Clone(file.Bytes())
			spoiled[at] ^= 1 << bit
			got, err := readTensors(spoiled)
			if err != nil {
				onlyBad(t, err)
				continue
			}
			// The remaining files have another name for the key of the
			// checksum. Their user refuses an unknown key, or ignores it.
			if got.Sealed || len(got.Metadata) != 1+len(want.Metadata) {
				t.Errorf("bit %d of byte %d: read as if nothing had happened", bit, at)
			}
			for name, a := range want.Arrays {
				if !sameArrays(a, got.Arrays[name]) {
					t.Errorf("bit %d of byte %d changes %s", bit, at, name)
				}
			}
		}
	}
}

// TestChecksumCoversAll checks that a change of each part of the tensors
// changes the checksum.
func TestChecksumCoversAll(t *testing.T) {
	seen := map[string]string{}
	for name, change := range map[string]func(*Tensors){
		"nothing":  func(*Tensors) {},
		"value":    func(x *Tensors) { x.Arrays["a"].F32[5]++ },
		"shape":    func(x *Tensors) { x.Arrays["a"].Shape = []int{3, 2} },
		"rank":     func(x *Tensors) { x.Arrays["b"].Shape = nil },
		"type":     func(x *Tensors) { x.Arrays["c"].DType = Uint8 },
		"name":     func(x *Tensors) { x.Arrays["d"] = x.Arrays["c"]; delete(x.Arrays, "c") },
		"fewer":    func(x *Tensors) { delete(x.Arrays, "c") },
		"metadata": func(x *Tensors) { x.Metadata["pool"] = "avg" },
		"key": func(x *Tensors) {
			delete(x.Metadata, "pool")
			x.Metadata["poo"] = "lmax"
		},
		"less metadata": func(x *Tensors) { delete(x.Metadata, "pool") },
	} {
		x := sample()
		change(x)
		sum := x.checksum(x.Metadata)
		if other := seen[sum]; other != "" {
			t.Errorf("%s and %s have one checksum", name, other)
		}
		seen[sum] = name
	}
	foreign := sample()
	metadata := maps.Clone(foreign.Metadata)
	if err := foreign.unseal(); err != nil || foreign.Sealed ||
		!maps.Equal(metadata, foreign.Metadata) {
		t.Errorf("tensors without a checksum: %v, sealed %v", err, foreign.Sealed)
	}
}

func TestSealJSON(t *testing.T) {
	text := []byte("{\n  \"seed\": 9,\n  \"unit\": \"kPa\"\n}\n")
	file := SealJSON(text)
	var object map[string]any
	if err := json.Unmarshal(file, &object); err != nil || len(object["sha256"].(string)) != 64 ||
		object["seed"] != 9.0 {
		t.Fatalf("%s: %v", file, err)
	}
	if plain, sealed, err := UnsealJSON(file); !bytes.Equal(plain, text) || !sealed || err != nil {
		t.Errorf("%q, %v, %v", plain, sealed, err)
	}
	if plain, sealed, err := UnsealJSON(text); !bytes.Equal(plain, text) || sealed || err != nil {
		t.Errorf("an older file: %q, %v, %v", plain, sealed, err)
	}
	for bit := range 8 {
		flips(file, 1, func(at int, spoiled []byte) {
			spoiled[at] = file[at] ^ 1<<bit
			plain, sealed, err := UnsealJSON(spoiled)
			if err != nil {
				onlyBad(t, err)
				return
			}
			// The seal itself was hit: the rest is not JSON, or has an extra
			// field and its content.
			decoder := json.NewDecoder(bytes.NewReader(plain))
			decoder.DisallowUnknownFields()
			var strict struct {
				Seed int
				Unit string
			}
			if sealed || decoder.Decode(&strict) == nil &&
				(strict.Seed != 9 || strict.Unit != "kPa") {
				t.Errorf("bit %d of byte %d: passes as sealed %v: %q", bit, at, sealed, plain)
			}
		})
	}
}

// TestFlippedNPZ flips bits of a .npz file: each array that is read equals the
// one that was written, or is refused.
func TestFlippedNPZ(t *testing.T) {
	arrays := []Named{
		{"mean", Array64([]float64{1, 2, 3, 4, 5, 6}, 2, 3)},
		{"mean_physical", Array64([]float64{2, 3, 4, 5, 6, 7}, 2, 3)},
		{"x_min", Scalar(-1)}, {"origin_json",
			&Array{Shape: []int{3}, DType: Uint8, U8: []byte("{1}")}},
	}
	for _, compress := range []bool{false, true} {
		var file bytes.Buffer
		z := NewNPZWriter(&file, compress)
		for _, a := range arrays {
			if err := z.Write(a.Name, a.Array); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		refused := 0
		flips(file.Bytes(), 1, func(at int, spoiled []byte) {
			got, err := ReadNPZ(bytes.NewReader(spoiled), int64(len(spoiled)))
			if err != nil {
				onlyBad(t, err)
				refused++
				return
			}
			for _, a := range arrays {
				if got[a.Name] == nil || !sameArrays(a.Array, got[a.Name]) {
					t.Errorf("compressed %v, byte %d: %s is gone or changed", compress, at, a.Name)
				}
			}
		})
		if refused < file.Len()/2 {
			t.Errorf("compressed %v: only %d of %d flips are refused", compress, refused,
				file.Len())
		}
	}
	// Both names of an entry were changed: this is another file.
	var file bytes.Buffer
	if err := WriteNPZ(&file, arrays...); err != nil {
		t.Fatal(err)
	}
	renamed := []byte(strings.ReplaceAll(file.String(), "x_min", "x_mim"))
	if got, err := ReadNPZ(bytes.NewReader(renamed), int64(len(renamed))); err != nil ||
		got["x_mim"] == nil {
		t.Error(err)
	}
	once := []byte(strings.Replace(file.String(), "x_min", "x_mim", 1))
	_, err := ReadNPZ(bytes.NewReader(once), int64(len(once)))
	if e, ok := errors.AsType[*Error](err); !ok ||
		!strings.Contains(e.Error(), `"x_min.npy" and "x_mim.npy"`) {
		t.Error(err)
	}
}
