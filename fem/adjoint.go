package fem

import "fmt"

// AdjointTo sets dst, one number per point, to the derivative of
//
//	J = Σ gx·ux + gy·uy
//
// with respect to the moduli at the points, where (ux, uy) is the solution of
// the last SolveTo. It costs one solution with the matrix that SolveTo
// factorized. The equations K u = f, whose matrix depends linearly on the
// modulus μ of each cell, give
//
//	∂J/∂μ = −λᵀ K⁰ u,  K λ = g
//
// with K⁰ the matrix of the cell for unit modulus. λ is zero where u is fixed.
// A body force has no part in it. dst may be gx or gy. AdjointTo panics on
// wrong lengths, and where Poisson's ratio varies.
func (s *StaticSolver) AdjointTo(dst, ux, uy, gx, gy []float64) {
	l := s.l
	n := l.mesh.Points()
	for _, v := range [][]float64{dst, ux, uy, gx, gy} {
		if len(v) != n {
			panic(fmt.Sprintf("fem: a vector of %d numbers for %d points", len(v), n))
		}
	}
	if s.varied != nil {
		panic("fem: AdjointTo needs a Poisson's ratio that is the same everywhere")
	}
	for u, i := range l.degrees {
		s.rhs[u] = gx[i/2]
		if i%2 == 1 {
			s.rhs[u] = gy[i/2]
		}
	}
	s.factor.SolveTo(s.rhs, s.rhs)
	s.assembly = false // the right-hand side is overwritten
	clear(dst)
	var u, lambda [8]float64
	for c, class := range l.class {
		corners := l.mesh.Corners(c)
		for a, p := range corners {
			u[2*a], u[2*a+1] = ux[p], uy[p]
			for i := range 2 {
				lambda[2*a+i] = 0
				if k := l.unknown[2*int(p)+i]; k >= 0 {
					lambda[2*a+i] = s.rhs[k]
				}
			}
		}
		sum, at := 0.0, 0
		k := l.shapes[class].stiffness
		for i := range 2 * len(corners) {
			for j := range i {
				sum += k[at] * (lambda[i]*u[j] + lambda[j]*u[i])
				at++
			}
			sum += k[at] * lambda[i] * u[i]
			at++
		}
		// A cell has the mean of the moduli at its corners.
		for _, p := range corners {
			dst[p] -= sum / float64(len(corners))
		}
	}
}
