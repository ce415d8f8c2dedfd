package dataset

import (
	"math"
	"testing"

	"csdm/problems"
)

// TestFieldsHaveTheirOwnRange checks moments and the normalization of two
// fields of different size.
func TestFieldsHaveTheirOwnRange(t *testing.T) {
	spec := &problems.Spec{Rows: 1, Cols: 2, YChannels: 1, XFields: []problems.Field{{}, {}}}
	x := []float32{1, 3, 100, 100, 5, 7, 300, 300}
	s := measure(x, []float32{0, 1, 2, 3}, spec)
	for k, want := range []Moments{{Count: 4, Mean: 4, M2: 20, Min: 1, Max: 7},
		{Count: 4, Mean: 200, M2: 40000, Min: 100, Max: 300}} {
		if s.Fields[k] != want {
			t.Errorf("field %d: %+v, want %+v", k, s.Fields[k], want)
		}
	}
	if s.X.Count != 8 || s.Y[0].Count != 4 {
		t.Errorf("%d values of x, %d of y", s.X.Count, s.Y[0].Count)
	}
	n := problems.Normalization{X: problems.Range{Max: 1},
		Fields: []problems.Range{s.Fields[0].spread(), s.Fields[1].spread()}}
	if r := n.RangeX(1, 4); math.Abs(r.Min-(4-2*math.Sqrt(5))) > 1e-12 {
		t.Errorf("range of value 1: %+v", r)
	}
	if r := n.RangeX(2, 4); r.Min != 0 || r.Max != 400 {
		t.Errorf("range of value 2: %+v", r)
	}
	src := &Source{}
	src.scaling.Normalization = n
	// ⟨a, b⟩ = 2·1·3/w² of each field, with w = 4√5 and 400
	a, b := []float32{1, 1, 1, 1}, []float32{3, 3, 3, 3}
	if got, want := src.product(a, b), 6/80.0+6/160000.0; math.Abs(got-want) > 1e-9 {
		t.Errorf("product %v, want %v", got, want)
	}
}
