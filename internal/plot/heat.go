package plot

import (
	"image"
	"math"
)

// The hatching of missing cells in device pixels.
const (
	hatchPeriod = 12
	hatchWidth  = 3
)

// heat paints a field at device resolution, y upward.
//
// Device pixel x of W shows column ⌊(2x + 1)·cols/(2W)⌋: the cell that holds
// the middle of the pixel. The layout makes W a multiple of cols for the first
// panel; other sizes get cells that differ by one pixel.
func heat(p Panel, s *sharedScale, w, h float64) *image.Paletted {
	img := image.NewPaletted(image.Rect(0, 0, int(math.Round(w*deviceScale)),
		int(math.Round(h*deviceScale))), p.Map.palette())
	W, H := img.Rect.Dx(), img.Rect.Dy()
	for y := range H {
		row := (2*(H-1-y) + 1) * p.Rows / (2 * H)
		for x := range W {
			col := (2*x + 1) * p.Cols / (2 * W)
			index := p.Map.index(p.Values[row*p.Cols+col], s.lo, s.hi)
			if index == missing && (x+y)%hatchPeriod < hatchWidth {
				index = hatch
			}
			img.Pix[y*img.Stride+x] = coarse(index, s.colors)
		}
	}
	return img
}

// An outline follows the cell edges at which a field jumps by more than
// outlineJump of its range. A field that jumps at more than outlineMost of its
// edges has no regions to outline.
const (
	outlineJump = 0.05
	outlineMost = 0.25
)

// jumps returns the outline of the regions of a field in runs of straight
// edges, in cells from the lower left corner. It returns nil for a field
// without regions.
//
// Each line between two rows, and between two columns, is scanned for runs of
// neighbors that differ by more than a twentieth of the range. A smooth or
// noisy field would be full of such edges and gives no outline: more than a
// quarter of all.
func jumps(values []float64, rows, cols int) (runs [][2]point) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	edges := 0
	scan := func(lines, length int, apart func(line, k int) bool, at func(line, k int) point) {
		for line := 1; line < lines; line++ {
			start := -1
			for k := 0; k <= length; k++ {
				jump := k < length && apart(line, k)
				switch {
				case jump && start < 0:
					start = k
				case !jump && start >= 0:
					runs = append(runs, [2]point{at(line, start), at(line, k)})
					edges += k - start
					start = -1
				}
			}
		}
	}
	differ := func(a, b int) bool { return math.Abs(values[a]-values[b]) > outlineJump*(hi-lo) }
	scan(rows, cols, func(row, col int) bool { return differ((row-1)*cols+col, row*cols+col) },
		func(row, col int) point { return point{float64(col), float64(row)} })
	scan(cols, rows, func(col, row int) bool { return differ(row*cols+col-1, row*cols+col) },
		func(col, row int) point { return point{float64(col), float64(row)} })
	if float64(edges) > outlineMost*float64(2*rows*cols) {
		return nil
	}
	return runs
}

// drawOutline draws the outline of a panel at (x, y) of size w × h: a white
// line on a broader dark one, which shows on every color of every map. On small
// cells the lines are thinner, so the cells next to them show.
func (p *Panel) drawOutline(s surface, x, y, w, h float64) {
	if p.Outline == nil {
		return
	}
	var lines [][]point
	for _, run := range jumps(p.Outline, p.Rows, p.Cols) {
		var line []point
		for _, c := range run {
			line = append(line, point{x + w*c.x/float64(p.Cols), y + h*(1-c.y/float64(p.Rows))})
		}
		lines = append(lines, line)
	}
	dark := min(2.8, 0.6*w/float64(p.Cols))
	s.lines(stroke{color: withAlpha(black, 0xb0), width: dark}, lines)
	s.lines(stroke{color: white, width: dark / 2}, lines)
}
