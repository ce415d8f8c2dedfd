package spheroid

import (
	"slices"

	"csdm/rng"
)

// Redraw implements problems.Redrawable. It draws the displacement of the top
// again, to which y is proportional. With probability one half it also turns
// the pair by 180 degrees, which maps the mesh onto itself: the turned field
// has the phase of the top minus the phase, turned. The distribution of the
// spheroids is centered and symmetric, and a turn exchanges the windows that
// are moved left and right, and up and down.
//
// The modulus of the gel needs no draw, because neither x nor y depends on it
// when the two ratios of moduli are given. Mirror images are not exact, because
// the triangles of the padding are not symmetric; they differ by 0.01 rad on
// Grid 32. Windows moved by other distances are not images of the prior.
func (p *Problem) Redraw(x, y []float64, seed, i uint64, s *rng.Stream) {
	was := p.top(seed, i/uint64(len(views)))
	turned := s.Uint64()>>63 == 1
	top := p.displacement.Draw(s)
	offset, factor := 0.0, top/was
	if turned {
		slices.Reverse(x)
		slices.Reverse(y)
		offset, factor = PhasePerLength*top, -factor
	}
	for k, v := range y {
		y[k] = offset + factor*v
	}
}
