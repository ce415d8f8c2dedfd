package specimen_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"csdm/problems"
	"csdm/problems/problemstest"
)

// heavy is the wave with an inclusion of another density.
var heavy = withDensity(`unit = "g/cm³", background = [0.8, 1.2], ` +
	"ratio = { log-uniform = [0.5, 2] }")

// withDensity returns the wave with a section of its density.
func withDensity(section string) string {
	return strings.Replace(shear, "background = [2, 4] }", "background = [2, 4], density = { "+
		section+" } }", 1)
}

// squeezed is a solid in plane strain whose Poisson's ratio varies.
const squeezed = `
name = "squeezed"
grid = { rows = 10, cols = 12, width = 4, height = 3, unit = "mm" }
physics = { kind = "plane-strain" }
edges = { bottom = 0.0, top = -0.1 }
noise = { std = 0.001 }
measurement = { components = ["ux", "uy"] }
[prior]
x = [1, 3]
y = 1.5
radius = 0.8
ratio = [2, 6]
background = 5
[prior.nu]
background = [0.2, 0.3]
ratio = [0.5, 1.6]
transform = { bounded = [0, 0.5] }
`

// TestSecondField runs the tests of every problem on specimens whose density or
// Poisson's ratio is a second field, with the shapes of the modulus or shapes
// of its own.
func TestSecondField(t *testing.T) {
	for name, text := range map[string]string{
		"density": heavy,
		"ratio":   squeezed,
		"shapes of its own": strings.Replace(squeezed, "ratio = [0.5, 1.6]",
			"kind = \"random-field\"\nlength = 2\nmodes = 4\nstd = 0.02\ngradient = 0.02", 1),
	} {
		t.Run(name, func(t *testing.T) {
			problemstest.Problem(t, problemstest.Case{
				New: func(o problems.Options) (problems.Problem, error) {
					return tryRead(t, text, o)
				},
			})
		})
	}
}

// TestSharedShapes checks that a second field has the shapes of the modulus: it
// is a function of the modulus, layer by layer.
func TestSharedShapes(t *testing.T) {
	for name, text := range map[string]string{
		"layers": strings.NewReplacer("ratio = { log-uniform = [0.5, 2] }",
			"ratios = [1, 1.5]", "x = [6, 14], y = 7, radius = 3, ratio = [2, 4]",
			`kind = "layers", interfaces = [[4, 9]], ratios = [1, 2]`).Replace(heavy),
		"level set": strings.NewReplacer("{ log-uniform = [0.5, 2] }", "1.5",
			"x = [6, 14], y = 7, radius = 3, ratio = [2, 4]",
			`kind = "level-set", length = 5, share = 0.4, ratio = 2`).Replace(heavy),
		"random field": strings.NewReplacer("ratio = { log-uniform = [0.5, 2] }", "std = 0.1",
			"x = [6, 14], y = 7, radius = 3, ratio = [2, 4]",
			`kind = "random-field", length = 5, std = 0.2`).Replace(heavy),
		"axisymmetric": strings.NewReplacer(", nu = 0.45", "", "ratio = [2, 6]", "ratio = 2",
			"background = 5", "background = 5, nu = { background = [0.2, 0.3], ratio = 1.5 }",
		).Replace(cylinder),
	} {
		x, _ := pair(t, read(t, text, problems.Options{}), 2)
		n := len(x) / 2
		power := math.Log(1.5) / math.Log(2)
		if name == "random field" {
			power = 0.5
		}
		varies := false
		for i := range n {
			// Both logarithms are linear in the same shape.
			got, want := math.Log(x[n+i]/x[n]), power*math.Log(x[i]/x[0])
			varies = varies || want != 0
			if math.Abs(got-want) > 1e-12 {
				t.Fatalf("%s: at node %d the second field is %v, the modulus %v", name, i, x[n+i],
					x[i])
			}
		}
		if !varies {
			t.Errorf("%s: the field is uniform", name)
		}
	}
}

// TestConstantSecondField checks that a second field that is known gives the
// pairs of the problem of one field, bit by bit.
func TestConstantSecondField(t *testing.T) {
	nu := strings.Replace(squeezed[:strings.Index(squeezed, "[prior.nu]")], `"plane-strain"`,
		`"plane-strain", nu = 0.3`, 1)
	for _, c := range []struct {
		name, one, two string
		value          float64
	}{
		{"density", shear, withDensity("background = 1, ratio = 1"), 1},
		{"ratio", nu, strings.Replace(nu, ", nu = 0.3", "", 1) +
			"[prior.nu]\nbackground = 0.3\nratio = 1", 0.3},
	} {
		one, two := read(t, c.one, problems.Options{}), read(t, c.two, problems.Options{})
		n := one.Spec().XLen()
		for i := range uint64(4) {
			x, y := pair(t, one, i)
			x2, y2 := pair(t, two, i)
			if !slices.Equal(x, x2[:n]) || !slices.Equal(y, y2) {
				t.Errorf("%s: pair %d has other bits", c.name, i)
			}
			if x2[n] != c.value || x2[2*n-1] != c.value || len(x2) != 2*n {
				t.Errorf("%s: the second field is %v to %v", c.name, x2[n], x2[2*n-1])
			}
		}
	}
}

// TestScale checks that a wave does not depend on the common scale of modulus
// and density.
func TestScale(t *testing.T) {
	p := read(t, heavy, problems.Options{})
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := pair(t, p, 1)
	for i := range x {
		x[i] *= 4
	}
	scaled, most, off := make([]float64, len(y)), 0.0, 0.0
	if err := g.(problems.Forwarder).Forward(scaled, x); err != nil {
		t.Fatal(err)
	}
	for i, v := range scaled {
		most, off = max(most, math.Abs(y[i])), max(off, math.Abs(y[i]-v))
	}
	if off > 1e-12*most {
		t.Errorf("both four times as large change y by %v of %v", off, most)
	}
	for i := range x[:len(x)/2] {
		x[i] /= 2
	}
	if err := g.(problems.Forwarder).Forward(scaled, x); err != nil {
		t.Fatal(err)
	}
	if math.Abs(scaled[40]-y[40]) < 0.01*most {
		t.Error("half the modulus changes nothing")
	}
}

// TestFieldsOfSpec checks names, units, ranges and quantities of two fields.
func TestFieldsOfSpec(t *testing.T) {
	p := read(t, heavy+"[quantities]\n\"density below\" = { field = \"density\", mean = "+
		"{ y = [0, 3] } }\n\"modulus below\" = { mean = { y = [0, 3] } }", problems.Options{})
	s := p.Spec()
	want := []problems.Field{
		{Name: "shear modulus", Unit: "kPa", Range: problems.Range{Min: 2, Max: 16}},
		{Name: "density", Unit: "g/cm³", Range: problems.Range{Min: 0.4, Max: 2.4}},
	}
	if !slices.Equal(s.Fields(), want) || s.XName != "shear modulus and density" ||
		s.XRange != (problems.Range{Max: 1}) {
		t.Errorf("fields %v of %q in %v", s.Fields(), s.XName, s.XRange)
	}
	var names []string
	for _, v := range s.Variables {
		names = append(names, v.Name)
	}
	if got := strings.Join(names, ", "); got != "center from the left, modulus ratio, "+
		"background, density: ratio, as probability, density: background" {
		t.Errorf("variables %s", got)
	}
	q := p.(problems.Quantified)
	all := q.Quantities()
	at := slices.IndexFunc(all, func(v problems.Variable) bool { return v.Name == "density below" })
	if at < 0 || all[at].Unit != "g/cm³" || all[at+1].Unit != "kPa" {
		t.Fatalf("quantities %v", all)
	}
	x, dst := make([]float64, s.XLen()), make([]float64, len(all))
	for i := range x {
		x[i] = 3
		if i >= s.Plane() {
			x[i] = 1.5
		}
	}
	if q.Quantify(dst, x); math.Abs(dst[at]-1.5) > 1e-14 || math.Abs(dst[at+1]-3) > 1e-14 {
		t.Errorf("the mean density is %v and the mean modulus %v", dst[at], dst[at+1])
	}
	nu := read(t, squeezed, problems.Options{}).Spec().XFields[1]
	if nu.Name != "logit of the Poisson's ratio" || nu.Unit != "logit in 0…0.5" {
		t.Errorf("%q in %q", nu.Name, nu.Unit)
	}
}

// TestSecondFieldRefuses checks that a second field that cannot be is refused,
// with the name of its setting: a ratio that leads beyond ½, a constant next to
// the field, or shapes that it shares already.
func TestSecondFieldRefuses(t *testing.T) {
	for want, text := range map[string]string{
		"prior.density: must be left out: physics.kind": squeezed + "[prior.density]",
		// fem.NewIsotropic has no reference of 0.
		"-0.1 to 0.1: must be positive": strings.Replace(squeezed, "[0.2, 0.3]", "[-0.1, 0.1]", 1),
		"prior.nu.ratio = <nil>": strings.Replace(squeezed,
			"ratio = [0.5, 1.6]\n", "", 1),
		"Poisson's ratio can be from 0.1 to 0.6": strings.Replace(squeezed, "[0.5, 1.6]",
			"[0.5, 2]", 1),
		"physics.nu = 0.3: must be left out": strings.Replace(squeezed, `"plane-strain"`,
			`"plane-strain", nu = 0.3`, 1),
		"prior.nu.radius: must be left out": squeezed + "radius = 2",
		"prior.nu.kind = \"disc\"":          squeezed + "kind = \"disc\"",
		"prior.nu.nu: must be left out":     squeezed + "nu = { background = 1 }",
		"prior.nu.transform: the Poisson's ratio can be from 0.1": strings.Replace(squeezed,
			"[0, 0.5]", "[0.2, 0.5]", 1),
		"quantities.\"a\": field = \"density\"": squeezed + "[quantities]\na = { field = " +
			"\"density\", max = {} }",
	} {
		if _, err := tryRead(t, text, problems.Options{}); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("want %q, have %v", want, err)
		}
	}
}
