package mesh_test

import (
	"fmt"

	"csdm/mesh"
)

// Points and cells of the three structured meshes of one lattice.
func ExampleMesh() {
	for _, m := range []*mesh.Mesh{
		mesh.Quads(3, 4, 3, 2), mesh.Triangles(3, 4, 3, 2), mesh.Crossed(3, 4, 3, 2),
	} {
		area := 0.0
		for c := range m.Cells() {
			area += m.Area(c)
		}
		fmt.Printf("%d points, %d cells, area %g\n", m.Points(), m.Cells(), area)
	}
	// Output:
	// 12 points, 6 cells, area 6
	// 12 points, 12 cells, area 6
	// 18 points, 24 cells, area 6
}

// The points of a side, for boundary conditions, counterclockwise.
func ExampleMesh_Side() {
	m := mesh.Quads(3, 4, 3, 2)
	for _, p := range m.Side(mesh.Top) {
		fmt.Printf("point %d at (%g, %g)\n", p, m.X[p], m.Y[p])
	}
	// Output:
	// point 11 at (3, 2)
	// point 10 at (2, 2)
	// point 9 at (1, 2)
	// point 8 at (0, 2)
}

// The middle of a cell and its corners, counterclockwise.
func ExampleMesh_Center() {
	m := mesh.Quads(2, 3, 4, 1)
	x, y := m.Center(1)
	fmt.Println(x, y, m.Corners(1))
	// Output: 3 0.5 [1 2 5 4]
}
