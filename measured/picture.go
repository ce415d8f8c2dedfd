package measured

import (
	"fmt"

	"csdm/internal/plot"
	"csdm/priors"
)

// mostChannels is the largest number of channels in a picture: the first, the
// last, and channels between them at equal steps.
const mostChannels = 3

// Picture draws the map over the rectangle, so that a person can check whether
// it lies as it was measured. Each row shows a channel with every sample at its
// position, and the channel minus its best plane. A displacement is mostly a
// ramp; only the difference from the plane distinguishes left from right. The
// rectangle is outlined. The part outside of it is paled and not used.
//
// Each sample is drawn as a pixel about its position, so that the picture ends
// half a pixel beyond the outer samples.
func (t *Taken) Picture() *plot.Panels {
	g, m, p := t.Grid, t.Map, t.Placement
	unit, frame := g.Target.Unit, plot.Extent{X1: g.Width, Y1: g.Height}
	if !(g.Width > 0 && g.Height > 0) { // the size of the rectangle is not known
		unit, frame = "samples", plot.Extent{X1: float64(m.Cols - 1), Y1: float64(m.Rows - 1)}
		p = Placement{PixelX: 1, PixelY: 1}
	}
	figure := &plot.Panels{
		Extent: plot.Extent{
			X0: p.OriginX - p.PixelX/2, X1: p.OriginX + (float64(m.Cols)-0.5)*p.PixelX,
			Y0: p.OriginY - p.PixelY/2, Y1: p.OriginY + (float64(m.Rows)-0.5)*p.PixelY,
		},
		Unit: unit, Frame: frame, Sides: true, MaxPanel: 72, Width: 210,
		Alt: "The " + g.What + " as it lies over the specimen: " + t.Cover.String(),
	}
	c0, c1 := inside(m.Cols, p.OriginX, p.PixelX, frame.X1, 0)
	r0, r1 := inside(m.Rows, p.OriginY, p.PixelY, frame.Y1, 0)
	n := m.Rows * m.Cols
	for _, c := range shown(m.Channels) {
		values := m.Values[c*n : (c+1)*n]
		about := g.Name
		if m.Channels > 1 {
			about = g.channel(c)
		}
		flat := withoutPlane(values, m.Cols, window{r0, r1, c0, c1})
		figure.Panels = append(figure.Panels, []plot.Panel{
			{Title: "as measured", Values: values, Rows: m.Rows, Cols: m.Cols,
				Map: plot.MeasurementMapOf(m.Values), Quantity: about, Unit: g.Unit},
			{Title: "without its best plane", Values: flat, Rows: m.Rows, Cols: m.Cols,
				Map: plot.DifferenceMap, Quantity: "rest", Unit: g.Unit},
		})
		figure.RowTitles = append(figure.RowTitles, about)
	}
	last := figure.Panels[len(figure.Panels)-1]
	last[0].Note = fmt.Sprintf("covers %.2f × %.2f specimens, %.2g %% not used", t.Cover.X,
		t.Cover.Y, 100*t.Cover.Outside)
	last[1].Note = "outlined: the specimen, the only part used"
	return figure
}

// shown returns the numbers of the channels in a picture.
//
// For ten channels they are 0, 4 and 9.
func shown(channels int) []int {
	n := min(channels, mostChannels)
	list := make([]int, n)
	for i := range list {
		list[i] = i * (channels - 1) / max(1, n-1)
	}
	return list
}

// channel returns the name of channel c.
//
// Without a name it is a number from 1.
func (g *Grid) channel(c int) string {
	if c < len(g.Names) {
		return g.Names[c]
	}
	return fmt.Sprintf("channel %d", c+1)
}

// window is the rows r0 ≤ r < r1 and the columns c0 ≤ c < c1 of a map.
type window struct{ r0, r1, c0, c1 int }

// withoutPlane returns v minus a + b·col + c·row, fitted by least squares to a
// window. About its middle the three functions are orthogonal, so each
// coefficient is a quotient of two sums. With missing values this is an
// approximation, for pictures.
//
// With x, y measured from the middle of the window, Σ x = Σ y = Σ xy = 0 and
// the coefficients are Σ v/n, Σ x v/Σ x² and Σ y v/Σ y².
func withoutPlane(v []float64, cols int, in window) []float64 {
	var mean, slopeX, slopeY, squareX, squareY, count float64
	middleX, middleY := float64(in.c0+in.c1-1)/2, float64(in.r0+in.r1-1)/2
	for r := in.r0; r < in.r1; r++ {
		for c := in.c0; c < in.c1; c++ {
			a, x, y := v[r*cols+c], float64(c)-middleX, float64(r)-middleY
			if priors.Missing(a) {
				continue
			}
			mean, count = mean+a, count+1
			slopeX, squareX = slopeX+a*x, squareX+x*x
			slopeY, squareY = slopeY+a*y, squareY+y*y
		}
	}
	mean /= max(1, count)
	// a sum of squares is below 1 where all x are equal
	slopeX, slopeY = slopeX/max(1, squareX), slopeY/max(1, squareY)
	out := make([]float64, len(v))
	for i, a := range v {
		out[i] = a - mean - slopeX*(float64(i%cols)-middleX) - slopeY*(float64(i/cols)-middleY)
	}
	return out
}
