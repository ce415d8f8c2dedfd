package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/xml"
	"math"
	"os"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/format"
)

// TestExport writes a field of known values and reads it back from the VTK
// image: a 64-bit length, then the values, in base64.
func TestExport(t *testing.T) {
	t.Chdir(t.TempDir())
	mean := []float64{1, 2, 3, 4, 5, 6}
	writeArrays(t, "a.npz", map[string]*format.Array{
		"mean": format.Array64(mean, 2, 3), "std": format.Array64(mean, 2, 3),
		"mean_physical": format.Array64([]float64{10, 20, 30, 40, 50, 60}, 2, 3),
		"std_physical":  format.Array64(mean, 2, 3), "scalar": format.Scalar(2),
	})
	out, _, err := csdm(t, "export", "a.npz", "-o", "a.vti", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct{ Fields []string }
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(v.Fields, " "); got != "mean_physical std_physical" {
		t.Errorf("fields %q", got)
	}
	text, err := os.ReadFile("a.vti")
	if err != nil {
		t.Fatal(err)
	}
	var image struct {
		ImageData struct {
			WholeExtent string `xml:",attr"`
			Piece       struct {
				PointData struct {
					DataArray []struct {
						Name string `xml:",attr"`
						Text string `xml:",chardata"`
					}
				}
			}
		}
	}
	if err := xml.Unmarshal(text, &image); err != nil {
		t.Fatal(err)
	}
	if e := image.ImageData.WholeExtent; e != "0 2 0 1 0 0" {
		t.Errorf("extent %q of 2 rows and 3 columns", e)
	}
	a := image.ImageData.Piece.PointData.DataArray[0]
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(a.Text))
	if err != nil || len(b) != 8+6*8 || a.Name != "mean_physical" {
		t.Fatalf("%s: %d bytes, %v", a.Name, len(b), err)
	}
	for k := range mean {
		if x := math.Float64frombits(binary.LittleEndian.Uint64(b[8+8*k:])); x != 10*mean[k] {
			t.Errorf("value %d is %v", k, x)
		}
	}
}

func TestMeshErrors(t *testing.T) {
	t.Chdir(t.TempDir())
	writeBytes(t, "bad.msh", []byte("$MeshFormat\n4.1 0 8\n$EndMeshFormat\n$Nodes\nx\n"))
	if _, _, err := csdm(t, "mesh", "bad.msh"); cli.Code(err) != cli.ExitData ||
		!strings.Contains(err.Error(), "bad.msh: mesh: Gmsh file, line 5") {
		t.Errorf("a malformed mesh: code %d, %v", cli.Code(err), err)
	}
	if _, _, err := csdm(t, "mesh", "none.msh"); cli.Code(err) != cli.ExitNoInput {
		t.Errorf("no file: code %d, %v", cli.Code(err), err)
	}
}
