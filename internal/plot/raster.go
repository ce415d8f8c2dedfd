package plot

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
)

// raster is the surface that makes PNGs.
type raster struct {
	canvas *vgimg.Canvas
	height float64 // CSS pixels
}

// newRaster returns a white surface; width and height must be whole CSS pixels.
func newRaster(width, height float64) *raster {
	return &raster{
		canvas: vgimg.NewWith(vgimg.UseWH(points(width), points(height)),
			vgimg.UseDPI(96*deviceScale),
			vgimg.UseBackgroundColor(color.White)),
		height: height,
	}
}

// at converts to vg's points, y upward from the lower left corner.
func (r *raster) at(p point) vg.Point { return vg.Point{X: points(p.x), Y: points(r.height - p.y)} }

// path returns a path of straight lines.
func (r *raster) path(ps []point) vg.Path {
	var path vg.Path
	for i, p := range ps {
		if i == 0 {
			path.Move(r.at(p))
		} else {
			path.Line(r.at(p))
		}
	}
	return path
}

// line strokes one line.
func (r *raster) line(s stroke, ps ...point) { r.lines(s, [][]point{ps}) }

// lines strokes separate lines as one path: where they cross, a color that is
// not opaque does not add up.
func (r *raster) lines(s stroke, lines [][]point) {
	dash := make([]vg.Length, len(s.dash))
	for i, d := range s.dash {
		dash[i] = points(d)
	}
	r.canvas.SetColor(s.color)
	r.canvas.SetLineWidth(points(s.width))
	r.canvas.SetLineDash(dash, 0)
	var path vg.Path
	for _, ps := range lines {
		if len(ps) > 1 {
			path = append(path, r.path(ps)...)
		}
	}
	r.canvas.Stroke(path)
}

// polygon fills an area; fewer than three corners have none.
func (r *raster) polygon(fill color.NRGBA, ps ...point) {
	if len(ps) < 3 {
		return
	}
	path := r.path(ps)
	path.Close()
	r.canvas.SetColor(fill)
	r.canvas.Fill(path)
}

// disc fills a circle.
func (r *raster) disc(fill color.NRGBA, center point, radius float64) {
	var path vg.Path
	path.Move(r.at(point{center.x + radius, center.y}))
	path.Arc(r.at(center), points(radius), 0, 2*math.Pi)
	path.Close()
	r.canvas.SetColor(fill)
	r.canvas.Fill(path)
}

// label draws text glyph by glyph, at whole device pixels.
func (r *raster) label(l label) {
	runs, width := place(l.text, l.size, l.bold)
	r.canvas.Push()
	defer r.canvas.Pop()
	r.canvas.SetColor(l.color)
	// Glyphs are sharper, and spaced as designed, when their baseline lies
	// between device pixels.
	at := point{math.Round(l.at.x*deviceScale) / deviceScale,
		math.Round(l.at.y*deviceScale) / deviceScale}
	r.canvas.Translate(r.at(at))
	if l.vertical {
		r.canvas.Rotate(math.Pi / 2)
	}
	start := math.Round(float64(l.anchor)*width*deviceScale) / deviceScale
	for _, p := range runs {
		r.canvas.FillString(face(p.size, p.Italic, l.bold),
			vg.Point{X: points(p.x - start), Y: points(p.raise)}, p.Text)
	}
}

// image copies pixels without any interpolation.
func (r *raster) image(p point, img *image.Paletted) {
	dst := r.canvas.Image()
	x0, y0 := int(math.Round(p.x*deviceScale)), int(math.Round(p.y*deviceScale))
	b := img.Bounds()
	for y := range b.Dy() {
		for x := range b.Dx() {
			dst.Set(x0+x, y0+y, img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
}

// png encodes the picture, compressed to that level of zlib, as RGB, with its
// resolution in a pHYs chunk so that documents and printers take it at its true
// size. Rows are not filtered: in blocks of equal pixels the compressor finds
// whole pixels and rows again, which differences would hide from it. Sheets of
// noisy fields are a fifth smaller than with the filters that image/png
// chooses.
func (r *raster) png(level int) []byte {
	picture := r.canvas.Image()
	size := picture.Bounds()
	img := image.NewRGBA(size)
	draw.Draw(img, size, picture, size.Min, draw.Src)

	var data bytes.Buffer
	compressor, _ := zlib.NewWriterLevel(&data, level) // neither it nor a Buffer fails
	// the filter's type, 0 for none, then the pixels
	row := make([]byte, 1+3*size.Dx())
	for y := range size.Dy() {
		for x := range size.Dx() {
			copy(row[1+3*x:4+3*x], img.Pix[y*img.Stride+4*x:])
		}
		compressor.Write(row)
	}
	compressor.Close()

	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(size.Dx())),
		uint32(size.Dy()))
	density := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, perMeter), perMeter)
	out := []byte("\x89PNG\r\n\x1a\n")
	// 8 bits of each color, not interlaced
	out = appendChunk(out, "IHDR", append(header, 8, 2, 0, 0, 0))
	out = appendChunk(out, "pHYs", append(density, 1)) // per meter
	out = appendChunk(out, "IDAT", data.Bytes())
	return appendChunk(out, "IEND", nil)
}

const perMeter = 96 * deviceScale * 10000 / 254

// Drew reports whether a PNG looks like one of this package: its size and then
// its resolution of 192 dpi, with nothing between.
func Drew(png []byte) bool {
	const at = 8 + 4 + 4 + 13 + 4 // signature, then length, type, data and checksum of the size
	return len(png) > at+16 && string(png[:8]) == "\x89PNG\r\n\x1a\n" &&
		string(png[at+4:at+8]) == "pHYs" &&
		binary.BigEndian.Uint32(png[at+8:]) == perMeter &&
		binary.BigEndian.Uint32(png[at+12:]) == perMeter
}

// appendChunk appends a chunk of a PNG: length, type, data, and the checksum of
// the latter two.
func appendChunk(png []byte, kind string, data []byte) []byte {
	png = binary.BigEndian.AppendUint32(png, uint32(len(data)))
	start := len(png)
	png = append(append(png, kind...), data...)
	return binary.BigEndian.AppendUint32(png, crc32.ChecksumIEEE(png[start:]))
}
