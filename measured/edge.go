package measured

import "math"

// Settings of the test of filled edges. Of 30 other choices none had more power
// on 400 waves of opticnerve that were shifted by two pixels.
const (
	edgeDepth  = 6 // lines that are judged, from the edge on
	edgeFilled = 3 // of them at most that may be filled
	edgeModes  = 3 // cosines along the edge
	edgeLength = 8 // of the judged part of an edge, at least
)

// filledEdge compares two explanations of the outermost lines of a map (C, H,
// W): a slope across all of them, and a slope from line m on, with the value of
// line m in the lines outside of it. A map that was shifted by m pixels and
// filled with its last line has the second form. The result is the difference
// of the sums of squared residuals, the largest of the four edges and of the m
// up to edgeFilled. Its unit is the variance of the noise (NoiseStd), or what
// the second explanation leaves if that is more. It is 0 if no edge can be
// judged.
//
// An edge is judged along its longest part where the edgeDepth lines are all
// measured and larger than faintest. Along it both explanations are compared
// for the first edgeModes cosines, because a wave is smooth.
//
// With p_k the coefficient of one cosine on line k = 0 … 5 from the edge inward
// and
//
//	R_m = min over a, b of Σ_k (p_k − a − b max(k, m))²
//
// the result is the largest (R_0 − R_m)/max(1, R_m/ν) over m = 1 … 3, summed
// over cosines and channels in units of the noise's variance. Both models have
// two parameters, so that neither is favored for its freedom. ν counts 6 − 2
// values per profile; the division keeps a curved edge, which no line explains,
// from looking filled.
func filledEdge(y []float64, rows, cols int) float64 {
	s, n := newSignal(y, rows, cols), rows*cols
	if rows < edgeDepth || cols < edgeDepth {
		return 0
	}
	best, judged := math.Inf(-1), false
	for _, e := range []edge{{0, cols, 1, cols}, {n - cols, -cols, 1, cols}, {0, 1, cols, rows},
		{cols - 1, -1, cols, rows}} {
		if e = e.longest(s); e.length >= edgeLength {
			best, judged = max(best, e.filled(s)), true
		}
	}
	if !judged {
		return 0
	}
	return best
}

// edge is a part of an edge of a map: length values, along apart, from value
// first on. inward leads to the next line inside.
type edge struct{ first, inward, along, length int }

// longest returns the longest part of the edge where all lines are inside.
//
// It is the first of the longest, and has length 0 if there is none.
func (e edge) longest(s *signal) edge {
	best, from := edge{e.first, e.inward, e.along, 0}, 0
	for j := range e.length {
		for k := range edgeDepth {
			if !s.inside(e.first + j*e.along + k*e.inward) {
				from = j + 1
				break
			}
		}
		if j+1-from > best.length {
			best.first, best.length = e.first+from*e.along, j+1-from
		}
	}
	return best
}

// filled returns the result of filledEdge for one edge.
//
// Channels without noise are left out: their unit would be 0.
func (e edge) filled(s *signal) float64 {
	var left [edgeFilled + 1]float64 // what a slope from line m on leaves
	values := 0
	for c, std := range s.std {
		if std == 0 {
			continue
		}
		for mode := range edgeModes {
			values += edgeDepth - 2
			profile := e.profile(s.y[c*s.size:(c+1)*s.size], mode)
			for m := range left {
				left[m] += leftBySlope(profile, m) / (std * std)
			}
		}
	}
	best := math.Inf(-1)
	for _, v := range left[1:] {
		best = max(best, (left[0]-v)/max(1, v/float64(values)))
	}
	return best
}

// profile returns the coefficient of an orthonormal cosine along each line.
//
// The functions √(2/n) cos(πm(j + ½)/n), and √(1/n) for m = 0, are orthonormal
// on the n points of a line (the type II cosine transform), so that white noise
// of the map is white noise of the profile with the same variance.
func (e edge) profile(v []float64, mode int) (p [edgeDepth]float64) {
	n := float64(e.length)
	scale := math.Sqrt(2 / n)
	if mode == 0 {
		scale = math.Sqrt(1 / n)
	}
	for j := range e.length {
		f := scale * math.Cos(math.Pi*float64(mode)*(float64(j)+0.5)/n)
		for k := range p {
			p[k] += f * v[e.first+j*e.along+k*e.inward]
		}
	}
	return p
}

// leftBySlope returns the sum of squares that the best a + b max(k, m) leaves
// of a profile, by linear regression.
//
// With centered sums it is S_pp − S_pm²/S_mm, the residual of a simple
// regression.
func leftBySlope(p [edgeDepth]float64, m int) float64 {
	var mean, at float64
	for k, v := range p {
		mean, at = mean+v/edgeDepth, at+float64(max(k, m))/edgeDepth
	}
	var square, product, spread float64
	for k, v := range p {
		d := float64(max(k, m)) - at
		square, product, spread = square+(v-mean)*(v-mean), product+d*(v-mean), spread+d*d
	}
	return square - product*product/spread
}
