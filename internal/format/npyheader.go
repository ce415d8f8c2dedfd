package format

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	npyMagic  = "\x93NUMPY"
	npyAlign  = 64      // the data of a .npy file starts at a multiple of npyAlign
	maxHeader = 1 << 16 // largest size of the dictionary; NumPy writes about a hundred bytes
	maxRank   = 32
)

// Header is the part of a .npy file before its elements. Its layout is NumPy's
// (NEP 1, versions 1.0 to 3.0).
type Header struct {
	DType      DType
	BigEndian  bool
	Fortran    bool // first index runs fastest
	Shape      []int
	DataOffset int64 // bytes from the start of the file to the first element
}

// Len returns the number of elements.
func (h *Header) Len() int {
	n, _ := elements(h.Shape)
	return n
}

// ReadHeader reads the header of a .npy file of size bytes, and nothing after
// it. It returns an *Error unless the header is well formed and its elements
// fill the rest of the file exactly.
//
// All sizes are checked before any memory is allocated for elements, and the
// file must end with its last element. A file that was cut short thus fails
// here, not as zeros in the array.
func ReadHeader(r io.Reader, size int64) (*Header, error) {
	if size < int64(len(npyMagic))+4 {
		return nil, badAt(size, "is too short for a .npy file")
	}
	var b [12]byte
	if err := readFull(r, b[:8], 0); err != nil {
		return nil, err
	}
	if string(b[:6]) != npyMagic {
		return nil, badAt(0, "is not a .npy file: it does not begin with \\x93NUMPY")
	}
	major, minor := b[6], b[7]
	if major < 1 || major > 3 || minor != 0 {
		return nil, badAt(6, "has .npy version %d.%d; known are 1.0, 2.0 and 3.0", major, minor)
	}
	lengthBytes := 4
	if major == 1 {
		lengthBytes = 2
	}
	if err := readFull(r, b[8:8+lengthBytes], 8); err != nil {
		return nil, err
	}
	offset := int64(8 + lengthBytes)
	length := int64(binary.LittleEndian.Uint32(b[8:12])) // bytes that were not read are zero
	if length > maxHeader || length > size-offset {
		return nil, badAt(8, "announces a header of %d bytes in a file of %d; the limit is %d",
			length, size, maxHeader)
	}
	dict := make([]byte, length)
	if err := readFull(r, dict, offset); err != nil {
		return nil, err
	}
	p := dictParser{s: dict, start: offset}
	h, err := p.header()
	if err != nil {
		return nil, err
	}
	h.DataOffset = offset + length
	n, ok := elements(h.Shape)
	if !ok {
		return nil, bad("announces more elements than can be addressed: shape %s", tuple(h.Shape))
	}
	want, have := int64(n)*int64(h.DType.Size()), size-h.DataOffset
	if want > have {
		return nil, badAt(size, "ends early: shape %s of %v takes %d bytes and %d are there",
			tuple(h.Shape), h.DType, want, have)
	}
	if want < have {
		return nil, badAt(h.DataOffset+want,
			"continues after its array: shape %s of %v takes %d bytes and %d are there",
			tuple(h.Shape), h.DType, want, have)
	}
	return h, nil
}

// AppendHeader appends the header of a little-endian .npy file in C order,
// version 1.0, padded as by NumPy. It panics if no array can have the shape.
//
// The number of spaces is such that magic, version, length, dictionary, spaces
// and line end fill a multiple of 64 bytes:
//
//	pad = (64 − (10 + n + 1) mod 64) mod 64.
func AppendHeader(dst []byte, d DType, shape ...int) []byte {
	if _, ok := elements(shape); !ok || len(shape) > maxRank {
		panic(fmt.Sprintf("format: no array has shape %v", shape))
	}
	order := byte('<')
	if d.Size() == 1 {
		order = '|'
	}
	dict := fmt.Sprintf("{'descr': '%c%s', 'fortran_order': False, 'shape': %s, }", order,
		dtypes[d].numpy, tuple(shape))
	const before = len(npyMagic) + 4
	pad := (npyAlign - (before+len(dict)+1)%npyAlign) % npyAlign
	dst = append(dst, npyMagic+"\x01\x00"...)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(dict)+pad+1))
	dst = append(dst, dict...)
	dst = append(dst, bytes.Repeat([]byte{' '}, pad)...)
	return append(dst, '\n')
}

// dictParser reads the Python dictionary of a header: exactly the keys descr,
// fortran_order and shape, in any order. It deliberately parses no other
// Python.
type dictParser struct {
	s     []byte
	i     int
	start int64 // position of s in the file, for errors
}

// header reads the dictionary. A key that is unknown or occurs twice is an
// error: NumPy writes exactly three.
func (p *dictParser) header() (*Header, error) {
	h := new(Header)
	seen := map[string]bool{}
	if !p.take('{') {
		return nil, p.bad("the header is no dictionary")
	}
	for !p.take('}') {
		key, err := p.quoted()
		if err != nil {
			return nil, err
		}
		if seen[key] {
			return nil, p.bad("key %q twice in the header", key)
		}
		seen[key] = true
		if !p.take(':') {
			return nil, p.bad("no ':' after key %q", key)
		}
		switch key {
		case "descr":
			err = p.descr(h)
		case "fortran_order":
			h.Fortran, err = p.boolean()
		case "shape":
			h.Shape, err = p.shape()
		default:
			err = p.bad("unknown key %q in the header", key)
		}
		if err != nil {
			return nil, err
		}
		if !p.take(',') && p.peek() != '}' {
			return nil, p.bad("neither ',' nor '}' after the value of %q", key)
		}
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if !seen[key] {
			return nil, p.bad("the header lacks %q", key)
		}
	}
	if p.peek(); p.i < len(p.s) {
		return nil, p.bad("the header continues after its dictionary")
	}
	return h, nil
}

// bad returns an Error at the byte that is to be read next.
func (p *dictParser) bad(what string, args ...any) error {
	return badAt(p.start+int64(p.i), what, args...)
}

// peek skips white space and returns the next byte, or 0 at the end.
func (p *dictParser) peek() byte {
	for p.i < len(p.s) && (p.s[p.i] == ' ' || p.s[p.i] == '\n' || p.s[p.i] == '\t' ||
		p.s[p.i] == '\r') {
		p.i++
	}
	if p.i == len(p.s) {
		return 0
	}
	return p.s[p.i]
}

// take skips white space and then c, and reports whether c was there.
func (p *dictParser) take(c byte) bool {
	if p.peek() != c {
		return false
	}
	p.i++
	return true
}

// quoted reads a string without escapes, which valid headers do not contain.
func (p *dictParser) quoted() (string, error) {
	quote := p.peek()
	if quote != '\'' && quote != '"' {
		return "", p.bad("a quoted name expected in the header")
	}
	n := bytes.IndexByte(p.s[p.i+1:], quote)
	if n < 0 || n > 64 {
		return "", p.bad("a quoted name does not end")
	}
	s := string(p.s[p.i+1 : p.i+1+n])
	p.i += n + 2
	return s, nil
}

// descr reads the type of the elements: an order (< little-endian, >
// big-endian, = or none for the machine's, | for single bytes), a letter and a
// number of bytes.
func (p *dictParser) descr(h *Header) error {
	if p.peek() == '[' {
		return p.bad("the array has named fields; only plain numbers can be read")
	}
	s, err := p.quoted()
	if err != nil {
		return err
	}
	order, name := byte('='), s // without a byte order it is the machine's
	if s != "" && strings.IndexByte("<>|=", s[0]) >= 0 {
		order, name = s[0], s[1:]
	}
	for d := Float32; int(d) < len(dtypes); d++ {
		one := d.Size() == 1
		if dtypes[d].numpy == name && (order != '|' || one) {
			h.DType, h.BigEndian = d, order == '>' && !one
			return nil
		}
	}
	if len(s) > 0 && s[len(s)-1] == 'O' {
		return p.bad("the array holds Python objects; only plain numbers can be read")
	}
	return p.bad("element type %q is not supported; these are: f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 "+
		"b1 c8 c16", s)
}

// boolean reads True or False.
func (p *dictParser) boolean() (bool, error) {
	p.peek()
	for _, v := range []struct {
		word  string
		value bool
	}{{"True", true}, {"False", false}} {
		if bytes.HasPrefix(p.s[p.i:], []byte(v.word)) {
			p.i += len(v.word)
			return v.value, nil
		}
	}
	return false, p.bad("fortran_order is neither True nor False")
}

// shape reads a tuple of extents, at most maxRank of them. “(3)” without a
// comma is no tuple in Python, but is accepted.
func (p *dictParser) shape() ([]int, error) {
	if !p.take('(') {
		return nil, p.bad("shape is no tuple")
	}
	shape := []int{}
	for !p.take(')') {
		p.peek()
		from := p.i
		for p.i < len(p.s) && '0' <= p.s[p.i] && p.s[p.i] <= '9' {
			p.i++
		}
		d, err := strconv.Atoi(string(p.s[from:p.i]))
		if err != nil {
			return nil, p.bad("an extent of the shape is no number that fits")
		}
		if p.i < len(p.s) && p.s[p.i] == 'L' { // Python 2 wrote long integers like this
			p.i++
		}
		if shape = append(shape, d); len(shape) > maxRank {
			return nil, p.bad("the array has more than %d dimensions", maxRank)
		}
		if !p.take(',') && p.peek() != ')' {
			return nil, p.bad("neither ',' nor ')' after an extent of the shape")
		}
	}
	return shape, nil
}
