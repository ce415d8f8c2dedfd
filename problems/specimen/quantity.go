package specimen

import (
	"math"
	"slices"
	"sync"

	"csdm/priors"
	"csdm/problems"
	"csdm/problems/internal/compression"
)

// quantities measures the inclusion of a field. The background's trend is
// fitted and divided out. The rest is a field of an inclusion in a uniform
// background of 1, which package compression measures.
//
// The center, for example, is the centroid of the nodes that belong to the
// inclusion.
type quantities struct {
	prior      *prior
	shape      *shape
	stiff      *compression.Problem // for inclusions stiffer than the background
	soft       *compression.Problem // for softer ones; nil: the prior has none
	resolution func() []float64
	unit       string // of the modulus
	latent     func(theta []float64, seed, i uint64)
}

// newQuantities returns the quantities of inclusion s of a problem. The priors
// that it passes to package compression bound center, radius and ratio of a
// disc; an ellipse counts as the disc of the same area, with the radius r
// √aspect.
func newQuantities(p *Problem, s *shape) (*quantities, error) {
	span := func(k int) priors.Uniform {
		return priors.Uniform{Lo: p.prior.variables[k].lo, Hi: p.prior.variables[k].hi}
	}
	radius := span(s.radius)
	if s.aspect >= 0 { // the disc of the same area
		aspect := span(s.aspect)
		radius.Lo, radius.Hi = radius.Lo*math.Sqrt(aspect.Lo), radius.Hi*math.Sqrt(aspect.Hi)
	}
	spec := p.spec
	spec.XUnit, spec.Variables, spec.YChannelNames, spec.XFields = "", nil, nil, nil
	of := func(ratio priors.Uniform) (*compression.Problem, error) {
		return compression.New(spec, priors.CircularInclusion{Grid: p.prior.grid, X: span(s.x),
			Y: span(s.y), Radius: radius, Ratio: ratio, Background: 1}, 0, 0, p.noise)
	}
	q := &quantities{prior: p.prior, shape: s, latent: p.Latent,
		unit: p.definition.Prior.Unit}
	ratio := span(s.ratio)
	if ratio.Lo < 1 {
		var err error
		if q.soft, err = of(priors.Uniform{Lo: ratio.Lo, Hi: min(ratio.Hi, 1)}); err != nil {
			return nil, err
		}
	}
	if ratio.Hi > 1 || q.soft == nil {
		var err error
		if q.stiff, err = of(priors.Uniform{Lo: max(ratio.Lo, 1), Hi: ratio.Hi}); err != nil {
			return nil, err
		}
	}
	q.resolution = sync.OnceValue(q.measureResolution)
	return q, nil
}

// fitting returns the measure for a flattened field: the inclusion is stiff if
// the modulus, relative to the background, is on average larger than 1 in the
// logarithm.
//
// The background is 1 after flattening, so that the sign of the mean logarithm
// is the sign of the inclusion's.
func (q *quantities) fitting(flat []float64) *compression.Problem {
	if q.soft == nil || q.stiff == nil {
		return q.any()
	}
	sum := 0.0
	for _, v := range flat {
		sum += math.Log(max(v, 1e-3))
	}
	if sum < 0 {
		return q.soft
	}
	return q.stiff
}

// any returns a measure; all have the same names.
func (q *quantities) any() *compression.Problem {
	if q.stiff != nil {
		return q.stiff
	}
	return q.soft
}

// inclusionNames are the names of the quantities of an inclusion.
var inclusionNames = []string{"center from the left", "center from the bottom", diameterName,
	ratioName, backgroundName}

// Names of quantities. The modulus of the inclusion has no unit here.
const (
	ratioName      = "modulus ratio"
	diameterName   = "diameter"
	backgroundName = "background modulus"
)

// Quantities returns the center of the inclusion, and
// its diameter, its modulus ratio and the background's modulus where the prior
// does not fix them.
func (q *quantities) Quantities() []problems.Variable {
	all := q.names()
	for k, r := range q.resolution() {
		all[k].Resolution = r
	}
	return all
}

// names returns the quantities without their resolution.
func (q *quantities) names() []problems.Variable {
	all := q.any().Quantities()
	if last := &all[len(all)-1]; len(all) > 2 && last.Name != diameterName {
		last.Name = ratioName
	}
	if b := &q.prior.variables[q.prior.background]; b.element >= 0 {
		all = append(all, problems.Variable{Name: backgroundName, Unit: q.unit})
	}
	return all
}

// Quantify sets dst to the quantities of a field. The diameter belongs to the
// disc of the same area, and the ratio is the mean over the inclusion of the
// modulus over the background's. The background's modulus is the geometric
// mean.
//
// dst may be NaN where the field shows no inclusion.
func (q *quantities) Quantify(dst, x []float64) {
	flat, background := q.flat(x)
	if last := len(dst) - 1; q.prior.variables[q.prior.background].element >= 0 {
		dst[last], dst = background, dst[:last]
	}
	q.fitting(flat).Quantify(dst, flat)
}

// flat returns the moduli of a field over their background, and its modulus.
func (q *quantities) flat(x []float64) (flat []float64, background float64) {
	flat = make([]float64, q.prior.grid.Nodes())
	q.prior.transform.invert(flat, x[:len(flat)])
	return flat, q.prior.flatten(flat)
}

// Inspect describes the region of the inclusion.
func (q *quantities) Inspect(x []float64) problems.Regions {
	flat, _ := q.flat(x)
	return q.fitting(flat).Inspect(flat)
}

// setTrue sets the first numbers of dst to the quantities of the variables
// theta.
//
// They are the numbers that a perfect measure of the field would give.
func (q *quantities) setTrue(dst, theta []float64) {
	d := q.prior.disc(theta, q.shape)
	dst[0], dst[1] = d.x, d.y
	of := map[string]float64{diameterName: 2 * math.Sqrt(d.along*d.across), ratioName: d.ratio,
		backgroundName: q.prior.value(theta, q.prior.background, 1)}
	for k, v := range q.names()[2:] {
		dst[k+2] = of[v.Name]
	}
}

// QuantifyVariables implements problems.QuantifiedVariables.
//
// The first numbers come from the variables, without the error of the grid;
// functionals of the file come from the field.
func (s single) QuantifyVariables(dst, theta []float64) {
	x := make([]float64, s.spec.XLen())
	s.Field(x, theta)
	s.Quantify(dst, x)
	s.inclusion.setTrue(dst, theta)
}

// resolved is the number of prior draws for measuring the resolution.
const resolved = 256

// measureResolution returns the RMS distance, over prior draws, between the
// quantities of a field and the variables that made it.
//
// It is √(Σ_i (q(Field(θ_i)) − q(θ_i))²/n) over the first 256 prior draws of
// seed 0. It is measured once, at the first use.
func (q *quantities) measureResolution() []float64 {
	p := q.prior
	names := q.names()
	theta := make([]float64, p.dim())
	x := make([]float64, p.grid.Nodes()*len(p.properties()))
	got, want, sum := make([]float64, len(names)), make([]float64, len(names)),
		make([]float64, len(names))
	count := 0.0
	for i := range uint64(resolved) {
		q.latent(theta, 0, i)
		p.field(x, theta)
		q.Quantify(got, x)
		if math.IsNaN(got[0]) {
			continue // hardly stiffer than the background
		}
		count++
		q.setTrue(want, theta)
		for k, v := range got {
			sum[k] += (v - want[k]) * (v - want[k])
		}
	}
	for k := range sum {
		sum[k] = math.Sqrt(sum[k] / max(1, count))
	}
	return sum
}

// Settings of the fit of the background's trend.
const (
	medianSteps   = 8    // of least absolute deviations
	bisquareSteps = 8    // of Tukey's weights
	bisquareReach = 4.7  // in robust standard deviations, at which a weight is 0
	leastScale    = 0.02 // of the logarithm
)

// flatten divides x by its background. The background's logarithm is fitted by
// reweighted least squares, first with the weights of least absolute deviations
// and then with Tukey's (Beaton and Tukey 1974), which leave the inclusion out.
// Values that are not positive have no weight. flatten returns the geometric
// mean of the background.
//
// With z_i = ln(x_i/level) and the terms t_i, the fit minimizes Σ w_i (z_i −
// c·t_i)². Weights 1/|r_i| make it the fit of least absolute deviations, which
// tolerates an inclusion of nearly half the area as a start; weights (1 − u²)²
// with u = r/(4.7 s) then ignore it. The scale s is 1.4826 times the median of
// |r|, and at least leastScale, so that an exact field does not divide by 0.
func (p *prior) flatten(x []float64) float64 {
	given := &p.variables[p.background]
	level := given.middle()
	if p.gradient[0] < 0 && given.element < 0 {
		for i := range x {
			x[i] /= level
		}
		return level
	}
	z, weight := make([]float64, len(x)), make([]float64, len(x))
	for i, v := range x {
		z[i] = math.Log(max(v, level*1e-3) / level)
		weight[i] = 1
	}
	var c [trendTerms + 1]float64
	r, sorted := make([]float64, len(x)), make([]float64, len(x))
	for step := range medianSteps + bisquareSteps {
		p.fitTrend(&c, z, weight)
		for i := range r {
			r[i] = math.Abs(z[i] - p.trendAt(&c, i))
		}
		copy(sorted, r)
		slices.Sort(sorted)
		scale := max(leastScale, 1.4826*sorted[len(sorted)/2])
		for i, v := range r {
			if step < medianSteps {
				weight[i] = 1 / max(v, leastScale)
				continue
			}
			u := min(1, v/(bisquareReach*scale))
			weight[i] = (1 - u*u) * (1 - u*u)
		}
	}
	for i := range x {
		x[i] /= level * math.Exp(p.trendAt(&c, i))
	}
	return level * math.Exp(c[0])
}

// terms sets t to the constant and the terms of the trend at node i. The terms
// are 0 if the prior has no trend.
func (p *prior) terms(t *[trendTerms + 1]float64, i int) {
	g := p.grid
	if p.gradient[0] < 0 {
		*t = [trendTerms + 1]float64{1}
		return
	}
	var rest [trendTerms]float64
	trend(&rest, 2*float64(i%g.Cols)/float64(g.Cols-1)-1,
		2*float64(i/g.Cols)/float64(g.Rows-1)-1)
	t[0] = 1
	copy(t[1:], rest[:])
}

// trendAt returns c·t_i at node i.
func (p *prior) trendAt(c *[trendTerms + 1]float64, i int) float64 {
	var t [trendTerms + 1]float64
	p.terms(&t, i)
	sum := 0.0
	for k, v := range t {
		sum += c[k] * v
	}
	return sum
}

// fitTrend sets c to the weighted least-squares fit of z. A small multiple of
// the identity keeps the normal equations regular.
//
// The normal equations are (Σ w t tᵀ + 10⁻⁶ I) c = Σ w t z, six by six at most.
func (p *prior) fitTrend(c *[trendTerms + 1]float64, z, weight []float64) {
	const n = trendTerms + 1
	var a [n][n]float64
	var b, t [n]float64
	for i, w := range weight {
		p.terms(&t, i)
		for k, v := range t {
			b[k] += w * v * z[i]
			for l := range k + 1 {
				a[k][l] += w * v * t[l]
			}
		}
	}
	for k := range n { // Cholesky's factor in place, and the forward solution
		a[k][k] += 1e-6
		for l := range k + 1 {
			for j := range l {
				a[k][l] -= a[k][j] * a[l][j]
			}
			if l < k {
				a[k][l] /= a[l][l]
			}
		}
		a[k][k] = math.Sqrt(a[k][k])
		for j := range k {
			b[k] -= a[k][j] * b[j]
		}
		b[k] /= a[k][k]
	}
	for k := n - 1; k >= 0; k-- {
		for j := k + 1; j < n; j++ {
			b[k] -= a[j][k] * b[j]
		}
		b[k] /= a[k][k]
	}
	*c = b
}
