package opticnerve

import (
	"csdm/priors"
	"csdm/problems"
)

// Variables implements problems.Structured. The names are the fields of
// priors.Anatomy.
func (p *Problem) Variables() (out []problems.Variable) {
	for _, name := range priors.AnatomyNames() {
		out = append(out, problems.Variable{Name: name[0], Unit: name[1]})
	}
	return out
}

// Latent implements problems.Structured.
func (p *Problem) Latent(theta []float64, seed, i uint64) { p.Anatomy(seed, i).Values(theta) }

// Field implements problems.Structured.
func (p *Problem) Field(x, theta []float64) {
	at := p.modulus(theta)
	for k := range x {
		x[k] = at(k)
	}
}

// FieldAt implements problems.Local.
func (p *Problem) FieldAt(dst []float64, nodes []int, theta []float64) {
	at := p.modulus(theta)
	for i, k := range nodes {
		dst[i] = at(k)
	}
}

// modulus returns the modulus at each node of variables theta.
func (p *Problem) modulus(theta []float64) (at func(node int) float64) {
	var a priors.Anatomy
	a.SetValues(theta)
	section := p.prior.Section(&a)
	return func(k int) float64 {
		row, col := p.row+k/p.spec.Cols, p.nodes.Cols-p.spec.Cols+k%p.spec.Cols
		return a.Moduli[section.Tissue(p.x0+p.nodes.X(col), p.y0+p.nodes.Y(row))]
	}
}

// Probabilities implements problems.Structured.
func (p *Problem) Probabilities(u, theta []float64) { p.prior.Probabilities(u, theta) }

// Quantiles implements problems.Structured.
func (p *Problem) Quantiles(theta, u []float64) { p.prior.Quantiles(theta, u) }

// Possible reports whether the variables describe an anatomy. It implements
// problems.Structured.
func (p *Problem) Possible(theta []float64) bool {
	var a priors.Anatomy
	a.SetValues(theta)
	return p.prior.Possible(&a)
}
