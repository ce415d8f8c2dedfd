package priors

import (
	"fmt"
	"math"

	"csdm/rng"
)

// SpheroidPrior is the prior of a spheroid of cells in a gel (Table 11 of the
// paper). Lengths are in one unit, counted from the middle of the window;
// moduli in another. Unlike CircularInclusion it has no fixed number of
// variables.
type SpheroidPrior struct {
	Width     TruncatedNormal // along x
	Ratio     TruncatedNormal // height to width
	X, Y      TruncatedNormal // centre
	Density   TruncatedNormal // nuclei per area that are asked for
	Nuclei    NucleiLaw
	Nucleus   TruncatedNormal // moduli
	Cytoplasm TruncatedNormal
	Gel       TruncatedNormal

	// PerCell draws the two moduli of each cell anew; otherwise all cells of a
	// spheroid have the same two.
	PerCell bool
}

// Validate reports the first setting that makes no sense.
func (p *SpheroidPrior) Validate() error {
	for _, v := range []struct {
		name     string
		law      TruncatedNormal
		positive bool
	}{
		{"Width", p.Width, true}, {"Ratio", p.Ratio, true}, {"X", p.X, false}, {"Y", p.Y, false},
		{"Density", p.Density, true},
		{"Nuclei.Radius", p.Nuclei.Radius, true}, {"Nucleus", p.Nucleus, true},
		{"Cytoplasm", p.Cytoplasm, true}, {"Gel", p.Gel, true},
	} {
		if err := v.law.Validate(); err != nil {
			return fmt.Errorf("%s: %w", v.name, err)
		}
		if v.positive && !(v.law.Lo > 0) {
			return fmt.Errorf("priors: %s may be %v: must be positive", v.name, v.law.Lo)
		}
	}
	if !(p.Nuclei.Gap >= 0) || !(p.Nuclei.Raster > 0) {
		return fmt.Errorf("priors: gap of %v between nuclei on a raster of %v", p.Nuclei.Gap,
			p.Nuclei.Raster)
	}
	return nil
}

// Spheroid is an ellipse of cells, each a nucleus in its cytoplasm, in a gel.
type Spheroid struct {
	Ellipse
	Nuclei    []Nucleus // as many as were reached
	Wanted    int       // nuclei that the drawn density asks for
	Cytoplasm float64   // modulus where there are no nuclei at all
	Gel       float64   // modulus outside
}

// Draw returns a spheroid: its shape, place and moduli first, then nuclei until
// none is wanted or has room.
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
