package priors

import (
	"fmt"
	"math"

	"csdm/rng"
)

// SpheroidPrior is the prior of a spheroid of cells in a gel (Table 11 of the
// paper). Lengths are in one unit, counted from the middle of the window;
// moduli are in another unit. Unlike CircularInclusion it has no fixed number
// of variables.
type SpheroidPrior struct {
	Width   TruncatedNormal // width along x
	Ratio   TruncatedNormal // height to width
	X, Y    TruncatedNormal // center
	Density TruncatedNormal // requested number of nuclei per area
	// sizes and places of the nuclei
	Nuclei  NucleiPacking
	Nucleus TruncatedNormal // moduli of the nuclei
	// moduli of the cells outside of their nuclei
	Cytoplasm TruncatedNormal
	// modulus around the cells
	Gel TruncatedNormal

	// PerCell draws the two moduli separately for each cell; otherwise all
	// cells of a spheroid have the same two.
	PerCell bool
}

// Validate returns an error about the first setting that is not valid.
func (p *SpheroidPrior) Validate() error {
	for _, v := range []struct {
		name         string
		distribution TruncatedNormal
		positive     bool
	}{
		{"Width", p.Width, true}, {"Ratio", p.Ratio, true}, {"X", p.X, false}, {"Y", p.Y, false},
		{"Density", p.Density, true},
		{"Nuclei.Radius", p.Nuclei.Radius, true}, {"Nucleus", p.Nucleus, true},
		{"Cytoplasm", p.Cytoplasm, true}, {"Gel", p.Gel, true},
	} {
		if err := v.distribution.Validate(); err != nil {
			return fmt.Errorf("%s: %w", v.name, err)
		}
		if v.positive && !(v.distribution.Lo > 0) {
			return fmt.Errorf("priors: %s may be %v; it must be positive", v.name,
				v.distribution.Lo)
		}
	}
	if !(p.Nuclei.Gap >= 0) || !(p.Nuclei.Raster > 0) {
		return fmt.Errorf("priors: a gap of %v between nuclei on a raster of %v is not valid",
			p.Nuclei.Gap, p.Nuclei.Raster)
	}
	return nil
}

// Spheroid is an ellipse of cells, each a nucleus in its cytoplasm, in a gel.
type Spheroid struct {
	Ellipse
	Nuclei    []Nucleus // as many as could be placed
	Wanted    int       // number of nuclei of the drawn density
	Cytoplasm float64   // modulus if there are no nuclei
	Gel       float64   // modulus outside of the ellipse
}

// Draw returns a spheroid. It draws shape, place and moduli first, then places
// nuclei until their number is reached or there is no room.
func (p *SpheroidPrior) Draw(s *rng.Stream) Spheroid {
	width, ratio := p.Width.Draw(s), p.Ratio.Draw(s)
	out := Spheroid{Ellipse: Ellipse{X: p.X.Draw(s), Y: p.Y.Draw(s), A: width / 2,
		B: width * ratio / 2}}
	out.Wanted = int(math.Round(p.Density.Draw(s) * out.Area()))
	nucleus := p.Nucleus.Draw(s)
	out.Cytoplasm, out.Gel = p.Cytoplasm.Draw(s), p.Gel.Draw(s)
	out.Nuclei = p.Nuclei.Place(out.Ellipse, out.Wanted, s)
	for i := range out.Nuclei {
		n := &out.Nuclei[i]
		n.Modulus, n.Cytoplasm = nucleus, out.Cytoplasm
		if p.PerCell {
			n.Modulus, n.Cytoplasm = p.Nucleus.Draw(s), p.Cytoplasm.Draw(s)
		}
	}
	return out
}

// Modulus returns the modulus at (x, y).
func (s *Spheroid) Modulus(x, y float64) float64 {
	if !s.Contains(x, y) {
		return s.Gel
	}
	cell, power := PowerCell(s.Nuclei, x, y)
	switch {
	case cell < 0:
		return s.Cytoplasm
	case power <= 0:
		return s.Nuclei[cell].Modulus
	default:
		return s.Nuclei[cell].Cytoplasm
	}
}
