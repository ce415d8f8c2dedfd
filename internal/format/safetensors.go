package format

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of a .safetensors header. The format allows 100 MB; a network of csdm
// needs a few hundred kB.
const (
	maxTensorHeader = 16 << 20
	maxTensors      = 1 << 16
)

// tensorTypes maps the type names of the format to the way of reading their
// elements. Half precision is widened.
var tensorTypes = map[string]struct {
	size int
	read DType
}{
	"F32": {4, Float32}, "F64": {8, Float64}, "I32": {4, Int32}, "I64": {8, Int64},
	"U8": {1, Uint8}, "BOOL": {1, Bool}, "F16": {2, Float32}, "BF16": {2, Float32},
}

// Tensors is the content of a .safetensors file: tensors by name, and text by
// key.
type Tensors struct {
	Metadata map[string]string // nil if the file has none
	Arrays   map[string]*Array
	Sealed   bool // read from a file with a correct checksum; false without a checksum
	// Half reports that the file stores float32 arrays in half precision.
	// WriteTensors then rounds them to the nearest half.
	Half bool
}

// Names returns the names of the tensors, sorted.
func (t *Tensors) Names() []string {
	names := make([]string, 0, len(t.Arrays))
	for name := range t.Arrays {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// TensorInfo is one entry of a .safetensors header.
type TensorInfo struct {
	Name       string
	Type       string // as in the file: F32, BF16, …
	Shape      []int
	Begin, End int64 // bytes from the start of the file
}

// ReadTensorHeader reads the header of a .safetensors file of size bytes: the
// tensors in the order of their data, and the metadata. It returns an *Error
// unless the tensors cover the data exactly, without gap or overlap.
//
// The offsets come from the file. That they cover the data without gap or
// overlap also bounds the memory: the tensors together are as large as the
// file, at most twice as large in the case of widened halves.
func ReadTensorHeader(r io.ReaderAt, size int64) ([]TensorInfo, map[string]string, error) {
	if size < 10 {
		return nil, nil, badAt(size, "is too short for a .safetensors file")
	}
	in := io.NewSectionReader(r, 0, size)
	var b [8]byte
	if err := readFull(in, b[:], 0); err != nil {
		return nil, nil, err
	}
	length := binary.LittleEndian.Uint64(b[:])
	if length < 2 || length > uint64(min(maxTensorHeader, size-8)) {
		return nil, nil,
			badAt(0, "announces a header of %d bytes in a file of %d; the limit is %d: damaged, "+
				"or not a .safetensors file", length, size, maxTensorHeader)
	}
	text := make([]byte, length)
	if err := readFull(in, text, 8); err != nil {
		return nil, nil, err
	}
	infos, metadata, err := parseTensorHeader(text)
	if err != nil {
		return nil, nil, err
	}
	base := 8 + int64(length)
	at := base
	for i := range infos {
		t := &infos[i]
		t.Begin += base
		t.End += base
		if t.Begin != at {
			return nil, nil, &Error{Entry: t.Name, Offset: t.Begin,
				What: fmt.Sprintf("data does not begin where the tensor before it ends, at byte %d",
					at)}
		}
		at = t.End
	}
	if at != size {
		return nil, nil, badAt(min(at, size), "the tensors end at byte %d, the file at %d", at,
			size)
	}
	return infos, metadata, nil
}

// parseTensorHeader reads the JSON of a header strictly: a repeated key, an
// unknown key, or a number that is not a plain integer is an error. Offsets are
// as in the file, relative to the data; the order is the order of the data.
//
// Go's decoder keeps the last of two equal keys, other programs the first: the
// same file would hold two different networks. Duplicates are therefore
// refused.
func parseTensorHeader(text []byte) ([]TensorInfo, map[string]string, error) {
	if text[0] != '{' {
		return nil, nil, badAt(8, "the header does not begin with '{'")
	}
	if !utf8.Valid(text) {
		return nil, nil, badAt(8, "the header is not UTF-8")
	}
	p := jsonParser{json.NewDecoder(bytes.NewReader(text))}
	p.UseNumber()
	var infos []TensorInfo
	var metadata map[string]string
	err := p.object(func(name string) error {
		if name == "__metadata__" {
			metadata = map[string]string{}
			return p.object(func(key string) (err error) {
				metadata[key], err = p.text()
				return err
			})
		}
		if len(infos) == maxTensors {
			return p.bad("more than %d tensors", maxTensors)
		}
		t, err := p.tensor(name)
		infos = append(infos, t)
		return within("", name, err)
	})
	if err != nil {
		return nil, nil, err
	}
	if rest := text[p.InputOffset():]; len(bytes.TrimRight(rest, " ")) > 0 {
		return nil, nil, p.bad("the header continues after its object")
	}
	slices.SortFunc(infos, func(a, b TensorInfo) int {
		return cmp.Or(cmp.Compare(a.Begin, b.Begin), cmp.Compare(a.End, b.End),
			strings.Compare(a.Name, b.Name))
	})
	return infos, metadata, nil
}

// jsonParser reads tokens, and returns an error with its position if a token is
// not the expected one.
type jsonParser struct{ *json.Decoder }

// bad returns an Error at the position of the decoder; 8 bytes of length
// precede the text.
func (p jsonParser) bad(what string, args ...any) error {
	return badAt(8+p.InputOffset(), "header: "+what, args...)
}

// next returns the next token.
func (p jsonParser) next() (json.Token, error) {
	token, err := p.Token()
	if err != nil {
		return nil, &Error{Offset: 8 + p.InputOffset(), What: "the header is not JSON", Err: err}
	}
	return token, nil
}

// open reads a bracket.
func (p jsonParser) open(delim json.Delim) error {
	token, err := p.next()
	if err == nil && token != delim {
		err = p.bad("%v where %v is expected", token, delim)
	}
	return err
}

// object calls field for each key of an object, with the decoder before the
// value.
func (p jsonParser) object(field func(key string) error) error {
	if err := p.open('{'); err != nil {
		return err
	}
	seen := map[string]bool{}
	for p.More() {
		key, err := p.text()
		if err != nil {
			return err
		}
		if seen[key] {
			return p.bad("key %q twice", key)
		}
		seen[key] = true
		if err := field(key); err != nil {
			return err
		}
	}
	return p.open('}')
}

// text reads a string.
func (p jsonParser) text() (string, error) {
	token, err := p.next()
	if err != nil {
		return "", err
	}
	s, ok := token.(string)
	if !ok {
		return "", p.bad("%v where text is expected", token)
	}
	return s, nil
}

// integers reads an array of up to most integers from 0 to 2⁶³−1.
func (p jsonParser) integers(most int) ([]int64, error) {
	if err := p.open('['); err != nil {
		return nil, err
	}
	list := []int64{}
	for p.More() {
		token, err := p.next()
		if err != nil {
			return nil, err
		}
		number, _ := token.(json.Number)
		v, err := strconv.ParseInt(number.String(), 10, 64)
		if err != nil || v < 0 {
			return nil, p.bad("%v where a size is expected", token)
		}
		if list = append(list, v); len(list) > most {
			return nil, p.bad("more than %d numbers in a list", most)
		}
	}
	return list, p.open(']')
}

// tensor reads the entry of a tensor and checks that its shape fills its range
// of bytes. An offset above half of the largest int64 is refused, so that the
// sum with the length of the header cannot overflow.
func (p jsonParser) tensor(name string) (TensorInfo, error) {
	t := TensorInfo{Name: name, Begin: -1}
	err := p.object(func(key string) (err error) {
		switch key {
		case "dtype":
			t.Type, err = p.text()
		case "shape":
			var shape []int64
			if shape, err = p.integers(maxRank); err == nil {
				t.Shape = make([]int, len(shape))
				for i, d := range shape {
					if d > math.MaxInt/8 {
						return p.bad("an extent of %d", d)
					}
					t.Shape[i] = int(d)
				}
			}
		case "data_offsets":
			var offsets []int64
			if offsets, err = p.integers(2); err == nil {
				if len(offsets) != 2 || offsets[0] > offsets[1] || offsets[1] > math.MaxInt64/2 {
					return p.bad("data_offsets %v are no range", offsets)
				}
				t.Begin, t.End = offsets[0], offsets[1]
			}
		default:
			err = p.bad("unknown key %q", key)
		}
		return err
	})
	if err != nil {
		return t, err
	}
	if t.Type == "" || t.Shape == nil || t.Begin < 0 {
		return t, p.bad("dtype, shape or data_offsets is missing")
	}
	kind, ok := tensorTypes[t.Type]
	if !ok {
		return t, p.bad("element type %q is not supported; use F32 F64 F16 BF16 I32 I64 U8 BOOL",
			t.Type)
	}
	n, ok := elements(t.Shape)
	if !ok || int64(n)*int64(kind.size) != t.End-t.Begin {
		return t, p.bad("shape %s of %s does not take the %d bytes of its data_offsets",
			tuple(t.Shape), t.Type, t.End-t.Begin)
	}
	return t, nil
}

// ReadTensors reads a .safetensors file of size bytes. Half-precision elements
// become Float32. If WriteTensors wrote the file, ReadTensors verifies its
// checksum and removes it from Metadata. Sealed reports whether there was one.
func ReadTensors(r io.ReaderAt, size int64) (*Tensors, error) {
	infos, metadata, err := ReadTensorHeader(r, size)
	if err != nil {
		return nil, err
	}
	t := &Tensors{Metadata: metadata, Arrays: make(map[string]*Array, len(infos))}
	for _, info := range infos {
		a, err := readTensor(r, info)
		if err != nil {
			return nil, within("", info.Name, err)
		}
		t.Arrays[info.Name] = a
	}
	has := func(kind string) bool {
		return slices.ContainsFunc(infos, func(t TensorInfo) bool { return t.Type == kind })
	}
	t.Half = has("F16") && !has("F32") && !has("BF16")
	return t, t.unseal()
}

// readTensor reads the elements of a tensor and widens halves to float32. A
// bfloat16 is the upper half of a float32, so that widening is exact for both
// kinds.
func readTensor(r io.ReaderAt, info TensorInfo) (*Array, error) {
	n, _ := elements(info.Shape)
	d := tensorTypes[info.Type].read
	if info.Type == "F16" || info.Type == "BF16" {
		b := make([]byte, 2*n)
		if err := readFull(io.NewSectionReader(r, info.Begin, int64(len(b))), b,
			info.Begin); err != nil {
			return nil, err
		}
		widen := fromHalf
		if info.Type == "BF16" {
			widen = fromBrain
		}
		wide := make([]float32, n)
		for i := range wide {
			wide[i] = widen(binary.LittleEndian.Uint16(b[2*i:]))
		}
		return &Array{Shape: info.Shape, DType: d, F32: wide}, nil
	}
	return (&Reader{
		Header: Header{DType: d, Shape: info.Shape, DataOffset: info.Begin},
		r:      io.NewSectionReader(r, info.Begin, info.End-info.Begin),
		buf:    make([]byte, min(chunk, n*d.Size())),
	}).array()
}
