package plot

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
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
		canvas: vgimg.NewWith(vgimg.UseWH(points(width), points(height)), vgimg.UseDPI(96*deviceScale),
			vgimg.UseBackgroundColor(color.White)),
		height: height,
	}
}

// at converts to vg's points, y upward from the lower left corner.
func (r *raster) at(p point) vg.Point { return vg.Point{X: points(p.x), Y: points(r.height - p.y)} }

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

func (r *raster) line(s stroke, ps ...point) {
	if len(ps) < 2 {
		return
	}
	dash := make([]vg.Length, len(s.dash))
	for i, d := range s.dash {
		dash[i] = points(d)
	}
	r.canvas.SetColor(s.color)
	r.canvas.SetLineWidth(points(s.width))
	r.canvas.SetLineDash(dash, 0)
	r.canvas.Stroke(r.path(ps))
}

func (r *raster) polygon(fill color.NRGBA, ps ...point) {
	if len(ps) < 3 {
		return
	}
	path := r.path(ps)
	path.Close()
	r.canvas.SetColor(fill)
	r.canvas.Fill(path)
}

func (r *raster) disc(fill color.NRGBA, centre point, radius float64) {
	var path vg.Path
	path.Move(r.at(point{centre.x + radius, centre.y}))
	path.Arc(r.at(centre), points(radius), 0, 2*math.Pi)
	path.Close()
	r.canvas.SetColor(fill)
	r.canvas.Fill(path)
}

func (r *raster) label(l label) {
	runs, width := place(l.text, l.size, l.bold)
	r.canvas.Push()
	defer r.canvas.Pop()
	r.canvas.SetColor(l.color)
	// Glyphs are sharper, and spaced as designed, when their baseline lies between device pixels.
	at := point{math.Round(l.at.x*deviceScale) / deviceScale, math.Round(l.at.y*deviceScale) / deviceScale}
	r.canvas.Translate(r.at(at))
	if l.vertical {
		r.canvas.Rotate(math.Pi / 2)
	}
	start := math.Round(float64(l.anchor)*width*deviceScale) / deviceScale
	for _, p := range runs {
		r.canvas.FillString(face(p.size, p.Italic, l.bold), vg.Point{X: points(p.x - start), Y: points(p.raise)}, p.Text)
	}
}

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

// png encodes the picture, with its resolution in a pHYs chunk so that documents and printers
// take it at its true size.
func (r *raster) png() []byte {
	data := encodePNG(r.canvas.Image(), png.DefaultCompression)
	const perMetre = 96 * deviceScale * 10000 / 254
	chunk := []byte("\x00\x00\x00\x09pHYs")
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = append(chunk, 1) // unit: metre
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))

	const headerEnd = 8 + 25 // signature and IHDR, which pHYs may follow
	out := append([]byte(nil), data[:headerEnd]...)
	out = append(out, chunk...)
	return append(out, data[headerEnd:]...)
}

func encodePNG(img image.Image, level png.CompressionLevel) []byte {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: level}).Encode(&b, img); err != nil {
		panic("plot: " + err.Error()) // an empty image, which layout excludes
	}
	return b.Bytes()
}
