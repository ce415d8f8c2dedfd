package spheroid

import (
	"math"
	"slices"

	"csdm/problems"
)

// Quantities implements problems.Quantified: where the spheroid is, how large it is, and how much of it is nuclei.
func (p *Problem) Quantities() []problems.Variable {
	return []problems.Variable{
		{Name: "center from the left", Unit: "µm"}, {Name: "center from the bottom", Unit: "µm"},
		{Name: "area of the spheroid", Unit: "µm²"}, {Name: "area of the nuclei", Unit: "µm²"},
	}
}

// spread is the area of a spheroid over that of the ellipse with the second moments of its nuclei, which keep off the boundary: the mean over
// the prior.
const spread = 1.225

// Quantify implements problems.Quantified. Nuclei are told by their level: that is the mean of the highest pixels, half as many as
// the smallest spheroid has in nuclei, so that single noisy pixels don't make it. What lies above half of it, and nearer to it than to
// cytoplasm at the ratio of the mean moduli of Table 11, is nuclei; cytoplasm itself would not do, which in one spheroid out of twelve is
// softer than the gel. The centre is that of the nuclei, and the area of the spheroid is in proportion to that of the ellipse with their second
// moments, 4π √det C for the covariance C of their points. A field without nuclei has the middle of the window and no
// area.
func (p *Problem) Quantify(dst, x []float64) {
	g, h := p.raster.grid, p.raster.pixel
	threshold := p.threshold(x)
	var n, sx, sy, sxx, sxy, syy float64 // in pixels from the middle of the window
	for i, v := range x {
		if v <= threshold {
			continue
		}
		a, b := float64(i%g)+0.5-float64(g)/2, float64(i/g)+0.5-float64(g)/2
		n++
		sx, sy = sx+a, sy+b
		sxx, sxy, syy = sxx+a*a, sxy+a*b, syy+b*b
	}
	if n == 0 {
		dst[0], dst[1], dst[2], dst[3] = Window/2, Window/2, 0, 0
		return
	}
	mx, my := sx/n, sy/n
	pixel := 1. / 12 // variance within a pixel along each axis
	cxx, cxy, cyy := sxx/n-mx*mx+pixel, sxy/n-mx*my, syy/n-my*my+pixel
	dst[0], dst[1] = Window/2+h*mx, Window/2+h*my
	dst[2] = spread * 4 * math.Pi * math.Sqrt(max(0, cxx*cyy-cxy*cxy)) * h * h
	dst[3] = n * h * h
}

// threshold returns the value of x above which a pixel is nucleus.
func (p *Problem) threshold(x []float64) float64 {
	const covered = 0.3 // of a spheroid, by nuclei, at the least
	smallest := math.Pi / 4 * p.prior.Width.Lo * p.prior.Width.Lo * p.prior.Ratio.Lo
	n := max(1, int(covered/2*smallest/(p.raster.pixel*p.raster.pixel)))
	highest := slices.Clone(x)
	slices.Sort(highest)
	level := 0.0
	for _, v := range highest[len(x)-n:] {
		level += v / float64(n)
	}
	return max(level/2, level-math.Log10(p.prior.Nucleus.Mean/p.prior.Cytoplasm.Mean)/2)
}
