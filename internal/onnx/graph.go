package onnx

import (
	"encoding/binary"
	"math"
	"strconv"
)

// Graph is a network in the making. A tensor is known by its name.
type Graph struct {
	Doc        string // shown to people
	Program    string // version of csdm
	Properties [][2]string

	name                              string
	nodes, constants, inputs, outputs []message
	count                             int // of the names given
}

// New returns an empty graph.
func New(name string) *Graph { return &Graph{name: name} }

// Input declares an input of float32. A length of −1 is the open number of
// images.
func (g *Graph) Input(name string, shape ...int) string {
	g.inputs = append(g.inputs, value(name, shape))
	return name
}

// Output declares a tensor as an output of float32 under a new name.
func (g *Graph) Output(name, tensor string, shape ...int) {
	g.put("Identity", name, []string{tensor}, nil)
	g.outputs = append(g.outputs, value(name, shape))
}

// Node adds an operation with one output and returns its name.
func (g *Graph) Node(op string, inputs []string, attributes ...Attribute) string {
	return g.put(op, g.fresh(op), inputs, attributes)
}

func (g *Graph) put(op, output string, inputs []string, attributes []Attribute) string {
	var m message
	for _, name := range inputs {
		m.text(1, name)
	}
	m.text(2, output)
	m.text(3, output)
	m.text(4, op)
	for _, a := range attributes {
		m.bytes(5, a.encode())
	}
	g.nodes = append(g.nodes, m)
	return output
}

// fresh returns a new name.
func (g *Graph) fresh(of string) string {
	g.count++
	return of + "_" + strconv.Itoa(g.count)
}

// Floats adds a constant of float32. An empty name gives it a new one.
func (g *Graph) Floats(name string, values []float32, shape ...int) string {
	data := make([]byte, 0, 4*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	return g.constant(name, elementFloat, shape, data)
}

// Number adds a constant of one number.
func (g *Graph) Number(v float64) string { return g.Floats("", []float32{float32(v)}) }

// Ints adds a constant list of int64, such as a shape.
func (g *Graph) Ints(values ...int) string {
	var data []byte
	for _, v := range values {
		data = binary.LittleEndian.AppendUint64(data, uint64(v))
	}
	return g.constant("", elementInt64, []int{len(values)}, data)
}

func (g *Graph) constant(name string, element int64, shape []int, data []byte) string {
	if name == "" {
		name = g.fresh("constant")
	}
	g.constants = append(g.constants, tensor(name, element, shape, data))
	return name
}
