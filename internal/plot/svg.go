package plot

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strconv"
	"strings"
)

// vector is the surface that makes SVGs. An SVG has presentation attributes
// only: no ids, no style sheet, no scripts. One page can therefore hold
// several, and its CSS can replace colors. Package vgsvg cannot switch off the
// smoothing of images, so this package writes its own.
type vector struct {
	body          bytes.Buffer
	width, height float64
	title         string
}

// newVector returns an empty drawing of that size in CSS pixels.
func newVector(width, height float64, title string) *vector {
	return &vector{width: width, height: height, title: title}
}

// num formats a coordinate to a hundredth of a CSS pixel.
//
// Fewer digits make smaller files, and a hundredth of a pixel cannot be seen.
func num(x float64) string {
	s := strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64)
	if s == "-0" {
		return "0"
	}
	return s
}

// hex returns a color as CSS writes it, without its opacity.
func hex(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// paint returns a color attribute, with the opacity of a color that is not
// opaque.
func paint(attribute string, c color.NRGBA) string {
	s := fmt.Sprintf(` %s="%s"`, attribute, hex(c))
	if c.A != 0xff {
		s += fmt.Sprintf(` %s-opacity="%s"`, attribute, num(float64(c.A)/255))
	}
	return s
}

// escape makes text safe within XML.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder does not fail
	return b.String()
}

// pathData returns the data of a path, with the short forms H and V for
// horizontal and vertical lines: the axes and grid of a figure are made of
// them.
func pathData(ps []point) string {
	var b strings.Builder
	for i, p := range ps {
		switch {
		case i == 0:
			b.WriteString("M" + num(p.x) + " " + num(p.y))
		case p.y == ps[i-1].y:
			b.WriteString("H" + num(p.x))
		case p.x == ps[i-1].x:
			b.WriteString("V" + num(p.y))
		default:
			b.WriteString("L" + num(p.x) + " " + num(p.y))
		}
	}
	return b.String()
}

// line strokes one line.
func (v *vector) line(s stroke, ps ...point) { v.lines(s, [][]point{ps}) }

// lines strokes separate lines in one element.
func (v *vector) lines(s stroke, lines [][]point) {
	var data strings.Builder
	for _, ps := range lines {
		if len(ps) > 1 {
			data.WriteString(pathData(ps))
		}
	}
	if data.Len() == 0 {
		return
	}
	fmt.Fprintf(&v.body, `<path d="%s" fill="none"%s stroke-width="%s"`, data.String(),
		paint("stroke", s.color), num(s.width))
	if len(s.dash) > 0 {
		var d []string
		for _, x := range s.dash {
			d = append(d, num(x))
		}
		fmt.Fprintf(&v.body, ` stroke-dasharray="%s"`, strings.Join(d, " "))
	}
	v.body.WriteString("/>\n")
}

// polygon fills an area; fewer than three corners have none.
func (v *vector) polygon(fill color.NRGBA, ps ...point) {
	if len(ps) < 3 {
		return
	}
	fmt.Fprintf(&v.body, `<path d="%sZ"%s/>`+"\n", pathData(ps), paint("fill", fill))
}

// disc fills a circle.
func (v *vector) disc(fill color.NRGBA, center point, radius float64) {
	fmt.Fprintf(&v.body, `<circle cx="%s" cy="%s" r="%s"%s/>`+"\n", num(center.x), num(center.y),
		num(radius), paint("fill", fill))
}

// label writes text as text, which a reader can search and copy. A run that is
// raised moves the baseline by dy, relative to the run before.
func (v *vector) label(l label) {
	runs, _ := place(l.text, l.size, l.bold)
	if len(runs) == 0 {
		return
	}
	if l.vertical {
		fmt.Fprintf(&v.body, `<text transform="translate(%s %s) rotate(-90)"`, num(l.at.x),
			num(l.at.y))
	} else {
		fmt.Fprintf(&v.body, `<text x="%s" y="%s"`, num(l.at.x), num(l.at.y))
	}
	fmt.Fprintf(&v.body, ` font-size="%s"%s`, num(l.size), paint("fill", l.color))
	switch l.anchor {
	case anchorMiddle:
		v.body.WriteString(` text-anchor="middle"`)
	case anchorEnd:
		v.body.WriteString(` text-anchor="end"`)
	}
	if l.bold {
		v.body.WriteString(` font-weight="bold"`)
	}
	v.body.WriteString(` xml:space="preserve">`)
	raise := 0.0 // of the run before
	for _, p := range runs {
		attributes := ""
		if p.raise != raise {
			attributes += ` dy="` + num(raise-p.raise) + `"`
			raise = p.raise
		}
		if p.size != l.size {
			attributes += ` font-size="` + num(p.size) + `"`
		}
		if p.Italic {
			attributes += ` font-style="italic"`
		}
		if attributes == "" {
			v.body.WriteString(escape(p.Text))
		} else {
			fmt.Fprintf(&v.body, "<tspan%s>%s</tspan>", attributes, escape(p.Text))
		}
	}
	v.body.WriteString("</text>\n")
}

// image embeds a PNG. With “pixelated”, a viewer enlarges it without smoothing:
// an edge in the figure stays an edge in the data.
func (v *vector) image(p point, img *image.Paletted) {
	b := img.Bounds()
	fmt.Fprintf(&v.body, `<image x="%s" y="%s" width="%s" height="%s" `+
		`preserveAspectRatio="none" image-rendering="pixelated" `+
		`href="data:image/png;base64,%s"/>`+"\n",
		num(p.x), num(p.y), num(float64(b.Dx())/deviceScale), num(float64(b.Dy())/deviceScale),
		base64.StdEncoding.EncodeToString(encodePNG(img, png.DefaultCompression)))
}

// encodePNG encodes a picture, paletted if it is.
func encodePNG(img image.Image, level png.CompressionLevel) []byte {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: level}).Encode(&b, img); err != nil {
		panic("plot: " + err.Error()) // an empty image, which layout excludes
	}
	return b.Bytes()
}

// svg returns the whole document. Its first rectangle, of class "paper", is the
// white ground.
func (v *vector) svg() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" `+
		`viewBox="0 0 %[1]s %[2]s" role="img" `+
		`font-family="Liberation Sans, Arial, Helvetica, sans-serif">`+"\n",
		num(v.width), num(v.height))
	if v.title != "" {
		fmt.Fprintf(&out, "<title>%s</title>\n", escape(v.title))
	}
	fmt.Fprintf(&out, `<rect class="paper" width="%s" height="%s" fill="#ffffff"/>`+"\n",
		num(v.width), num(v.height))
	out.Write(v.body.Bytes())
	out.WriteString("</svg>\n")
	return out.Bytes()
}
