package measured

import (
	"fmt"
	"math"
	"slices"

	"csdm/priors"
)

// Map is a measured map on its own grid of samples.
//
// Sample (r, c) of channel k is Values[(k·Rows + r)·Cols + c]. NaN is a missing
// sample.
type Map struct {
	Channels, Rows, Cols int
	Values               []float64 // (C, H, W), row 0 at the bottom
}

// FlipRows reverses the order of the rows, for a map whose row 0 is at the top.
//
// Images have row 0 at the top, fields of csdm at the bottom. The sign of a
// vertical displacement is not touched: it is the user's.
func (m *Map) FlipRows() {
	n := m.Cols
	for c := range m.Channels {
		plane := m.Values[c*m.Rows*n : (c+1)*m.Rows*n]
		for r := range m.Rows / 2 {
			a, b := plane[r*n:(r+1)*n], plane[(m.Rows-1-r)*n:(m.Rows-r)*n]
			for i := range a {
				a[i], b[i] = b[i], a[i]
			}
		}
	}
}

// Placement holds the positions of a map's samples in the rectangle of a
// problem. The lower left corner of the rectangle is the origin.
//
// Sample (r, c) lies at (OriginX + c PixelX, OriginY + r PixelY), in the unit
// of the target.
type Placement struct {
	OriginX, OriginY float64 // of sample (0, 0)
	PixelX, PixelY   float64 // distance from sample to sample
}

// Target is the grid to which a map is resampled: equally spaced nodes in a
// rectangle, with nodes on its edges.
//
// Node (r, c) lies at (Width c/(Cols − 1), Height r/(Rows − 1)).
type Target struct {
	Rows, Cols    int
	Width, Height float64
	Unit          string // of lengths, for messages
}

// Resample returns the map's values on the nodes of the grid, (C, Rows, Cols).
// Along each axis
//
//   - if samples are farther apart than nodes, it interpolates linearly;
//   - if samples are closer, it averages over the cell around the node. The
//     weight of a sample is the length of its pixel in the cell, corrected so
//     that linear functions are reproduced, also at the border. This is the
//     local linear fit by least squares.
//
// Nodes may lie beyond the outer samples by half a pixel. There the line
// through the last two samples is extended. If a node lies farther out, the map
// does not cover the rectangle, and Resample returns an *Error. Samples beyond
// the rectangle by more than half a pixel are not used.
//
// A node is missing, NaN, if samples with half of the weight around it are
// missing, or any one of the few samples of an interpolation (gaps.go).
//
// The two axes are resampled one after the other, so that the work is
// proportional to samples times nodes of one axis. The result is exact for
// bilinear maps, because each axis is exact for linear ones.
func (m *Map) Resample(t Target, p Placement) ([]float64, error) {
	horizontal, err := axis{"x", t.Unit, m.Cols, p.OriginX, p.PixelX, t.Cols, t.Width}.stencils()
	if err != nil {
		return nil, err
	}
	vertical, err := axis{"y", t.Unit, m.Rows, p.OriginY, p.PixelY, t.Rows, t.Height}.stencils()
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(m.Values, priors.Missing) {
		return m.resampleGaps(t, vertical, horizontal), nil
	}
	out := make([]float64, m.Channels*t.Rows*t.Cols)
	// H × Cols values of one channel
	narrow := make([]float64, m.Rows*t.Cols) // the map with columns of the grid
	for c := range m.Channels {
		for r := range m.Rows {
			row := m.Values[(c*m.Rows+r)*m.Cols:][:m.Cols]
			for k, w := range horizontal {
				narrow[r*t.Cols+k] = w.apply(row, 1)
			}
		}
		for k := range t.Cols {
			for r, w := range vertical {
				out[(c*t.Rows+r)*t.Cols+k] = w.apply(narrow[k:], t.Cols)
			}
		}
	}
	return out, nil
}

// stencil gives the value of a node as a weighted sum of consecutive samples.
//
// Its weights sum to 1.
type stencil struct {
	first  int
	weight []float64
}

// apply returns Σ_i weight_i v[(first + i)·stride].
func (s stencil) apply(v []float64, stride int) float64 {
	sum := 0.0
	for i, w := range s.weight {
		sum += w * v[(s.first+i)*stride]
	}
	return sum
}

// An axis is one axis of a map over one of the grid: samples at origin +
// j·pixel, and nodes 0 … nodes−1 on [0, length].
type axis struct {
	name, unit    string
	samples       int
	origin, pixel float64
	nodes         int
	length        float64
}

// stencils returns the stencil of each node. Errors are *Error.
func (a axis) stencils() ([]stencil, error) {
	name, unit, samples, origin, pixel := a.name, a.unit, a.samples, a.origin, a.pixel
	nodes, length := a.nodes, a.length
	if !(pixel > 0) || math.IsInf(pixel, 0) || math.IsNaN(origin) || math.IsInf(origin, 0) {
		return nil, &Error{fmt.Sprintf("pixels of %g from %g on: a positive and finite size is "+
			"expected", pixel, origin)}
	}
	last := origin + float64(samples-1)*pixel
	// A pixel reaches half a pixel beyond its sample: that much of the
	// rectangle is still measured.
	slack := (0.5 + 1e-9) * pixel
	if origin > slack || last < length-slack {
		return nil, &Error{
			fmt.Sprintf("the map's %d samples in %s run from %.6g to %.6g %s and do not "+
				"cover 0 to %.6g %s: more than half a pixel is missing, and nothing is "+
				"extrapolated. Are pixel size and origin right?",
				samples, name, origin, last, unit, length, unit)}
	}
	from, to := inside(samples, origin, pixel, length, 0.5)
	if to-from < 2 {
		return nil, &Error{
			fmt.Sprintf("the map's samples in %s are %.6g %s apart, and fewer than two of them "+
				"lie on 0 to %.6g %s: is the pixel size right?",
				name, pixel, unit, length, unit)}
	}
	spacing := length / float64(nodes-1)
	stencils := make([]stencil, nodes)
	for k := range stencils {
		at := (length*(float64(k)/float64(nodes-1)) - origin) / pixel // in pixels from sample 0
		if spacing > pixel {
			stencils[k] = fit(at, spacing/pixel, from, to)
		}
		if stencils[k].weight == nil {
			stencils[k] = interpolate(at, from, to)
		}
	}
	return stencils, nil
}

// interpolate returns the stencil of the line through the two samples next to
// the position at, of the samples from ≤ j < to.
//
// A position beyond the outer samples uses the outermost two, whose line is
// extended.
func interpolate(at float64, from, to int) stencil {
	j := min(max(from, int(math.Floor(at))), to-2)
	f := at - float64(j)
	return stencil{j, []float64{1 - f, f}}
}

// fit returns the stencil of the local linear fit to the samples from ≤ j < to
// over a cell around the position at. at and the width of the cell are in
// pixels. With ω_j the length of pixel j in the cell, t_j its distance from at,
// and S_k = Σ ω_j t_jᵏ, the weights are
//
//	w_j = ω_j (S₂ − S₁ t_j)/(S₀ S₂ − S₁²).
//
// The stencil has no weights if fewer than two pixels are in the cell.
//
// The weighted sums of the least-squares line a + b t are
//
//	a S₀ + b S₁ = Σ ω_j v_j,   a S₁ + b S₂ = Σ ω_j t_j v_j
//
// and Cramer's rule gives a = Σ ω_j (S₂ − S₁ t_j) v_j/(S₀ S₂ − S₁²): the
// weights above. Far from the border S₁ vanishes if the pixels are symmetric
// about the node, and the weights are ω_j/S₀, a plain mean.
func fit(at, width float64, from, to int) stencil {
	lo, hi := at-width/2, at+width/2
	first := max(from, int(math.Ceil(lo-0.5)))
	end := min(to, int(math.Floor(hi+0.5))+1)
	var s stencil
	var s0, s1, s2 float64
	for j := first; j < end; j++ {
		omega := min(hi, float64(j)+0.5) - max(lo, float64(j)-0.5)
		if omega <= 1e-9 {
			if s.weight == nil {
				continue
			}
			break
		}
		if s.weight == nil {
			s.first = j
		}
		t := float64(j) - at
		s.weight = append(s.weight, omega)
		s0, s1, s2 = s0+omega, s1+omega*t, s2+omega*t*t
	}
	if len(s.weight) < 2 {
		return stencil{}
	}
	det := s0*s2 - s1*s1
	for i, omega := range s.weight {
		s.weight[i] = omega * (s2 - s1*(float64(s.first+i)-at)) / det
	}
	return s
}
