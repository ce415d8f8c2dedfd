package specimen_test

import (
	"math"
	"strings"
	"testing"

	"csdm/problems"
)

// TestPosition checks that the measurement is the map at its position. A map of
// the same specimen that lies a whole node farther on has the values of the
// next nodes, and one that lies half a node farther on has a value between two
// nodes that is nearly their mean.
//
// A sign error would give the values of the nodes on the other side. The
// positions of the test are in standard deviations of 2.5 mm.
func TestPosition(t *testing.T) {
	text := strings.Replace(lab, "gain = 0.01", "gain = 0.01\nregistration = 2.5", 1)
	p := read(t, text, problems.Options{}).(problems.Parametric)
	s := p.Spec()
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := g.(problems.Forwarder); ok {
		t.Error("the measurement is said to be a function of the field")
	}
	d := len(s.Variables)
	if !strings.HasPrefix(s.Variables[d-2].Name, "position of the map along x") {
		t.Fatalf("variables %v", s.Variables)
	}
	lo, hi := p.Box()
	theta := make([]float64, d)
	x, y := make([]float64, s.XLen()), make([]float64, s.YLen())
	// at returns the map at a position in standard deviations.
	at := func(along, up float64) []float64 {
		for k := range theta {
			theta[k] = (lo[k] + hi[k]) / 2
		}
		for k, z := range []float64{along, up} {
			theta[d-2+k] = math.Erfc(-z/math.Sqrt2) / 2
		}
		if err := g.(problems.Simulator).Simulate(x, y, theta); err != nil {
			t.Fatal(err)
		}
		return append([]float64(nil), y...)
	}
	still := at(0, 0)
	stepX, stepY := s.Width/float64(s.Cols-1), s.Height/float64(s.Rows-1)
	for name, moved := range map[string]struct {
		y    []float64
		next int
		part float64
	}{
		"a column":      {at(stepX/2.5, 0), 1, 1},
		"a row":         {at(0, stepY/2.5), s.Cols, 1},
		"half a column": {at(stepX/5, 0), 1, 0.5},
		"half a row":    {at(0, -stepY/5), -s.Cols, 0.5},
	} {
		for k := range moved.y {
			row, col := k/s.Cols%s.Rows, k%s.Cols
			if row < 2 || col < 2 || row > s.Rows-3 || col > s.Cols-3 {
				continue
			}
			a, b := still[k], still[k+moved.next]
			want, limit := a+moved.part*(b-a), 0.0005
			if moved.part < 1 {
				limit = 0.05*math.Abs(b-a) + 0.002
			}
			if math.Abs(moved.y[k]-want) > limit {
				t.Fatalf("moved by %s: value %d is %v, want %v", name, k, moved.y[k], want)
			}
		}
	}
}
