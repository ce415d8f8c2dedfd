package infer

import (
	"errors"

	"csdm/bench"
	"csdm/internal/format"
)

// The entries of a reference's file that hold its weighted fields.
//
// A reference by quadrature or by adaptive importance sampling is a set of
// weighted variables. They let a later call evaluate any function of the field
// under the posterior without another solve.
const (
	thetaEntry  = "theta"         // (K, d), variables of the prior
	weightEntry = "log_weights"   // (K), up to a constant
	finiteEntry = "fields_finite" // 1: the fields are all that have weight; 0: a sample
)

// pointArrays returns the entries of a result file for weighted fields, or none
// if there are none.
func pointArrays(w bench.Weighted) []format.Named {
	n := w.Len()
	if n == 0 {
		return nil
	}
	finite := 0.0
	if w.Finite {
		finite = 1
	}
	return []format.Named{
		{Name: thetaEntry, Array: format.Array64(w.Theta, n, len(w.Theta)/n)},
		{Name: weightEntry, Array: format.Array64(w.LogWeights, n)},
		{Name: finiteEntry, Array: format.Scalar(finite)},
	}
}

// readPoints reads the weighted fields of a result file. The result is empty if
// the file has none, as files of earlier versions.
//
// The weights may lack any common factor, so that only differences of
// log_weights have a meaning. A file with two of the three entries counts as
// without points.
func readPoints(z *format.NPZ) (w bench.Weighted, err error) {
	if !z.Has(thetaEntry) || !z.Has(weightEntry) || !z.Has(finiteEntry) {
		return w, nil
	}
	theta, errTheta := z.Read(thetaEntry)
	weights, errWeights := z.Read(weightEntry)
	finite, errFinite := z.Read(finiteEntry)
	if err := errors.Join(errTheta, errWeights, errFinite); err != nil {
		return w, err
	}
	if err := errors.Join(weights.CheckShape(-1), weights.CheckFinite(),
		theta.CheckShape(weights.Len(), -1), theta.CheckFinite(),
		finite.CheckFinite()); err != nil {
		return w, err
	}
	return bench.Weighted{Theta: theta.Float64(), LogWeights: weights.Float64(),
		Finite: finite.Len() == 1 && finite.Float64()[0] == 1}, nil
}
