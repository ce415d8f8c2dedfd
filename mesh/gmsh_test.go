package mesh

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// The same mesh in both versions: a quadrilateral and two triangles on [0,2]×[0,1], one triangle clockwise, node tags with
// gaps, a point that no cell uses, the quadrilateral in the group "stiff" and its lower edge in "bottom".
const gmsh22 = `$MeshFormat
2.2 0 8
$EndMeshFormat
$PhysicalNames
2
1 7 "bottom"
2 9 "stiff part"
$EndPhysicalNames
$Nodes
7
1 0 0 0
2 1 0 0
3 2 0 0
10 0 1 0
20 1 1 0
30 2 1 0
99 5 5 0
$EndNodes
$Elements
5
1 15 2 0 1 1
2 1 2 7 1 1 2
3 3 2 9 1 1 2 20 10
4 2 2 0 2 2 3 30
5 2 2 0 2 2 20 30
$EndElements
`

const gmsh41 = `$MeshFormat
4.1 0 8
$EndMeshFormat
$Comments
whatever
$EndComments
$PhysicalNames
2
1 7 "bottom"
2 9 "stiff part"
$EndPhysicalNames
$Entities
1 1 2 0
1 0 0 0 0
5 0 0 0 1 0 0 1 7 2 1 -2
1 0 0 0 1 1 0 1 9 0
2 1 0 0 2 1 0 0 0
$EndEntities
$Nodes
2 7 1 99
0 1 0 1
99
5 5 0
2 1 0 6
1
2
3
10
20
30
0 0 0
1 0 0
2 0 0
0 1 0
1 1 0
2 1 0
$EndNodes
$Elements
3 4 1 5
1 5 1 1
2 1 2
2 1 3 1
3 1 2 20 10
2 2 2 2
4 2 3 30
5 2 20 30
$EndElements
$Periodic
0
$EndPeriodic
`

func TestReadGmsh(t *testing.T) {
	for name, file := range map[string]string{"2.2": gmsh22, "4.1": gmsh41} {
		m, err := ReadGmsh(strings.NewReader(file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !slices.Equal(m.X, []float64{0, 1, 2, 0, 1, 2}) || !slices.Equal(m.Y, []float64{0, 0, 0, 1, 1, 1}) {
			t.Errorf("%s: points %v, %v", name, m.X, m.Y)
		}
		if !slices.Equal(m.Triangles, [][3]int32{{1, 2, 5}, {1, 5, 4}}) || !slices.Equal(m.Quads, [][4]int32{{0, 1, 4, 3}}) {
			t.Errorf("%s: triangles %v, quads %v", name, m.Triangles, m.Quads)
		}
		if !slices.Equal(m.Tags, []int32{0, 0, 9}) || !slices.Equal(m.Edges, []Edge{{[2]int32{0, 1}, 7}}) {
			t.Errorf("%s: tags %v, edges %v", name, m.Tags, m.Edges)
		}
		if m.Names[Group{1, 7}] != "bottom" || m.Names[Group{2, 9}] != "stiff part" {
			t.Errorf("%s: names %v", name, m.Names)
		}
	}
}

// Each of these spoils one thing, and the error names its line or the cell.
func TestReadGmshRefuses(t *testing.T) {
	for name, c := range map[string]struct{ base, old, new string }{
		"empty":           {"", "", ""},
		"no format":       {gmsh22, "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n", ""},
		"version":         {gmsh22, "2.2 0 8", "4.0 0 8"},
		"binary":          {gmsh41, "4.1 0 8", "4.1 1 8"},
		"huge count":      {gmsh22, "$Nodes\n7", "$Nodes\n9000000000000000000"},
		"negative count":  {gmsh22, "$Nodes\n7", "$Nodes\n-7"},
		"huge block":      {gmsh41, "2 1 0 6", "2 1 0 600000000000"},
		"truncated":       {gmsh41, gmsh41[300:], ""},
		"not a number":    {gmsh22, "20 1 1 0", "20 1 x 0"},
		"not finite":      {gmsh41, "1 1 0\n2 1 0", "1 NaN 0\n2 1 0"},
		"node twice":      {gmsh22, "30 2 1 0", "3 2 1 0"},
		"missing node":    {gmsh22, "2 2 0 2 2 3 30", "2 2 0 2 2 3 31"},
		"element type":    {gmsh22, "4 2 2 0 2 2 3 30", "4 9 2 0 2 2 3 30"},
		"element tags":    {gmsh22, "4 2 2 0 2 2 3 30", "4 2 9 0 2 2 3 30"},
		"element nodes":   {gmsh22, "4 2 2 0 2 2 3 30", "4 2 2 0 2 2 3"},
		"flat cell":       {gmsh22, "4 2 2 0 2 2 3 30", "4 2 2 0 2 2 3 2"},
		"not plane":       {gmsh22, "30 2 1 0", "30 2 1 1"},
		"no cells":        {gmsh22, gmsh22[strings.Index(gmsh22, "$Elements"):], ""},
		"wrong end":       {gmsh22, "$EndNodes", "$EndElements"},
		"group too large": {gmsh22, "2 1 2 7 1 1 2", "2 1 2 7000000000 1 1 2"},
		"entity":          {gmsh41, "1 0 0 0 1 1 0 1 9 0", "1 0 0 0 1 1 0 8 9 0"},
		"name":            {gmsh41, `"bottom"`, "bottom"},
	} {
		var e *GmshError
		var cell *CellError
		m, err := ReadGmsh(strings.NewReader(strings.Replace(c.base, c.old, c.new, 1)))
		if !errors.As(err, &e) && !errors.As(err, &cell) {
			t.Errorf("%s: %v, mesh %v", name, err, m)
		}
	}
}

// FuzzReadGmsh: whatever comes in, a mesh that comes out is valid.
func FuzzReadGmsh(f *testing.F) {
	f.Add(gmsh22)
	f.Add(gmsh41)
	f.Add("$MeshFormat\n4.1 0 8\n$EndMeshFormat\n$Nodes\n1 9000000000000000000 1 1\n2 1 0 9000000000000000000\n")
	f.Fuzz(func(t *testing.T, file string) {
		m, err := ReadGmsh(strings.NewReader(file))
		if err == nil {
			err = m.Validate()
			if err != nil || m.Cells() == 0 {
				t.Errorf("read a mesh of %d cells with %v", m.Cells(), err)
			}
		}
	})
}
