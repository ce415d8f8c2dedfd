package langevintest

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"csdm/langevin"
	"csdm/rng"
)

// Gaussian is N(m, Σ) with Σ = V Λ Vᵀ. It is read-only and may be shared.
type Gaussian struct {
	Mean    []float64
	Lambda  []float64 // eigenvalues of Σ, all ≥ 0
	vectors []float64 // V, row-major: column j belongs to Lambda[j]
}

// NewGaussian returns N(mean, covariance). It panics if the sizes differ or
// covariance is not positive semi-definite.
func NewGaussian(mean []float64, covariance mat.Symmetric) *Gaussian {
	n := len(mean)
	var eigen mat.EigenSym
	if covariance.SymmetricDim() != n || !eigen.Factorize(covariance, true) {
		panic("langevintest: the covariance must have the mean's size and an eigendecomposition")
	}
	g := &Gaussian{Mean: append([]float64(nil), mean...), Lambda: eigen.Values(nil),
		vectors: make([]float64, n*n)}
	eigen.VectorsTo(mat.NewDense(n, n, g.vectors))
	for j, l := range g.Lambda {
		if l < -1e-12 {
			panic(fmt.Sprintf("langevintest: the covariance has the eigenvalue %v; it must not be "+
				"negative", l))
		}
		g.Lambda[j] = max(l, 0)
	}
	return g
}

// Covariance returns Σ.
func (g *Gaussian) Covariance() *mat.SymDense {
	n := len(g.Mean)
	c := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			sum := 0.0
			for k, l := range g.Lambda {
				sum += g.vectors[i*n+k] * l * g.vectors[j*n+k]
			}
			c.SetSym(i, j, sum)
		}
	}
	return c
}

// apply sets dst = V diag(f(λ_j)) Vᵀ (x − m), with n scratch elements in
// coordinates.
func (g *Gaussian) apply(dst, x, coordinates []float64, f func(lambda float64) float64) {
	n := len(g.Mean)
	for j := range n {
		sum := 0.0
		for i := range n {
			sum += g.vectors[i*n+j] * (x[i] - g.Mean[i])
		}
		coordinates[j] = f(g.Lambda[j]) * sum
	}
	for i := range n {
		sum := 0.0
		for j := range n {
			sum += g.vectors[i*n+j] * coordinates[j]
		}
		dst[i] = sum
	}
}

// Score sets dst = −(Σ + σ²I)⁻¹ (x − m).
func (g *Gaussian) Score(dst, x, scratch []float64, sigma float64) {
	g.apply(dst, x, scratch, func(l float64) float64 { return -1 / (l + sigma*sigma) })
}

// Flow sets dst to the point to which the probability-flow ODE dx/dσ = −σ s(x,
// σ) takes x from one noise level to another: every eigen-direction scales by
// √((λ + to²)/(λ + from²)). dst may be x.
func (g *Gaussian) Flow(dst, x []float64, from, to float64) {
	moved := make([]float64, len(x))
	g.apply(moved, x, make([]float64, len(x)), func(l float64) float64 {
		return math.Sqrt((l + to*to) / (l + from*from))
	})
	for i := range dst {
		dst[i] = g.Mean[i] + moved[i]
	}
}

// Denoise sets dst = x + σ² s(x, σ), which is E[x₀ | x₀ + σz = x]. dst may be
// x.
func (g *Gaussian) Denoise(dst, x []float64, sigma float64) {
	moved := make([]float64, len(x))
	g.apply(moved, x, make([]float64, len(x)), func(l float64) float64 {
		return l / (l + sigma*sigma)
	})
	for i := range dst {
		dst[i] = g.Mean[i] + moved[i]
	}
}

// Draw sets dst to a draw of N(m, Σ + σ²I).
func (g *Gaussian) Draw(dst []float64, sigma float64, stream *rng.Stream) {
	n := len(g.Mean)
	copy(dst, g.Mean)
	for j, l := range g.Lambda {
		z := math.Sqrt(l+sigma*sigma) * stream.Normal()
		for i := range n {
			dst[i] += g.vectors[i*n+j] * z
		}
	}
}

// logDensity returns ln N(x; m, Σ + σ²I) without the constant −n/2 ln 2π.
func (g *Gaussian) logDensity(x []float64, sigma float64) float64 {
	n, sum := len(g.Mean), 0.0
	for j, l := range g.Lambda {
		v := l + sigma*sigma
		c := 0.0
		for i := range n {
			c += g.vectors[i*n+j] * (x[i] - g.Mean[i])
		}
		sum -= (c*c/v + math.Log(v)) / 2
	}
	return sum
}

// Mixture is Σ_k Weights[k] Parts[k]. Weights sum to one. It is read-only and
// may be shared.
type Mixture struct {
	Weights []float64
	Parts   []*Gaussian
}

// Dim returns the dimension of x.
func (m *Mixture) Dim() int { return len(m.Parts[0].Mean) }

// Responsibilities sets dst[k] to the probability that x, a draw of p_σ, came
// from part k.
func (m *Mixture) Responsibilities(dst, x []float64, sigma float64) {
	top := math.Inf(-1)
	for k, part := range m.Parts {
		dst[k] = math.Log(m.Weights[k]) + part.logDensity(x, sigma)
		top = max(top, dst[k])
	}
	sum := 0.0
	for k := range dst {
		dst[k] = math.Exp(dst[k] - top)
		sum += dst[k]
	}
	for k := range dst {
		dst[k] /= sum
	}
}

// Mean returns the mean of the mixture.
func (m *Mixture) Mean() []float64 {
	mean := make([]float64, m.Dim())
	for k, part := range m.Parts {
		for i := range mean {
			mean[i] += m.Weights[k] * part.Mean[i]
		}
	}
	return mean
}

// Draw sets dst to a draw of the mixture convolved with N(0, σ²I).
func (m *Mixture) Draw(dst []float64, sigma float64, stream *rng.Stream) {
	u := stream.Float64()
	k := 0
	for k < len(m.Parts)-1 && u >= m.Weights[k] {
		u -= m.Weights[k]
		k++
	}
	m.Parts[k].Draw(dst, sigma, stream)
}

// Scorer returns a scorer of the mixture for one goroutine.
func (m *Mixture) Scorer() langevin.Scorer {
	n := m.Dim()
	return &mixtureScorer{m: m, responsibilities: make([]float64, len(m.Parts)),
		part: make([]float64, n), scratch: make([]float64, n)}
}

// Scorer returns a scorer of g for one goroutine.
func (g *Gaussian) Scorer() langevin.Scorer {
	return (&Mixture{Weights: []float64{1}, Parts: []*Gaussian{g}}).Scorer()
}

type mixtureScorer struct {
	m                               *Mixture
	responsibilities, part, scratch []float64
}

// Score sets dst = Σ_k r_k(x) ∇ log N(x; m_k, Σ_k + σ²I), where r are the
// responsibilities.
func (s *mixtureScorer) Score(dst, x []float64, sigma float64) error {
	s.m.Responsibilities(s.responsibilities, x, sigma)
	clear(dst)
	for k, part := range s.m.Parts {
		part.Score(s.part, x, s.scratch, sigma)
		for i := range dst {
			dst[i] += s.responsibilities[k] * s.part[i]
		}
	}
	return nil
}
