package tasks

import (
	"math"
	"slices"

	"csdm/rng"
)

// affine is the part of the posteriors that least squares find: for each
// component of the unknown a mean and a scale, both functions of the
// measurement, and the covariance of the remainders
//
//	r = L⁻¹ (u − mean(y))/scale(y)
//
// The network learns the posterior of r, which has unit size however narrow
// the posterior of u is.
//
// The map from u to r is linear in u for each y, so that the score of u follows
// from the score of r, and draws of r map back exactly.
type affine struct {
	features    *features
	mean        [][]float64 // coefficients of the features, one row per component
	logScale    [][]float64
	least, most []float64 // ln scale among the pairs of the fit
	remainders  *cholesky
}

// newAffine fits the part to the first rows of d unknowns and of standardized
// measurements. The rows from fitted on choose the ridges.
//
// Three fits follow one another: the mean by least squares, ln|u − mean| by
// least squares as the logarithm of the scale, and the covariance of the scaled
// remainders. For a normal remainder E[ln|z|] = −0.635, so that all scales have
// the common factor e^−0.635, which the covariance takes up again.
func newAffine(u, y []float64, d, fitted int, seed uint64) *affine {
	n := len(u) / d
	dy := len(y) / n
	a := &affine{features: newFeatures(dy, seed)}
	rows := make([]float64, 0, n*a.features.len())
	for i := range n {
		rows = append(rows, a.features.of(y[i*dy:][:dy])...)
	}
	f := newRegression(rows, a.features.len(), fitted, 1+dy)
	rest, logs := make([]float64, len(u)), make([]float64, len(u))
	a.mean = f.fit(u, d)
	for i := range rest {
		rest[i] = u[i] - dot(a.mean[i%d], f.row(i/d))
		logs[i] = math.Log(math.Abs(rest[i]) + 1e-6)
	}
	a.logScale = f.fit(logs, d)
	a.least, a.most = make([]float64, d), make([]float64, d)
	covariance := make([]float64, d*d)
	for i := range fitted {
		r := rest[i*d:][:d]
		for k := range d {
			l := dot(a.logScale[k], f.row(i))
			if a.least[k] = min(a.least[k], l); i == 0 {
				a.least[k], a.most[k] = l, l
			}
			a.most[k] = max(a.most[k], l)
			r[k] *= math.Exp(-l)
		}
		for j := range d {
			for k := range d {
				covariance[j*d+k] += r[j] * r[k] / float64(fitted)
			}
		}
	}
	a.remainders = newCholesky(covariance, d)
	return a
}

// at returns the mean and the logarithm of the scale for a measurement.
//
// The scale is kept within the range of the fit: a linear function far from its
// data could be e^±20.
func (a *affine) at(y []float64) (mean, logScale []float64) {
	f := a.features.of(y)
	for k := range a.mean {
		mean = append(mean, dot(a.mean[k], f))
		logScale = append(logScale, min(max(dot(a.logScale[k], f), a.least[k]), a.most[k]))
	}
	return mean, logScale
}

// remainder replaces u by r.
//
// It divides by the scale first and applies L⁻¹ then, as the covariance is of
// scaled remainders.
func (a *affine) remainder(u, mean, logScale []float64) {
	for k := range u {
		u[k] = (u[k] - mean[k]) * math.Exp(-logScale[k])
	}
	a.remainders.solveLower(u)
}

// restore is the inverse of remainder.
//
// u = mean + scale · (L r).
func (a *affine) restore(r, mean, logScale []float64) {
	u := make([]float64, len(r))
	a.remainders.times(u, r)
	for k, v := range u {
		r[k] = mean[k] + v*math.Exp(logScale[k])
	}
}

// randomFeatures is the number of random features of a measurement.
const randomFeatures = 300

// features are functions of a measurement: one, its components, and random
// ones tanh(w·y + b) (Rahimi and Recht 2008).
//
// Random directions w of length about the steepness s and offsets b of the same
// size give tanh units that are nearly linear (s = 0.3) to steps (s = 3).
type features struct{ w, b []float64 }

// newFeatures draws the random features of a measurement of dy numbers. The
// factor 1/√dy makes the length of w independent of dy.
func newFeatures(dy int, seed uint64) *features {
	f := &features{make([]float64, randomFeatures*dy), make([]float64, randomFeatures)}
	s := rng.New(seed, rng.Init, 0, 1)
	for k := range f.b {
		steep := math.Exp(s.Uniform(math.Log(0.3), math.Log(3)))
		f.b[k] = steep * s.Normal()
		for i := range dy {
			f.w[k*dy+i] = steep * s.Normal() / math.Sqrt(float64(dy))
		}
	}
	return f
}

func (f *features) len() int { return 1 + len(f.w)/len(f.b) + len(f.b) }

// of returns the features of y.
func (f *features) of(y []float64) []float64 {
	out := append([]float64{1}, y...)
	for k, b := range f.b {
		out = append(out, math.Tanh(b+dot(f.w[k*len(y):][:len(y)], y)))
	}
	return out
}

// regression fits linear functions of rows of n features by least squares. The
// coefficients of all features but the first free ones have a penalty.
//
// A row has the constant and the components of y, which are free, and then the
// random features, which are penalized.
type regression struct {
	rows            []float64
	n, fitted, free int
	squares         []float64 // sum of the products of the fitted rows
}

// ridges are the penalties to choose from, as a share of the number of rows.
//
// The last one suppresses the random features entirely: then the fit is linear
// in y.
var ridges = []float64{1e-6, 1e-4, 1e-2, 1, 1e6}

// newRegression sums the products of the first fitted rows of n features. Only
// the lower triangle of Σ f fᵀ is summed: the factorization reads no more.
func newRegression(rows []float64, n, fitted, free int) *regression {
	f := &regression{rows: rows, n: n, fitted: fitted, free: free, squares: make([]float64, n*n)}
	for at := range fitted {
		row := f.row(at)
		for i, v := range row {
			for k, w := range row[:i+1] {
				f.squares[i*n+k] += v * w
			}
		}
	}
	return f
}

func (f *regression) row(i int) []float64 { return f.rows[i*f.n:][:f.n] }

// fit returns the coefficients of d functions for rows of d targets, each with
// the ridge that has the smallest error at the rows that are not fitted.
//
// The coefficients w solve (Σ f fᵀ + n ridge I) w = Σ f t, where the identity
// leaves out the free features. 10⁻⁹ n on the whole diagonal keeps the matrix
// definite for features that depend on each other.
func (f *regression) fit(targets []float64, d int) [][]float64 {
	out, least := make([][]float64, d), make([]float64, d)
	for _, ridge := range ridges {
		a := slices.Clone(f.squares)
		for i := range f.n {
			a[i*f.n+i] += 1e-9 * float64(f.fitted)
			if i >= f.free {
				a[i*f.n+i] += ridge * float64(f.fitted)
			}
		}
		c := newCholesky(a, f.n)
		for k := range out {
			w, e := make([]float64, f.n), 0.0
			for i := range f.fitted {
				for j, v := range f.row(i) {
					w[j] += targets[i*d+k] * v
				}
			}
			c.solveLower(w)
			c.solveUpper(w)
			for i := f.fitted; i*f.n < len(f.rows); i++ {
				v := targets[i*d+k] - dot(w, f.row(i))
				e += v * v
			}
			if out[k] == nil || e < least[k] {
				out[k], least[k] = w, e
			}
		}
	}
	return out
}
