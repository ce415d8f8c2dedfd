package mesh

import (
	"errors"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// The same mesh in both versions. It has a quadrilateral and two triangles on
// [0,2]×[0,1], one triangle clockwise, node tags with gaps, and a point that no
// cell uses. The quadrilateral is in the group "stiff" and its lower edge in
// "bottom".
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
		if !slices.Equal(m.X, []float64{0, 1, 2, 0, 1, 2}) ||
			!slices.Equal(m.Y, []float64{0, 0, 0, 1, 1, 1}) {
			t.Errorf("%s: points %v, %v", name, m.X, m.Y)
		}
		if !slices.Equal(m.Triangles, [][3]int32{{1, 2, 5}, {1, 5, 4}}) ||
			!slices.Equal(m.Quads, [][4]int32{{0, 1, 4, 3}}) {
			t.Errorf("%s: triangles %v, quads %v", name, m.Triangles, m.Quads)
		}
		if !slices.Equal(m.Tags, []int32{0, 0, 9}) ||
			!slices.Equal(m.Edges, []Edge{{[2]int32{0, 1}, 7}}) {
			t.Errorf("%s: tags %v, edges %v", name, m.Tags, m.Edges)
		}
		if m.Names[Group{1, 7}] != "bottom" || m.Names[Group{2, 9}] != "stiff part" {
			t.Errorf("%s: names %v", name, m.Names)
		}
	}
}

// TestReadGmshOfMeshio reads the output of meshio 5.0.0, one mesh in both
// versions: two quadrilaterals on the left and four triangles on the right of
// [0, 2]×[0, 2], one point moved from (2, 0) to (2.25, 0) and one from (1, 1)
// to (1, 1.125), at z = ½. Version 4.1 lists the points by entity, so cells are
// compared by position.
func TestReadGmshOfMeshio(t *testing.T) {
	for _, name := range []string{"meshio22.msh", "meshio41.msh"} {
		f, err := os.Open("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := ReadGmsh(f)
		f.Close()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var conform []int
		for e, n := range edgesOf(m) {
			if n == 1 {
				conform = append(conform, int(e[0]))
			}
		}
		if len(m.Triangles) != 4 || len(m.Quads) != 2 || m.Points() != 9 || len(conform) != 8 {
			t.Errorf("%s: %d triangles, %d quads, %d points, %d edges on the boundary", name,
				len(m.Triangles), len(m.Quads), m.Points(), len(conform))
		}
		area := map[int32]float64{}
		for c, tag := range m.Tags {
			area[tag] += m.Area(c)
		}
		// The moved points add a sliver of base ¼ and height 1 on the right;
		// the inner one only shifts area between cells.
		if want := map[int32]float64{8: 2.125, 9: 2}; !maps.Equal(area, want) {
			t.Errorf("%s: areas by group %v, want %v", name, area, want)
		}
		for tag, y := range map[int32]float64{7: 0, 5: 2} {
			side := m.Side(tag)
			if len(side) != 3 {
				t.Errorf("%s: group %d has points %v", name, tag, side)
			}
			for _, p := range side {
				if m.Y[p] != y {
					t.Errorf("%s: group %d has the point (%v, %v)", name, tag, m.X[p], m.Y[p])
				}
			}
		}
		if want := map[Group]string{{1, 5}: "top edge", {1, 7}: "bottom", {2, 8}: "soft",
			{2, 9}: "stiff é"}; !maps.Equal(m.Names, want) {
			t.Errorf("%s: names %v", name, m.Names)
		}
	}
}

// A cell in two groups is written twice in version 2.2, and must count once.
func TestReadGmshCountsCellsOnce(t *testing.T) {
	file := strings.Replace(gmsh22, "$Elements\n5", "$Elements\n7", 1)
	file = strings.Replace(file, "$EndElements",
		"6 3 2 4 1 2 20 10 1\n7 2 2 4 2 3 2 30\n$EndElements", 1)
	m, err := ReadGmsh(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Triangles) != 2 || len(m.Quads) != 1 || !slices.Equal(m.Tags, []int32{0, 0, 9}) {
		t.Errorf("triangles %v, quads %v, tags %v", m.Triangles, m.Quads, m.Tags)
	}
}

// TestReadGmshVariants reads the output of older programs and geometry kernels,
// which gives the same mesh.
func TestReadGmshVariants(t *testing.T) {
	want, err := ReadGmsh(strings.NewReader(gmsh22))
	if err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string][2]string{
		"version 2":   {"2.2 0 8", "2 0 8"},
		"version 2.0": {"2.2 0 8", "2.0 0 8"},
		"version 2.1": {"2.2 0 8", "2.1 0 8"},
		"rounded z":   {"30 2 1 0", "30 2 1 -2.8e-17"},
		"rounded up":  {"30 2 1 0", "30 2 1 1e-10"},
	} {
		got, err := ReadGmsh(strings.NewReader(strings.Replace(gmsh22, edit[0], edit[1], 1)))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	old := strings.NewReplacer("2.2 0 8", "2.1 0 8", "\n1 7 \"", "\n7 \"", "\n2 9 \"",
		"\n9 \"").Replace(gmsh22)
	got, err := ReadGmsh(strings.NewReader(old))
	if err != nil || old == gmsh22 || len(got.Names) < len(want.Names) {
		t.Errorf("names without dimension: %+v, %v", got, err)
	}
}

// Each of these cases has one fault, and the error names its line or the cell.
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
		"partitioned": {gmsh41, "$Periodic\n0\n$EndPeriodic",
			"$PartitionedEntities\n0\n$EndPartitionedEntities"},
		"slightly bent":  {gmsh22, "30 2 1 0", "30 2 1 1e-8"},
		"z is no number": {gmsh22, "30 2 1 0", "30 2 1 nan"},
		"too far":        {gmsh22, "30 2 1 0", "30 1e200 1 0"},
	} {
		var e *GmshError
		var cell *CellError
		m, err := ReadGmsh(strings.NewReader(strings.Replace(c.base, c.old, c.new, 1)))
		if !errors.As(err, &e) && !errors.As(err, &cell) {
			t.Errorf("%s: %v, mesh %v", name, err, m)
		}
	}
}

// FuzzReadGmsh checks that every mesh which is read is valid, whatever the
// input.
func FuzzReadGmsh(f *testing.F) {
	f.Add(gmsh22)
	f.Add(gmsh41)
	f.Add("$MeshFormat\n4.1 0 8\n$EndMeshFormat\n$Nodes\n1 9000000000000000000 1 1\n2 1 0 " +
		"9000000000000000000\n")
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
