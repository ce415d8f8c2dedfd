package mesh_test

import (
	"fmt"
	"os"
	"strings"

	"csdm/mesh"
)

// A square of 3×3 points has four squares, each cut into two triangles. The
// sides are tagged, for boundary conditions.
func ExampleTriangles() {
	m := mesh.Triangles(3, 3, 1, 1)
	fmt.Println(m.Points(), "points,", m.Cells(), "cells")
	fmt.Println("points on top:", m.Side(mesh.Top))
	fmt.Println("area of the first cell:", m.Area(0))
	// Output:
	// 9 points, 8 cells
	// points on top: [8 7 6]
	// area of the first cell: 0.125
}

// A window of 4×4 square cells is surrounded by triangles that grow outwards.
func ExamplePadded() {
	m := mesh.Padded(4, 4, 1, mesh.Padding{Left: 8, Right: 8, Bottom: 8, Top: 8}, 1.5)
	area := 0.0
	for c := range m.Cells() {
		area += m.Area(c)
	}
	fmt.Println(len(m.Quads), "cells in the window")
	fmt.Printf("area %.0f, defects: %v\n", area, m.Validate())
	// Output:
	// 16 cells in the window
	// area 400, defects: <nil>
}

// One triangle is read from a Gmsh file. Its physical group becomes a tag.
func ExampleReadGmsh() {
	file := `$MeshFormat
2.2 0 8
$EndMeshFormat
$PhysicalNames
1
2 7 "gel"
$EndPhysicalNames
$Nodes
3
1 0 0 0
2 2 0 0
3 0 1 0
$EndNodes
$Elements
1
1 2 2 7 1 1 2 3
$EndElements
`
	m, err := mesh.ReadGmsh(strings.NewReader(file))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("area", m.Area(0), "of", m.Names[mesh.Group{Dim: 2, Tag: m.Tags[0]}])
	// Output: area 1 of gel
}

// A field on a lattice is written as an image for ParaView.
func ExampleWriteVTI() {
	g := mesh.Grid{Rows: 2, Cols: 2, DX: 0.5, DY: 0.5}
	var file strings.Builder
	err := mesh.WriteVTI(&file, g,
		mesh.DataArray{Name: "mu", Components: 1, Data: []float64{1, 1, 1, 8}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Fprintln(os.Stdout, strings.Contains(file.String(), `Name="mu"`))
	// Output: true
}
