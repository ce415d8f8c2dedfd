package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The elements and attributes of an SVG that the page accepts. They draw and
// write text. None of them runs code, loads a file or defines a name.
var (
	svgElements = []string{"svg", "g", "path", "rect", "circle", "line", "polyline", "polygon",
		"text", "tspan", "image", "title", "desc"}
	svgAttributes = []string{
		"width", "height", "viewBox", "preserveAspectRatio", "transform", "class",
		"x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "cx", "cy", "r", "d", "points",
		"fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity",
		"stroke-dasharray", "stroke-linecap", "stroke-linejoin",
		"font-family", "font-size", "font-style", "font-weight", "text-anchor", "image-rendering",
		"space",
	}
)

// inlineSVG rewrites an SVG document as an element of an HTML page, with alt as
// its accessible name instead of its title. It is an error if the document is
// not well-formed, has an element or attribute outside of svgElements and
// svgAttributes, or has an image that is not an embedded PNG.
func inlineSVG(svg []byte, alt string) (string, error) {
	var out strings.Builder
	d := xml.NewDecoder(bytes.NewReader(svg))
	depth, inTitle := 0, false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if !slices.Contains(svgElements, t.Name.Local) ||
				(depth == 0) != (t.Name.Local == "svg") {
				return "", fmt.Errorf("element <%s> is not allowed", t.Name.Local)
			}
			depth++
			if inTitle = t.Name.Local == "title" || t.Name.Local == "desc"; inTitle {
				continue
			}
			out.WriteString("<" + t.Name.Local)
			if depth == 1 {
				writeAttribute(&out, "role", "img")
				writeAttribute(&out, "aria-label", alt)
			}
			for _, a := range t.Attr {
				switch name := a.Name.Local; {
				case a.Name.Space == "xmlns" || name == "xmlns" || name == "role" ||
					name == "aria-label":
				case name == "href":
					if t.Name.Local != "image" || !strings.HasPrefix(a.Value,
						"data:image/png;base64,") {
						return "", errors.New("a link other than an embedded PNG is not allowed")
					}
					writeAttribute(&out, name, a.Value)
				case !slices.Contains(svgAttributes, name) ||
					strings.Contains(strings.ToLower(a.Value), "url("):
					return "", fmt.Errorf("attribute %s=%q is not allowed", name, a.Value)
				case name == "space":
					writeAttribute(&out, "xml:space", a.Value)
				default:
					writeAttribute(&out, name, a.Value)
				}
			}
			out.WriteString(">")
		case xml.EndElement:
			depth--
			if t.Name.Local == "title" || t.Name.Local == "desc" {
				inTitle = false
				continue
			}
			out.WriteString("</" + t.Name.Local + ">")
		case xml.CharData:
			if !inTitle && depth > 0 {
				_ = xml.EscapeText(&out, t) // a Builder does not fail
			}
		}
	}
	if out.Len() == 0 {
		return "", errors.New("no element")
	}
	return out.String(), nil
}

// writeAttribute writes an attribute with its value escaped.
func writeAttribute(out *strings.Builder, name, value string) {
	out.WriteString(" " + name + `="`)
	_ = xml.EscapeText(out, []byte(value))
	out.WriteString(`"`)
}
