package bench

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// features are functions of z and of its field in which an emulator is linear:
// the coordinates along the principal axes of the points to which it is fitted,
// the products of those on which measurements depend most, and the field at the
// places where it is least a smooth function of these. There a node changes its
// tissue when an edge crosses it, and the measurement jumps. Features are
// centered and orthonormal over the points, so that a slope is a mean of
// products.
type features struct {
	// principal axes of the points
	axes   normal
	curved []int     // axes whose products are features
	places []int     // nodes whose values are features
	mean   []float64 // of coordinates, products and values
	into   []float64 // rows of len(mean): features from coordinates, products, values
	n      int       // number of features
	plain  bool      // the features are centered only, and into is not used
}

const (
	mostCurved       = 12 // axes with products at most
	pointsPerFeature = 4  // at least
	// leastJump is the residual of a node's value, relative to its mean, from
	// which on it can be a feature.
	leastJump = 0.01
)

// linearFeatures returns features without products.
//
// They are the d whitened coordinates.
func linearFeatures(z []float64, d int) *features {
	f := &features{axes: normalOf(z, d), mean: make([]float64, d), n: d,
		into: make([]float64, d*d)}
	for k := range d {
		f.into[k*d+k] = 1
	}
	return f
}

// curvedFeatures returns features with products of the axes of the largest
// influence, and none if the points are degenerate. There are at least
// pointsPerFeature points for each feature.
//
// q axes have q (q + 1)/2 products. q grows as long as the points suffice.
func curvedFeatures(z []float64, d int, influence []float64) *features {
	points := len(z) / d
	f := &features{axes: normalOf(z, d)}
	order := make([]int, d)
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(influence[b], influence[a])
	})
	for q := 1; q <= min(d, mostCurved) && d+q*(q+1)/2 <= points/pointsPerFeature; q++ {
		f.curved = order[:q]
	}
	if !f.orthonormalize(z, d, nil) {
		return linearFeatures(z, d)
	}
	return f
}

// withPlaces returns f with the values of the nodes as further features whose
// residual over the points, relative to the mean of the node's values, is
// largest. field holds the fields of the points, rows of size values. It
// returns f if no residual counts, or if the points do not suffice.
func (f *features) withPlaces(z []float64, d int, field []float64, size int) *features {
	points := len(z) / d
	type node struct {
		at       int
		residual float64 // variance over the square of the mean
	}
	var nodes []node
	rows, scratch := make([]float64, points*f.n), make([]float64, len(f.mean))
	for i := range points {
		f.of(rows[i*f.n:(i+1)*f.n], z[i*d:(i+1)*d], nil, scratch)
	}
	slope := make([]float64, f.n)
	for k := range size {
		mean, square := 0.0, 0.0
		for i := range points {
			mean += field[i*size+k] / float64(points)
		}
		clear(slope)
		for i := range points {
			v := field[i*size+k] - mean
			square += v * v
			for j, g := range rows[i*f.n : (i+1)*f.n] {
				slope[j] += v * g / float64(points-1)
			}
		}
		for _, s := range slope {
			square -= float64(points-1) * s * s
		}
		r := square / float64(points-1) / (mean * mean)
		if r > leastJump*leastJump && !math.IsInf(r, 0) {
			nodes = append(nodes, node{k, r})
		}
	}
	slices.SortStableFunc(nodes, func(a, b node) int { return cmp.Compare(b.residual, a.residual) })
	more := min(len(nodes), max(points/pointsPerFeature-len(f.mean), 0))
	if more == 0 {
		return f
	}
	g := &features{axes: f.axes, curved: f.curved}
	for _, n := range nodes[:more] {
		g.places = append(g.places, n.at)
	}
	slices.Sort(g.places)
	values := make([]float64, 0, points*more)
	for i := range points {
		for _, k := range g.places {
			values = append(values, field[i*size+k])
		}
	}
	if !g.orthonormalize(z, d, values) {
		return f
	}
	return g
}

// orthonormalize sets mean, into and n for rows of z, and reports whether the
// features are independent. values holds the field at f.places, row by row.
//
// With the covariance LLᵀ of the raw functions, L⁻¹ (raw − mean) has the
// identity as covariance: into is L⁻¹. The tiny addition to the diagonal keeps
// L regular where two functions agree.
func (f *features) orthonormalize(z []float64, d int, values []float64) bool {
	points, v := len(z)/d, len(f.places)
	p := d + len(f.curved)*(len(f.curved)+1)/2 + v
	f.mean, f.n = make([]float64, p), p
	rows := make([]float64, points*p)
	for i := range points {
		f.raw(rows[i*p:(i+1)*p], z[i*d:(i+1)*d], values[i*v:(i+1)*v])
		for k, v := range rows[i*p : (i+1)*p] {
			f.mean[k] += v / float64(points)
		}
	}
	covariance := mat.NewSymDense(p, nil)
	for a := range p {
		for b := a; b < p; b++ {
			sum := 0.0
			for i := range points {
				sum += (rows[i*p+a] - f.mean[a]) * (rows[i*p+b] - f.mean[b])
			}
			covariance.SetSym(a, b, sum/float64(points-1))
		}
		covariance.SetSym(a, a, covariance.At(a, a)*(1+1e-9)+1e-12)
	}
	var root mat.Cholesky
	var lower, inverse mat.TriDense
	if !root.Factorize(covariance) {
		return false
	}
	root.LTo(&lower)
	if inverse.InverseTri(&lower) != nil {
		return false
	}
	f.into = make([]float64, p*p)
	for a := range p {
		for b := range a + 1 {
			f.into[a*p+b] = inverse.At(a, b)
		}
	}
	return true
}

// raw sets dst to coordinates and products of z, followed by the values of its
// field at f.places.
func (f *features) raw(dst, z, values []float64) {
	d := len(z)
	f.axes.whiten(dst[:d], z)
	at := d
	for i, a := range f.curved {
		for _, b := range f.curved[:i+1] {
			dst[at] = dst[a] * dst[b]
			at++
		}
	}
	copy(dst[at:], values)
}

// of sets dst, of n features, to the features of z, whose field has values at
// f.places. scratch has room for len(mean) numbers.
func (f *features) of(dst, z, values, scratch []float64) {
	p := len(f.mean)
	raw := scratch[:p]
	f.raw(raw, z, values)
	for k, m := range f.mean {
		raw[k] -= m
	}
	if f.plain {
		copy(dst, raw)
		return
	}
	for a := range dst {
		sum := 0.0
		for b, v := range f.into[a*p : (a+1)*p] {
			sum += v * raw[b]
		}
		dst[a] = sum
	}
}

// keep drops all features except those given.
func (f *features) keep(kept []int) {
	p := len(f.mean)
	into := make([]float64, 0, len(kept)*p)
	for _, a := range kept {
		into = append(into, f.into[a*p:(a+1)*p]...)
	}
	f.into, f.n = into, len(kept)
}

// normal is a normal distribution of z by its principal axes.
//
// z = mean + Σ_j w_j scale_j axis_j.
type normal struct {
	mean  []float64
	axes  []float64 // axis j is axes[j*d:(j+1)*d]
	scale []float64 // standard deviations along the axes
}

// narrowest is the smallest standard deviation of a normal, in units of the
// prior's.
const narrowest = 1e-5

// normalOf returns the normal distribution with the moments of rows of z.
//
// The eigenvectors of the covariance are the axes, the roots of its eigenvalues
// the scales.
func normalOf(z []float64, d int) normal {
	n := len(z) / d
	covariance, mean := mat.NewSymDense(d, nil), make([]float64, d)
	for i, v := range z {
		mean[i%d] += v / float64(n)
	}
	for a := range d {
		for b := a; b < d; b++ {
			sum := 0.0
			for i := range n {
				sum += (z[i*d+a] - mean[a]) * (z[i*d+b] - mean[b])
			}
			covariance.SetSym(a, b, sum/float64(max(n-1, 1)))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(covariance, true) {
		panic("bench: no principal axes")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	q := normal{mean, make([]float64, d*d), eigen.Values(nil)}
	for j := range d {
		q.scale[j] = max(math.Sqrt(max(q.scale[j], 0)), narrowest)
		for k := range d {
			q.axes[j*d+k] = vectors.At(k, j)
		}
	}
	return q
}

// whiten sets w to the coordinates of z along the axes, in standard deviations.
func (q *normal) whiten(w, z []float64) {
	d := len(q.mean)
	for j := range w {
		sum := 0.0
		for k, a := range q.axes[j*d : (j+1)*d] {
			sum += a * (z[k] - q.mean[k])
		}
		w[j] = sum / q.scale[j]
	}
}
