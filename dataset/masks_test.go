package dataset_test

import (
	"context"
	"math"
	"testing"

	"csdm/dataset"
	"csdm/priors"
	"csdm/rng"
)

// TestMasks checks that masks change no value that they show, hide the same
// nodes of all channels, depend on step and slot alone, and show shares that
// are log-uniform from the least one: the median of the shares below 1 is near
// the root of the least.
//
// least^U has the median √least.
func TestMasks(t *testing.T) {
	dir := t.TempDir()
	p := newStripes()
	s := settings()
	s.Pairs = 300
	generate(t, dir, p, s)
	store := open(t, dir)
	plain, err := dataset.NewSource(context.Background(), store, p.Measurement(), s)
	if err != nil {
		t.Fatal(err)
	}
	s.Masks = 0.04
	masked, err := dataset.NewSource(context.Background(), store, p.Measurement(), s)
	if err != nil {
		t.Fatal(err)
	}
	spec := store.Spec()
	n := spec.XLen()
	x, y := make([]float32, n), make([]float32, spec.YLen())
	xm, ym, again := make([]float32, n), make([]float32, len(y)), make([]float32, len(y))
	whole, below := 0, 0
	const uses = 400
	for slot := range uint64(uses) {
		for _, err := range []error{plain.Training(x, y, 3, slot), masked.Training(xm, ym, 3, slot),
			masked.Training(xm, again, 3, slot)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		present := 0
		for k, v := range ym {
			switch {
			case v == v && v != y[k], (v == v) != (ym[k%n] == ym[k%n]), (v == v) != (again[k] ==
				again[k]):
				t.Fatalf("slot %d: value %d is %v, without a mask %v", slot, k, v, y[k])
			case v == v && k < n:
				present++
			}
		}
		switch {
		case present == 0:
			t.Fatalf("slot %d: nothing is shown", slot)
		case present == n:
			whole++
		case float64(present)/float64(n) < 0.2: // the root of the least share
			below++
		}
	}
	if w := float64(whole) / uses; w < 0.2 || w > 0.4 {
		t.Errorf("a share of %v shows the whole measurement", w)
	}
	if b := float64(below) / float64(uses-whole); b < 0.4 || b > 0.7 {
		t.Errorf("a share of %v of the others shows less than a fifth", b)
	}
	if err := masked.HeldOut(xm, ym, 1); err != nil {
		t.Fatal(err)
	}
	if err := masked.Measurement(again, store.Len()-1); err != nil || again[0] != again[0] {
		t.Errorf("a measurement for statistics has gaps, or %v", err)
	}
}

// TestHide checks the number of nodes that Hide leaves, and that it never adds
// one that was missing.
func TestHide(t *testing.T) {
	for _, c := range []struct {
		share float64
		want  int
	}{{1, 59}, {0.5, 30}, {1e-6, 1}} {
		y := make([]float64, 2*60)
		y[7] = math.NaN() // of channel 0
		dataset.Hide(y, 6, 10, c.share, rng.New(1, rng.Mask, 0, 0))
		if got := priors.Present(y); got != 2*c.want || y[7] == y[7] || y[67] == y[67] {
			t.Errorf("share %v: %d values are left, want %d", c.share, got, 2*c.want)
		}
	}
}

// TestMasksRefused checks that masks are refused together with neighbors and
// with phases.
func TestMasksRefused(t *testing.T) {
	dir := t.TempDir()
	p := newStripes()
	s := settings()
	generate(t, dir, p, s)
	store := open(t, dir)
	s.Masks = 0.1
	for name, change := range map[string]func() priors.Measurement{
		"neighbors": func() priors.Measurement { s.Neighbors = 4; return p.Measurement() },
		"phases":    func() priors.Measurement { s.Neighbors = 0; return priors.Wrap{} },
		"share":     func() priors.Measurement { s.Masks = 1.5; return p.Measurement() },
	} {
		noise := change()
		if _, err := dataset.NewSource(context.Background(), store, noise, s); err == nil {
			t.Errorf("%s: accepted", name)
		}
		s.Masks, s.Neighbors = 0.1, 0
	}
}
