package priors

// Dimension is a variable of an Anatomy, for tests.
type Dimension struct {
	Value        *float64
	Distribution Uniform
}

// Dimensions returns the variables of a in the order in which they are drawn.
func Dimensions(a *Anatomy) (d []Dimension) {
	for _, v := range a.variables() {
		d = append(d, Dimension{v.value, v.distribution})
	}
	return d
}

// ModulusDistribution returns mean and standard deviation of a tissue's
// modulus.
func ModulusDistribution(t Tissue) (mean, std float64) {
	distribution := moduli()[t]
	return distribution.mean, distribution.std
}

// Corner returns the corner A, C, E or T of the taper, before the rotation.
func (s *AnatomySection) Corner(k int) (x, y float64) { return s.taper[k].x, s.taper[k].y }

// ReachesLeft reports whether an anatomy needs no redraw.
func (s *AnatomySection) ReachesLeft(p OpticNerveHead) bool { return s.reachesLeft(p) }
