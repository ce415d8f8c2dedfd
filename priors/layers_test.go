package priors_test

import (
	"math"
	"testing"

	"csdm/priors"
	"csdm/priors/priorstest"
)

func table9(n int) *priors.TwoLayers {
	return &priors.TwoLayers{
		Grid: priors.Grid{Rows: n, Cols: n + 3, Width: 3.9, Height: 3.9},
		Top:  priors.Uniform{Lo: 1, Hi: 25}, Bottom: priors.Uniform{Lo: 1, Hi: 25},
		Interface: priors.Uniform{Lo: 2, Hi: 3.6},
	}
}

func TestTwoLayers(t *testing.T) {
	p := table9(40)
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	priorstest.Field(t, p, p.Grid.Nodes(), 1, 25)
	for name, spoil := range map[string]func(*priors.TwoLayers){
		"grid":      func(p *priors.TwoLayers) { p.Grid.Rows = 1 },
		"value":     func(p *priors.TwoLayers) { p.Top.Lo = 0 },
		"order":     func(p *priors.TwoLayers) { p.Bottom = priors.Uniform{Lo: 3, Hi: 2} },
		"interface": func(p *priors.TwoLayers) { p.Interface.Hi = 3.9 },
		"nan":       func(p *priors.TwoLayers) { p.Interface.Lo = math.NaN() },
	} {
		q := *p
		spoil(&q)
		if q.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestLayersRasterize checks that rows up to the interface belong to the bottom
// layer, and the rows above to the top layer.
func TestLayersRasterize(t *testing.T) {
	g := priors.Grid{Rows: 5, Cols: 3, Width: 2, Height: 4} // rows at 0, 1, 2, 3, 4
	x := make([]float64, g.Nodes())
	for _, c := range []struct {
		height float64
		bottom int // rows
	}{{1.999, 2}, {2, 3}, {2.5, 3}, {-1, 0}, {4, 5}} {
		priors.Layers{Top: 7, Bottom: 3, Interface: c.height}.Rasterize(x, g)
		for k, v := range x {
			want := 7.0
			if k/g.Cols < c.bottom {
				want = 3
			}
			if v != want {
				t.Errorf("interface at %v: row %d is %v", c.height, k/g.Cols, v)
			}
		}
	}
}

func TestLayersBelow(t *testing.T) {
	l := priors.Layers{Interface: 2}
	for _, c := range []struct{ lo, hi, want float64 }{{0, 1, 1}, {3, 4, 0}, {1.5, 3.5, 0.25},
		{1, 2, 1}, {2, 3, 0}} {
		if got := l.Below(c.lo, c.hi); got != c.want {
			t.Errorf("%v of [%v, %v] lie below 2, want %v", got, c.lo, c.hi, c.want)
		}
	}
}
