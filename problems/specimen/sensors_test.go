package specimen_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/problemstest"
)

// withSensors is lab with four sensors, one of them at a node and one at the
// upper right corner, and without the nuisance that sensors exclude.
var withSensors = strings.Replace(strings.Replace(lab, "registration = 0.1", "", 1),
	`components = ["ux", "uy"]`, `components = ["ux", "uy"]
sensors = [[3, 4], [4.490909090909091, 6.5], [24.7, 32.5], [11.1, 20.2]]`, 1)

// TestSensorsProblem runs the conformance suite of problems on a measurement
// with four places of values.
func TestSensorsProblem(t *testing.T) {
	problemstest.Problem(t, problemstest.Case{
		New: func(o problems.Options) (problems.Problem, error) {
			return tryRead(t, withSensors, o)
		},
	})
}

// TestSensors compares the values of sensors with bilinear interpolation of the
// measurement of all nodes, and checks that a measurement has no other value.
//
// A sensor at a node must have the node's value, and one at the corner needs
// the last cell, not one beyond it.
func TestSensors(t *testing.T) {
	whole := read(t, strings.Replace(lab, "registration = 0.1", "", 1), problems.Options{})
	p := read(t, withSensors, problems.Options{})
	spec := p.Spec()
	const rows, cols, n = 16, 12, 16 * 12
	want := []int{2*cols + 1, 3*cols + 2, n - 1, 9*cols + 5}
	if !slices.Equal(spec.Sensors, want) {
		t.Fatalf("sensors at the nodes %v, want %v", spec.Sensors, want)
	}
	solve := func(p problems.Problem) (x, y []float64) {
		g, err := p.NewGenerator()
		if err != nil {
			t.Fatal(err)
		}
		x, y = make([]float64, n), make([]float64, 2*n)
		if err := g.Pair(x, y, 5, 1); err != nil {
			t.Fatal(err)
		}
		return x, y
	}
	x, all := solve(whole)
	field, y := solve(p)
	if !slices.Equal(x, field) {
		t.Fatal("sensors change the field")
	}
	at := func(c int, px, py float64) float64 {
		u, v := px/24.7*(cols-1), py/32.5*(rows-1)
		j, i := min(math.Floor(u), cols-2), min(math.Floor(v), rows-2)
		k := c*n + int(i)*cols + int(j)
		u, v = u-j, v-i
		return (1-v)*((1-u)*all[k]+u*all[k+1]) + v*((1-u)*all[k+cols]+u*all[k+cols+1])
	}
	points := [][2]float64{{3, 4}, {4.490909090909091, 6.5}, {24.7, 32.5}, {11.1, 20.2}}
	for c := range 2 {
		for k, point := range points {
			got, want := y[c*n+spec.Sensors[k]], at(c, point[0], point[1])
			if math.Abs(got-want) > 1e-12 {
				t.Errorf("component %d at sensor %d: %v, want %v", c, k+1, got, want)
			}
		}
		if got, want := y[c*n+want[0]], all[c*n+want[0]]; got == want {
			t.Errorf("component %d: a sensor between nodes has the value of a node", c)
		}
	}
	problems.Measure(p.Measurement(), y, y, 5, 1)
	if priors.Present(y) != 8 || priors.Missing(y[n+spec.Sensors[3]]) ||
		priors.Values(p.Measurement(), 2*n) != 8 {
		t.Errorf("a measurement of %d values, want 8", priors.Present(y))
	}
	if _, varying := p.Measurement().(priors.Varying); !varying {
		t.Error("the measurement hides that its errors vary")
	}
}

// TestOwnGrid compares a measurement on a grid of its own with sensors at the
// points of that grid.
//
// A grid of 3×2 points includes the corners of the specimen. A grid of as many
// points as the field has is no grid of its own.
func TestOwnGrid(t *testing.T) {
	change := func(line string) string {
		return strings.Replace(strings.Replace(lab, "registration = 0.1", "", 1),
			`components = ["ux", "uy"]`, "components = [\"ux\", \"uy\"]\n"+line, 1)
	}
	p := read(t, change("rows = 3\ncols = 2"), problems.Options{})
	same := read(t, change("sensors = [[0, 0], [24.7, 0], [0, 16.25], [24.7, 16.25], [0, 32.5], "+
		"[24.7, 32.5]]"), problems.Options{})
	spec := p.Spec()
	if !slices.Equal(spec.Sensors, same.Spec().Sensors) || spec.YRows != 3 || spec.YCols != 2 {
		t.Fatalf("%d×%d at the nodes %v, want %v", spec.YRows, spec.YCols, spec.Sensors,
			same.Spec().Sensors)
	}
	_, y, err := problems.MeasuredPair(p, 5, 1)
	if err != nil {
		t.Fatal(err)
	}
	_, want, err := problems.MeasuredPair(same, 5, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range y {
		if v != want[i] && !(priors.Missing(v) && priors.Missing(want[i])) {
			t.Fatalf("value %d is %v, want %v", i, v, want[i])
		}
	}
	if priors.Present(y) != 12 {
		t.Errorf("%d values, want 12", priors.Present(y))
	}
	whole := read(t, change("rows = 16\ncols = 12"), problems.Options{})
	if whole.Spec().HasYGrid() {
		t.Error("the grid of x is a grid of y's own")
	}
	for _, lines := range []string{"rows = 3", "rows = 17\ncols = 12", "rows = 1\ncols = 2",
		"rows = 3\ncols = 2\nsensors = [[3, 4]]"} {
		if _, err := tryRead(t, change(lines), problems.Options{}); err == nil ||
			!strings.Contains(err.Error(), "measurement.rows, measurement.cols") {
			t.Errorf("%q: %v", lines, err)
		}
	}
}

// TestPartialDensity checks that the density of a partial measurement does not
// depend on values where it has no places.
//
// A value where nothing is measured could otherwise change the likelihood, and
// two equal measurements would have two posteriors.
func TestPartialDensity(t *testing.T) {
	noise := priors.NewPartial(priors.Gaussian{Std: 0.5}, []int{1, 3}).(priors.Known)
	y, prediction := []float64{9, 1, 9, 2}, []float64{0, 1.5, 0, 2}
	nan := math.NaN()
	want := priors.Gaussian{Std: 0.5}.LogLikelihood([]float64{nan, 1, nan, 2}, prediction)
	if got := noise.LogLikelihood(y, prediction); got != want {
		t.Errorf("density %v, want %v", got, want)
	}
	noise.Standardize(y, y, prediction)
	if !priors.Missing(y[0]) || y[1] != -1 || !priors.Missing(y[2]) || y[3] != 0 {
		t.Errorf("standardized %v", y)
	}
}

// TestSensorsRefused checks that each mistake about places names its setting.
// Two sensors next to one node would share one value of y.
func TestSensorsRefused(t *testing.T) {
	for says, change := range map[string][2]string{
		"within the specimen":         {"[3, 4]", "[25, 4]"},
		"number 2 = [3]":              {"[4.490909090909091, 6.5]", "[3]"},
		"number 2 = [3.1 4]: must be": {"[4.490909090909091, 6.5]", "[3.1, 4.0]"},
		"nuisance.registration":       {"gain = 0.01", "gain = 0.01\nregistration = 0.1"},
		"missing.share":               {"[noise]", "[missing]\nshare = [0, 1]\n[noise]"},
	} {
		_, err := tryRead(t, strings.Replace(withSensors, change[0], change[1], 1),
			problems.Options{})
		if err == nil || !strings.Contains(err.Error(), says) || cli.Code(err) != 78 {
			t.Errorf("%v (exit code %d), want %q", err, cli.Code(err), says)
		}
	}
}
