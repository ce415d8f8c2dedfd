package mesh

import (
	"bufio"
	"encoding/base64"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"
)

// DataArray is an array to write with a mesh: Components consecutive numbers
// per point or cell. Two components are written as a vector in the plane with a
// third component of zero, which ParaView needs.
type DataArray struct {
	Name       string
	Components int // 1, 2 or 3
	Data       []float64
	Cells      bool // one entry per cell instead of per point
}

// check returns an error unless the field has a name and the right length for
// the given numbers of points and cells.
func (f DataArray) check(points, cells int) error {
	n := points
	if f.Cells {
		n = cells
	}
	switch {
	case f.Name == "" || strings.ContainsAny(f.Name, "\x00\n"):
		return fmt.Errorf("mesh: %q is not a valid name of a field", f.Name)
	case f.Components < 1 || f.Components > 3:
		return fmt.Errorf("mesh: field %s has %d components; it must have 1, 2 or 3", f.Name,
			f.Components)
	case len(f.Data) != n*f.Components:
		return fmt.Errorf("mesh: field %s has %d numbers; it needs %d × %d", f.Name, len(f.Data), n,
			f.Components)
	}
	return nil
}

// spatial returns the data with one or three components.
func (f DataArray) spatial() (components int, data []float64) {
	if f.Components != 2 {
		return f.Components, f.Data
	}
	for i := 0; i < len(f.Data); i += 2 {
		data = append(data, f.Data[i], f.Data[i+1], 0)
	}
	return 3, data
}

// WriteVTU writes the mesh with fields as a VTK unstructured grid in XML, with
// arrays in base64. Cell tags, if the mesh has any, become the cell field
// "tag". Errors are errors of w, and of fields that do not fit the mesh.
func WriteVTU(w io.Writer, m *Mesh, fields ...DataArray) error {
	if len(m.Tags) > 0 {
		tags := DataArray{Name: "tag", Components: 1, Cells: true,
			Data: make([]float64, len(m.Tags))}
		for c, t := range m.Tags {
			tags.Data[c] = float64(t)
		}
		fields = append([]DataArray{tags}, fields...)
	}
	for _, f := range fields {
		if err := f.check(m.Points(), m.Cells()); err != nil {
			return err
		}
	}
	const triangle, quad = 5, 9 // cell types of VTK
	points := make([]float64, 0, 3*m.Points())
	for p := range m.X {
		points = append(points, m.X[p], m.Y[p], 0)
	}
	var connectivity, offsets []int64
	types := make([]uint8, m.Cells())
	for c := range types {
		for _, p := range m.Corners(c) {
			connectivity = append(connectivity, int64(p))
		}
		offsets = append(offsets, int64(len(connectivity)))
		types[c] = triangle
		if c >= len(m.Triangles) {
			types[c] = quad
		}
	}
	v := newVTK(w)
	v.line(`<VTKFile type="UnstructuredGrid" version="1.0" byte_order="LittleEndian" ` +
		`header_type="UInt64">`)
	v.line(`<UnstructuredGrid>`)
	v.line(fmt.Sprintf(`<Piece NumberOfPoints="%d" NumberOfCells="%d">`, m.Points(), m.Cells()))
	v.line(`<Points>`)
	v.array("Points", "Float64", 3, floatBytes(points))
	v.line(`</Points>`)
	v.line(`<Cells>`)
	v.array("connectivity", "Int64", 1, intBytes(connectivity))
	v.array("offsets", "Int64", 1, intBytes(offsets))
	v.array("types", "UInt8", 1, types)
	v.line(`</Cells>`)
	v.fields(fields)
	v.line(`</Piece>`)
	v.line(`</UnstructuredGrid>`)
	v.line(`</VTKFile>`)
	return v.close()
}

// WriteVTI writes fields on the points of a lattice as VTK image data in XML.
// The cells are the squares of the lattice.
func WriteVTI(w io.Writer, g Grid, fields ...DataArray) error {
	if g.Rows < 1 || g.Cols < 1 {
		return fmt.Errorf("mesh: a lattice of %d×%d points is not valid", g.Rows, g.Cols)
	}
	for _, f := range fields {
		if err := f.check(g.Rows*g.Cols, (g.Rows-1)*(g.Cols-1)); err != nil {
			return err
		}
	}
	extent := fmt.Sprintf("0 %d 0 %d 0 0", g.Cols-1, g.Rows-1)
	v := newVTK(w)
	v.line(`<VTKFile type="ImageData" version="1.0" byte_order="LittleEndian" ` +
		`header_type="UInt64">`)
	v.line(fmt.Sprintf(`<ImageData WholeExtent="%s" Origin="%v %v 0" Spacing="%v %v 1">`, extent,
		g.X0, g.Y0, g.DX, g.DY))
	v.line(fmt.Sprintf(`<Piece Extent="%s">`, extent))
	v.fields(fields)
	v.line(`</Piece>`)
	v.line(`</ImageData>`)
	v.line(`</VTKFile>`)
	return v.close()
}

// vtk writes lines and arrays, and keeps the first error.
type vtk struct {
	w   *bufio.Writer
	err error
}

func newVTK(w io.Writer) *vtk {
	v := &vtk{w: bufio.NewWriter(w)}
	v.line(`<?xml version="1.0"?>`)
	return v
}

func (v *vtk) line(s string) {
	if v.err == nil {
		_, v.err = v.w.WriteString(s + "\n")
	}
}

// array writes one DataArray: the base64 of its length in bytes, as a uint64,
// and of its bytes.
func (v *vtk) array(name, kind string, components int, data []byte) {
	var escaped strings.Builder
	v.err = firstError(v.err, xml.EscapeText(&escaped, []byte(name)))
	// Readers assume one component; some read an explicit single component as a
	// matrix.
	count := ""
	if components > 1 {
		count = fmt.Sprintf(` NumberOfComponents="%d"`, components)
	}
	v.line(fmt.Sprintf(`<DataArray type="%s" Name="%s"%s format="binary">`, kind, escaped.String(),
		count))
	if v.err == nil {
		e := base64.NewEncoder(base64.StdEncoding, v.w)
		_, v.err = e.Write(append(binary.LittleEndian.AppendUint64(nil, uint64(len(data))),
			data...))
		v.err = firstError(v.err, e.Close())
	}
	v.line("")
	v.line(`</DataArray>`)
}

func (v *vtk) fields(fields []DataArray) {
	for _, cells := range []bool{false, true} {
		name := map[bool]string{false: "PointData", true: "CellData"}[cells]
		v.line("<" + name + ">")
		for _, f := range fields {
			if f.Cells == cells {
				components, data := f.spatial()
				v.array(f.Name, "Float64", components, floatBytes(data))
			}
		}
		v.line("</" + name + ">")
	}
}

func (v *vtk) close() error {
	if v.err != nil {
		return v.err
	}
	return v.w.Flush()
}

// firstError returns the first error that is not nil.
func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

func floatBytes(x []float64) []byte {
	b := make([]byte, 0, 8*len(x))
	for _, v := range x {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}

func intBytes(x []int64) []byte {
	b := make([]byte, 0, 8*len(x))
	for _, v := range x {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	return b
}
