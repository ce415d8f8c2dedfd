package langevin

import (
	"fmt"
	"math"
)

// Points is a distribution of finitely many weighted points, such as the fields
// of a posterior that was computed without a network. Smoothed with noise of
// standard deviation σ, it is a mixture of normal distributions whose score is
// known exactly:
//
//	s(x) = (D(x) − x)/σ²,  D(x) = Σᵢ wᵢ xᵢ,  wᵢ ∝ pᵢ exp(−‖x − xᵢ‖²/(2σ²))
//
// D is the mean of the points given the noisy x, which a perfect network would
// return (Vincent 2011; Karras et al. 2022, appendix B.3). Points separates the
// error of a sampler from the error of a network.
type Points struct {
	dim     int
	points  []float64 // one point per row
	logP    []float64
	squares []float64 // ‖xᵢ‖²/2
}

// NewPoints returns the distribution of the rows of points, each of dim
// components, with probabilities proportional to exp(logP). It keeps points and
// logP without copying them. It panics if the sizes differ or all weights are
// zero.
func NewPoints(points, logP []float64, dim int) *Points {
	if dim < 1 || len(points) != dim*len(logP) {
		panic(fmt.Sprintf("langevin: %d components and %d weights of points of %d", len(points),
			len(logP), dim))
	}
	p := &Points{dim: dim, points: points, logP: logP, squares: make([]float64, len(logP))}
	any := false
	for i, l := range logP {
		any = any || l > math.Inf(-1)
		for _, v := range p.row(i) {
			p.squares[i] += v * v / 2
		}
	}
	if !any {
		panic("langevin: all points have the weight 0; at least one weight must be positive")
	}
	return p
}

func (p *Points) row(i int) []float64 { return p.points[i*p.dim : (i+1)*p.dim] }

// Scorer returns a Scorer of the distribution for one goroutine. Each score
// takes two passes over all points.
func (p *Points) Scorer() Scorer { return &pointScorer{p, make([]float64, len(p.logP))} }

type pointScorer struct {
	*Points
	weights []float64 // scratch
}

// Score implements Scorer.
func (s *pointScorer) Score(dst, x []float64, sigma float64) error {
	if len(x) != s.dim || len(dst) != s.dim {
		panic(fmt.Sprintf("langevin: state of %d and result of %d components for points of %d",
			len(x), len(dst), s.dim))
	}
	// ‖x − xᵢ‖²/2 = ‖x‖²/2 + ‖xᵢ‖²/2 − x·xᵢ. The first term is the same for all
	// points, so it is left out.
	precision, top := 1/(sigma*sigma), math.Inf(-1)
	for i, l := range s.logP {
		s.weights[i] = math.Inf(-1)
		if l == s.weights[i] {
			continue
		}
		dot := 0.0
		for k, v := range s.row(i) {
			dot += v * x[k]
		}
		s.weights[i] = l + (dot-s.squares[i])*precision
		top = max(top, s.weights[i])
	}
	clear(dst)
	total := 0.0
	for i, l := range s.weights {
		w := math.Exp(l - top)
		if w < 1e-18 { // smaller than the rounding error of the sum
			continue
		}
		total += w
		for k, v := range s.row(i) {
			dst[k] += w * v
		}
	}
	for k, v := range x {
		dst[k] = (dst[k]/total - v) * precision
	}
	return nil
}
