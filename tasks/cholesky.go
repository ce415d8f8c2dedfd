package tasks

import (
	"math"

	"csdm/rng"
)

// cholesky is the lower triangular factor L of a positive definite matrix LLᵀ
// of n×n numbers, row by row.
//
// It is for matrices of ten to a few hundred rows; package sparse has the large
// ones.
type cholesky struct {
	l      []float64
	n      int
	logDet float64 // ln det L
}

// newCholesky factorizes a. A pivot that is not positive is replaced by a small
// positive number.
//
// Column by column: l_jj = √(a_jj − Σ_k l_jk²) and l_ij = (a_ij − Σ_k l_ik
// l_jk)/l_jj for i > j. Only the lower triangle of a is read. A singular
// covariance, such as of equal rows, thus gives a narrow distribution and no
// error.
func newCholesky(a []float64, n int) *cholesky {
	c := &cholesky{l: make([]float64, n*n), n: n}
	l := c.l
	for j := range n {
		pivot := a[j*n+j]
		for k := range j {
			pivot -= l[j*n+k] * l[j*n+k]
		}
		l[j*n+j] = math.Sqrt(max(pivot, 1e-12*math.Abs(a[j*n+j])+1e-300))
		c.logDet += math.Log(l[j*n+j])
		for i := j + 1; i < n; i++ {
			sum := a[i*n+j]
			for k := range j {
				sum -= l[i*n+k] * l[j*n+k]
			}
			l[i*n+j] = sum / l[j*n+j]
		}
	}
	return c
}

// times sets dst to Lz.
//
// dst and z must not overlap. If z is standard normal, Lz has the covariance
// LLᵀ.
func (c *cholesky) times(dst, z []float64) {
	for i := range dst {
		dst[i] = dot(c.l[i*c.n:][:i+1], z[:i+1])
	}
}

// solveLower replaces v by L⁻¹v.
//
// It is the forward substitution; each v_i needs the ones before it.
func (c *cholesky) solveLower(v []float64) {
	for i := range v {
		v[i] = (v[i] - dot(c.l[i*c.n:][:i], v[:i])) / c.l[i*c.n+i]
	}
}

// solveUpper replaces v by L⁻ᵀv.
//
// It is the backward substitution with the transpose.
func (c *cholesky) solveUpper(v []float64) {
	for i := c.n - 1; i >= 0; i-- {
		for k := i + 1; k < c.n; k++ {
			v[i] -= c.l[k*c.n+i] * v[k]
		}
		v[i] /= c.l[i*c.n+i]
	}
}

// square returns ‖L⁻¹v‖². It changes v.
//
// It is vᵀ (LLᵀ)⁻¹ v, the squared Mahalanobis distance.
func (c *cholesky) square(v []float64) float64 {
	c.solveLower(v)
	return dot(v, v)
}

// drawByPrecision sets u to a normal draw of mean zero whose precision matrix
// is LLᵀ: it solves Lᵀu = z.
//
// The covariance of L⁻ᵀz is L⁻ᵀL⁻¹ = (LLᵀ)⁻¹.
func (c *cholesky) drawByPrecision(u []float64, s *rng.Stream) {
	for i := range u {
		u[i] = s.Normal()
	}
	c.solveUpper(u)
}
