package spheroid

import (
	"math"
	"slices"

	"csdm/problems"
	"csdm/problems/internal/region"
)

// Quantities implements problems.Quantified: the position and size of the
// spheroid, and the area of its nuclei.
func (p *Problem) Quantities() []problems.Variable {
	return []problems.Variable{
		{Name: "center from the left", Unit: "µm"}, {Name: "center from the bottom", Unit: "µm"},
		{Name: "area of the spheroid", Unit: "µm²"}, {Name: "area of the nuclei", Unit: "µm²"},
	}
}

// spread is the area of a spheroid divided by the area of the ellipse with the
// second moments of its nuclei, which keep a distance from the boundary: the
// mean over the prior.
const spread = 1.225

// Quantify implements problems.Quantified. Nuclei are recognized by their
// level. The level is the mean of the highest pixels, half as many as the
// smallest spheroid has in nuclei, so that single noisy pixels do not determine
// it. A pixel is nucleus if it is above half the level, and closer to the level
// than to the cytoplasm at the ratio of the mean moduli of Table 11. Cytoplasm
// itself is not used, because in one spheroid out of twelve it is softer than
// the gel.
//
// The center is the center of the nuclei. The area of the spheroid is
// proportional to the area of the ellipse with their second moments, 4π √det C
// for the covariance C of their points. Nuclei belong to one spheroid if each
// is within the distance together of another one; only the largest such group
// counts. A field without a spheroid gives NaN.
func (p *Problem) Quantify(dst, x []float64) {
	g, h := p.raster.grid, p.raster.pixel
	groups := p.groups(x)
	if len(groups) == 0 || len(groups[0]) < p.least() {
		for k := range dst {
			dst[k] = math.NaN()
		}
		return
	}
	n := float64(len(groups[0]))
	var sx, sy, sxx, sxy, syy float64 // in pixels from the middle of the window
	for _, i := range groups[0] {
		a, b := float64(i%g)+0.5-float64(g)/2, float64(i/g)+0.5-float64(g)/2
		sx, sy = sx+a, sy+b
		sxx, sxy, syy = sxx+a*a, sxy+a*b, syy+b*b
	}
	mx, my := sx/n, sy/n
	pixel := 1. / 12 // variance within a pixel along each axis
	cxx, cxy, cyy := sxx/n-mx*mx+pixel, sxy/n-mx*my, syy/n-my*my+pixel
	dst[0], dst[1] = Window/2+h*mx, Window/2+h*my
	dst[2] = spread * 4 * math.Pi * math.Sqrt(max(0, cxx*cyy-cxy*cxy)) * h * h
	dst[3] = n * h * h
}

// together is the largest distance of neighboring nuclei of one spheroid, in µm
// along each axis.
const together = 12

// groups returns the pixels of nuclei, grouped by spheroid, the largest group
// first.
func (p *Problem) groups(x []float64) [][]int {
	threshold := p.threshold(x)
	in := make([]bool, len(x))
	for k, v := range x {
		in[k] = v > threshold
	}
	return region.Of(in, p.raster.grid, p.raster.grid, max(1, int(together/p.raster.pixel)))
}

// Inspect implements problems.Inspected.
func (p *Problem) Inspect(x []float64) problems.Regions {
	r := problems.Regions{What: "spheroid", Least: p.least()}
	total := 0
	for k, pixels := range p.groups(x) {
		if total += len(pixels); k == 0 {
			r.First = len(pixels)
		} else if k == 1 {
			r.Second = len(pixels)
		}
	}
	if total > 0 {
		r.Outside = 1 - float64(r.First)/float64(total)
	}
	return r
}

// covered is the smallest fraction of a spheroid that is nuclei.
const covered = 0.3

// smallest returns the number of pixels of nuclei of the smallest spheroid.
func (p *Problem) smallest() float64 {
	return covered * math.Pi / 4 * p.prior.Width.Lo * p.prior.Width.Lo * p.prior.Ratio.Lo /
		(p.raster.pixel * p.raster.pixel)
}

// least returns the smallest number of pixels of nuclei of a spheroid that
// counts: a quarter of the smallest one's.
func (p *Problem) least() int { return max(1, int(p.smallest()/4)) }

// threshold returns the value of x above which a pixel is nucleus.
func (p *Problem) threshold(x []float64) float64 {
	n := max(1, int(p.smallest()/2))
	highest := slices.Clone(x)
	slices.Sort(highest)
	level := 0.0
	for _, v := range highest[len(x)-n:] {
		level += v / float64(n)
	}
	return max(level/2, level-math.Log10(p.prior.Nucleus.Mean/p.prior.Cytoplasm.Mean)/2)
}
