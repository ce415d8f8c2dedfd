package compression

import (
	"math"
	"slices"

	"csdm/problems"
	"csdm/problems/internal/region"
)

// Quantities implements problems.Quantified. The quantities are the center of
// the inclusion, and its diameter and mean modulus where the prior does not fix
// them. Their resolution is the error that the grid causes for prior draws.
func (p *Problem) Quantities() []problems.Variable {
	q := p.names()
	for k, r := range p.resolution() {
		q[k].Resolution = r
	}
	return q
}

func (p *Problem) names() []problems.Variable {
	q := []problems.Variable{
		{Name: "center from the left", Unit: p.spec.LengthUnit},
		{Name: "center from the bottom", Unit: p.spec.LengthUnit},
	}
	if !p.prior.Radius.IsConstant() {
		q = append(q, problems.Variable{Name: "diameter", Unit: p.spec.LengthUnit})
	}
	if !p.prior.Ratio.IsConstant() {
		q = append(q, problems.Variable{Name: "modulus of the inclusion", Unit: p.spec.XUnit})
	}
	return q
}

// resolved is the number of prior draws for measuring the resolution.
const resolved = 512

// measureResolution returns the RMS distance, over prior draws, between the
// quantities of a field and the variables that made it. A field represents a
// disc only by the nodes within it, so the centroid of the nodes scatters about
// the disc's center.
func (p *Problem) measureResolution() []float64 {
	theta, x := make([]float64, p.prior.Dim()), make([]float64, p.prior.Grid.Nodes())
	names := p.names()
	got, want, sum := make([]float64, len(names)), make([]float64, len(names)),
		make([]float64, len(names))
	count := 0.0
	for i := range uint64(resolved) {
		p.Latent(theta, 0, i)
		p.Field(x, theta)
		p.Quantify(got, x)
		if math.IsNaN(got[0]) {
			continue // the disc is hardly stiffer than the background
		}
		p.variables(want, theta)
		count++
		for k, v := range got {
			sum[k] += (v - want[k]) * (v - want[k])
		}
	}
	for k := range sum {
		sum[k] = math.Sqrt(sum[k] / max(1, count))
	}
	return sum
}

// variables sets dst to the quantities of the disc of variables theta.
func (p *Problem) variables(dst, theta []float64) {
	d := p.prior.Disc(theta)
	p.set(dst, d.X, d.Y, 2*d.Radius, d.Inside)
}

// set sets dst to the quantities that the problem has, out of the four.
func (p *Problem) set(dst []float64, x, y, diameter, modulus float64) {
	dst[0], dst[1] = x, y
	rest := dst[2:]
	if !p.prior.Radius.IsConstant() {
		rest[0] = diameter
		rest = rest[1:]
	}
	if !p.prior.Ratio.IsConstant() {
		rest[0] = modulus
	}
}

// Quantify implements problems.Quantified: the centroid of the inclusion, the
// diameter of the disc of the same area, and the mean modulus. The inclusion is
// the first result of method inclusions. A field without an inclusion gives
// NaN.
func (p *Problem) Quantify(dst, x []float64) {
	regions := p.inclusions(x)
	if len(regions) == 0 || len(regions[0]) < p.least() {
		p.set(dst, math.NaN(), math.NaN(), math.NaN(), math.NaN())
		return
	}
	g := p.prior.Grid
	count := float64(len(regions[0]))
	cx, cy := p.centroid(regions[0])
	sum := 0.0
	for _, k := range regions[0] {
		sum += x[k]
	}
	cell := g.Width * g.Height / float64((g.Cols-1)*(g.Rows-1))
	p.set(dst, cx, cy, 2*math.Sqrt(count*cell/math.Pi), sum/count)
}

// Inspect implements problems.Inspected.
func (p *Problem) Inspect(x []float64) problems.Regions {
	regions := p.inclusions(x)
	r := problems.Regions{What: "inclusion", Least: p.least()}
	total := 0
	for k, pixels := range regions {
		total += len(pixels)
		if k == 0 {
			r.First = len(pixels)
		} else {
			r.Second = max(r.Second, len(pixels))
		}
	}
	if total > 0 {
		r.Outside = 1 - float64(r.First)/float64(total)
	}
	return r
}

// inclusions returns the connected regions where x is closer to the level of
// the inclusion than to the background. If the prior does not fix the level, it
// is the mean of the highest nodes, half as many as the smallest inclusion
// covers, and at least the smallest level of the prior. So neither a single
// noisy node nor the background affects it. The region that most resembles a
// disc of the prior comes first; the others follow by size.
func (p *Problem) inclusions(x []float64) [][]int {
	g, background := p.prior.Grid, p.prior.Background
	sign := 1.0
	if p.prior.Ratio.Hi <= 1 { // softer than the background
		sign = -1
	}
	nearest := p.prior.Ratio.Lo // the level of the prior that is nearest to the background
	if sign < 0 {
		nearest = p.prior.Ratio.Hi
	}
	level := nearest * background
	if !p.prior.Ratio.IsConstant() {
		top := slices.Clone(x)
		slices.Sort(top)
		if sign < 0 {
			slices.Reverse(top)
		}
		n := min(len(x), max(1, int(p.nodes(p.prior.Radius.Lo)/2)))
		level = sign * max(sign*level, sign*mean(top[len(top)-n:]))
	}
	threshold := (level + background) / 2
	in := make([]bool, len(x))
	for k, v := range x {
		in[k] = sign*v > sign*threshold
	}
	regions := region.Of(in, g.Rows, g.Cols, 1)
	if len(regions) > 1 {
		best, most := 0, math.Inf(-1)
		for k, pixels := range regions {
			if s := p.resemblance(pixels); s > most {
				best, most = k, s
			}
		}
		first := regions[best]
		copy(regions[1:best+1], regions[:best])
		regions[0] = first
	}
	return regions
}

// resemblance returns the number of pixels of a region inside a disc of the
// prior minus the number outside. The disc has the region's area and centroid,
// as far as the prior allows. So a smear in a corner, where the prior has no
// center, is not mistaken for the inclusion, however large it is.
func (p *Problem) resemblance(pixels []int) float64 {
	g := p.prior.Grid
	clamp := func(v, lo, hi float64) float64 { return min(max(v, lo), hi) }
	cx, cy := p.centroid(pixels)
	cx, cy = clamp(cx, p.prior.X.Lo, p.prior.X.Hi), clamp(cy, p.prior.Y.Lo, p.prior.Y.Hi)
	radius := clamp(math.Sqrt(float64(len(pixels))/p.nodes(1)), p.prior.Radius.Lo,
		p.prior.Radius.Hi)
	inside := 0.0
	for _, k := range pixels {
		if math.Hypot(g.X(k%g.Cols)-cx, g.Y(k/g.Cols)-cy) <= radius {
			inside++
		}
	}
	return 2*inside - float64(len(pixels))
}

func (p *Problem) centroid(pixels []int) (x, y float64) {
	g, n := p.prior.Grid, float64(len(pixels))
	for _, k := range pixels {
		x += g.X(k%g.Cols) / n
		y += g.Y(k/g.Cols) / n
	}
	return x, y
}

// nodes returns the number of nodes that a disc covers.
func (p *Problem) nodes(radius float64) float64 {
	g := p.prior.Grid
	return math.Pi * radius * radius * float64((g.Cols-1)*(g.Rows-1)) / (g.Width * g.Height)
}

// least returns the smallest number of nodes of an inclusion: a quarter of the
// prior's smallest.
func (p *Problem) least() int { return max(1, int(p.nodes(p.prior.Radius.Lo)/4)) }

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}
