package plot

import (
	"image/color"
	"math"
	"testing"
)

// Every map must be uniform (equal steps in value look equally large), shown
// without clipping, and monotone in lightness: the sequential maps throughout,
// the diverging one on both sides alike.
func TestColourMaps(t *testing.T) {
	for m, runs := range curves {
		for _, run := range runs {
			path := walk(run, levels)
			total := 0.0
			for i := 1; i < len(path); i++ {
				total += path[i].distance(path[i-1])
			}
			step := total / float64(len(path)-1)
			var clipped, uneven, turning []int
			for i, p := range path {
				if !p.inGamut() {
					clipped = append(clipped, i)
				}
				if i == 0 {
					continue
				}
				if d := p.distance(path[i-1]); math.Abs(d-step) > 0.01*step {
					uneven = append(uneven, i)
				}
				if rising := p.l > path[i-1].l; rising == (len(runs) == 2) {
					turning = append(turning, i)
				}
			}
			if clipped != nil || uneven != nil || turning != nil {
				t.Errorf("map %d: outside sRGB at %v; steps uneven at %v; lightness turns at %v", m,
					clipped, uneven, turning)
			}
		}
	}
	diverging := DifferenceMap.palette()
	lightness := func(i int) float64 { return toOKLab(diverging[i].(color.RGBA)).l }
	for i := range levels / 2 {
		if d := math.Abs(lightness(i) - lightness(levels-1-i)); d > 0.01 {
			t.Errorf("DifferenceMap: lightness differs by %g between colours %d and %d", d, i,
				levels-1-i)
		}
	}
}

// The conversions invert each other on all grey and some coloured 8-bit values,
// and white and the red primary have the coordinates that Ottosson prints.
func TestOKLab(t *testing.T) {
	for v := range 256 {
		for _, c := range []color.RGBA{{uint8(v), uint8(v), uint8(v), 255},
			{uint8(v), 100, uint8(255 - v), 255}} {
			if got := toOKLab(c).rgba(); got != c {
				t.Errorf("%v comes back as %v", c, got)
			}
		}
	}
	for _, c := range []struct {
		in   color.RGBA
		want oklab
	}{{color.RGBA{255, 255, 255, 255}, oklab{1, 0, 0}},
		{color.RGBA{255, 0, 0, 255}, oklab{0.6280, 0.2249, 0.1258}}} {
		if got := toOKLab(c.in); got.distance(c.want) > 1e-4 {
			t.Errorf("toOKLab(%v) = %+v, want %+v", c.in, got, c.want)
		}
	}
}

func TestMapIndex(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want uint8
	}{{-1, 0}, {0, 0}, {0.5, levels / 2}, {1, levels - 1}, {7, levels - 1},
		{math.NaN(), levels}, {math.Inf(1), levels}, {math.Inf(-1), levels}} {
		if got := FieldMap.index(c.v, 0, 1); got != c.want {
			t.Errorf("index(%g) = %d, want %d", c.v, got, c.want)
		}
	}
}
