package accuracy

import (
	"slices"
	"testing"

	"csdm/env"
	"csdm/priors"
)

// TestMeasuredShare checks that measurements of a study have the share of the
// values that the settings name, at the same places in each call, and that
// a posterior of fewer values is wider.
//
// The standard deviation must grow by more than a fifth, which gaps that were
// filled instead of left out would not do.
func TestMeasuredShare(t *testing.T) {
	targets, s := small(t)
	s.Methods, s.Reference.Method = []string{"adaptive"}, "none"
	whole, err := newMeasurement(targets[0], &s, 1)
	if err != nil {
		t.Fatal(err)
	}
	all, err := Run(t.Context(), t.TempDir(), targets, s, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	s.Measured = 0.1
	part, err := newMeasurement(targets[0], &s, 1)
	if err != nil {
		t.Fatal(err)
	}
	if n, want := priors.Present(part.y), len(whole.y)/10; n < want-2 || n > want+2 ||
		!slices.Equal(part.x, whole.x) {
		t.Errorf("%d of %d values are measured, want about %d, of the same field", n, len(part.y),
			want)
	}
	for k, v := range part.y {
		if v == v && v != whole.y[k] {
			t.Fatalf("value %d is %v, want %v", k, v, whole.y[k])
		}
	}
	some, err := Run(t.Context(), t.TempDir(), targets, s, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	if some.Identity == all.Identity {
		t.Error("the share does not change the identity of the study")
	}
	for k, row := range some.Rows {
		if !(row.RMSStd > 1.2*all.Rows[k].RMSStd) {
			t.Errorf("standard deviation %v from a tenth of the values, %v from all", row.RMSStd,
				all.Rows[k].RMSStd)
		}
	}
	s.Measured = 1.5
	if _, err := Run(t.Context(), t.TempDir(), targets, s, env.Quiet(2)); err == nil {
		t.Error("a share of 1.5 is accepted")
	}
}
