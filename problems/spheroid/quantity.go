package spheroid

import (
	"math"

	"csdm/problems"
)

// Quantities implements problems.Quantified: where the spheroid is, how large it is, and how much of it is nuclei.
func (p *Problem) Quantities() []problems.Variable {
	return []problems.Variable{
		{Name: "center from the left", Unit: "µm"}, {Name: "center from the bottom", Unit: "µm"},
		{Name: "area of the spheroid", Unit: "µm²"}, {Name: "area of the nuclei", Unit: "µm²"},
	}
}

// Quantify implements problems.Quantified. Nuclei are the pixels of x above half of a nucleus's typical level (the mean moduli of Table 11); the cytoplasm
// would not do, which in one spheroid out of twelve is softer than the gel. The spheroid is the ellipse that has the
// nuclei's first and second moments, of area 4π √det C for the covariance C of its points. A field without nuclei has the middle
// of the window and no area.
func (p *Problem) Quantify(dst, x []float64) {
	g, h := p.raster.grid, p.raster.pixel
	threshold := math.Log10(p.prior.Nucleus.Mean/p.prior.Gel.Mean) / 2
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
	dst[2] = 4 * math.Pi * math.Sqrt(max(0, cxx*cyy-cxy*cxy)) * h * h
	dst[3] = n * h * h
}
