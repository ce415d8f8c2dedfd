package measured

import (
	"errors"
	"math"
	"strings"
	"testing"

	"csdm/rng"
)

// sampled returns a map of one channel of f at the samples of p.
//
// Values are in the order of Map.
func sampled(rows, cols int, p Placement, f func(x, y float64) float64) *Map {
	m := &Map{Channels: 1, Rows: rows, Cols: cols}
	for r := range rows {
		for c := range cols {
			m.Values = append(m.Values, f(p.OriginX+float64(c)*p.PixelX, p.OriginY+
				float64(r)*p.PixelY))
		}
	}
	return m
}

// TestResampleIsExactForLinearMaps: bilinear maps are reproduced up to the
// border, for coarser and finer maps and for any position of the samples.
//
// 2 − 3x + y/2 + 0.7xy is linear along each axis. The insets put the outer
// samples inside, on and beyond the edges.
func TestResampleIsExactForLinearMaps(t *testing.T) {
	target := Target{Rows: 17, Cols: 12, Width: 3, Height: 5, Unit: "mm"}
	f := func(x, y float64) float64 { return 2 - 3*x + 0.5*y + 0.7*x*y }
	for _, size := range [][2]int{{17, 12}, {5, 4}, {40, 61}, {16, 13}, {200, 3}, {18, 11}} {
		// of the outer samples, in pixels
		for _, inset := range []float64{0, 0.5, 0.3, -0.4, -2.2} {
			p := Placement{}
			p.PixelX = target.Width / (float64(size[1]-1) + 2*inset)
			p.PixelY = target.Height / (float64(size[0]-1) + 2*inset)
			if !(p.PixelX > 0 && p.PixelY > 0) {
				continue
			}
			p.OriginX, p.OriginY = inset*p.PixelX, inset*p.PixelY
			got, err := sampled(size[0], size[1], p, f).Resample(target, p)
			if err != nil {
				t.Fatalf("%v, inset %v: %v", size, inset, err)
			}
			for r := range target.Rows {
				for c := range target.Cols {
					want := f(target.Width*float64(c)/11, target.Height*float64(r)/16)
					if v := got[r*target.Cols+c]; math.Abs(v-want) > 1e-11 {
						t.Fatalf("%v, inset %v: node (%d, %d) is %v, want %v", size, inset, r, c, v,
							want)
					}
				}
			}
		}
	}
}

// TestResampleAverages: if a map is k times finer in each direction and its
// pixels fill the cells, an inner node is the plain mean of k² samples. Noise
// falls by a factor k.
//
// The mean of k² independent values has the variance 1/k². At the border the
// correction for linear functions changes the weights, so that border nodes are
// left out.
func TestResampleAverages(t *testing.T) {
	const k, nodes = 5, 31
	target := Target{Rows: nodes, Cols: nodes, Width: nodes - 1, Height: nodes - 1}
	p := Placement{OriginX: -0.4, OriginY: -0.4, PixelX: 1. / k, PixelY: 1. / k}
	s := rng.New(1, rng.Test, 0, 0)
	m := sampled(k*nodes, k*nodes, p, func(_, _ float64) float64 { return s.Normal() })
	got, err := m.Resample(target, p)
	if err != nil {
		t.Fatal(err)
	}
	var square float64
	for r := 1; r < nodes-1; r++ {
		for c := 1; c < nodes-1; c++ {
			mean := 0.0
			for i := range k * k {
				mean += m.Values[(r*k+i/k)*m.Cols+c*k+i%k] / (k * k)
			}
			v := got[r*nodes+c]
			if math.Abs(v-mean) > 1e-12 {
				t.Fatalf("node (%d, %d) is %v, the mean of its cell %v", r, c, v, mean)
			}
			square += v * v
		}
	}
	// 841 independent values: the variance is known to √(2/841) = 5 %.
	if ratio := square / ((nodes - 2) * (nodes - 2)) * k * k; math.Abs(ratio-1) > 0.25 {
		t.Errorf("the variance is %v times what it should be", ratio)
	}
}

// TestResampleRefuses: at most half a pixel may be missing at the border.
//
// Samples at 0.25 = half a pixel pass; at 0.26 they do not.
func TestResampleRefuses(t *testing.T) {
	target := Target{Rows: 9, Cols: 9, Width: 4, Height: 4, Unit: "mm"}
	flat := func(_, _ float64) float64 { return 1 }
	for want, p := range map[string]Placement{
		"":                         {0.25, 0.25, 0.5, 0.5},
		"x run from 0.26 to":       {0.26, 0.25, 0.5, 0.5},
		"y run from 0.25 to 3.73":  {0.25, 0.25, 0.5, 3.48 / 7},
		"positive and finite size": {0, 0, 0, 1},
		"from NaN on: a positive and finite size": {math.NaN(), 0, 1, 1},
	} {
		_, err := sampled(8, 8, p, flat).Resample(target, p)
		var bad *Error
		if want == "" && err != nil || want != "" &&
			(!errors.As(err, &bad) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%+v: %v, want %q", p, err, want)
		}
	}
}

// TestResampleLeavesOut: samples beyond the rectangle by more than half a pixel
// have no weight, whatever their values are.
//
// NaN at those samples spreads to any node that uses one.
func TestResampleLeavesOut(t *testing.T) {
	target := Target{Rows: 9, Cols: 5, Width: 4, Height: 4, Unit: "mm"}
	f := func(x, y float64) float64 { return 1 + 2*x - 3*y }
	for _, pixel := range []float64{0.05, 0.3, 0.9} {
		p := Placement{OriginX: -7 * pixel, OriginY: -6.7 * pixel, PixelX: pixel, PixelY: pixel}
		n := int(4/pixel) + 16
		m := sampled(n, n, p, func(x, y float64) float64 {
			if half := 0.501 * pixel; min(x, y) < -half || max(x, y) > 4+half {
				return math.NaN()
			}
			return f(x, y)
		})
		got, err := m.Resample(target, p)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range got {
			if want := f(float64(i%5), float64(i/5)/2); !(math.Abs(v-want) < 1e-11) {
				t.Fatalf("pixels of %v: node %d is %v, want %v", pixel, i, v, want)
			}
		}
	}
	wide := Placement{PixelX: 9, PixelY: 1}
	if _, err := sampled(5, 5, wide, f).Resample(target, wide); err == nil ||
		!strings.Contains(err.Error(), "fewer than two") {
		t.Errorf("one sample across: %v", err)
	}
}
