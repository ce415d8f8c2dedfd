package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/xml"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"csdm/infer"
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

// TestExportNetCDF exports a result with draws of a field and of a quantity,
// and opens the file with xarray.
func TestExportNetCDF(t *testing.T) {
	t.Chdir(t.TempDir())
	draws := make([]float64, 4*8*8)
	for k := range draws {
		draws[k] = float64(k)
	}
	mean := slices.Repeat([]float64{0.5}, 64)
	origin := infer.Origin{Program: "csdm test", Problem: "quasistatic", Seed: 7, Method: "draws",
		Quantities: []infer.Quantity{{Name: "center from the left", Unit: "cm"}}}
	text, err := json.Marshal(origin)
	if err != nil {
		t.Fatal(err)
	}
	writeArrays(t, "a.npz", map[string]*format.Array{
		"mean": format.Array64(mean, 8, 8), "std": format.Array64(mean, 8, 8),
		"mean_physical":    format.Array64(mean, 8, 8),
		"std_physical":     format.Array64(mean, 8, 8),
		"samples_physical": format.Array64(draws, 4, 8, 8),
		"quantity_draws":   format.Array64([]float64{1, 2, 3, 4}, 4, 1),
		"origin_json":      {Shape: []int{len(text)}, DType: format.Uint8, U8: text},
	})
	out, _, err := csdm(t, "export", "a.npz", "-o", "a.nc", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct{ Variables []string }
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(v.Variables, " "); got != "vertical horizontal mean std chain draw "+
		"shear_modulus center_from_the_left" {
		t.Errorf("variables %q", got)
	}
	if _, _, err := csdm(t, "export", "a.npz", "-o", "a.zarr"); cli.Code(err) != cli.ExitUsage {
		t.Errorf("an unknown format: %v", err)
	}
	python(t, "xarray", `
import xarray
d = xarray.open_dataset("a.nc")
x = d["shear_modulus"]
assert x.dims == ("chain", "draw", "vertical", "horizontal") and x.shape == (1, 4, 8, 8), x
assert x.units == "kPa" and x.dtype == "float64" and float(x[0, 2, 3, 1]) == 2 * 64 + 3 * 8 + 1
assert float(x.sel(draw=1, horizontal=1, vertical=0)[0]) == 64 + 7
assert list(d["center_from_the_left"].values[0]) == [1, 2, 3, 4]
assert d["mean"].dims == ("vertical", "horizontal") and d.vertical.units == "cm"
assert d.seed == "7" and '"method":"draws"' in d.origin_json, d.attrs
`)
}

// python runs a program with a Python that has the module, and skips the test
// if there is none.
func python(t *testing.T, module, program string) {
	t.Helper()
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import "+module).Run() != nil {
			continue
		}
		if out, err := exec.Command(name, "-c", program).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	t.Skip("no Python with the module " + module + " is here (Debian: python3-" + module + ")")
}
