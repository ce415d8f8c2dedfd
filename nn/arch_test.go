package nn

import (
	"math"
	"strings"
	"testing"
)

// TestParameterCount checks the closed formulas for every variant, and that
// every name is unique.
func TestParameterCount(t *testing.T) {
	for _, v := range variants {
		archs := []Arch{{2, 1, 0, MaxPool, v, false, 0, false},
			{3, 4, 1, AvgPool, v, true, 0, false},
			{16, 10, 1, MaxPool, v, false, 3, false}}
		if archs[0].isLight() {
			archs = []Arch{{8, 1, 1, MaxPool, v, true, 0, false},
				{16, 10, 1, MaxPool, v, false, 3, true}}
		}
		for _, a := range archs {
			n := NewNet[float32](a)
			if len(n.Flat()) != a.ParameterCount() {
				t.Errorf("%+v: %d parameters, formula gives %d", a, len(n.Flat()),
					a.ParameterCount())
			}
			seen := make(map[string]bool)
			for _, e := range n.Entries() {
				if seen[e.Name] {
					t.Errorf("%s twice", e.Name)
				}
				seen[e.Name] = true
			}
		}
	}
}

// TestWork checks that a forward pass of the base network takes about 589 g²HW
// multiply-adds.
func TestWork(t *testing.T) {
	n := NewNet[float32](Arch{64, 1, 0, MaxPool, Base, false, 0, false})
	w := n.NewEvaluator(Paper{}, 32, 32)
	if r := float64(w.MultiplyAdds()) / (589 * 64 * 64 * 32 * 32); math.Abs(r-1) > 0.005 {
		t.Errorf("%d multiply-adds, %.3f of the known", w.MultiplyAdds(), r)
	}
}

func TestValidate(t *testing.T) {
	good := Arch{4, 1, 0, MaxPool, Base, false, 0, false}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for want, a := range map[string]Arch{
		"ngf":      {1, 1, 0, MaxPool, Base, false, 0, false},
		"channels": {4, 0, 0, MaxPool, Base, false, 0, false},
		"extra":    {4, 1, 2, MaxPool, Base, false, 0, false},
		"pool":     {4, 1, 0, "", Base, false, 0, false},
		"variant":  {4, 1, 0, MaxPool, "deep", false, 0, false},
		"fields":   {4, 1, 0, MaxPool, Base, false, 4097, false},
		"multiple": {12, 1, 1, MaxPool, Light, false, 0, false},
		"level":    {8, 1, 0, MaxPool, Light, false, 0, false},
	} {
		if err := a.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", a, err)
		}
	}
	for v, least := range map[Variant]int{Base: 2, Deeper: 4, Deepest: 8} {
		a := Arch{4, 1, 0, MaxPool, v, false, 0, false}
		if a.CheckSize(least, least+1) != nil || a.CheckSize(least+1, least-1) == nil {
			t.Errorf("%s: least size is not %d", v, least)
		}
	}
	for v, good := range map[Variant][2]int{Light: {8, 10}, Light4: {32, 36}} {
		a := Arch{8, 1, 1, MaxPool, v, false, 0, false}
		if a.CheckSize(good[0], good[1]) != nil || a.CheckSize(good[0]-2, good[0]) == nil ||
			a.CheckSize(good[0]+1, good[1]) == nil {
			t.Errorf("%s: sizes", v)
		}
	}
}

// TestLevels checks the pairs of encoder and decoder blocks. A decoder uses the
// encoder's output at its own level, counted from the other end. The published
// numbering inserts a level 31 after level 3.
func TestLevels(t *testing.T) {
	for v, want := range map[Variant]string{
		Base:    "res1-refine4 res2-refine3 res3-refine2 res4-refine1",
		Deeper:  "res1-refine5 res2-refine4 res3-refine3 res4-refine2 res5-refine1",
		Deepest: "res1-refine5 res2-refine4 res3-refine3 res31-refine31 res4-refine2 res5-refine1",
	} {
		var got []string
		for _, l := range (Arch{Variant: v}).levels() {
			got = append(got, l.encoder+"-"+l.decoder)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: %s, want %s", v, s, want)
		}
	}
}
