package specimen_test

import (
	"math"
	"strings"
	"testing"

	"csdm/problems"
	"csdm/problems/problemstest"
)

const stated = `
[quantities]
"a mean" = { mean = { x = [1.3, 4.7], y = [0.4, 9.1] } }
"b whole" = { mean = {} }
"c ratio" = { ratio = [{ x = [0, 5] }, { x = [5, 10] }] }
"d area" = { area-above = 5 }
"e share" = { exceedance = 5 }
"f largest" = { max = { x = [0, 2], y = [0, 2] } }
"g smallest" = { min = { y = [9.5, 10] } }
`

// TestFunctionals compares with the closed forms for the bilinear field 1 +
// x/2 + y/4 + xy/10, for which the means are exact.
//
// A mean over a rectangle is the field at the rectangle's center, because the
// bilinear function is linear along each axis. The area above 5 is integrated
// in the test in strips of constant y. Both transforms must give the same
// numbers.
func TestFunctionals(t *testing.T) {
	const n = 21
	field := func(x, y float64) float64 { return 1 + x/2 + y/4 + x*y/10 }
	// The mean of a bilinear field over a rectangle is its value in the middle.
	want := []float64{field(3, 4.75), field(5, 5), field(2.5, 5) / field(7.5, 5), 0, 0,
		field(2, 2), field(0, 9.5)}
	// The area above 5: x > (4 − y/4)/(1/2 + y/10).
	const strips = 100000
	for k := range strips {
		y := 10 * (float64(k) + 0.5) / strips
		want[3] += max(0, 10-(4-y/4)/(0.5+y/10)) * 10 / strips
	}
	want[4] = want[3] / 100
	for _, transform := range []string{"", `, transform = "log"`} {
		p := read(t, square(n, threeLayers+transform)+stated,
			problems.Options{}).(problems.Quantified)
		x, got := make([]float64, n*n), make([]float64, len(want))
		for i := range x {
			if x[i] = field(float64(i%n)/2, float64(i/n)/2); transform != "" {
				x[i] = math.Log(x[i])
			}
		}
		names := p.Quantities()
		if len(names) != len(want) {
			t.Fatalf("the quantities are %v", names)
		}
		p.Quantify(got, x)
		for k, v := range got {
			tolerance := 1e-12 * want[k]
			if k == 3 || k == 4 { // samples of cells at the limit
				tolerance = 2e-3 * want[k]
			}
			if math.Abs(v-want[k]) > tolerance {
				t.Errorf("%s%s = %v, want %v", names[k].Name, transform, v, want[k])
			}
		}
		if names[0].Unit != "kPa" || names[2].Unit != "" || names[3].Unit != "mm²" ||
			names[4].Unit != "" {
			t.Errorf("units %v", names)
		}
	}
}

// TestStated checks the quantities of a file next to the quantities of an
// inclusion, and that they belong to the identity of results and not of pairs.
//
// A data set must not become stale because a user asks for another quantity; a
// result must.
func TestStated(t *testing.T) {
	problemstest.Problem(t, problemstest.Case{
		New: func(o problems.Options) (problems.Problem, error) {
			return tryRead(t, square(12, threeLayers)+stated, o)
		},
	})
	with := read(t, lab+"[quantities]\n\"stiff area\" = { area-above = 8 }", problems.Options{})
	names := with.(problems.Quantified).Quantities()
	if len(names) != 5 || names[3].Name != "modulus ratio" || names[4].Name != "stiff area" {
		t.Errorf("the quantities are %v", names)
	}
	x, _ := pair(t, with, 3)
	got := make([]float64, 5)
	with.(problems.Quantified).Quantify(got, x)
	alone := make([]float64, 4)
	plain := read(t, lab, problems.Options{})
	plain.(problems.Quantified).Quantify(alone, x)
	for k, v := range alone {
		if got[k] != v {
			t.Errorf("%s is %v, and %v without the quantities of the file", names[k].Name, got[k],
				v)
		}
	}
	if with.(problems.Defined).Definition() != plain.(problems.Defined).Definition() {
		t.Error("a quantity changes the identity of pairs")
	}
	if problems.Identify("x", 1, with).Identity() == problems.Identify("x", 1, plain).Identity() {
		t.Error("a quantity does not change the identity of results")
	}
}

// TestFunctionalRefuses checks that each mistake names its quantity.
//
// Each entry is a small edit of a valid section.
func TestFunctionalRefuses(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"{ mean = {} }", "{}", "b whole"},
		{"{ mean = {} }", "{ mean = {}, max = {} }", "2 functionals"},
		{"y = [9.5, 10]", "y = [9.5, 11]", "0 to 10"},
		{"x = [1.3, 4.7]", "x = 3", "must be a range"},
		{"[{ x = [0, 5] }, { x = [5, 10] }]", "[{ x = [0, 5] }]", "2"},
		{"area-above = 5", "area-above = \"stiff\"", "threshold"},
		{"area-above = 5", "area-over = 5", "unknown setting"},
		{`"a mean"`, `"diameter"`, "another name"},
	} {
		text := strings.Replace(stated, c.old, c.new, 1)
		if text == stated {
			t.Fatalf("%q is not in the file", c.old)
		}
		if _, err := tryRead(t, square(12, threeLayers)+text, problems.Options{}); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.new, err)
		}
	}
}
