package fidelity

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Pairs holds the measurements that both models computed for the same fields.
// Rows are measurements, all of the same length.
type Pairs struct{ Cheap, Dear *mat.Dense }

// check returns an error if the matrices do not fit.
func (p Pairs) check() error {
	n, size := p.Cheap.Dims()
	if m, other := p.Dear.Dims(); m != n || other != size || n < LeastPairs {
		return fmt.Errorf("fidelity: %d cheap measurements of %d values and %d dear ones of %d; "+
			"want at least %d of each, of the same size", n, size, m, other, LeastPairs)
	}
	return nil
}

// part returns the pairs with the given numbers.
func (p Pairs) part(rows []int) Pairs {
	_, size := p.Cheap.Dims()
	q := Pairs{mat.NewDense(len(rows), size, nil), mat.NewDense(len(rows), size, nil)}
	for k, i := range rows {
		q.Cheap.SetRow(k, p.Cheap.RawRowView(i))
		q.Dear.SetRow(k, p.Dear.RawRowView(i))
	}
	return q
}

// LeastPairs is the smallest number of pairs of both models.
const LeastPairs = 8

// Correction maps a measurement of the cheap model to an estimate of the dear
// model's. The difference of the two is the mean of a Gaussian process over
// principal components of the cheap measurement (Rasmussen and Williams 2006,
// Eq. 2.25). A Correction is read-only and may be shared.
type Correction struct {
	Settings
	mean     []float64  // of the cheap measurements
	axes     *mat.Dense // columns: components, scaled to features of variance 1
	features *mat.Dense // of the pairs, row by row
	weights  *mat.Dense // of the pairs' kernels, for each value of the difference
}

// Settings are the hyperparameters of a Correction.
type Settings struct {
	Components int `json:"components"` // principal components that are features
	// length of the kernel, in standard deviations of a feature
	Length float64 `json:"length"`
	Ridge  float64 `json:"ridge"` // variance of the noise over that of the process
}

// components returns the mean of the rows of y, and the columns that map a row
// without the mean to features of variance 1, by falling variance of the
// components. There are most columns, or fewer where the variance ends.
func components(y *mat.Dense, most int) (mean []float64, axes *mat.Dense) {
	n, size := y.Dims()
	mean = make([]float64, size)
	for i := range n {
		for k, v := range y.RawRowView(i) {
			mean[k] += v / float64(n)
		}
	}
	centered := mat.NewDense(n, size, nil)
	for i := range n {
		row := centered.RawRowView(i)
		for k, v := range y.RawRowView(i) {
			row[k] = v - mean[k]
		}
	}
	var gram mat.SymDense
	gram.SymOuterK(1/float64(n), centered)
	var eigen mat.EigenSym
	if !eigen.Factorize(&gram, true) {
		panic("fidelity: a symmetric matrix has no eigenvalues")
	}
	values := eigen.Values(nil) // ascending
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	most = min(most, n-1)
	for most > 0 && !(values[n-most] > 1e-12*values[n-1]) {
		most--
	}
	if most == 0 {
		return mean, nil
	}
	axes = mat.NewDense(size, most, nil)
	for k := range most {
		at := n - 1 - k
		var axis mat.VecDense
		axis.MulVec(centered.T(), vectors.ColView(at))
		axis.ScaleVec(1/(values[at]*math.Sqrt(float64(n))), &axis)
		axes.SetCol(k, axis.RawVector().Data)
	}
	return mean, axes
}

// kernel returns the covariance of the process between two feature vectors: a
// constant, a linear and a smooth part of equal variance.
func (s *Settings) kernel(a, b []float64) float64 {
	along, apart := 0.0, 0.0
	for k := range s.Components {
		along += a[k] * b[k]
		apart += (a[k] - b[k]) * (a[k] - b[k])
	}
	d := float64(max(1, s.Components))
	return 1 + along/d + math.Exp(-apart/(2*d*s.Length*s.Length))
}

// covariance returns the covariance of all rows, with the ridge.
func (s *Settings) covariance(features *mat.Dense) *mat.SymDense {
	n, _ := features.Dims()
	k := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			v := s.kernel(features.RawRowView(i), features.RawRowView(j))
			if i == j {
				v += s.Ridge
			}
			k.SetSym(i, j, v)
		}
	}
	return k
}

// Apply adds the correction to each row of y, the cheap model's measurements.
func (c *Correction) Apply(y *mat.Dense) {
	n, size := y.Dims()
	if size != len(c.mean) {
		panic(fmt.Sprintf("fidelity: measurements of %d values; the correction is for %d", size,
			len(c.mean)))
	}
	f := c.featuresOf(y)
	pairs, _ := c.features.Dims()
	k := mat.NewDense(n, pairs, nil)
	for i := range n {
		for j := range pairs {
			k.Set(i, j, c.kernel(f.RawRowView(i), c.features.RawRowView(j)))
		}
	}
	var difference mat.Dense
	difference.Mul(k, c.weights)
	y.Add(y, &difference)
}

// featuresOf returns the features of the rows of y. Without components, there
// is one that is 0.
func (c *Correction) featuresOf(y *mat.Dense) *mat.Dense {
	n, size := y.Dims()
	if c.axes == nil {
		return mat.NewDense(n, 1, nil)
	}
	centered := mat.NewDense(n, size, nil)
	for i := range n {
		row := centered.RawRowView(i)
		for k, v := range y.RawRowView(i) {
			row[k] = v - c.mean[k]
		}
	}
	var f mat.Dense
	f.Mul(centered, c.axes)
	return &f
}
