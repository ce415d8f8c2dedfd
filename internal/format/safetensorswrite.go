package format

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// WriteTensors writes a .safetensors file that is a function of names, values
// and metadata alone. Tensors are ordered by decreasing element size, then by
// name, after a header padded to a multiple of 8, so that each tensor is
// aligned to its elements, as in the format's own library. The metadata get one
// more entry, a checksum of all names, values and other metadata, which
// ReadTensors verifies. The checksum of half precision is of the widened
// values, so a reader that only widens can verify it. WriteTensors panics if a
// tensor is called __metadata__.
func WriteTensors(w io.Writer, t *Tensors) error {
	if t.Half {
		var err error
		if t, err = t.rounded(); err != nil {
			return err
		}
	}
	names := t.Names()
	slices.SortStableFunc(names, func(a, b string) int {
		if c := t.stored(b).Size() - t.stored(a).Size(); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	header, err := tensorHeader(t, names)
	if err != nil {
		return err
	}
	if len(header) > maxTensorHeader || len(names) > maxTensors {
		return fmt.Errorf("format: a header of %d bytes for %d tensors is larger than can be "+
			"read back", len(header), len(names))
	}
	if _, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))); err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	for _, name := range names {
		a, write := t.Arrays[name], writeArray
		if t.stored(name) == Float16 {
			write = func(w io.Writer, a *Array) error {
				return writeElements(w, a.F32, Float16, nil)
			}
		}
		if err := write(w, a); err != nil {
			return err
		}
	}
	return nil
}

// stored returns the type of the elements of a tensor in the file.
func (t *Tensors) stored(name string) DType {
	if d := t.Arrays[name].DType; !t.Half || d != Float32 {
		return d
	}
	return Float16
}

// tensorNames has the format's names of the types that are written.
var tensorNames = [...]string{Float32: "F32", Float64: "F64", Int32: "I32", Int64: "I64",
	Uint8: "U8", Bool: "BOOL", Float16: "F16"}

// tensorHeader returns the JSON of a header, padded with spaces to a multiple
// of 8 bytes. The offsets are cumulative sums of the sizes in the order of
// names.
func tensorHeader(t *Tensors, names []string) ([]byte, error) {
	var b bytes.Buffer
	text := json.NewEncoder(&b)
	text.SetEscapeHTML(false)
	put := func(v any) error {
		err := text.Encode(v)
		b.Truncate(b.Len() - 1) // the encoder's line end
		return err
	}
	for _, name := range names {
		if !utf8.ValidString(name) {
			return nil, fmt.Errorf("format: tensor name %q is not UTF-8", name)
		}
	}
	for key, value := range t.Metadata {
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return nil, fmt.Errorf("format: metadata %q is not UTF-8", key)
		}
	}
	b.WriteByte('{')
	b.WriteString(`"__metadata__":`)
	if err := put(t.sealed()); err != nil { // the encoder sorts the keys
		return nil, err
	}
	begin := 0
	for _, name := range names {
		a := t.Arrays[name]
		mustFit(a.Len(), a.Shape)
		if name == "__metadata__" {
			panic("format: a tensor must not be called __metadata__")
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		if err := put(name); err != nil {
			return nil, err
		}
		end := begin + a.Len()*t.stored(name).Size()
		entry := struct {
			DType   string `json:"dtype"`
			Shape   []int  `json:"shape"`
			Offsets [2]int `json:"data_offsets"`
		}{tensorNames[t.stored(name)], append([]int{}, a.Shape...), [2]int{begin, end}}
		b.WriteByte(':')
		if err := put(entry); err != nil {
			return nil, err
		}
		begin = end
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	return b.Bytes(), nil
}
