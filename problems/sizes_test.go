package problems_test

import (
	"testing"

	"csdm/problems"
)

// TestSizes checks that each size distinguishes two problems, also where the
// arrays inside have equal lengths.
func TestSizes(t *testing.T) {
	spec := func(change func(*problems.Spec)) *problems.Spec {
		s := &problems.Spec{Name: "lab", Rows: 6, Cols: 4, YChannels: 2, ImagesPerSimulation: 1}
		change(s)
		return s
	}
	own := func(rows, cols int) func(*problems.Spec) {
		return func(s *problems.Spec) {
			if err := s.SetYGrid(rows, cols); err != nil {
				t.Fatal(err)
			}
		}
	}
	all := []*problems.Spec{
		spec(func(*problems.Spec) {}),
		spec(func(s *problems.Spec) { s.Rows, s.Cols = 4, 6 }),
		spec(func(s *problems.Spec) { s.YChannels = 1 }),
		spec(func(s *problems.Spec) { s.XFields = make([]problems.Field, 2) }),
		spec(own(3, 4)), spec(own(4, 3)), spec(own(3, 2)),
	}
	texts := map[string]bool{}
	for k, a := range all {
		for l, b := range all {
			if (a.Sizes() == b.Sizes()) != (k == l) {
				t.Errorf("%v and %v", a.Sizes(), b.Sizes())
			}
		}
		texts[a.Sizes().String()] = true
	}
	if len(texts) != len(all) {
		t.Errorf("%d texts for %d sizes: %v", len(texts), len(all), texts)
	}
	if got, want := all[4].Sizes().String(),
		"1×6×4 values of x and, on a grid of its own, 2×3×4 of y"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
