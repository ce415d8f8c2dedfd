package measured

import (
	"errors"
	"fmt"

	"csdm/internal/cli"
)

// Size returns the width and the height of a map, from its first sample to its
// last, in the unit of length of the file's grid. They come from t, or from the
// columns x and y of the file. Errors are usage errors.
//
// It is for programs that place a map without a problem, such as a proposal of
// a specimen.
func (f *MapFile) Size(t Taking) (width, height float64, err error) {
	// A pixel size counts n − 1 times; an extent once.
	name, text, x, y := "map.extent", t.Extent, 1.0, 1.0
	switch {
	case t.Extent != "" && t.Pixel != "":
		return 0, 0, cli.Usage(errors.New("map.pixel_size and map.extent both set the pixel " +
			"size: set only one"))
	case t.Pixel != "":
		name, text, x, y = "map.pixel_size", t.Pixel, float64(f.Cols-1), float64(f.Rows-1)
	case t.Extent == "" && f.samples != nil:
		return f.samples.PixelX * float64(f.Cols-1), f.samples.PixelY * float64(f.Rows-1), nil
	case t.Extent == "":
		return 0, 0, cli.Usage(fmt.Errorf("%s does not state where its %d×%d samples lie: give "+
			"--set map.extent=26.3,34.6mm (from the first to the last) or map.pixel_size=0.2mm",
			f.Path, f.Rows, f.Cols))
	}
	l, err := ParseLengths(text, f.grid.Target.Unit)
	if err != nil || !(l.X*x > 0 && l.Y*y > 0) {
		return 0, 0, cli.Usage(errors.Join(err, fmt.Errorf("%s %s: two positive lengths are "+
			"expected, of a map with at least 2×2 samples", name, text)))
	}
	return l.X * x, l.Y * y, nil
}
