package duallayer

import "csdm/priors"

// Measured implements problems.Marginal: y depends on the simulated specimen.
func (p *Problem) Measured() int { return 3 }

// Moments implements problems.Marginal: the mean of x and of x² over the model
// error. A row is in the bottom layer with the probability that the moved
// interface is at its height or above. The factors of the moduli are
// independent of it.
func (p *Problem) Moments(mean, square, theta []float64) {
	l, g := p.prior.Layers(theta), p.prior.Grid
	first, second := powers(modulusScale)
	for row := range g.Rows {
		below := (l.Interface + interfaceShift.Hi - g.Y(row)) /
			(interfaceShift.Hi - interfaceShift.Lo)
		below = min(max(below, 0), 1)
		m := first * (below*l.Bottom + (1-below)*l.Top)
		q := second * (below*l.Bottom*l.Bottom + (1-below)*l.Top*l.Top)
		for k := row * g.Cols; k < (row+1)*g.Cols; k++ {
			mean[k] = m
			if square != nil {
				square[k] = q
			}
		}
	}
}

// powers returns the means of v and of v² for uniform v.
func powers(u priors.Uniform) (first, second float64) {
	return (u.Lo + u.Hi) / 2, (u.Lo*u.Lo + u.Lo*u.Hi + u.Hi*u.Hi) / 3
}
