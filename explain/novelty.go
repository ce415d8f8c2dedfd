package explain

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"csdm/internal/parallel"
	"csdm/nn"
	"csdm/priors"
)

// Settings of the test of novelty.
//
// More components leave less residual to judge, and fewer explain less of the
// variation between right measurements. The limits bound the size of the model
// file too.
const (
	mostComponents = 64
	componentShare = 4       // values for each component, at least
	noveltyValues  = 20000   // of a measurement; larger ones are thinned
	noveltyBytes   = 1 << 20 // of a model file
	signalRatio    = 1.5     // least ratio of variance along a component to the residual's
	validation     = 5       // one measurement in 5 chooses the components
	leastScale     = 0.1     // of the root mean square scale, for values without noise
)

// NoveltyStride returns the stride of rows and columns at which the test of
// novelty reads measurements of a shape: the smallest stride with at most
// noveltyValues values.
func NoveltyStride(s Shape) int {
	stride := 1
	for s.thinned(stride).Len() > noveltyValues {
		stride++
	}
	return stride
}

// thinned returns the shape at every stride-th row and column.
func (s Shape) thinned(stride int) Shape {
	rows, cols := (&nn.Novelty{Stride: stride}).Thinned(s.Rows, s.Cols)
	return Shape{s.Channels, rows, cols}
}

// NewNovelty returns the test of novelty from training measurements and
// held-out ones, all as nn.Model.Seen returns them. shape is the shape before
// thinning.
// The held-out measurements set the limits, at NoveltyRate (Calibrate). The
// result is the same for any number of threads. It is nil for grids of fewer
// than 3 rows or 3 columns.
//
// The components are the eigenvectors of the covariance of four fifths of the
// training measurements. Noise is in the components too, so the other fifth
// selects how many are kept: all up to the last component along which its
// variance exceeds signalRatio times its mean variance per direction outside of
// the components.
func NewNovelty(ctx context.Context, shape Shape, stride int, training, held [][]float64,
	threads int) (*nn.Novelty, error) {
	shape = shape.thinned(stride)
	if shape.Rows < 3 || shape.Cols < 3 {
		return nil, nil
	}
	apart := len(training) / validation
	fit, other := training[apart:], training[:apart]
	if apart == 0 || len(held) == 0 {
		return nil, errors.New("explain: too few measurements for a test of novelty")
	}
	size := shape.Len()
	most := min(mostComponents, size/componentShare, noveltyBytes/(4*size)-2, len(fit)/2)
	n := &nn.Novelty{Stride: stride, Pairs: len(training), Mean: meanOf(fit),
		Scale: make([]float32, size)}
	for k := range n.Scale {
		n.Scale[k] = 1
	}
	var err error
	if n.Components, err = principal(ctx, fit, n.Mean, max(1, most), threads); err != nil {
		return nil, err
	}
	n.Components = n.Components[:signals(n, other)]
	if err := scale(ctx, n, fit, other, threads); err != nil {
		return nil, err
	}
	rows := make([][]float64, len(held))
	err = parallel.For(ctx, threads, len(held), func(_, i int) error {
		r, _ := outside(n, held[i])
		rows[i], _ = Statistics(r, shape)
		return nil
	})
	if err != nil {
		return nil, err
	}
	n.Calibration = Calibrate(Names(), rows, NoveltyRate)
	return n, nil
}

// meanOf returns the mean of the rows.
func meanOf(rows [][]float64) []float32 {
	mean := make([]float64, len(rows[0]))
	for _, row := range rows {
		floats.AddScaled(mean, 1/float64(len(rows)), row)
	}
	return narrow(mean)
}

// narrow converts to float32, as the model file stores it.
func narrow(v []float64) []float32 {
	out := make([]float32, len(v))
	for k, x := range v {
		out[k] = float32(x)
	}
	return out
}

// principal returns at most most principal components of the rows, fewer if
// their rank is smaller. With B the N rows minus the mean, the eigenvectors v
// of the N×N matrix B·Bᵀ give the components Bᵀv/|Bᵀv| (Sirovich 1987, method
// of snapshots).
//
// BBᵀ v = λ v gives BᵀB (Bᵀv) = λ (Bᵀv), so that Bᵀv is an eigenvector of the
// covariance. With N rows of many values this needs an N×N problem only.
func principal(ctx context.Context, rows [][]float64, mean []float32,
	most, threads int) ([][]float32, error) {
	n := len(rows)
	centered := make([][]float64, n)
	for i, row := range rows {
		centered[i] = make([]float64, len(row))
		for k, v := range row {
			centered[i][k] = v - float64(mean[k])
		}
	}
	gram := mat.NewSymDense(n, nil)
	err := parallel.For(ctx, threads, n, func(_, i int) error {
		for j := i; j < n; j++ {
			gram.SetSym(i, j, floats.Dot(centered[i], centered[j]))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(gram, true) {
		return nil, errors.New("explain: the principal components of the training measurements " +
			"were not found")
	}
	values := eigen.Values(nil)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	const rank = 1e-10 // of the largest eigenvalue
	var out [][]float32
	for k := n - 1; k >= 0 && len(out) < most && values[k] > rank*values[n-1]; k-- {
		u := make([]float64, len(mean))
		for i, row := range centered {
			floats.AddScaled(u, vectors.At(i, k), row)
		}
		floats.Scale(1/floats.Norm(u, 2), u)
		out = append(out, narrow(u))
	}
	if out == nil {
		return nil, errors.New("explain: all training measurements are the same")
	}
	return out, nil
}

// signals returns the number of components that hold signal, at least 1.
//
// Noise of equal variance s² in every direction gives the sum of squares s² per
// component and direction. A component with 1.5 times this holds signal.
func signals(n *nn.Novelty, other [][]float64) int {
	along := make([]float64, len(n.Components))
	rest := 0.0
	for _, y := range other {
		r, coefficients := outside(n, y)
		for k, c := range coefficients {
			along[k] += c * c
		}
		rest += floats.Dot(r, r) / float64(len(r)-len(along))
	}
	count := 1
	for k, v := range along {
		if v > signalRatio*rest {
			count = k + 1
		}
	}
	return count
}

// scale sets Scale. Each value gets the root mean square of its residual over
// the measurements that the components were fitted to. One factor for all
// values then gives the other measurements a χ² of 1 per value.
//
// Two steps: the shape of the scale from the fitted measurements, whose
// residuals are too small by the fit, and then one factor from the others.
func scale(ctx context.Context, n *nn.Novelty, fit, other [][]float64, threads int) error {
	squares := make([]float64, len(n.Mean))
	residuals := make([][]float64, len(fit))
	err := parallel.For(ctx, threads, len(fit), func(_, i int) error {
		residuals[i], _ = outside(n, fit[i])
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range residuals {
		for k, v := range r {
			squares[k] += v * v / float64(len(fit))
		}
	}
	least := leastScale * math.Sqrt(floats.Sum(squares)/float64(len(squares)))
	for k, v := range squares {
		n.Scale[k] = float32(max(math.Sqrt(v), least, math.SmallestNonzeroFloat32))
	}
	chi2 := 0.0
	for _, y := range other {
		r, _ := outside(n, y)
		chi2 += floats.Dot(r, r) / float64(len(r)*len(other))
	}
	for k := range n.Scale {
		n.Scale[k] = max(float32(float64(n.Scale[k])*math.Sqrt(chi2)), math.SmallestNonzeroFloat32)
	}
	return nil
}

// outside returns the part of a measurement outside of the span of the
// components, in standard deviations of right measurements, and the
// coefficients of the components.
//
// Removing one component after the other is the modified method of Gram and
// Schmidt.
func outside(n *nn.Novelty, y []float64) (r, coefficients []float64) {
	r, coefficients = make([]float64, len(y)), make([]float64, len(n.Components))
	for i, v := range y {
		r[i] = v - float64(n.Mean[i])
	}
	// one after the other: the components are orthonormal only to float32
	for k, u := range n.Components {
		for i, v := range r {
			coefficients[k] += v * float64(u[i])
		}
		for i := range r {
			r[i] -= coefficients[k] * float64(u[i])
		}
	}
	for i := range r {
		r[i] /= float64(n.Scale[i])
	}
	return r, coefficients
}

// Training adds the test whether training measurements explain a measurement y
// in physical units. It judges the part of y outside of the span of their
// principal components and needs no forward model. It adds nothing if the model
// has no such test.
//
// It is the only test that problems without a forward model have.
func (v *Verdict) Training(model *nn.Model, y []float64) {
	n, m := model.Novelty, &model.Meta
	if n == nil {
		return
	}
	if priors.Present(y) < len(y) {
		v.Remarks = append(v.Remarks,
			"values are missing, so that it was not compared with training pairs")
		v.settle()
		return
	}
	normalized := make([]float64, len(y))
	m.Normalization.NormalizeY(normalized, y)
	full := Shape{len(y) / (m.Rows * m.Cols), m.Rows, m.Cols}
	r := &Residual{Shape: full.thinned(n.Stride)}
	r.Values, _ = outside(n, model.Seen(normalized, n.Stride))
	if chi2, _ := misfit(r.Values, r.Shape); chi2 < noiseFreeMisfit {
		v.excuse()
	}
	basis := fmt.Sprintf("%d measurements, outside of %d principal components of %d training "+
		"measurements",
		n.Calibration.Count, len(n.Components), n.Pairs)
	if n.Stride > 1 {
		basis += fmt.Sprintf(", at one row and column in %d", n.Stride)
	}
	v.add(ByTraining, basis, n.Calibration, r, func(k int) string {
		row, col, channel := k/r.Shape.Cols%r.Shape.Rows, k%r.Shape.Cols,
			k/(r.Shape.Rows*r.Shape.Cols)
		return full.Place(((channel*full.Rows+row*n.Stride)*full.Cols + col*n.Stride), m.Width,
			m.Height, m.LengthUnit)
	})
}
