package priors

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// AnatomyVariables is the number of variables of an Anatomy: its dimensions and
// the moduli of all tissues except Background.
const AnatomyVariables = 28 + Tissues - 1

// AnatomyNames returns names and units of the variables.
func AnatomyNames() (names [AnatomyVariables][2]string) {
	n := copy(names[:], [][2]string{
		{"lower left corner of the lamina, x", "mm"}, {"lower left corner of the lamina, y", "mm"},
		{"lower right corner of the lamina, x", "mm"}, {"rise of the lamina's lower edge", "mm"},
		{"run of the lamina's right side", "mm"}, {"upper right corner of the lamina, y", "mm"},
		{"run of the lamina's left side", "mm"}, {"upper left corner of the lamina, y", "mm"},
		{"radius of the lamina's lower edge", "mm"}, {"radius of its upper edge, more", "mm"},
		{"left taper above the lamina", "mm"}, {"left taper below the lamina", "mm"},
		{"run of the left taper", "mm"}, {"rise of the left taper", "mm"},
		{"thickness of the sclera", "mm"},
		{"right taper above the lamina", "mm"}, {"right taper below the lamina", "mm"},
		{"radius of the sclera", "mm"}, {"radius of its outer surface, more", "mm"},
		{"thickness of the retina", "mm"}, {"height of the prelaminar tissue, right", "mm"},
		{"amplitude of the cup", "mm"},
		{"flare of the nerve, left", "mm"}, {"flare of the nerve, right", "mm"},
		{"radius of the nerve's left side", "mm"}, {"radius of the nerve's right side", "mm"},
		{"thickness of the pia", "mm"}, {"rotation", "rad"},
	})
	for t := Lamina; t < Tissues; t++ {
		names[n+int(t)-1] = [2]string{"modulus of the " + t.String(), "kPa"}
	}
	return names
}

// Values sets theta, of AnatomyVariables elements, to the variables of a: the
// dimensions in the order of the fields, and the moduli in the order of the
// tissues.
func (a *Anatomy) Values(theta []float64) {
	dimensions := a.variables()
	for k, v := range dimensions {
		theta[k] = *v.value
	}
	copy(theta[len(dimensions):AnatomyVariables], a.Moduli[Background+1:])
}

// SetValues sets a to the anatomy of the variables theta; see Values.
func (a *Anatomy) SetValues(theta []float64) {
	dimensions := a.variables()
	for k, v := range dimensions {
		*v.value = theta[k]
	}
	a.Moduli[Background] = BackgroundModulus
	copy(a.Moduli[Background+1:], theta[len(dimensions):AnatomyVariables])
}

// Probabilities sets u[k] to the probability that variable k is at most
// theta[k] under its own distribution, without the condition on the sclera. u
// and theta may be the same slice.
func (p OpticNerveHead) Probabilities(u, theta []float64) {
	dimensions := new(Anatomy).variables()
	for k, v := range dimensions {
		d := v.distribution
		u[k] = (theta[k] - d.Lo) / (d.Hi - d.Lo)
	}
	for t, m := range moduli() {
		if k := len(dimensions) + t - 1; Tissue(t) != Background {
			u[k] = m.probability(theta[k])
		}
	}
}

// Quantiles is the inverse of Probabilities. u must lie in [0, 1].
func (p OpticNerveHead) Quantiles(theta, u []float64) {
	dimensions := new(Anatomy).variables()
	for k, v := range dimensions {
		d := v.distribution
		theta[k] = d.Lo + u[k]*(d.Hi-d.Lo)
	}
	for t, m := range moduli() {
		if k := len(dimensions) + t - 1; Tissue(t) != Background {
			theta[k] = m.quantile(u[k])
		}
	}
}

// probability returns the distribution function at v.
func (m modulusNormal) probability(v float64) float64 {
	tail := distuv.UnitNormal.CDF(-m.mean / m.std)
	return (distuv.UnitNormal.CDF((v-m.mean)/m.std) - tail) / (1 - 2*tail)
}

// quantile is the inverse of probability. It is above 0, as a modulus must be.
func (m modulusNormal) quantile(u float64) float64 {
	tail := distuv.UnitNormal.CDF(-m.mean / m.std)
	v := m.mean + m.std*distuv.UnitNormal.Quantile(tail+u*(1-2*tail))
	return min(max(v, math.SmallestNonzeroFloat64), 2*m.mean)
}

// Possible reports whether a meets the condition of the prior.
func (p OpticNerveHead) Possible(a *Anatomy) bool { return p.Section(a).reachesLeft(p) }
