package plot

import (
	"image"
	"image/color"
	"math"
)

// point is a place on a figure in CSS pixels, x to the right and y downward
// from the upper left corner.
type point struct{ x, y float64 }

// stroke is how a line is drawn: color, width and dash pattern in CSS pixels.
type stroke struct {
	color color.NRGBA
	width float64
	dash  []float64
}

// anchor is the point of a text that stands at its position.
type anchor float64

const (
	anchorStart  anchor = 0
	anchorMiddle anchor = 0.5
	anchorEnd    anchor = 1
)

// label is a line of text on its baseline. A vertical label reads upward.
type label struct {
	at       point
	text     string // with markup
	size     float64
	bold     bool
	anchor   anchor
	vertical bool
	color    color.NRGBA
}

// surface is what figures are drawn on. Its two implementations make the PNG
// and the SVG.
type surface interface {
	line(s stroke, points ...point)
	lines(s stroke, lines [][]point) // separate lines in one stroke
	polygon(fill color.NRGBA, points ...point)
	disc(fill color.NRGBA, center point, radius float64)
	label(l label)
	// image puts img with its upper left corner at p, deviceScale image pixels
	// to the CSS pixel.
	image(p point, img *image.Paletted)
}

// The colors of all parts that are not data. The style sheet of a report finds
// them by value and replaces them in dark mode.
var (
	ink   = color.NRGBA{0x1c, 0x1f, 0x24, 0xff} // text and axes
	faint = color.NRGBA{0x5c, 0x63, 0x6b, 0xff} // secondary text, reference lines
	frame = color.NRGBA{0x8d, 0x93, 0x9a, 0xff} // frames of panels and bars
	grid  = color.NRGBA{0xe2, 0xe5, 0xe8, 0xff} // grid lines

	// Over data alone: these stay as they are in dark mode.
	white = color.NRGBA{0xff, 0xff, 0xff, 0xff}
	black = color.NRGBA{0x00, 0x00, 0x00, 0xff}
)

// cycle holds the colors of curves in their order: the palette of Okabe and Ito
// (2008), dark colors first.
var cycle = [...]color.NRGBA{
	{0x00, 0x72, 0xb2, 0xff}, // blue
	{0xd5, 0x5e, 0x00, 0xff}, // vermilion
	{0x00, 0x9e, 0x73, 0xff}, // green
	{0xcc, 0x79, 0xa7, 0xff}, // purple
	{0xe6, 0x9f, 0x00, 0xff}, // orange
	{0x56, 0xb4, 0xe9, 0xff}, // sky
}

// dashes go with cycle, so curves also differ in gray.
var dashes = [...][]float64{nil, {6, 3}, {1.5, 2.5}, {8, 3, 1.5, 3}, {4, 2}, {10, 3}}

const (
	titleSize = 12.5
	labelSize = 12
	tickSize  = 11
	pxPerMM   = 96 / 25.4
)

// withAlpha returns c with another opacity, 0xff being opaque.
func withAlpha(c color.NRGBA, a uint8) color.NRGBA {
	c.A = a
	return c
}

// crisp returns the place near v of the middle of a line of width 1 that falls
// between pixels.
//
// A line of width 1 whose middle lies on the border of two pixels would cover
// half of each, and look gray and two pixels wide.
func crisp(v float64) float64 { return math.Floor(v) + 0.5 }

// rectangle returns the corners of the rectangle with upper left corner (x, y).
func rectangle(x, y, w, h float64) []point {
	return []point{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}}
}

// outline draws a frame of width 1 around a rectangle, outside it.
func outline(s surface, x, y, w, h float64) {
	st, r := stroke{color: frame, width: 1}, rectangle(x-0.5, y-0.5, w+1, h+1)
	s.line(st, r[0], r[1], r[2], r[3], r[0], r[1])
}
