package plot

import (
	"sync"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
)

// Weights and styles as golang.org/x/image/font numbers them.
const (
	styleItalic = 1
	weightBold  = 3
)

var fonts = sync.OnceValue(func() *font.Cache { return font.NewCache(liberation.Collection()) })

// face returns Liberation Sans in one of its styles at a size in CSS pixels.
func face(size float64, italic, bold bool) font.Face {
	f := font.Font{Typeface: "Liberation", Variant: "Sans"}
	if italic {
		f.Style = styleItalic
	}
	if bold {
		f.Weight = weightBold
	}
	return fonts().Lookup(f, points(size))
}

// points converts CSS pixels to the printer's points of package vg.
func points(px float64) font.Length { return font.Points(px * 72 / 96) }

// Sub- and superscripts: size relative to the line's and shift of the baseline
// in its size.
const (
	scriptSize  = 0.72
	superRaise  = 0.36
	subLower    = 0.18
	lineSpacing = 1.22
)

// placed is a run with its place relative to the start of its line.
type placed struct {
	Run
	x, raise, size float64
}

// place sets the runs of a line of text and returns them with the line's width,
// in CSS pixels.
func place(text string, size float64, bold bool) (runs []placed, width float64) {
	for _, r := range Markup(text) {
		p := placed{Run: r, x: width, size: size}
		switch {
		case r.Shift > 0:
			p.size, p.raise = size*scriptSize, size*superRaise
		case r.Shift < 0:
			p.size, p.raise = size*scriptSize, -size*subLower
		}
		f := face(p.size, r.Italic, bold)
		width += f.Width(r.Text).Points() * 96 / 72
		runs = append(runs, p)
	}
	return runs, width
}

func textWidth(text string, size float64) float64 {
	_, w := place(text, size, false)
	return w
}
