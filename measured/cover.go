package measured

import (
	"fmt"
	"math"
)

// mostBeyond is how far a map may reach beyond the rectangle on each side, in samples. Whoever cuts
// a map to the rectangle between two samples leaves less than one.
const mostBeyond = 1

// Cover says how a map lies over the rectangle.
type Cover struct {
	X       float64 `json:"x"`       // from the first sample to the last, in widths of the rectangle
	Y       float64 `json:"y"`       // the same in heights
	Outside float64 `json:"outside"` // share of the samples that lie outside of the rectangle
}

func (c Cover) String() string {
	text := fmt.Sprintf("the map covers %.2f × %.2f specimens", c.X, c.Y)
	if c.Outside > 0 {
		text += fmt.Sprintf("; %.2g %% of its samples lie outside of it and are not used", 100*c.Outside)
	}
	return text
}

// Cover returns how the map lies over the rectangle. It returns an *Error if the map reaches beyond
// the rectangle by more than one sample on any side, unless crop is set. (Resample refuses maps that
// reach less far than the rectangle.)
func (m *Map) Cover(t Target, p Placement, crop bool) (Cover, error) {
	inside := 1
	var most float64
	var covered [2]float64
	for i, axis := range []struct {
		samples               int
		origin, pixel, length float64
	}{{m.Cols, p.OriginX, p.PixelX, t.Width}, {m.Rows, p.OriginY, p.PixelY, t.Height}} {
		last := axis.origin + float64(axis.samples-1)*axis.pixel
		covered[i] = (last - axis.origin) / axis.length
		most = max(most, -axis.origin/axis.pixel, (last-axis.length)/axis.pixel)
		slack := 1e-6 * axis.pixel
		in := 0
		for j := range axis.samples {
			if at := axis.origin + float64(j)*axis.pixel; at >= -slack && at <= axis.length+slack {
				in++
			}
		}
		inside *= in
	}
	c := Cover{covered[0], covered[1], 1 - float64(inside)/float64(m.Rows*m.Cols)}
	if !crop && most > mostBeyond+1e-6 || math.IsNaN(most) {
		return c, &Error{fmt.Sprintf("the map covers %.2f × %.2f specimens; %.2g %% of its samples lie outside of the specimen and would not be used: are pixel size and origin right? (--crop leaves them out)",
			c.X, c.Y, 100*c.Outside)}
	}
	return c, nil
}
