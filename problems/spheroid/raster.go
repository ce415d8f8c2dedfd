package spheroid

import (
	"math"

	"csdm/priors"
)

// raster is a square of side × side pixels around the middle of the window: the
// window, and margin pixels on each side for the moved windows. Pixels are
// elements of the mesh. Values of a raster are ordered row by row from the
// bottom.
type raster struct {
	grid   int     // pixels per side of the window
	margin int     // pixels by which a window moves
	pixel  float64 // µm
}

func newRaster(grid int) raster {
	pixel := Window / float64(grid)
	return raster{grid: grid, margin: int(Shift / pixel), pixel: pixel}
}

// side returns the number of pixels along a side.
func (r raster) side() int { return r.grid + 2*r.margin }

// pixels returns the number of pixels.
func (r raster) pixels() int { return r.side() * r.side() }

// middle returns the distance of pixel k of a row or a column from the middle
// of the window, in µm.
func (r raster) middle(k int) float64 { return (float64(k) + 0.5 - float64(r.side())/2) * r.pixel }

// field sets x to log₁₀(E/E_gel) in the middle of each pixel (Eq. 28).
func (r raster) field(x []float64, s *priors.Spheroid) {
	n := r.side()
	for row := range n {
		for col := range n {
			x[row*n+col] = math.Log10(s.Modulus(r.middle(col), r.middle(row)) / s.Gel)
		}
	}
}

// view is one of the images of a simulation.
type view struct {
	right, up int // steps by which the window is moved
	mirror    bool
}

// views lists the images of a simulation, in the order of pairs.
var views = [...]view{{}, {right: -1}, {right: 1}, {up: 1}, {up: -1}, {mirror: true}}

// view sets image to view number k of values.
func (r raster) view(image, values []float64, k int) {
	v, n := views[k], r.side()
	for row := range r.grid {
		from := (row+r.margin*(1+v.up))*n + r.margin*(1+v.right)
		line := image[row*r.grid : (row+1)*r.grid]
		copy(line, values[from:])
		if v.mirror {
			for a, b := 0, r.grid-1; a < b; a, b = a+1, b-1 {
				line[a], line[b] = line[b], line[a]
			}
		}
	}
}
