package plot

import (
	"image/color"
	"math"
	"sync"
)

// ColorMap names one of the color maps. A report uses each for one kind of
// quantity, so the colors alone identify the quantity of a panel.
type ColorMap int

const (
	FieldMap       ColorMap = iota // the sought field: violet over teal to yellow
	MeasurementMap                 // measured data of one sign: navy to ice
	SpreadMap                      // standard deviations: black over crimson to cream
	// DifferenceMap shows differences: blue over white to red. White is 0.
	DifferenceMap
	// SignedMap shows measured data of both signs: brown over white to teal.
	// White is 0.
	SignedMap
	// CyclicMap shows angles. Both ends of its scale have the same color, so a
	// phase that wraps shows no edge. Its caller sets the limits, one period
	// apart.
	CyclicMap
)

// symmetric reports whether the scales of m are symmetric about 0.
func (m ColorMap) symmetric() bool { return m == DifferenceMap || m == SignedMap }

// A paletted image has 256 entries: the levels of a map, and two grays for
// cells without a value.
const (
	levels  = 253
	missing = levels     // entry of the gray ground
	hatch   = levels + 1 // entry of the darker lines on the gray ground
)

// grays are the colors of cells that are NaN or infinite. No map holds a gray
// of their lightness, and the hatching shows in print without color.
var grays = [...]color.RGBA{{0xb4, 0xb4, 0xb4, 0xff}, {0x86, 0x86, 0x86, 0xff}}

// control is a point of a color map's curve: OKLab lightness, chroma, and hue
// in degrees.
type control struct{ l, c, h float64 }

// curves holds the control points of each map, in one run or in two. Two runs
// start at the middle of the map and lead to its ends. All points lie inside
// the sRGB gamut. The choice of points is ours.
var curves = [...][][]control{
	FieldMap: {{
		{0.24, 0.110, 308}, {0.36, 0.120, 284}, {0.48, 0.095, 245}, {0.60, 0.085, 196},
		{0.72, 0.125, 155}, {0.84, 0.165, 124}, {0.94, 0.165, 107}}},
	MeasurementMap: {{
		{0.22, 0.050, 268}, {0.40, 0.085, 260}, {0.58, 0.090, 250}, {0.76, 0.070, 235},
		{0.95, 0.025, 210}}},
	SpreadMap: {{
		{0.16, 0.030, 300}, {0.32, 0.120, 340}, {0.48, 0.170, 8}, {0.63, 0.175, 34},
		{0.79, 0.135, 66}, {0.95, 0.060, 98}}},
	DifferenceMap: {
		{{0.965, 0, 250}, {0.80, 0.075, 245}, {0.62, 0.115, 252}, {0.44, 0.135, 262}},
		{{0.965, 0, 45}, {0.80, 0.080, 45}, {0.62, 0.145, 36}, {0.44, 0.140, 28}}},
	SignedMap: {
		{{0.965, 0, 78}, {0.80, 0.100, 78}, {0.61, 0.114, 70}, {0.42, 0.086, 62}},
		{{0.965, 0, 195}, {0.80, 0.082, 195}, {0.61, 0.090, 203}, {0.42, 0.068, 212}}},
	CyclicMap: {
		{{0.95, 0.010, 230}, {0.78, 0.080, 238}, {0.58, 0.120, 256}, {0.40, 0.120, 284},
			{0.26, 0.080, 312}},
		{{0.95, 0.010, 60}, {0.78, 0.085, 52}, {0.58, 0.130, 32}, {0.40, 0.110, 4},
			{0.26, 0.080, 312}}},
}

// palettes builds all maps once; they are never written again.
var palettes = sync.OnceValue(func() (p [len(curves)]color.Palette) {
	for m, runs := range curves {
		p[m] = make(color.Palette, levels+len(grays))
		for i, gray := range grays {
			p[m][levels+i] = gray
		}
		if len(runs) == 1 {
			for i, q := range walk(runs[0], levels) {
				p[m][i] = q.rgba()
			}
			continue
		}
		const half = levels / 2
		for side, run := range runs {
			for i, q := range walk(run, half+1) {
				p[m][half+(2*side-1)*i] = q.rgba()
			}
		}
	}
	return p
})

// RGB returns the colors of m from low to high, three bytes each, for a page
// that draws maps itself.
func (m ColorMap) RGB() []byte {
	out := make([]byte, 0, 3*levels)
	for _, c := range m.palette()[:levels] {
		r, g, b, _ := c.RGBA()
		out = append(out, byte(r>>8), byte(g>>8), byte(b>>8))
	}
	return out
}

// palette returns the levels colors of m from low to high, and then the grays
// of missing values.
func (m ColorMap) palette() color.Palette { return palettes()[m] }

// index returns the entry of m's palette that shows v on the scale from lo to
// hi. Values beyond the scale take its end colors.
//
// The levels are intervals of equal width, as the bins of a histogram: level i
// shows values from lo + i·(hi − lo)/253 on. hi itself is in the last one.
func (m ColorMap) index(v, lo, hi float64) uint8 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return missing
	}
	return uint8(min(max((v-lo)/(hi-lo)*levels, 0), levels-1))
}

// coarse returns the index of the nearest color below among n colors that are
// spread evenly over the map, both ends included. It returns index itself if n
// is 0.
//
// n colors divide the scale into n intervals, and color k is entry k·252/(n −
// 1) of the map. A noisy field then has longer runs of equal pixels.
func coarse(index uint8, n int) uint8 {
	if n == 0 || index >= levels {
		return index
	}
	return uint8(int(index) * n / levels * (levels - 1) / (n - 1))
}

// walk returns n colors along the Catmull–Rom curve through the control
// points, at equal OKLab distances from one to the next.
//
// The curve is sampled at 400 points per segment, whose lengths are summed.
// Color i is at the length i/(n − 1) of the whole, by linear interpolation
// between two samples. Equal steps of the value then differ by equal distances
// in OKLab, which approximate what an eye sees; steps of equal t would be small
// where control points are close.
func walk(points []control, n int) []oklab {
	const fine = 400 // samples per segment, for the length of the curve
	at := func(i int) oklab {
		p := points[min(max(i, 0), len(points)-1)]
		return polar(p.l, p.c, p.h)
	}
	var path []oklab
	for s := range len(points) - 1 {
		p0, p1, p2, p3 := at(s-1), at(s), at(s+1), at(s+2)
		for k := range fine {
			t := float64(k) / fine
			path = append(path, oklab{
				catmullRom(p0.l, p1.l, p2.l, p3.l, t),
				catmullRom(p0.a, p1.a, p2.a, p3.a, t),
				catmullRom(p0.b, p1.b, p2.b, p3.b, t)})
		}
	}
	path = append(path, at(len(points)-1))

	length := make([]float64, len(path))
	for i := 1; i < len(path); i++ {
		length[i] = length[i-1] + path[i].distance(path[i-1])
	}
	out := make([]oklab, n)
	for i, j := 0, 1; i < n; i++ {
		want := length[len(length)-1] * float64(i) / float64(n-1)
		for j < len(length)-1 && length[j] < want {
			j++
		}
		t := (want - length[j-1]) / (length[j] - length[j-1])
		p, q := path[j-1], path[j]
		out[i] = oklab{p.l + t*(q.l-p.l), p.a + t*(q.a-p.a), p.b + t*(q.b-p.b)}
	}
	return out
}

// catmullRom interpolates between p1 (t = 0) and p2 (t = 1) with slopes from
// the neighbors.
//
// It is the cubic with p(0) = p1, p(1) = p2, p'(0) = (p2 − p0)/2 and p'(1) =
// (p3 − p1)/2, in Horner's form. It passes through its control points, which a
// Bézier curve does not.
func catmullRom(p0, p1, p2, p3, t float64) float64 {
	return p1 + t/2*(p2-p0+t*(2*p0-5*p1+4*p2-p3+t*(3*(p1-p2)+p3-p0)))
}

// minorShare is the share of one sign from which data have both signs.
const minorShare = 0.05

// MeasurementMapOf returns the map for measured data: SignedMap if the values
// of the rarer sign make up a twentieth or more of the sum of all absolute
// values, else MeasurementMap. Noise about a ramp that begins at 0 makes up
// less. Values that are not finite do not count.
func MeasurementMapOf(data ...[]float64) ColorMap {
	var positive, negative float64
	for _, values := range data {
		for _, v := range values {
			switch {
			case math.IsNaN(v) || math.IsInf(v, 0):
			case v > 0:
				positive += v
			default:
				negative -= v
			}
		}
	}
	if rarer := min(positive, negative); rarer > 0 && rarer >= minorShare*(positive+negative) {
		return SignedMap
	}
	return MeasurementMap
}
