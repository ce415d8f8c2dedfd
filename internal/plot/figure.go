package plot

import (
	"compress/zlib"
	"math"
)

// Figure is a drawn figure in both formats, which show the same.
type Figure struct {
	PNG           []byte  // 192 dpi, opaque
	SVG           []byte  // stands alone; its text is text
	Width, Height float64 // mm
	Alt           string  // the figure in words, for readers who cannot see it
}

// drawing is a figure after layout: its size in CSS pixels and a function that
// draws it.
type drawing struct {
	width, height float64
	alt           string
	draw          func(surface)
}

// render draws on both surfaces.
//
// The same calls draw both formats, so that they cannot show different things.
func (d drawing) render() *Figure {
	w, h := math.Ceil(d.width), math.Ceil(d.height)
	r, v := newRaster(w, h), newVector(w, h, d.alt)
	d.draw(r)
	d.draw(v)
	return &Figure{PNG: r.png(compression), SVG: v.svg(), Width: w / pxPerMM,
		Height: h / pxPerMM, Alt: d.alt}
}

// renderPNG draws only the PNG. It is faster than render, and the file is a
// little larger.
func (d drawing) renderPNG() []byte {
	r := newRaster(math.Ceil(d.width), math.Ceil(d.height))
	d.draw(r)
	return r.png(zlib.BestSpeed)
}
