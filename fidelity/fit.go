package fidelity

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// The hyperparameters among which Fit chooses.
var (
	componentsTried = []int{0, 1, 2, 3, 4, 6, 8, 12, 16, 24}
	lengthsTried    = []float64{0.5, 1, 2, 4}
	ridgesTried     = []float64{1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 1}
)

// Fit returns the correction whose leave-one-out error over the pairs is
// smallest. Its errors are about sizes, and ctx's.
func Fit(ctx context.Context, p Pairs) (*Correction, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	return fit(ctx, p)
}

// fit is Fit for two or more pairs.
func fit(ctx context.Context, p Pairs) (*Correction, error) {
	c := &Correction{}
	c.mean, c.axes = components(p.Cheap, componentsTried[len(componentsTried)-1])
	c.features = c.featuresOf(p.Cheap)
	var difference mat.Dense
	difference.Sub(p.Dear, p.Cheap)
	var products mat.SymDense
	products.SymOuterK(1, &difference)
	least := math.Inf(1)
	for _, s := range c.candidates() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if e := leaveOneOut(s.covariance(c.features), &products); e < least {
			least, c.Settings = e, s
		}
	}
	var factor mat.Cholesky
	if math.IsInf(least, 1) || !factor.Factorize(c.covariance(c.features)) {
		return nil, fmt.Errorf("fidelity: no correction fits the differences of the models: " +
			"they are not finite")
	}
	c.weights = new(mat.Dense)
	if err := factor.SolveTo(c.weights, &difference); err != nil {
		return nil, fmt.Errorf("fidelity: %w", err)
	}
	return c, nil
}

// candidates returns the hyperparameters that the features allow.
func (c *Correction) candidates() (all []Settings) {
	most := 0
	if c.axes != nil {
		_, most = c.axes.Dims()
	}
	for _, d := range componentsTried {
		if d > most {
			break
		}
		for _, ridge := range ridgesTried {
			for _, length := range lengthsTried {
				all = append(all, Settings{d, length, ridge})
				if d == 0 {
					break // there is no length without a feature
				}
			}
		}
	}
	return all
}

// leaveOneOut returns the sum of the squared errors of each pair's difference,
// predicted from the others (Rasmussen and Williams 2006, Eq. 5.12). products
// holds the inner products of the differences. It returns infinity if the
// covariance has no factor.
func leaveOneOut(covariance, products *mat.SymDense) (sum float64) {
	var factor mat.Cholesky
	if !factor.Factorize(covariance) {
		return math.Inf(1)
	}
	var inverse mat.SymDense
	if err := factor.InverseTo(&inverse); err != nil {
		return math.Inf(1)
	}
	var half, squares mat.Dense
	half.Mul(&inverse, products)
	squares.Mul(&half, &inverse)
	for i := range inverse.SymmetricDim() {
		d := inverse.At(i, i)
		sum += squares.At(i, i) / (d * d)
	}
	return sum
}
