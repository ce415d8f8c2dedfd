package bench

import (
	"cmp"
	"context"
	"math"
	"slices"

	"csdm/internal/parallel"
	"csdm/langevin"
	"csdm/problems"
)

// Weighted is a posterior as finitely many weighted values of the variables θ.
type Weighted struct {
	Theta      []float64 // row by row
	LogWeights []float64 // logarithms of the weights, up to a constant
	// Finite reports whether the fields of the rows are all fields that have
	// weight, as for inclusions on a grid of nodes. Otherwise the rows stand
	// for a continuous distribution.
	Finite bool
}

// Len returns the number of rows.
func (w Weighted) Len() int { return len(w.LogWeights) }

// row returns row i of Theta.
func (w Weighted) row(i int) []float64 {
	d := len(w.Theta) / w.Len()
	return w.Theta[i*d : (i+1)*d]
}

// droppedMass is the largest share of the weight that Heaviest leaves out. The
// mean of a field in units of the prior's range changes by no more than that.
const droppedMass = 1e-6

// Heaviest returns w without the rows of the smallest weights, which together
// have at most 10⁻⁶ of the weight. The order of the rows is kept.
func (w Weighted) Heaviest() Weighted {
	order := make([]int, w.Len())
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(w.LogWeights[a], w.LogWeights[b])
	})
	top, total := slices.Max(w.LogWeights), 0.0
	for _, l := range w.LogWeights {
		total += math.Exp(l - top)
	}
	first, dropped := 0, 0.0
	for ; first < len(order)-1; first++ {
		dropped += math.Exp(w.LogWeights[order[first]] - top)
		if dropped > droppedMass*total {
			break
		}
	}
	out := Weighted{Finite: w.Finite}
	for _, i := range slices.Sorted(slices.Values(order[first:])) {
		out.Theta = append(out.Theta, w.row(i)...)
		out.LogWeights = append(out.LogWeights, w.LogWeights[i])
	}
	return out
}

// ExactScore returns the distribution of the fields of w in units of a range
// of physical values. Smoothed with noise of standard deviation σ, it has the
// score that a perfect network would learn for the measurement:
//
//	s(x̃, y, σ) = (Σᵢ rᵢ xᵢ − x̃)/σ²,  rᵢ ∝ wᵢ exp(−‖x̃ − xᵢ‖²/(2σ²))
//
// (Tweedie's formula; Efron 2011). Its error is the error of w. The only error
// is ctx's.
func ExactScore(ctx context.Context, problem problems.Parametric, w Weighted, unit problems.Range,
	threads int) (*langevin.Points, error) {
	size := problem.Spec().XLen()
	fields := make([]float64, w.Len()*size)
	if err := parallel.For(ctx, threads, w.Len(), func(_, i int) error {
		x := fields[i*size : (i+1)*size]
		problem.Field(x, w.row(i))
		for k, v := range x {
			x[k] = (v - unit.Min) / unit.Width()
		}
		return nil
	}); err != nil {
		return nil, err
	}
	return langevin.NewPoints(fields, w.LogWeights, size), nil
}
