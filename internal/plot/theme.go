package plot

import "image/color"

// Swatch is a colour that SVG figures use for text, axes and curves, and the
// one to take in its place on a dark ground. A page that holds SVG figures
// inline can exchange them by the value of their fill and stroke attributes.
type Swatch struct{ Light, Dark string } // CSS hexadecimal colours

// Swatches returns all colours of SVG figures except those of heat maps, which
// do not change. The ground is the rectangle of class "paper".
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
	for _, c := range append([]color.NRGBA{ink, faint, frame, grid}, cycle[:]...) {
		s = append(s, Swatch{hex(c), dark[c]})
	}
	return s
}
