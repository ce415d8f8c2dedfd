package problems

import "csdm/internal/identity"

// Identify begins the identity of a result that depends on a problem. It covers
// the Spec, the distribution of the noise with all numbers, and the box of the
// prior of a Parametric problem. It leaves out names that are only shown to
// people.
func Identify(kind string, version int, p Problem) *identity.Builder {
	noise := p.Measurement()
	b := identity.New(kind, version).Add("problem", p.Spec(), namesForPeople...)
	b.Add("noise", &noise)
	if q, ok := p.(Parametric); ok {
		lo, hi := q.Box()
		b.Add("prior", struct{ Lo, Hi []float64 }{lo, hi})
	}
	if d, ok := p.(Defined); ok {
		b.AddIdentity("definition", d.Definition())
	}
	if s, ok := p.(Stated); ok && !s.QuantityIdentity().IsZero() {
		b.AddIdentity("quantities", s.QuantityIdentity())
	}
	return b
}

// Stated is a Quantified whose user may state quantities. Results depend on
// them, and pairs do not. QuantityIdentity is zero if there are none.
type Stated interface {
	Quantified
	QuantityIdentity() identity.Identity
}

// namesForPeople lists the fields of Spec that change no number.
var namesForPeople = []string{"Title", "Section", "XName", "XLabel", "YName", "YChannelNames"}

// Defined is a Problem whose pairs depend on more than its Spec, such as a
// user-defined one. Definition covers the rest, except the noise.
type Defined interface {
	Problem
	Definition() identity.Identity
}
