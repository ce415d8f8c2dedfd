package format

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
)

// NetCDFVariable is an array of a NetCDF file with the names of its axes.
// Variables that share the name of an axis share its length. A variable with
// one axis of its own name holds the coordinates of that axis.
type NetCDFVariable struct {
	Name       string
	Axes       []string // one per axis of Array
	Attributes []NetCDFAttribute
	Array      *Array // Float32, Float64 or Int32
}

// NetCDFAttribute is a named text of a NetCDF file or variable.
type NetCDFAttribute struct{ Name, Text string }

// Numbers of the NetCDF format. A list without elements has a zero instead of
// its tag.
const (
	netcdfDimension = 10
	netcdfVariable  = 11
	netcdfAttribute = 12
	netcdfText      = 2 // type of an attribute

	netcdfMostBytes = math.MaxUint32 - 3 // of a variable in this form
)

// netcdfTypes are the types of variables.
var netcdfTypes = map[DType]uint32{Int32: 4, Float32: 5, Float64: 6}

// WriteNetCDF writes variables in the classic form of NetCDF with 64-bit
// offsets (NetCDF-3, "CDF-2"), which all readers of NetCDF know: a header, then
// the arrays one after the other, all big-endian and padded to 4 bytes
// (Unidata, The NetCDF Classic Format Specification). It returns an error for
// an array of 4 GiB or more, and errors of w. It panics on names that are empty
// or used twice, and on axes that do not fit the arrays.
//
// The header holds the offset of each array, and so depends on its own length.
// All numbers have fixed sizes; a first pass with offset 0 gives the length and
// a second one the numbers.
func WriteNetCDF(w io.Writer, attributes []NetCDFAttribute, variables []NetCDFVariable) error {
	n := &netcdf{lengths: map[string]int{}}
	for _, v := range variables {
		if size := n.bytes(v.Array); size > netcdfMostBytes {
			return fmt.Errorf("format: %s has %d bytes; a variable of NetCDF-3 has less than "+
				"4 GiB: write fewer draws, or draws in single precision", v.Name, size)
		}
		n.declare(v)
	}
	// The header has the same length for all offsets, so that a first pass
	// measures it.
	n.writeHeader(attributes, variables, 0)
	size := int64(len(n.header))
	n.header = n.header[:0]
	n.writeHeader(attributes, variables, size)
	b := bufio.NewWriterSize(w, 1<<16)
	b.Write(n.header) // bufio.Writer keeps the first error
	for _, v := range variables {
		if err := writeBigEndian(b, v.Array); err != nil {
			return err
		}
	}
	return b.Flush()
}

// netcdf is a header in the making.
//
// An axis is known by its name: two variables that share it must agree on its
// length.
type netcdf struct {
	header  []byte
	axes    []string // in the order of their first use
	lengths map[string]int
	names   []string // of the variables so far
}

// declare notes the name and the axes of a variable.
func (n *netcdf) declare(v NetCDFVariable) {
	if v.Name == "" || slices.Contains(n.names, v.Name) {
		panic(fmt.Sprintf("format: the variable name %q is empty or used twice", v.Name))
	}
	n.names = append(n.names, v.Name)
	if len(v.Axes) != len(v.Array.Shape) || netcdfTypes[v.Array.DType] == 0 {
		panic(fmt.Sprintf("format: %s has axes %q, shape %v and type %v", v.Name, v.Axes,
			v.Array.Shape, v.Array.DType))
	}
	for k, axis := range v.Axes {
		if length, there := n.lengths[axis]; !there {
			n.axes, n.lengths[axis] = append(n.axes, axis), v.Array.Shape[k]
		} else if length != v.Array.Shape[k] {
			panic(fmt.Sprintf("format: axis %s has a length of %d, and of %d in %s", axis, length,
				v.Array.Shape[k], v.Name))
		}
	}
}

// bytes returns the size of an array, which is padded to 4 bytes.
//
// (size + 3) &^ 3 rounds up to a multiple of 4.
func (n *netcdf) bytes(a *Array) int64 {
	size := int64(a.DType.Size())
	for _, length := range a.Shape {
		size *= int64(length)
	}
	return (size + 3) &^ 3
}

// writeHeader appends the header of a file whose arrays begin at offset.
func (n *netcdf) writeHeader(attributes []NetCDFAttribute, variables []NetCDFVariable,
	offset int64) {
	n.header = append(n.header, 'C', 'D', 'F', 2)
	n.number(0) // records of an unlimited axis
	n.list(netcdfDimension, len(n.axes))
	for _, axis := range n.axes {
		n.text(axis)
		n.number(n.lengths[axis])
	}
	n.attributes(attributes)
	n.list(netcdfVariable, len(variables))
	for _, v := range variables {
		n.text(v.Name)
		n.number(len(v.Axes))
		for _, axis := range v.Axes {
			n.number(slices.Index(n.axes, axis))
		}
		n.attributes(v.Attributes)
		n.number(int(netcdfTypes[v.Array.DType]))
		size := n.bytes(v.Array)
		n.header = binary.BigEndian.AppendUint32(n.header, uint32(size))
		n.header = binary.BigEndian.AppendUint64(n.header, uint64(offset))
		offset += size
	}
}

// number appends a number that has 32 bits in the file.
func (n *netcdf) number(v int) {
	n.header = binary.BigEndian.AppendUint32(n.header, uint32(v))
}

// list appends the head of a list.
//
// An empty list is two zeros by the specification.
func (n *netcdf) list(tag, length int) {
	if length == 0 {
		tag = 0
	}
	n.number(tag)
	n.number(length)
}

// text appends a text with its length, padded to 4 bytes.
func (n *netcdf) text(s string) {
	n.number(len(s))
	n.header = append(n.header, s...)
	for len(n.header)%4 != 0 {
		n.header = append(n.header, 0)
	}
}

// attributes appends a list of texts.
func (n *netcdf) attributes(list []NetCDFAttribute) {
	n.list(netcdfAttribute, len(list))
	for _, a := range list {
		n.text(a.Name)
		n.number(netcdfText)
		n.text(a.Text)
	}
}

// writeBigEndian writes the elements of an array, which have 4 or 8 bytes.
func writeBigEndian(w io.Writer, a *Array) error {
	var buf [8]byte
	for k := range a.Len() {
		b := buf[:4]
		switch a.DType {
		case Int32:
			binary.BigEndian.PutUint32(b, uint32(a.I32[k]))
		case Float32:
			binary.BigEndian.PutUint32(b, math.Float32bits(a.F32[k]))
		default:
			b = buf[:]
			binary.BigEndian.PutUint64(b, math.Float64bits(a.F64[k]))
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}
