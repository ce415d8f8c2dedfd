package lineargaussian

import (
	"fmt"
	"math"
	"slices"

	"csdm/priors"
)

// Posterior returns mean and standard deviation of the field given a
// measurement y, row by row, and ln p(y), all of the values of y that are not
// missing. It implements problems.ClosedForm.
func (p *Problem) Posterior(y []float64) (mean, std []float64, logEvidence float64, err error) {
	if len(y) != p.spec.YLen() {
		return nil, nil, 0, fmt.Errorf("%s: a measurement of %d values; %d are expected", Name,
			len(y), p.spec.YLen())
	}
	seen, count := slices.Clone(y), priors.Present(y)
	for i, v := range y {
		if priors.Missing(v) {
			seen[i] = 0
		}
	}
	root := p.precision(y)  // L of P = L Lᵀ
	b := p.transposed(seen) // Bᵀy/s²
	half := solveLower(root, b)
	center := solveUpper(root, half)
	mean = make([]float64, p.spec.XLen())
	p.Field(mean, center)
	std = p.deviations(root)

	// yᵀ(s²I + BBᵀ)⁻¹y = yᵀy/s² − ‖L⁻¹b‖², and det(s²I + BBᵀ) = s²ⁿ det P.
	square, logDet, n := 0.0, 0.0, float64(count)
	for _, v := range seen {
		square += v * v
	}
	square /= p.std * p.std
	for k := range variables {
		square -= half[k] * half[k]
		logDet += 2 * math.Log(root[k*variables+k])
	}
	return mean, std, -0.5 * (square + logDet + n*math.Log(2*math.Pi*p.std*p.std)), nil
}

// precision returns the Cholesky factor of P = I + BᵀB/s², row by row, with the
// rows of B for the values of y that are not missing.
func (p *Problem) precision(y []float64) []float64 {
	squares := p.squares
	if priors.Present(y) < len(y) {
		squares = func() []float64 { return p.squaresOf(y) }
	}
	a := squares()
	for v := range variables {
		a[v*variables+v]++
	}
	for k := range variables { // in place, by columns
		row := a[k*variables:]
		for j := range k + 1 {
			sum := row[j]
			for i := range j {
				sum -= row[i] * a[j*variables+i]
			}
			if j == k {
				row[k] = math.Sqrt(sum) // P ≥ I, so that sum ≥ 1 except for rounding
			} else {
				row[j] = sum / a[j*variables+j]
			}
		}
	}
	return a
}

// squaresOf returns BᵀB/s² for the values of y that are not missing, row by
// row: the lower triangle.
func (p *Problem) squaresOf(y []float64) []float64 {
	a, b := make([]float64, variables*variables), make([]float64, variables)
	for i, value := range y {
		if priors.Missing(value) {
			continue
		}
		for v := range b {
			b[v] = p.weights[v] * p.blurred[v/functions][i/p.side] *
				p.blurred[v%functions][i%p.side] / p.std
		}
		for v, f := range b {
			for u, g := range b[:v+1] {
				a[v*variables+u] += f * g
			}
		}
	}
	return a
}

// squares returns BᵀB/s², row by row.
func (p *Problem) squares() []float64 {
	gram := make([]float64, functions*functions)
	for k, f := range p.blurred {
		for l, g := range p.blurred {
			for i := range f {
				gram[k*functions+l] += f[i] * g[i]
			}
		}
	}
	a := make([]float64, variables*variables)
	for v := range variables {
		for u := range variables {
			a[v*variables+u] = p.weights[v] * p.weights[u] / (p.std * p.std) *
				gram[v/functions*functions+u/functions] * gram[v%functions*functions+u%functions]
		}
	}
	return a
}

// transposed returns Bᵀy/s².
func (p *Problem) transposed(y []float64) []float64 {
	n, out := p.side, make([]float64, variables)
	column := make([]float64, n)
	for k, f := range p.blurred {
		clear(column)
		for i := range n {
			for j := range n {
				column[j] += f[i] * y[i*n+j]
			}
		}
		for l, g := range p.blurred {
			v := k*functions + l
			for j, c := range column {
				out[v] += g[j] * c
			}
			out[v] *= p.weights[v] / (p.std * p.std)
		}
	}
	return out
}

// deviations returns the standard deviation of each value of x: the norm of
// L⁻¹φ, where φ holds the terms of the value.
func (p *Problem) deviations(root []float64) []float64 {
	n := p.side
	out, phi := make([]float64, n*n), make([]float64, variables)
	for i := range n {
		for j := range n {
			for v := range phi {
				phi[v] = p.weights[v] * p.plain[v/functions][i] * p.plain[v%functions][j]
			}
			sum := 0.0
			for _, h := range solveLower(root, phi) {
				sum += h * h
			}
			out[i*n+j] = math.Sqrt(sum)
		}
	}
	return out
}

// solveLower returns L⁻¹b.
func solveLower(root, b []float64) []float64 {
	x := make([]float64, len(b))
	for k := range b {
		sum := b[k]
		for i, v := range x[:k] {
			sum -= root[k*variables+i] * v
		}
		x[k] = sum / root[k*variables+k]
	}
	return x
}

// solveUpper returns L⁻ᵀb.
func solveUpper(root, b []float64) []float64 {
	x := make([]float64, len(b))
	for k := len(b) - 1; k >= 0; k-- {
		sum := b[k]
		for i := k + 1; i < len(b); i++ {
			sum -= root[i*variables+k] * x[i]
		}
		x[k] = sum / root[k*variables+k]
	}
	return x
}
