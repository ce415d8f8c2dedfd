package onnx

import (
	"encoding/binary"
	"math"
)

// message is a message of Protocol Buffers in the making. A field is a key,
// number·8 + wire type, then its value (Google, Protocol Buffers Encoding).
type message []byte

// Wire types.
const (
	wireVarint = 0
	wireBytes  = 2
	wireFixed  = 5
)

func (m *message) key(field, wire int) {
	*m = binary.AppendUvarint(*m, uint64(field)<<3|uint64(wire))
}

func (m *message) integer(field int, v int64) {
	m.key(field, wireVarint)
	*m = binary.AppendUvarint(*m, uint64(v))
}

func (m *message) float(field int, v float32) {
	m.key(field, wireFixed)
	*m = binary.LittleEndian.AppendUint32(*m, math.Float32bits(v))
}

func (m *message) bytes(field int, v []byte) {
	m.key(field, wireBytes)
	*m = binary.AppendUvarint(*m, uint64(len(v)))
	*m = append(*m, v...)
}

func (m *message) text(field int, v string) { m.bytes(field, []byte(v)) }

// Types of elements and of attributes.
const (
	elementFloat = 1
	elementInt64 = 7

	attributeFloat = 1
	attributeInt   = 2
	attributeText  = 3
	attributeInts  = 7
)

// The version of the format, and of the operators.
const (
	irVersion = 8
	opset     = 18
)

// Encode returns the model of the graph as the bytes of a .onnx file. Equal
// graphs give equal bytes. The field numbers come from onnx.proto.
func (g *Graph) Encode() []byte {
	var graph message
	for _, n := range g.nodes {
		graph.bytes(1, n)
	}
	graph.text(2, g.name)
	for _, c := range g.constants {
		graph.bytes(5, c)
	}
	graph.text(10, g.Doc)
	for _, v := range g.inputs {
		graph.bytes(11, v)
	}
	for _, v := range g.outputs {
		graph.bytes(12, v)
	}
	var operators, model message
	operators.text(1, "") // the standard operators
	operators.integer(2, opset)
	model.integer(1, irVersion)
	model.text(2, "csdm")
	model.text(3, g.Program)
	model.bytes(7, graph)
	model.bytes(8, operators)
	for _, p := range g.Properties {
		var property message
		property.text(1, p[0])
		property.text(2, p[1])
		model.bytes(14, property)
	}
	return model
}

// tensor returns a constant. values hold its elements, little-endian.
func tensor(name string, element int64, shape []int, values []byte) message {
	var m message
	for _, n := range shape {
		m.integer(1, int64(n))
	}
	m.integer(2, element)
	m.text(8, name)
	m.bytes(9, values)
	return m
}

// value returns the description of an input or output of float32. A negative
// length is the open number of images.
func value(name string, shape []int) message {
	var dims, tensorType, kind, m message
	for _, n := range shape {
		var dim message
		if n < 0 {
			dim.text(2, "N")
		} else {
			dim.integer(1, int64(n))
		}
		dims.bytes(1, dim)
	}
	tensorType.integer(1, elementFloat)
	tensorType.bytes(2, dims)
	kind.bytes(1, tensorType)
	m.text(1, name)
	m.bytes(2, kind)
	return m
}

// Attribute is a fixed setting of a node: a float32, int, string or []int.
type Attribute struct {
	Name  string
	Value any
}

// encode returns the attribute. It panics on another type.
func (a Attribute) encode() message {
	var m message
	m.text(1, a.Name)
	switch v := a.Value.(type) {
	case float32:
		m.float(2, v)
		m.integer(20, attributeFloat)
	case int:
		m.integer(3, int64(v))
		m.integer(20, attributeInt)
	case string:
		m.text(4, v)
		m.integer(20, attributeText)
	case []int:
		for _, n := range v {
			m.integer(8, int64(n))
		}
		m.integer(20, attributeInts)
	default:
		panic("onnx: an attribute " + a.Name + " of this type is not supported")
	}
	return m
}
