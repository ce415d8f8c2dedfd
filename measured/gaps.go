package measured

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"csdm/priors"
)

// leastWeight is the share of the weight around a node that its measured
// samples need. interpolated is the largest number of samples of a stencil that
// interpolates: none of them may be missing.
//
// With less than half of the weight the value would be an extrapolation.
// Interpolation without one of its two samples would repeat the other sample at
// the wrong place.
const (
	leastWeight  = 0.5
	interpolated = 2
)

// resampleGaps is Resample for a map with missing samples. rows and cols hold
// the stencils of the nodes. The value of a node is the local linear fit by
// least squares to its measured samples, with the magnitudes of the products of
// the stencils' weights.
//
// Without a gap in its stencil a node keeps the value of Resample bit for bit.
func (m *Map) resampleGaps(t Target, rows, cols []stencil) []float64 {
	out := make([]float64, 0, m.Channels*t.Rows*t.Cols)
	for c := range m.Channels {
		plane := m.Values[c*m.Rows*m.Cols:][:m.Rows*m.Cols]
		for _, r := range rows {
			for _, k := range cols {
				out = append(out, m.fitNode(plane, r, k))
			}
		}
	}
	return out
}

// fitNode returns the value of a plane at a node, or NaN.
//
// The fit minimizes Σ_ij |w_i w_j| (v_ij − a − b Δx_j − c Δy_i)² over the
// measured samples, with distances from the node in samples; a is the value.
// Its normal equations are 3×3.
func (m *Map) fitNode(plane []float64, rows, cols stencil) float64 {
	sums, right := mat.NewSymDense(3, nil), mat.NewVecDense(3, nil)
	all, seen, value, lost := 0.0, 0.0, 0.0, false
	atY, atX := rows.middle(), cols.middle()
	for i, wy := range rows.weight {
		for j, wx := range cols.weight {
			v, w := plane[(rows.first+i)*m.Cols+cols.first+j], math.Abs(wy*wx)
			all += w
			if priors.Missing(v) {
				lost = lost || w > 1e-9
				continue
			}
			seen, value = seen+w, value+wy*wx*v
			f := [3]float64{1, float64(cols.first+j) - atX, float64(rows.first+i) - atY}
			for a := range f {
				right.SetVec(a, right.AtVec(a)+w*f[a]*v)
				for b := range a + 1 {
					sums.SetSym(a, b, sums.At(a, b)+w*f[a]*f[b])
				}
			}
		}
	}
	switch {
	case !lost:
		return value
	case len(rows.weight) <= interpolated || len(cols.weight) <= interpolated,
		seen < leastWeight*all:
		return math.NaN()
	}
	var factor mat.Cholesky
	var fit mat.VecDense
	if !factor.Factorize(sums) || factor.SolveVecTo(&fit, right) != nil {
		return math.NaN() // the samples lie on a line
	}
	return fit.AtVec(0)
}

// middle returns the position of the node in samples: a stencil reproduces
// linear functions.
//
// For weights with Σ w_j = 1 and Σ w_j (j − at) = 0 it is Σ w_j j.
func (s stencil) middle() float64 {
	at := 0.0
	for i, w := range s.weight {
		at += w * float64(s.first+i)
	}
	return at
}
