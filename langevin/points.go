package langevin

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
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
	// Components that are the same in all points cancel in the weights wᵢ, so
	// that only the others are kept. A posterior of fields on a grid often
	// differs in few pixels.
	common  []float64 // one point
	varying []int     // components that differ, ascending
	points  []float64 // their values, one point per row
	// log of the weight of each point, unnormalized: constants cancel in wᵢ
	logP    []float64
	squares []float64 // half the sum of squares of each row
}

// NewPoints returns the distribution of the rows of points, each of dim
// components, with probabilities proportional to exp(logP). Points of no weight
// are left out. It panics if the sizes differ or all weights are zero.
func NewPoints(points, logP []float64, dim int) *Points {
	if dim < 1 || len(points) != dim*len(logP) {
		panic(fmt.Sprintf("langevin: %d components and %d weights of points of %d", len(points),
			len(logP), dim))
	}
	p := &Points{}
	differs := make([]bool, dim)
	for i, l := range logP {
		if !(l > math.Inf(-1)) {
			continue
		}
		row := points[i*dim : (i+1)*dim]
		if p.common == nil {
			p.common = append(p.common, row...)
		}
		for k, v := range row {
			differs[k] = differs[k] || v != p.common[k]
		}
		p.logP = append(p.logP, l)
	}
	if p.common == nil {
		panic("langevin: all points have the weight 0; at least one weight must be positive")
	}
	for k, d := range differs {
		if d {
			p.varying = append(p.varying, k)
		}
	}
	for i, l := range logP {
		if !(l > math.Inf(-1)) {
			continue
		}
		squares := 0.0
		for _, k := range p.varying {
			v := points[i*dim+k]
			p.points = append(p.points, v)
			squares += v * v / 2
		}
		p.squares = append(p.squares, squares)
	}
	return p
}

// MultiplyAdds returns the number of multiplications of one score.
func (p *Points) MultiplyAdds() int { return 2 * len(p.points) }

// Scorer returns a Scorer of the distribution for one goroutine. Each score
// takes two passes over all points.
func (p *Points) Scorer() Scorer { return p.NewScorer() }

// NewScorer returns what Scorer returns.
func (p *Points) NewScorer() *PointScorer {
	return &PointScorer{p, make([]float64, len(p.logP)), make([]float64, len(p.varying)),
		make([]float64, len(p.varying)), 0}
}

// PointScorer is a Scorer of Points.
type PointScorer struct {
	*Points
	weights []float64 // scratch
	x, mean []float64 // scratch, varying components
	// effective number of points at the last score
	together float64
}

// Effective returns the effective number of points, 1/Σwᵢ², behind the last
// score.
func (s *PointScorer) Effective() float64 { return s.together }

// Score implements Scorer.
func (s *PointScorer) Score(dst, x []float64, sigma float64) error {
	if dim := len(s.common); len(x) != dim || len(dst) != dim {
		panic(fmt.Sprintf("langevin: state of %d and result of %d components for points of %d",
			len(x), len(dst), dim))
	}
	for j, k := range s.varying {
		s.x[j] = x[k]
	}
	// ‖x − xᵢ‖²/2 = ‖x‖²/2 + ‖xᵢ‖²/2 − x·xᵢ. The first term is the same for all
	// points, so it is left out.
	n, precision, top := len(s.varying), 1/(sigma*sigma), math.Inf(-1)
	for i, l := range s.logP {
		dot := floats.Dot(s.points[i*n:(i+1)*n], s.x)
		s.weights[i] = l + (dot-s.squares[i])*precision
		top = max(top, s.weights[i])
	}
	clear(s.mean)
	total, squares := 0.0, 0.0
	for i, l := range s.weights {
		w := math.Exp(l - top)
		if w < 1e-18 { // smaller than the rounding error of the sum
			continue
		}
		total, squares = total+w, squares+w*w
		floats.AddScaled(s.mean, w, s.points[i*n:(i+1)*n])
	}
	s.together = total * total / squares
	for k, v := range x {
		dst[k] = (s.common[k] - v) * precision
	}
	for j, k := range s.varying {
		dst[k] = (s.mean[j]/total - s.x[j]) * precision
	}
	return nil
}
