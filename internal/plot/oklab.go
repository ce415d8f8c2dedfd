package plot

import (
	"image/color"
	"math"
)

// oklab is a color in the perceptual space of B. Ottosson, "A perceptual color
// space for image processing" (2020): l is lightness in [0, 1], a and b are
// green–red and blue–yellow. Euclidean distance approximates perceived
// difference.
type oklab struct{ l, a, b float64 }

// polar returns the color of lightness l, chroma c and hue h in degrees.
func polar(l, c, h float64) oklab {
	sin, cos := math.Sincos(h * math.Pi / 180)
	return oklab{l, c * cos, c * sin}
}

// distance is the Euclidean distance. A step of 0.02 is just visible.
func (p oklab) distance(q oklab) float64 {
	return math.Sqrt((p.l-q.l)*(p.l-q.l) + (p.a-q.a)*(p.a-q.a) + (p.b-q.b)*(p.b-q.b))
}

// linear returns the linear sRGB components; a component outside [0, 1] means
// that p cannot be shown on an sRGB screen.
//
// The two matrices and the cubes between them are Ottosson's: from Lab to the
// roots of the cones' responses, their cubes, and from these to linear sRGB.
func (p oklab) linear() (r, g, b float64) {
	cube := func(x float64) float64 { return x * x * x }
	l := cube(p.l + 0.3963377774*p.a + 0.2158037573*p.b)
	m := cube(p.l - 0.1055613458*p.a - 0.0638541728*p.b)
	s := cube(p.l - 0.0894841775*p.a - 1.2914855480*p.b)
	r = 4.0767416621*l - 3.3077115913*m + 0.2309699292*s
	g = -1.2684380046*l + 2.6097574011*m - 0.3413193965*s
	b = -0.0041960863*l - 0.7034186147*m + 1.7076147010*s
	return r, g, b
}

// rgba returns p as an opaque sRGB color (IEC 61966-2-1), clipped to the
// gamut.
func (p oklab) rgba() color.RGBA {
	encode := func(x float64) uint8 {
		x = min(max(x, 0), 1)
		if x <= 0.0031308 {
			x *= 12.92
		} else {
			x = 1.055*math.Pow(x, 1/2.4) - 0.055
		}
		return uint8(math.Round(255 * x))
	}
	r, g, b := p.linear()
	return color.RGBA{encode(r), encode(g), encode(b), 255}
}
