package compression

import (
	"slices"

	"csdm/rng"
)

// Redraw implements problems.Redrawable. With probability one half it turns the
// pair by 180 degrees. The turn maps the block and its mesh onto themselves. If
// u is the displacement for μ, then the turned field has bottom + top − u,
// turned: it moves the plates by the same distances, without a traction on the
// sides. The point that is held from sliding changes only u_x, which is not
// measured.
//
// A pair whose inclusion would leave the prior stays as it is, so the
// distribution of the pairs is exact even where the prior is not centered.
func (p *Problem) Redraw(x, y []float64, seed, i uint64, s *rng.Stream) {
	if s.Uint64()>>63 == 0 || !p.turns(seed, i) {
		return
	}
	slices.Reverse(x)
	slices.Reverse(y)
	for k, v := range y {
		y[k] = p.bottom + p.top - v
	}
}

// Restore implements problems.Symmetric: two turns are none.
func (p *Problem) Restore(x, y []float64, seed, i uint64, s *rng.Stream) {
	p.Redraw(x, y, seed, i, s)
}

// turns reports whether the inclusion of pair i, turned by 180 degrees about
// the middle of the block, belongs to the prior.
func (p *Problem) turns(seed, i uint64) bool {
	theta := make([]float64, p.prior.Dim())
	p.Latent(theta, seed, i)
	d, g := p.prior.Disc(theta), p.prior.Grid
	return p.prior.X.Contains(g.Width-d.X) && p.prior.Y.Contains(g.Height-d.Y)
}
