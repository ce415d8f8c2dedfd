package priors

import (
	"fmt"
	"math"

	"csdm/rng"
)

// Tissue is a part of the eye in a section through the optic nerve head.
type Tissue uint8

// The tissues. Background is the surroundings: vitreous body and orbit.
const (
	Background Tissue = iota
	Lamina
	Sclera
	Pia
	Prelaminar
	Retina
	Nerve

	Tissues = iota // number of tissues
)

// String returns the anatomical name.
func (t Tissue) String() string {
	return [Tissues]string{"background", "lamina cribrosa", "sclera", "pia", "prelaminar tissue",
		"retina", "optic nerve"}[t]
}

// BackgroundModulus is the modulus of Background, in kPa (Table 7).
const BackgroundModulus = 0.1

// Anatomy describes one optic nerve head: its dimensions in mm and radians, and
// the shear moduli of its tissues in kPa. Some fields are measured relative to
// the fields before them; Section computes the geometry.
type Anatomy struct {
	// Corners of the lamina, counterclockwise from the lower left: (X1, Y1),
	// (X2, Y1+DY2), (X2+DX3, Y3), (X1+DX4, Y4).
	X1, Y1, X2, DY2, DX3, Y3, DX4, Y4 float64
	// Radius of the lamina's lower edge, and the difference to the radius of
	// its upper edge. Both edges bulge downward.
	LaminaRadius, LaminaRadiusMore float64

	// Taper of the sclera, the piece that holds the lamina. Its right side is
	// the left side of the lamina, prolonged by TaperAbove and TaperBelow.
	// TaperRun and TaperRise lead from its upper right to its upper left
	// corner, to the left and up. ScleraThickness is the thickness at that
	// corner.
	TaperAbove, TaperBelow, TaperRun, TaperRise, ScleraThickness float64
	// The same prolongations on the right. The rest of the right taper is
	// always outside of the domain.
	RightAbove, RightBelow float64
	// Radius of the sclera's inner surface left of the taper, and the
	// difference to the radius of the outer surface.
	ScleraRadius, ScleraRadiusMore float64

	// Heights of the prelaminar tissue above the tops of the tapers: left,
	// where it is also the thickness of the retina, and right; amplitude of the
	// cup.
	RetinaThickness, RightHeight, Cup float64

	// Outward distance of the lower corners of the nerve, at NerveBottom, from
	// the corners of the lamina; radii of the nerve's sides.
	FlareLeft, FlareRight, NerveRadiusLeft, NerveRadiusRight float64
	// thickness of the pia around the nerve
	PiaThickness float64

	Rotation float64 // rotation of the whole, counterclockwise, about the middle of the domain

	// modulus of each tissue in kPa
	Moduli [Tissues]float64
}

// NerveBottom is the height at which the nerve is cut off, in mm. It is below
// the domain for every rotation.
const NerveBottom = -1.5

// variable is a dimension of an Anatomy with its distribution.
type variable struct {
	// field of the Anatomy
	value *float64
	// distribution of the value, in mm or radians
	distribution Uniform
}

// variables returns the dimensions in the order in which they are drawn.
func (a *Anatomy) variables() [28]variable {
	return [...]variable{
		{&a.X1, Uniform{0.4, 1.2}}, {&a.Y1, Uniform{2.38, 2.52}},
		{&a.X2, Uniform{2.3, 3.1}}, {&a.DY2, Uniform{-0.04, 0.04}},
		{&a.DX3, Uniform{-0.08, 0.08}}, {&a.Y3, Uniform{2.68, 2.82}},
		{&a.DX4, Uniform{-0.08, 0.08}}, {&a.Y4, Uniform{2.68, 2.82}},
		{&a.LaminaRadius, Uniform{3, 5}}, {&a.LaminaRadiusMore, Uniform{-0.1, 0.2}},
		{&a.TaperAbove, Uniform{0.01, 0.11}}, {&a.TaperBelow, Uniform{0.01, 0.11}},
		{&a.TaperRun, Uniform{0.5, 0.7}}, {&a.TaperRise, Uniform{0, 0.2}},
		{&a.ScleraThickness, Uniform{0.45, 1.15}},
		{&a.RightAbove, Uniform{0.01, 0.11}}, {&a.RightBelow, Uniform{0.01, 0.11}},
		{&a.ScleraRadius, Uniform{8, 16}}, {&a.ScleraRadiusMore, Uniform{0, 2}},
		{&a.RetinaThickness, Uniform{0.2, 0.4}}, {&a.RightHeight, Uniform{0.2, 0.4}},
		{&a.Cup, Uniform{0.04, 0.16}},
		{&a.FlareLeft, Uniform{0.55, 0.85}}, {&a.FlareRight, Uniform{0.55, 0.85}},
		{&a.NerveRadiusLeft, Uniform{13, 17}}, {&a.NerveRadiusRight, Uniform{13, 17}},
		{&a.PiaThickness, Uniform{0.06, 0.10}},
		{&a.Rotation, Uniform{-math.Pi / 12, math.Pi / 12}},
	}
}

// modulusNormal is a normal distribution truncated to (0, 2·mean].
type modulusNormal struct{ mean, std float64 }

// draw repeats until a value is in the range. Table 7's tissues have at least
// 1.5 standard deviations on both sides, so that most first values are.
func (m modulusNormal) draw(s *rng.Stream) float64 {
	for {
		if v := m.mean + m.std*s.Normal(); v > 0 && v <= 2*m.mean {
			return v
		}
	}
}

// moduli returns Table 7 in kPa, with the deviation of the sclera's modulus
// corrected from 5. Background has no distribution.
func moduli() [Tissues]modulusNormal {
	return [Tissues]modulusNormal{
		Lamina: {73.1, 46.9}, Sclera: {125, 50}, Pia: {125, 50},
		Prelaminar: {9.8, 3.34}, Retina: {9.8, 3.34}, Nerve: {9.8, 3.34},
	}
}

// MaxModulus is the largest possible modulus of a tissue, in kPa.
const MaxModulus = 2 * 125

// OpticNerveHead is the prior of Section 4.1.2 of the paper (Tables 6 and 7) on
// a domain in mm. All variables of an Anatomy are independent, with one
// condition: both surfaces of the sclera cross the left border of the domain,
// between Bottom and Top.
type OpticNerveHead struct{ Left, Right, Bottom, Top float64 }

// maxRedraws limits the search for an anatomy that meets the condition. On the
// domain of the paper, all but one in forty do.
const maxRedraws = 1000

// Draw returns a draw of the prior. It redraws the whole anatomy from the same
// stream until the sclera reaches the left border, and draws the moduli last.
// It panics if no anatomy reaches the border.
func (p OpticNerveHead) Draw(s *rng.Stream) *Anatomy {
	a := new(Anatomy)
	for range maxRedraws {
		for _, v := range a.variables() {
			*v.value = s.Uniform(v.distribution.Lo, v.distribution.Hi)
		}
		if !p.Section(a).reachesLeft(p) {
			continue
		}
		a.Moduli[Background] = BackgroundModulus
		for t, distribution := range moduli() {
			if Tissue(t) != Background {
				a.Moduli[t] = distribution.draw(s)
			}
		}
		return a
	}
	panic(fmt.Sprintf("priors: no sclera reaches the left border of %+v", p))
}
