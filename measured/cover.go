package measured

import "fmt"

// mostBeyond is the largest distance in samples by which a map may reach beyond
// the rectangle on each side. A map that was cut between two samples reaches
// beyond it by less than one.
//
// A wrong pixel size, by contrast, moves the outer samples by many pixels.
const mostBeyond = 1

// Cover describes how a map covers the rectangle.
//
// X and Y near 1 and Outside near 0 are the signs of a right geometry.
type Cover struct {
	// distance from the first sample to the last, in widths of the rectangle
	X float64 `json:"x"`
	// distance from the first sample to the last, in heights of the rectangle
	Y       float64 `json:"y"`
	Outside float64 `json:"outside"` // share of the samples outside of the rectangle
}

// String returns the cover as a sentence.
func (c Cover) String() string {
	text := fmt.Sprintf("the map covers %.2f × %.2f specimens", c.X, c.Y)
	if c.Outside > 0 {
		text += fmt.Sprintf("; %.2g %% of its samples lie outside of it and are not used",
			100*c.Outside)
	}
	return text
}

// inside returns the range from ≤ j < to of the samples of an axis that lie on
// [0, length], or beyond its ends by at most beyond pixels.
//
// The slack of 10⁻⁶ pixels absorbs the rounding of a position that is exactly
// at an end.
func inside(samples int, origin, pixel, length, beyond float64) (from, to int) {
	slack := (beyond + 1e-6) * pixel
	for from < samples && origin+float64(from)*pixel < -slack {
		from++
	}
	for to = from; to < samples && origin+float64(to)*pixel <= length+slack; {
		to++
	}
	return from, to
}

// Cover returns how the map covers the rectangle. It returns an *Error if the
// map reaches beyond the rectangle by more than one sample on any side, unless
// crop is set. Resample refuses maps that leave a part of the rectangle
// uncovered.
//
// The last sample of an axis lies at origin + (n − 1) pixel. Its distance
// beyond the rectangle, in pixels, is compared on all four sides, because a map
// can be shifted along one axis only.
func (m *Map) Cover(t Target, p Placement, crop bool) (Cover, error) {
	lastX, lastY := p.OriginX+float64(m.Cols-1)*p.PixelX, p.OriginY+float64(m.Rows-1)*p.PixelY
	c0, c1 := inside(m.Cols, p.OriginX, p.PixelX, t.Width, 0)
	r0, r1 := inside(m.Rows, p.OriginY, p.PixelY, t.Height, 0)
	c := Cover{
		X: (lastX - p.OriginX) / t.Width, Y: (lastY - p.OriginY) / t.Height,
		Outside: 1 - float64((c1-c0)*(r1-r0))/float64(m.Rows*m.Cols),
	}
	most := max(-p.OriginX/p.PixelX, (lastX-t.Width)/p.PixelX, -p.OriginY/p.PixelY,
		(lastY-t.Height)/p.PixelY)
	if !crop && most > mostBeyond+1e-6 {
		return c, &Error{
			fmt.Sprintf("the map covers %.2f × %.2f specimens; %.2g %% of its samples lie "+
				"outside of the specimen: are pixel size and origin right? "+
				"(--set map.crop=true leaves these samples out)",
				c.X, c.Y, 100*c.Outside)}
	}
	return c, nil
}
