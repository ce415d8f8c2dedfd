package plot

import (
	"fmt"
	"image/color"
)

// Swatch is a color that SVG figures use for text, axes and curves, with the
// color that replaces it on a dark ground. A page with inline SVG figures can
// replace the colors by the values of the fill and stroke attributes.
type Swatch struct {
	Name        string // ink, faint, frame, grid, or series-1 and so on
	Light, Dark string // CSS hexadecimal colors
}

// Swatches returns all colors of SVG figures except the colors of heat maps,
// which do not change. The ground is the rectangle of class "paper".
//
// The dark colors are lighter versions of the same hues.
func Swatches() []Swatch {
	dark := map[color.NRGBA]string{
		ink:      "#e8e6e1",
		faint:    "#a8adb4",
		frame:    "#767d85",
		grid:     "#34393f",
		cycle[0]: "#5fb0e5",
		cycle[1]: "#f28b4a",
		cycle[2]: "#3fc79b",
		cycle[3]: "#e09cc6",
		cycle[4]: "#efb643",
		cycle[5]: "#8fd0f5",
	}
	var s []Swatch
	names := []string{"ink", "faint", "frame", "grid"}
	for i, c := range append([]color.NRGBA{ink, faint, frame, grid}, cycle[:]...) {
		if i >= len(names) {
			names = append(names, fmt.Sprintf("series-%d", i-3))
		}
		s = append(s, Swatch{names[i], hex(c), dark[c]})
	}
	return s
}
