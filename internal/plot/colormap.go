package plot

import (
	"image/color"
	"math"
	"sync"
)

// Map names one of the colour maps. Each is used for one kind of quantity
// throughout a report, so that a reader knows from the colours alone what is
// shown.
type Map int

const (
	FieldMap       Map = iota // the sought field: violet over teal to yellow; truth, mean, draws
	MeasurementMap            // measured data: navy to ice
	SpreadMap                 // standard deviations: black over crimson to cream
	// signed differences: blue over white to red; its scale is symmetric about
	// 0
	DifferenceMap
)

// levels is the number of colours in a map. One of the 256 entries of a
// paletted image is kept for missing values.
const levels = 255

// missing is the colour of NaN and infinite cells: a grey that is in none of
// the maps.
var missing = color.RGBA{0x9a, 0x9a, 0x9a, 0xff}

// control is a point of a colour map's curve: OKLab lightness, chroma, and hue
// in degrees.
type control struct{ l, c, h float64 }

// curves holds, for each map, one or two runs of control points. Two runs share
// their first point, the middle of the map, and are walked away from it. All
// lie inside the sRGB gamut. The choice of points is ours.
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
}

// palettes builds all maps once; they are never written again.
var palettes = sync.OnceValue(func() (p [len(curves)]color.Palette) {
	for m, runs := range curves {
		p[m] = make(color.Palette, levels+1)
		p[m][levels] = missing
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

// palette returns the levels colours of m from low to high, and the colour for
// missing values last.
func (m Map) palette() color.Palette { return palettes()[m] }

// index returns the entry of m's palette that shows v on the scale from lo to
// hi. Values beyond the scale take its end colours.
func (m Map) index(v, lo, hi float64) uint8 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return levels
	}
	return uint8(min(max((v-lo)/(hi-lo)*levels, 0), levels-1))
}

// coarse takes an index to that of one of n colours spread evenly over the map,
// its ends among them, and leaves it for n = 0.
func coarse(index uint8, n int) uint8 {
	if n == 0 || index == levels {
		return index
	}
	return uint8(int(index) * n / levels * (levels - 1) / (n - 1))
}

// walk returns n colours along the Catmull–Rom curve through the control
// points, at equal OKLab distances from one to the next.
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
// the neighbours.
func catmullRom(p0, p1, p2, p3, t float64) float64 {
	return p1 + t/2*(p2-p0+t*(2*p0-5*p1+4*p2-p3+t*(3*(p1-p2)+p3-p0)))
}
