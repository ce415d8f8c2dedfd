package compression

import (
	"math"
	"slices"

	"csdm/problems"
)

// Quantities implements problems.Quantified: the centre of the inclusion, and, where the prior leaves them open, its
// diameter and its mean modulus.
func (p *Problem) Quantities() []problems.Variable {
	q := []problems.Variable{
		{Name: "center from the left", Unit: p.spec.LengthUnit}, {Name: "center from the bottom", Unit: p.spec.LengthUnit},
	}
	if !p.prior.Radius.IsConstant() {
		q = append(q, problems.Variable{Name: "diameter", Unit: p.spec.LengthUnit})
	}
	if !p.prior.Ratio.IsConstant() {
		q = append(q, problems.Variable{Name: "modulus of the inclusion", Unit: p.spec.XUnit})
	}
	return q
}

// Quantify implements problems.Quantified. The inclusion is where x is nearer to the level of the inclusion than to
// the background. The level is known where the prior fixes it; otherwise it is the mean of the highest nodes, half
// as many as the smallest inclusion covers, so that neither a single noisy node nor the background enters it. The
// diameter is that of the disc of the same area. A field without an inclusion has the middle of the specimen,
// diameter 0 and the modulus of the background.
func (p *Problem) Quantify(dst, x []float64) {
	g := p.prior.Grid
	level := p.prior.Ratio.Lo * p.prior.Background
	cell := g.Width * g.Height / float64((g.Cols-1)*(g.Rows-1))
	if !p.prior.Ratio.IsConstant() {
		top := slices.Clone(x)
		slices.Sort(top)
		r := p.prior.Radius.Lo
		n := min(len(x), max(1, int(math.Pi*r*r/cell/2)))
		level = mean(top[len(top)-n:])
	}
	threshold := (level + p.prior.Background) / 2
	var count, sumX, sumY, sum float64
	for k, v := range x {
		if v > threshold {
			count++
			sumX += g.X(k % g.Cols)
			sumY += g.Y(k / g.Cols)
			sum += v
		}
	}
	centerX, centerY, modulus := g.Width/2, g.Height/2, p.prior.Background
	if count > 0 {
		centerX, centerY, modulus = sumX/count, sumY/count, sum/count
	}
	dst[0], dst[1] = centerX, centerY
	rest := dst[2:]
	if !p.prior.Radius.IsConstant() {
		rest[0] = 2 * math.Sqrt(count*cell/math.Pi)
		rest = rest[1:]
	}
	if !p.prior.Ratio.IsConstant() {
		rest[0] = modulus
	}
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}
