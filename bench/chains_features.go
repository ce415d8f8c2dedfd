package bench

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// features are functions of z in which an emulator is linear: the coordinates
// along the principal axes of the points to which it is fitted, and the
// products of those on which measurements depend most. They are centered and
// orthonormal over the points, so that a slope is a mean of products.
type features struct {
	axes   normal
	curved []int     // axes whose products are features
	mean   []float64 // of coordinates and products
	into   []float64 // rows of len(mean): features from coordinates and products
	n      int       // number of features
}

// mostCurved is the largest number of axes with products.
const mostCurved = 12

// linearFeatures returns features without products.
func linearFeatures(z []float64, d int) *features {
	f := &features{axes: normalOf(z, d), mean: make([]float64, d), n: d,
		into: make([]float64, d*d)}
	for k := range d {
		f.into[k*d+k] = 1
	}
	return f
}

// curvedFeatures returns features with products of the axes of the largest
// influence. There are at least four points for each feature.
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
	for q := 1; q <= min(d, mostCurved) && d+q*(q+1)/2 <= points/4; q++ {
		f.curved = order[:q]
	}
	p := d + len(f.curved)*(len(f.curved)+1)/2
	f.mean, f.n = make([]float64, p), p
	rows := make([]float64, points*p)
	for i := range points {
		f.raw(rows[i*p:(i+1)*p], z[i*d:(i+1)*d])
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
		return linearFeatures(z, d)
	}
	root.LTo(&lower)
	if inverse.InverseTri(&lower) != nil {
		return linearFeatures(z, d)
	}
	f.into = make([]float64, p*p)
	for a := range p {
		for b := range a + 1 {
			f.into[a*p+b] = inverse.At(a, b)
		}
	}
	return f
}

// raw sets dst to coordinates and products of z.
func (f *features) raw(dst, z []float64) {
	d := len(z)
	f.axes.whiten(dst[:d], z)
	at := d
	for i, a := range f.curved {
		for _, b := range f.curved[:i+1] {
			dst[at] = dst[a] * dst[b]
			at++
		}
	}
}

// of sets dst, of n features, to the features of z. scratch has room for
// len(mean) numbers.
func (f *features) of(dst, z, scratch []float64) {
	p := len(f.mean)
	raw := scratch[:p]
	f.raw(raw, z)
	for k, m := range f.mean {
		raw[k] -= m
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
type normal struct {
	mean  []float64
	axes  []float64 // axis j is axes[j*d:(j+1)*d]
	scale []float64 // standard deviations along the axes
}

// narrowest is the smallest standard deviation of a normal, in units of the
// prior's.
const narrowest = 1e-5

// normalOf returns the normal distribution with the moments of rows of z.
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
