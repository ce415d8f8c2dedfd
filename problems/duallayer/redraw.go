package duallayer

import (
	"math"

	"csdm/priors"
	"csdm/rng"
)

// Redraw implements problems.Redrawable: it draws the model error of the pair
// again. y, which shows the simulated specimen, stays as it is.
func (p *Problem) Redraw(x, _ []float64, seed, i uint64, s *rng.Stream) {
	var variables [6]float64
	theta := variables[:]
	p.Latent(theta, seed, i)
	lo, hi := p.Box()
	priors.Draw(theta[3:], lo[3:], hi[3:], s)
	p.Field(x, theta)
}

// Average implements problems.Averaged: the mean over the model error of pair
// i, given the field with noise x̃ = x + σz.
//
// Given that k rows of the grid are in the bottom layer, the two moduli are
// independent of each other. Each is uniform on an interval and measured by the
// mean of the values of x̃ in its layer. So its posterior is a normal
// distribution truncated to the interval, with a mean and a mass in closed form
// (function truncated). k takes few values, those that the shift of the
// interface can reach, and the probability of each is the share of the shifts
// times the two masses.
func (p *Problem) Average(dst, diffused []float64, sigma float64, seed, i uint64) {
	theta := make([]float64, len(p.spec.Variables))
	p.Latent(theta, seed, i)
	p.average(dst, diffused, sigma, p.Simulated(theta))
}

// average is Average for a given simulated specimen.
func (p *Problem) average(dst, diffused []float64, sigma float64, simulated priors.Layers) {
	g := p.prior.Grid
	below := make([]float64, g.Rows+1) // sum of the values of the first rows
	for row := range g.Rows {
		below[row+1] = below[row]
		for _, v := range diffused[row*g.Cols : (row+1)*g.Cols] {
			below[row+1] += v
		}
	}
	all := below[g.Rows]
	// Means of the rows, relative to exp(most), the largest weight so far.
	rows, most, total := make([]float64, g.Rows), math.Inf(-1), 0.0
	for k := range g.Rows + 1 {
		share := p.share(k, simulated.Interface)
		if share == 0 {
			continue
		}
		bottom, b := p.layer(below[k], k*g.Cols, sigma, simulated.Bottom)
		top, t := p.layer(all-below[k], (g.Rows-k)*g.Cols, sigma, simulated.Top)
		weight := math.Log(share) + b + t
		scale := 1.0
		if weight > most {
			scale, most = math.Exp(most-weight), weight
		}
		e := math.Exp(weight - most)
		total = total*scale + e
		for row := range rows {
			v := top
			if row < k {
				v = bottom
			}
			rows[row] = rows[row]*scale + e*v
		}
	}
	for row, v := range rows {
		line := dst[row*g.Cols : (row+1)*g.Cols]
		for col := range line {
			line[col] = v / total
		}
	}
}

// share returns the probability, over shifts of the interface, that k rows are
// in the bottom layer.
func (p *Problem) share(k int, height float64) float64 {
	g := p.prior.Grid
	lo, hi := height+interfaceShift.Lo, height+interfaceShift.Hi
	from, to := lo, hi
	if k > 0 {
		from = max(from, g.Y(k-1))
	}
	if k < g.Rows {
		to = min(to, g.Y(k))
	}
	return max(0, to-from) / (hi - lo)
}

// layer returns the posterior mean of the modulus of a layer with n values of
// the given sum, and the logarithm of its likelihood, up to a number that is
// the same for all divisions of the values into layers.
func (p *Problem) layer(sum float64, n int, sigma, simulated float64) (mean, logMass float64) {
	lo, hi := modulusScale.Lo*simulated, modulusScale.Hi*simulated
	if n == 0 {
		return (lo + hi) / 2, 0
	}
	m, s := sum/float64(n), sigma/math.Sqrt(float64(n))
	mean, logMass = truncated(m, s, lo, hi)
	return mean, logMass + m*m/(2*s*s)
}

// narrow bounds the intervals over which the density is nearly constant, so
// that truncated expands in their width. The first term left out is of fourth
// order.
const narrow = 1e-3

// truncated returns the mean of a normal distribution of mean m and standard
// deviation s, truncated to [lo, hi], and ln ∫ exp(−(v−m)²/2s²) dv/(hi−lo) over
// the interval. Both are accurate however far m is from the interval.
func truncated(m, s, lo, hi float64) (mean, logMass float64) {
	a, b, sign := (lo-m)/s, (hi-m)/s, 1.0
	if a+b < 0 { // mirrored, so that a is the end with the larger density
		a, b, sign = -b, -a, -1
	}
	if width, middle := b-a, (a+b)/2; width*(1+middle) < narrow {
		return m + sign*s*middle*(1-width*width/12),
			-middle*middle/2 + width*width/24*(middle*middle-1)
	}
	// The integral over [a, b] relative to exp(−peak²/2).
	peak := max(a, 0)
	fall := math.Exp((peak - b) * (peak + b) / 2)
	integral := math.Sqrt(math.Pi / 2)
	if a > 0 {
		integral *= erfcx(a/math.Sqrt2) - fall*erfcx(b/math.Sqrt2)
	} else {
		integral *= math.Erf(b/math.Sqrt2) - math.Erf(a/math.Sqrt2)
	}
	t := (math.Exp((peak-a)*(peak+a)/2) - fall) / integral
	t = min(max(t, a), b)
	return m + sign*s*t, math.Log(integral/(b-a)) - peak*peak/2
}

// erfcx returns exp(x²)·erfc(x) for x ≥ 0, beyond 5 by the continued fraction
// of Laplace: erfcx(x) = 1/√π / (x + ½/(x + 1/(x + 3/2/(x + …)))).
func erfcx(x float64) float64 {
	if x < 5 {
		return math.Exp(x*x) * math.Erfc(x)
	}
	f := x
	for k := 30; k > 0; k-- {
		f = x + float64(k)/2/f
	}
	return 1 / (math.Sqrt(math.Pi) * f)
}
