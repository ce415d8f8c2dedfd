package measured

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"csdm/priors"
)

// The characters of a sketch: shades from the lowest value to the highest.
const (
	shades  = " .:-=+*#%@"
	noShade = '?' // no value under the character
)

// The size of a sketch in characters, which are about twice as high as they are
// wide.
const (
	sketchCols = 28
	sketchRows = 14
)

// Sketch draws the first channel on the grid's nodes in characters, and next to
// it the channel minus its best plane, as Picture does. It names the sides of
// the specimen.
//
// A mistake of orientation is visible before any computation, in a terminal
// without pictures.
func (t *Taken) Sketch() string {
	g := t.Grid
	n := g.Rows * g.Cols
	width, height := sketchCols, sketchRows
	if g.Width > 0 && g.Height > 0 {
		switch aspect := g.Width / g.Height; {
		case aspect < 1:
			width = max(8, int(math.Round(sketchCols*aspect)))
		default:
			height = max(4, int(math.Round(sketchRows/aspect)))
		}
	}
	name := g.Name
	if g.Channels > 1 {
		name = fmt.Sprintf("channel 1 of %d", g.Channels)
	}
	a := shade(t.Values[:n], g.Rows, g.Cols, width, height)
	flat := withoutPlane(t.Values[:n], g.Cols, window{0, g.Rows, 0, g.Cols})
	b := shade(smooth(flat, g.Rows, g.Cols), g.Rows, g.Cols, width, height)
	var out strings.Builder
	line := func(format, a, before, b, after string) { // the two sketches side by side
		text := fmt.Sprintf(format, before, a, after) + " " + fmt.Sprintf(format, before, b, after)
		out.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	centered := func(text string) string {
		free := max(0, width-len(text))
		return strings.Repeat(" ", free/2) + text + strings.Repeat(" ", free-free/2)
	}
	const plain, framed = "%4s %s %-5s", "%4s|%s|%-5s"
	fmt.Fprintf(&out, "the %s over the specimen, from lowest (blank) to highest (@):\n", g.What)
	line(plain, centered("as used"), "", centered("without its best plane"), "")
	line(plain, centered("top"), "", centered("top"), "")
	for r := range height {
		if r == height/2 {
			line(framed, a[r], "left", b[r], "right")
		} else {
			line(framed, a[r], "", b[r], "")
		}
	}
	line(plain, centered("bottom"), "", centered("bottom"), "")
	there := slices.DeleteFunc(slices.Clone(t.Values[:n]), priors.Missing)
	if len(there) < n {
		fmt.Fprintf(&out, "     %c: nothing measured\n", noShade)
	}
	if len(there) > 0 {
		fmt.Fprintf(&out, "     %s from %.3g to %.3g %s", name, slices.Min(there),
			slices.Max(there), g.Unit)
	}
	return out.String()
}

// shade draws a field in width × height characters and returns the lines, the
// top line first. A character stands for the mean of the values under it, or
// for the nearest value if there are fewer values than characters. It is
// noShade without a value.
//
// Value v in [lo, hi] gets the shade ⌊10 (v − lo)/(hi − lo)⌋ of ten; the
// highest value gets the last one.
func shade(v []float64, rows, cols, width, height int) []string {
	means := make([]float64, width*height)
	lo, hi := math.Inf(1), math.Inf(-1)
	for i := range means {
		r0, r1 := span(height-1-i/width, height, rows)
		c0, c1 := span(i%width, width, cols)
		count := 0.0
		for r := r0; r < r1; r++ {
			for c := c0; c < c1; c++ {
				if a := v[r*cols+c]; !priors.Missing(a) {
					means[i], count = means[i]+a, count+1
				}
			}
		}
		if means[i] /= count; count > 0 {
			lo, hi = min(lo, means[i]), max(hi, means[i])
		}
	}
	lines := make([]string, height)
	for r := range lines {
		var line strings.Builder
		for _, m := range means[r*width : (r+1)*width] {
			if priors.Missing(m) {
				line.WriteByte(noShade)
				continue
			}
			k := 0
			if hi > lo {
				k = min(int(float64(len(shades))*(m-lo)/(hi-lo)), len(shades)-1)
			}
			line.WriteByte(shades[k])
		}
		lines[r] = line.String()
	}
	return lines
}

// span returns the range of n values under part k of parts equal parts.
//
// At least one value is under each part.
func span(k, parts, n int) (from, to int) {
	from = k * n / parts
	return from, max(from+1, (k+1)*n/parts)
}

// smooth returns the mean of each 3×3 neighborhood, smaller at the border. It
// divides the standard deviation of white noise by three.
//
// A missing neighbor is left out of the mean.
func smooth(v []float64, rows, cols int) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		r, c, count := i/cols, i%cols, 0.
		for y := max(0, r-1); y <= min(rows-1, r+1); y++ {
			for x := max(0, c-1); x <= min(cols-1, c+1); x++ {
				if a := v[y*cols+x]; !priors.Missing(a) {
					out[i] += a
					count++
				}
			}
		}
		out[i] /= count
	}
	return out
}
