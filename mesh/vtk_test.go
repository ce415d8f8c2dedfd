package mesh

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"math"
	"strings"
	"testing"
)

// dataArray is an array of a VTK file, for encoding/xml.
type dataArray struct {
	Type       string `xml:"type,attr"`
	Name       string `xml:"Name,attr"`
	Components int    `xml:"NumberOfComponents,attr"`
	Text       string `xml:",chardata"`
}

// floats decodes the array, whatever its type.
func (a dataArray) floats(t *testing.T) []float64 {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(a.Text))
	if err != nil || len(raw) < 8 || binary.LittleEndian.Uint64(raw) != uint64(len(raw)-8) {
		t.Fatalf("%s: %d bytes, %v", a.Name, len(raw), err)
	}
	var out []float64
	for raw = raw[8:]; len(raw) > 0; {
		switch a.Type {
		case "UInt8":
			out, raw = append(out, float64(raw[0])), raw[1:]
		case "Int64":
			out, raw = append(out, float64(int64(binary.LittleEndian.Uint64(raw)))), raw[8:]
		default:
			out, raw = append(out, math.Float64frombits(binary.LittleEndian.Uint64(raw))), raw[8:]
		}
	}
	return out
}

type piece struct {
	Points    int         `xml:"NumberOfPoints,attr"`
	Cells     int         `xml:"NumberOfCells,attr"`
	Extent    string      `xml:"Extent,attr"`
	Nodes     []dataArray `xml:"Points>DataArray"`
	CellData  []dataArray `xml:"CellData>DataArray"`
	PointData []dataArray `xml:"PointData>DataArray"`
	Topology  []dataArray `xml:"Cells>DataArray"`
}

func TestWriteVTU(t *testing.T) {
	m := Padded(2, 3, 1, Padding{2, 2, 2, 2}, 1.5)
	u := make([]float64, 2*m.Points())
	for i := range u {
		u[i] = math.Sqrt(float64(i))
	}
	var b bytes.Buffer
	if err := WriteVTU(&b, m, DataArray{Name: `u <"&">`, Components: 2, Data: u}); err != nil {
		t.Fatal(err)
	}
	var file struct {
		Piece piece `xml:"UnstructuredGrid>Piece"`
	}
	if err := xml.Unmarshal(b.Bytes(), &file); err != nil {
		t.Fatal(err)
	}
	p := file.Piece
	if p.Points != m.Points() || p.Cells != m.Cells() {
		t.Errorf("%d points and %d cells", p.Points, p.Cells)
	}
	xyz := p.Nodes[0].floats(t)
	field := p.PointData[0].floats(t)
	if p.PointData[0].Name != `u <"&">` || p.PointData[0].Components != 3 {
		t.Errorf("field %q of %d components", p.PointData[0].Name, p.PointData[0].Components)
	}
	for q := range m.Points() {
		if xyz[3*q] != m.X[q] || xyz[3*q+1] != m.Y[q] || xyz[3*q+2] != 0 {
			t.Fatalf("point %d is %v", q, xyz[3*q:3*q+3])
		}
		if field[3*q] != u[2*q] || field[3*q+1] != u[2*q+1] || field[3*q+2] != 0 {
			t.Fatalf("field at point %d is %v", q, field[3*q:3*q+3])
		}
	}
	corners, offsets, types, tags := p.Topology[0].floats(t), p.Topology[1].floats(t),
		p.Topology[2].floats(t), p.CellData[0].floats(t)
	from := 0
	for c := range m.Cells() {
		to := int(offsets[c])
		if want := map[int]float64{3: 5, 4: 9}[to-from]; types[c] != want ||
			tags[c] != float64(m.Tags[c]) {
			t.Fatalf("cell %d has type %v and tag %v", c, types[c], tags[c])
		}
		for i, q := range m.Corners(c) {
			if corners[from+i] != float64(q) {
				t.Fatalf("cell %d has corners %v", c, corners[from:to])
			}
		}
		from = to
	}
}

func TestWriteVTI(t *testing.T) {
	g := Grid{Rows: 2, Cols: 3, X0: 0.5, Y0: -1, DX: 0.25, DY: 2}
	var b bytes.Buffer
	data := []float64{1, 2, 3, 4, 5, math.Inf(1)}
	if err := WriteVTI(&b, g, DataArray{Name: "mu", Components: 1, Data: data},
		DataArray{Name: "e", Components: 1, Data: []float64{7, 8}, Cells: true}); err != nil {
		t.Fatal(err)
	}
	var file struct {
		Image struct {
			Extent  string `xml:"WholeExtent,attr"`
			Origin  string `xml:"Origin,attr"`
			Spacing string `xml:"Spacing,attr"`
			Piece   piece  `xml:"Piece"`
		} `xml:"ImageData"`
	}
	if err := xml.Unmarshal(b.Bytes(), &file); err != nil {
		t.Fatal(err)
	}
	i := file.Image
	if i.Extent != "0 2 0 1 0 0" || i.Piece.Extent != i.Extent || i.Origin != "0.5 -1 0" ||
		i.Spacing != "0.25 2 1" {
		t.Errorf("%+v", i)
	}
	for k, v := range i.Piece.PointData[0].floats(t) {
		if v != data[k] {
			t.Errorf("number %d is %v", k, v)
		}
	}
	if e := i.Piece.CellData[0].floats(t); len(e) != 2 || e[1] != 8 {
		t.Errorf("cell data %v", e)
	}
}

type brokenDisk struct{ after int }

var errDisk = errors.New("no space")

func (d *brokenDisk) Write(p []byte) (int, error) {
	if d.after -= len(p); d.after < 0 {
		return 0, errDisk
	}
	return len(p), nil
}

func TestWriteRefuses(t *testing.T) {
	m := Quads(3, 3, 1, 1)
	for name, f := range map[string]DataArray{
		"name":       {Components: 1, Data: make([]float64, 9)},
		"components": {Name: "a", Components: 4, Data: make([]float64, 36)},
		"length":     {Name: "a", Components: 1, Data: make([]float64, 8)},
		"cells":      {Name: "a", Components: 1, Data: make([]float64, 9), Cells: true},
	} {
		if WriteVTU(&bytes.Buffer{}, m, f) == nil || WriteVTI(&bytes.Buffer{}, *m.Grid, f) == nil {
			t.Errorf("%s: written", name)
		}
	}
	big := Quads(40, 40, 1, 1)
	for _, after := range []int{0, 5000} {
		if err := WriteVTU(&brokenDisk{after}, big); !errors.Is(err, errDisk) {
			t.Errorf("disk full after %d bytes: %v", after, err)
		}
	}
}
