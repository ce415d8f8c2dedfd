package problems

import "csdm/internal/identity"

// Identify begins the identity of a result that depends on a problem: on its
// Spec, on the law of its noise with all numbers, and on the box of its prior
// where it is Parametric. Names for people alone are left out.
func Identify(kind string, version int, p Problem) *identity.Builder {
	law := p.Measurement()
	b := identity.New(kind, version).Add("problem", p.Spec(), namesForPeople...).Add("noise", &law)
	if q, ok := p.(Parametric); ok {
		lo, hi := q.Box()
		b.Add("prior", struct{ Lo, Hi []float64 }{lo, hi})
	}
	if d, ok := p.(Defined); ok {
		b.AddIdentity("definition", d.Definition())
	}
	return b
}

// namesForPeople are the fields of Spec that change no number.
var namesForPeople = []string{"Title", "Section", "XName", "YName", "YChannelNames"}

// Defined is a Problem whose pairs depend on more than its Spec says, such as
// one that a user defines. Definition covers the rest, except the noise.
type Defined interface {
	Problem
	Definition() identity.Identity
}
