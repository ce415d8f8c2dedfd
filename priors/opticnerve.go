package priors

import (
	"fmt"
	"math"

	"csdm/rng"
)

// Tissue is a part of the eye in a section through the optic nerve head.
type Tissue uint8

// The tissues. Background is what lies around: vitreous body and orbit.
const (
	Background Tissue = iota
	Lamina
	Sclera
	Pia
	Prelaminar
	Retina
	Nerve

	Tissues = iota // how many there are
)

func (t Tissue) String() string {
	return [Tissues]string{"background", "lamina cribrosa", "sclera", "pia", "prelaminar tissue",
		"retina", "optic nerve"}[t]
}

// BackgroundModulus is that of Background, in kPa (Table 7).
const BackgroundModulus = 0.1

// Anatomy is one optic nerve head: its dimensions in mm and radians, and the
// shear moduli of its tissues in kPa. Fields that continue others are measured
// from them; Section makes the geometry.
type Anatomy struct {
	// Corners of the lamina, counterclockwise from the lower left: (X1, Y1),
	// (X2, Y1+DY2), (X2+DX3, Y3), (X1+DX4, Y4).
	X1, Y1, X2, DY2, DX3, Y3, DX4, Y4 float64
	// Radius of its lower edge, and what that of the upper edge has more. Both
	// edges bulge downward.
	LaminaRadius, LaminaRadiusMore float64

	// Taper of the sclera, the piece that holds the lamina: how far its right
	// side, which is the lamina's left side prolonged, goes beyond above and
	// below; from its upper right to its upper left corner, to the left and up;
	// its thickness there.
	TaperAbove, TaperBelow, TaperRun, TaperRise, ScleraThickness float64
	// The same prolongations on the right. The rest of the right taper never
	// enters the domain.
	RightAbove, RightBelow float64
	// Radius of the sclera's inner surface left of the taper, and what that of
	// the outer surface has more.
	ScleraRadius, ScleraRadiusMore float64

	// Heights of the prelaminar tissue over the tops of the tapers, left (where
	// it is the thickness of the retina, too) and right; amplitude of the cup.
	RetinaThickness, RightHeight, Cup float64

	// How far the lower corners of the nerve, at NerveBottom, lie out from
	// those of the lamina; radii of its sides.
	FlareLeft, FlareRight, NerveRadiusLeft, NerveRadiusRight float64
	PiaThickness                                             float64

	Rotation float64 // of it all, counterclockwise, about the middle of the domain

	Moduli [Tissues]float64
}

// NerveBottom is the height at which the nerve is cut off, below the domain in
// every rotation, in mm.
const NerveBottom = -1.5

// variable is a dimension of an Anatomy with its law.
type variable struct {
	value *float64
	law   Uniform
}

// variables lists the dimensions in the order they are drawn.
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

// modulusLaw is the normal law truncated to (0, 2·mean].
type modulusLaw struct{ mean, std float64 }

func (m modulusLaw) draw(s *rng.Stream) float64 {
	for {
		if v := m.mean + m.std*s.Normal(); v > 0 && v <= 2*m.mean {
			return v
		}
	}
}

// modulusLaws returns Table 7, in kPa, with the deviation of the sclera's
// modulus corrected from 5; Background has none.
func modulusLaws() [Tissues]modulusLaw {
	return [Tissues]modulusLaw{
		Lamina: {73.1, 46.9}, Sclera: {125, 50}, Pia: {125, 50},
		Prelaminar: {9.8, 3.34}, Retina: {9.8, 3.34}, Nerve: {9.8, 3.34},
	}
}

// MaxModulus is the largest modulus a tissue can have, in kPa.
const MaxModulus = 2 * 125

// OpticNerveHead is the prior of Section 4.1.2 of the paper (Tables 6 and 7) on
// a domain, in mm. All variables of an Anatomy are independent, but for one
// condition: the sclera runs to the left border, which both its surfaces cross
// between Bottom and Top.
type OpticNerveHead struct{ Left, Right, Bottom, Top float64 }

// maxRedraws bounds the search for an anatomy that meets the condition; on the
// domain of the paper all but one in forty do.
const maxRedraws = 1000

// Draw returns a draw of the prior. Anatomies are redrawn whole, from the same
// stream, until the sclera reaches the left border; the moduli come last. It
// panics if the domain is such that it never does.
func (p OpticNerveHead) Draw(s *rng.Stream) *Anatomy {
	a := new(Anatomy)
	for range maxRedraws {
		for _, v := range a.variables() {
			*v.value = s.Uniform(v.law.Lo, v.law.Hi)
		}
		if !p.Section(a).reachesLeft(p) {
			continue
		}
		a.Moduli[Background] = BackgroundModulus
		for t, law := range modulusLaws() {
			if Tissue(t) != Background {
				a.Moduli[t] = law.draw(s)
			}
		}
		return a
	}
	panic(fmt.Sprintf("priors: no sclera reaches the left border of %+v", p))
}
