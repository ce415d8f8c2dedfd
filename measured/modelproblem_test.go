package measured

import (
	"math"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/nn"
	"csdm/priors"
	"csdm/problems"
)

// ownGrid returns a problem whose y has 3×4 points over 9×7 nodes, and a model
// without weights that was trained for it.
func ownGrid(t *testing.T) (*problems.Spec, *nn.Model) {
	t.Helper()
	spec := &problems.Spec{Name: "lab", Rows: 9, Cols: 7, YChannels: 2, ImagesPerSimulation: 1}
	if err := spec.SetYGrid(3, 4); err != nil {
		t.Fatal(err)
	}
	return spec, &nn.Model{
		Net: nn.NewNet[float32](nn.Arch{NGF: 4, YChannels: 2, Extra: 1, Pool: nn.MaxPool,
			Variant: nn.Base}),
		Meta: nn.Metadata{Problem: "lab", Rows: 9, Cols: 7, YRows: 3, YCols: 4},
	}
}

// TestFits changes each size of a problem, and of a measurement the places of
// its values.
func TestFits(t *testing.T) {
	spec, model := ownGrid(t)
	if err := Fits(model, spec); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(s *problems.Spec){
		"rows":           func(s *problems.Spec) { s.Rows++ },
		"columns":        func(s *problems.Spec) { s.Cols++ },
		"channels":       func(s *problems.Spec) { s.YChannels-- },
		"fields":         func(s *problems.Spec) { s.XFields = make([]problems.Field, 2) },
		"rows of y":      func(s *problems.Spec) { s.YRows++ },
		"columns of y":   func(s *problems.Spec) { s.YCols-- },
		"the grid of x":  func(s *problems.Spec) { s.YRows, s.YCols = 0, 0 },
		"rows for cols":  func(s *problems.Spec) { s.Rows, s.Cols = s.Cols, s.Rows },
		"rows, cols y":   func(s *problems.Spec) { s.YRows, s.YCols = s.YCols, s.YRows },
		"equal number y": func(s *problems.Spec) { s.YRows, s.YCols = 2, 6 },
	} {
		other := *spec
		change(&other)
		if err := Fits(model, &other); cli.Code(err) != cli.ExitData ||
			!strings.Contains(err.Error(), "2×3×4 of y; lab has") {
			t.Errorf("%s: %v", name, err)
		}
	}
	sensed, other := *model, *spec
	sensed.Meta.YRows, sensed.Meta.YCols, sensed.Meta.Sensors = 0, 0, []int{3, 7, 60}
	for sensors, fits := range map[[3]int]bool{{3, 7, 60}: true, {3, 7, 61}: false,
		{7, 3, 60}: false} {
		other.YRows, other.YCols, other.Sensors = 0, 0, sensors[:]
		if err := Fits(&sensed, &other); (err == nil) != fits {
			t.Errorf("sensors %v: %v", sensors, err)
		}
	}
	y := make([]float64, spec.YLen())
	missing := func() {
		for i := range y {
			y[i] = math.NaN()
		}
	}
	missing()
	y[7], y[spec.Plane()+60] = 1, 1
	if err := FitsMeasurement(&sensed, y); err != nil {
		t.Error(err)
	}
	if y[8] = 1; FitsMeasurement(&sensed, y) == nil {
		t.Error("a value at no sensor fits")
	}
	missing()
	for _, place := range spec.MeasuredPlaces() {
		y[place] = 1
	}
	if err := FitsMeasurement(model, y); err != nil {
		t.Error(err)
	}
	y[spec.Plane()+1] = 1
	if err := FitsMeasurement(model, y); err == nil || !strings.Contains(err.Error(), "value 64") {
		t.Errorf("a value between the points: %v", err)
	}
	if err := FitsMeasurement(model, y[1:]); err == nil {
		t.Error("a short measurement fits")
	}
}

// TestOwnGridOfModel takes a measurement by the grid that a model stores, where
// its problem is not known. The values must be at the nodes that the problem
// would give them.
func TestOwnGridOfModel(t *testing.T) {
	spec, model := ownGrid(t)
	values := make([]float64, 24)
	for i := range values {
		values[i] = float64(i + 1)
	}
	model.Net = nn.NewNet[float32](nn.Arch{NGF: 4, YChannels: 2, Extra: 1, Pool: nn.MaxPool,
		Variant: nn.Base, Masked: true})
	taken, err := Take(saveNPY(t, "y.npy", values, 2, 3, 4), ModelGrid(model, nil), Taking{})
	if err != nil {
		t.Fatal(err)
	}
	back := make([]float64, 24)
	spec.FromNodes(back, taken.Values)
	for i, v := range back {
		if v != values[i] {
			t.Fatalf("value %d is %v, want %v", i, v, values[i])
		}
	}
	if n := priors.Present(taken.Values); n != 24 {
		t.Errorf("%d values, want 24", n)
	}
}
