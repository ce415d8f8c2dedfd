package models

import (
	"bytes"
	"flag"
	"io"
	"reflect"
	"strings"
	"testing"

	"csdm/internal/atomicfile"
	"csdm/internal/format"
)

var seal = flag.Bool("seal", false,
	"write the embedded networks again, with a checksum: go test ./models -seal")

// TestWeightsAreSmall checks that each embedded network takes at most 4 MB.
func TestWeightsAreSmall(t *testing.T) {
	for _, name := range Names() {
		data, err := Model(strings.TrimPrefix(name, Prefix))
		if err != nil || len(data) > 4_000_000 {
			t.Errorf("%s: %d bytes, %v", name, len(data), err)
		}
	}
}

// TestWeightsAreSealed checks that each embedded network has a checksum. With
// -seal it adds a missing checksum and changes nothing else.
func TestWeightsAreSealed(t *testing.T) {
	for _, name := range Names() {
		name = strings.TrimPrefix(name, Prefix)
		data, err := Model(name)
		if err != nil {
			t.Fatal(err)
		}
		tensors, err := format.ReadTensors(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		if tensors.Sealed {
			continue
		}
		if !*seal {
			t.Errorf("%s has no checksum; run go test ./models -seal", name)
			continue
		}
		var file bytes.Buffer
		if err := format.WriteTensors(&file, tensors); err != nil {
			t.Fatal(err)
		}
		again, err := format.ReadTensors(bytes.NewReader(file.Bytes()), int64(file.Len()))
		if err != nil || !reflect.DeepEqual(again.Arrays, tensors.Arrays) ||
			!reflect.DeepEqual(again.Metadata, tensors.Metadata) {
			t.Fatalf("%s: the seal changes it: %v", name, err)
		}
		if err := atomicfile.Write("weights/"+name+".safetensors", true, func(w io.Writer) error {
			_, err := w.Write(file.Bytes())
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}
