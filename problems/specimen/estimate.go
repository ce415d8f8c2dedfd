package specimen

import (
	"fmt"
	"math"
	"slices"
)

// Estimate is a number from a map, with its standard error.
type Estimate struct{ Value, Error float64 }

// NoiseEstimate describes the noise of a map, as far as the map shows it.
type NoiseEstimate struct {
	Std    Estimate
	Length float64 // of the correlation; 0: white as far as the map shows

	Bottom, Top float64 // standard deviation in the two halves
}

// lengthSpread is the standard deviation of the logarithm of an estimated
// length about the true one, on maps of 16 by 16 values.
const lengthSpread = 0.5

// stretch returns Noise.Stretch for the estimate.
func (n *NoiseEstimate) stretch() float64 {
	if n.Length == 0 {
		return 0
	}
	return lengthSpread
}

// robust is the standard deviation of a normal variable over the median of its
// magnitude.
//
// It is 1/Φ⁻¹(3/4): half of the magnitudes of a standard normal variable lie
// below 0.6745.
const robust = 1.4826

// madEfficiency is the efficiency of the median of magnitudes as an estimate of
// a standard deviation, relative to the best one (Huber 1981).
const madEfficiency = 0.37

// estimateNoise estimates the noise from the second differences along x of the
// second differences along y, which smooth fields hardly have (Immerkær 1996).
// The median of their magnitudes leaves out the rim of an inclusion. The
// correlation along an axis comes from second differences along the other axis.
// steps are the distances of nodes.
//
// Let D = δ_x² δ_y² y with the second difference δ² y_k = y_{k−1} − 2y_k +
// y_{k+1}. A polynomial of total degree three has D = 0, because each of its
// terms is linear in x or in y. A smooth displacement therefore hardly
// contributes. For noise of variance s² with the correlation exp(−|Δ|/ℓ) along
// each axis,
//
//	Var D = s² v(ℓ/h_x) v(ℓ/h_y),   v = 6 − 8ρ + 2ρ²,   ρ = exp(−h/ℓ)
//
// (differenceVariance), so that s = spreadOf(D)/√(v v): gain is the root. White
// noise has v = 6 along both axes and s = spread/6.
func estimateNoise(y []float64, rows, cols int, stepX, stepY float64) NoiseEstimate {
	inX := secondDifferences(y, rows, cols, 1) // rows × (cols−2)
	inY := secondDifferences(y, rows, cols, cols)
	high := secondDifferences(inX, rows, cols-2, cols-2)
	scale, count := spreadOf(high), float64(len(high))
	cx, cy := neighborCorrelation(inY, cols, 1), neighborCorrelation(inX, cols-2, cols-2)
	gain := func(length float64) float64 {
		return math.Sqrt(differenceVariance(length/stepX) * differenceVariance(length/stepY))
	}
	// White noise: the sum of the squared correlations of the differences.
	//
	// Second differences of white noise have the correlations −4/6 at one step
	// and 1/6 at two. The variance of a mean square grows by the sum of the
	// squared correlations, 1 + 2(16/36 + 1/36), along each axis.
	const dependent = (1 + 2*(16./36+1./36)) * (1 + 2*(16./36+1./36))
	// The error of a correlation moves the length, and so the gain.
	margin := correlationError(count)
	length := lengthOf(cx, cy, stepX, stepY)
	most := lengthOf(cx+margin, cy+margin, stepX, stepY)
	// A correlation that sampling errors explain is taken to be none: a false
	// length would make the noise seem smoother, and the posterior too narrow.
	if min(cx, cy) < 2*margin { // it may be none
		length = 0
	}
	std := scale / gain(length)
	half := (rows - 2) / 2 * (cols - 2)
	return NoiseEstimate{
		Std: Estimate{std, math.Hypot(std*math.Sqrt(dependent/(2*madEfficiency*count)),
			scale/gain(most)-std)},
		Length: length, Bottom: spreadOf(high[:half]) / gain(length),
		Top: spreadOf(high[half:]) / gain(length),
	}
}

// secondDifferences returns the second differences of a plane along x, for a
// stride of 1, or along y, for a stride of cols. The axis loses both ends.
//
// The result is rows × (cols − 2) along x and (rows − 2) × cols along y.
func secondDifferences(y []float64, rows, cols, stride int) (d []float64) {
	r0, c0 := 0, 0
	if stride == 1 {
		c0 = 1
	} else {
		r0 = 1
	}
	for r := r0; r < rows-r0; r++ {
		for c := c0; c < cols-c0; c++ {
			k := r*cols + c
			d = append(d, y[k-stride]-2*y[k]+y[k+stride])
		}
	}
	return d
}

// neighborCorrelation returns the correlation of values that are stride apart
// in a plane. It follows from the share of equal signs (Sheppard 1899), which
// does not depend on the size of an outlier.
//
// For two normal variables with correlation ρ the probability of equal signs is
// P = ½ + arcsin(ρ)/π, hence
//
//	ρ = sin(π/2 · (2P − 1))
func neighborCorrelation(v []float64, cols, stride int) float64 {
	equal, count := 0.0, 0.0
	for k := range v[:len(v)-stride] {
		if stride == 1 && k%cols == cols-1 {
			continue
		}
		count++
		if v[k]*v[k+stride] > 0 {
			equal++
		}
	}
	return math.Sin(math.Pi / 2 * (2*equal/count - 1))
}

// correlationError returns the standard error of neighborCorrelation for count
// neighbors among second differences of white noise. With P the share of equal
// signs, sin(π/2 (2P − 1)) has near 0 the error (π/2)·2·√(1/4/n). The signs of
// two normal variables of correlation r have the correlation (2/π) asin r
// (Sheppard 1899). Products of signs that are one and two differences apart
// have its square, with r = −4/6 and 1/6, and count less.
func correlationError(count float64) float64 {
	dependent := 1.0
	for _, r := range []float64{4. / 6, 1. / 6} {
		signs := 2 / math.Pi * math.Asin(r)
		dependent += 2 * signs * signs
	}
	return math.Pi / 2 * math.Sqrt(dependent/count)
}

// mostLength is the longest correlation that is sought, in steps. Differences
// hardly show a longer one.
const mostLength = 4

// lengthOf returns the length of the correlation of noise, in the unit of the
// steps, from the correlations of neighbors along x and along y.
//
// It minimizes (e^(−h_x/ℓ) − ρ_x)² + (e^(−h_y/ℓ) − ρ_y)² over 201 equidistant ℓ
// from 0 to mostLength steps. A grid suffices: the estimate's own error is a
// large part of ℓ.
func lengthOf(alongX, alongY, stepX, stepY float64) float64 {
	length, least := 0.0, math.Inf(1)
	for k := range 201 {
		l := float64(k) / 200 * mostLength * max(stepX, stepY)
		dx, dy := math.Exp(-stepX/max(l, 1e-9))-alongX, math.Exp(-stepY/max(l, 1e-9))-alongY
		if miss := dx*dx + dy*dy; miss < least {
			length, least = l, miss
		}
	}
	return length
}

// spreadOf returns a robust standard deviation of numbers about 0.
func spreadOf(v []float64) float64 {
	size := make([]float64, len(v))
	for k, x := range v {
		size[k] = math.Abs(x)
	}
	slices.Sort(size)
	return robust * size[len(size)/2]
}

// differenceVariance returns the variance of second differences of noise with
// variance 1 and the correlation exp(−k/length) at k steps.
//
// length is in steps. From the weights 1, −2, 1 and the correlations 1, ρ, ρ²
// at distances 0, 1, 2:
//
//	1 + 4 + 1 + 2 (−2ρ − 2ρ + ρ²) = 6 − 8ρ + 2ρ²
func differenceVariance(length float64) float64 {
	if length == 0 {
		return 6
	}
	rho := math.Exp(-1 / length)
	return 6 - 8*rho + 2*rho*rho
}

// edgeEstimate is the smoothed displacement of an edge.
type edgeEstimate struct {
	values []float64
	degree int
	error  float64 // standard deviation of the smoothed values
}

// mostDegree is the largest degree of the polynomial of an edge.
const mostDegree = 8

// smoothEdge fits polynomials to the displacement of an edge, whose noise has
// the standard deviation std, and takes the degree with the smallest expected
// error of prediction: Σ r²/std² + 2·(degree + 1) (Mallows 1973). correlation
// is between neighbors.
//
// Σ r²/std² + 2p with p parameters estimates the error of prediction up to a
// constant: each parameter lowers the misfit by 1 on average through the noise
// alone. For noise with the correlation ρ between neighbors, decaying
// geometrically, a mean of n values has the variance std²/n · (1 + ρ)/(1 − ρ),
// by which the misfit counts less.
func smoothEdge(v []float64, std, correlation float64) edgeEstimate {
	n := len(v)
	// Legendre polynomials, made orthonormal on the nodes (Gram and Schmidt).
	var basis [][]float64
	rest := slices.Clone(v)
	fitted := make([]float64, n)
	best := edgeEstimate{}
	least := math.Inf(1)
	// Correlated noise has fewer independent values.
	inflation := (1 + correlation) / (1 - correlation)
	for degree := range min(mostDegree, n/3) + 1 {
		p := make([]float64, n)
		for i := range p {
			p[i] = math.Pow(2*float64(i)/float64(n-1)-1, float64(degree))
		}
		for range 2 { // the second pass removes what rounding left
			for _, b := range basis {
				along := dot(p, b)
				for i := range p {
					p[i] -= along * b[i]
				}
			}
		}
		length := math.Sqrt(dot(p, p))
		for i := range p {
			p[i] /= length
		}
		basis = append(basis, p)
		along := dot(rest, p)
		for i := range p {
			fitted[i] += along * p[i]
			rest[i] -= along * p[i]
		}
		squares := dot(rest, rest)
		if c := squares/(std*std)/inflation + 2*float64(degree+1); c < least {
			least = c
			// The part of the misfit above the noise is an error of the
			// polynomial.
			lack := max(0, squares/float64(n)-std*std)
			best = edgeEstimate{slices.Clone(fitted), degree,
				math.Sqrt(std*std*inflation*float64(degree+1)/float64(n) + lack)}
		}
	}
	return best
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// side returns the values of a channel of y along an edge.
//
// Values run from left to right, or from the bottom up.
func side(y []float64, g *Grid, name string) (v []float64) {
	n := g.Cols
	if name == "left" || name == "right" {
		n = g.Rows
	}
	for k := range n {
		at := map[string]int{"bottom": k, "top": (g.Rows-1)*g.Cols + k, "left": k * g.Cols,
			"right": k*g.Cols + g.Cols - 1}[name]
		v = append(v, y[at])
	}
	return v
}

// loosest bounds spread: a noise that could be anything would explain any
// misfit.
const loosest = 0.5

// spread returns the standard deviation of the logarithm of a positive number.
//
// For a small relative error it is std(ln v) ≈ std(v)/v.
func (e Estimate) spread() float64 { return min(loosest, e.Error/e.Value) }

// String returns the value with one standard error.
func (e Estimate) String() string { return fmt.Sprintf("%.2g ± %.1g", e.Value, e.Error) }
