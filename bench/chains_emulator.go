package bench

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"csdm/internal/parallel"
)

// points are solved points of the standardized variables z.
//
// Y is float32: its rounding is far below the emulator's error.
type points struct {
	Z []float64 // rows of d
	Y []float32 // measurements without mask, rows of the measurement's length
}

// keepLast drops all but the last n of the points, which have d variables.
func (p *points) keepLast(n, d int) {
	if drop := len(p.Z)/d - n; drop > 0 {
		m := len(p.Y) / (len(p.Z) / d)
		p.Z, p.Y = p.Z[drop*d:], p.Y[drop*m:]
	}
}

// fit is how well a point explains the measurement.
type fit struct {
	logL   float64 // log-likelihood
	misfit float64 // part of logL that rises from temperature 0 to 1
	values int     // values of the measurement that the mask shows
}

// at returns the log-likelihood at temperature t. With a mask, the noise has a
// variance 1/t times as large at the values that the mask shows,
// so that the mask counts in full at any temperature. Without a mask it is t
// times the log-likelihood.
//
// A variance 1/t turns −r²/(2s²) into −t r²/(2s²) and adds ½ ln t per shown
// value: the normalization must count, because the number of shown values
// depends on θ.
func (f fit) at(t float64) float64 {
	if t == 1 {
		return f.logL
	}
	return f.logL - (1-t)*f.misfit + float64(f.values)/2*math.Log(t)
}

// emulator approximates the log-likelihood: measurements are linear in the
// features, and masks are exact at the pixels whose mask varies.
//
// With features g the emulated measurement is base + slopes · g, so that the
// misfit is a quadratic form constant + linear · g + gᵀ square g: one
// evaluation costs n² for n features, whatever the number of pixels.
type emulator struct {
	// functions in which the measurement is linear
	features *features
	y        []float64 // the measurement
	weight   []float64 // 1/std² of its noise
	base     []float64 // emulated measurement at the mean of the features
	slopes   []float64 // rows of n: change by each of n features

	// the problem shows y only at some pixels of each field
	masked   bool
	pixels   []int   // whose mask varies
	usual    []bool  // mask at pixels that the quadratic form assumes
	size     int     // pixels of a channel
	hidden   float64 // Σ weight y² of the values that usual hides
	values   int     // values that usual shows
	constant float64 // of the quadratic form of the others
	// linear part of that form, n numbers
	linear []float64
	square []float64 // n×n, lower triangle
}

// fields returns the fields of rows of z.
func (c *chains) fields(ctx context.Context, z []float64) ([]float64, error) {
	d, size := c.dim(), c.problem.Spec().XLen()
	field := make([]float64, len(z)/d*size)
	return field, parallel.For(ctx, c.s.Threads, len(z)/d, func(worker, i int) error {
		w := c.workers[worker]
		c.toTheta(w.theta, z[i*d:(i+1)*d])
		c.prior.Field(field[i*size:(i+1)*size], w.theta)
		return nil
	})
}

// fitEmulator fits an emulator to solved points: first without products of
// coordinates, to find the axes that matter, and then with them and with the
// nodes where the field jumps.
func (c *chains) fitEmulator(ctx context.Context, p *points) (*emulator, error) {
	d := c.dim()
	e := c.newEmulator(linearFeatures(p.Z, d))
	if err := e.fitPoints(ctx, p, nil, c.s.Threads); err != nil {
		return nil, err
	}
	field, err := c.fields(ctx, p.Z)
	if err != nil {
		return nil, err
	}
	e = c.newEmulator(curvedFeatures(p.Z, d, e.influence()).withPlaces(p.Z, d, field, e.size))
	if err := e.fitPoints(ctx, p, field, c.s.Threads); err != nil {
		return nil, err
	}
	e.drop()
	e.flatten()
	return e, c.fitMask(ctx, e, p.Z)
}

// flatten changes to features that are centered but not orthonormal, which take
// less time.
//
// slopes · (into · raw) = (slopes · into) · raw.
func (e *emulator) flatten() {
	f := e.features
	n, p := f.n, len(f.mean)
	slopes := make([]float64, len(e.y)*p)
	for k := range e.y {
		row := slopes[k*p : (k+1)*p]
		for a, s := range e.slopes[k*n : (k+1)*n] {
			for b, v := range f.into[a*p : (a+1)*p] {
				row[b] += s * v
			}
		}
	}
	e.slopes, f.into, f.n, f.plain = slopes, nil, p, true
}

// newEmulator returns an emulator that emulates 0.
func (c *chains) newEmulator(f *features) *emulator {
	return &emulator{features: f, y: c.y, weight: c.weight, base: make([]float64, len(c.y)),
		slopes: make([]float64, len(c.y)*f.n), size: c.problem.Spec().XLen(), masked: c.masked()}
}

// fitPoints sets base and slopes by the points with their fields, which are not
// used if no value of a field is a feature.
func (e *emulator) fitPoints(ctx context.Context, p *points, field []float64,
	threads int) error {
	d, n, m := len(e.features.axes.mean), e.features.n, len(e.y)
	count := len(p.Z) / d
	f, scratch := make([]float64, count*n), make([]float64, len(e.features.mean))
	values := make([]float64, len(e.features.places))
	for i := range count {
		for k, at := range e.features.places {
			values[k] = field[i*e.size+at]
		}
		e.features.of(f[i*n:(i+1)*n], p.Z[i*d:(i+1)*d], values, scratch)
	}
	rest := make([]float64, m) // residual variance in units of the noise's
	const piece = 256
	if err := parallel.For(ctx, threads, (m+piece-1)/piece, func(_, part int) error {
		for k := part * piece; k < min((part+1)*piece, m); k++ {
			e.fitPlace(k, p.Y, f, rest)
		}
		return nil
	}); err != nil {
		return err
	}
	e.shrink(count, rest)
	return nil
}

// influence returns the squared slopes of each feature, in units of the noise.
func (e *emulator) influence() []float64 {
	sum := make([]float64, e.features.n)
	for i, s := range e.slopes {
		sum[i%len(sum)] += s * s * e.weight[i/len(sum)]
	}
	return sum
}

// drop drops the features without influence.
func (e *emulator) drop() {
	n := e.features.n
	var kept []int
	for k, v := range e.influence() {
		if v > 0 {
			kept = append(kept, k)
		}
	}
	slopes := make([]float64, 0, len(e.y)*len(kept))
	for k := range e.y {
		for _, j := range kept {
			slopes = append(slopes, e.slopes[k*n+j])
		}
	}
	e.slopes = slopes
	e.features.keep(kept)
}

// fitPlace fits value k of the measurement.
//
// Features are orthonormal over the points, so that each slope is a mean of
// products, Σ v g/(n − 1), and the residual is Σ v² − (n − 1) Σ slope².
func (e *emulator) fitPlace(k int, y []float32, f, rest []float64) {
	d, m := e.features.n, len(e.y)
	n := len(f) / d
	mean, square := 0.0, 0.0
	for i := range n {
		mean += float64(y[i*m+k]) / float64(n)
	}
	slope := e.slopes[k*d : (k+1)*d]
	for i := range n {
		v := float64(y[i*m+k]) - mean
		square += v * v
		for j, g := range f[i*d : (i+1)*d] {
			slope[j] += v * g
		}
	}
	for j := range slope {
		slope[j] /= float64(n - 1)
		square -= float64(n-1) * slope[j] * slope[j]
	}
	e.base[k] = mean
	rest[k] = max(square, 0) / float64(max(n-1-d, 1)) * e.weight[k]
}

// shrink reduces the slopes of features that the points hardly determine
// (James and Stein 1961, one factor per feature).
//
// The squared slopes of a feature sum to its influence plus the noise of the
// estimate; 1 − noise/influence is the factor of least expected error, at least
// 0.
func (e *emulator) shrink(n int, rest []float64) {
	d := e.features.n
	noise := 0.0
	for _, v := range rest {
		noise += v / float64(n)
	}
	for j, sum := range e.influence() {
		factor := 0.0
		if sum > noise {
			factor = 1 - noise/sum
		}
		for k := range e.weight {
			e.slopes[k*d+j] *= factor
		}
	}
}

// fitMask finds the pixels whose mask varies over rows of z, with their
// neighbors, and sums the misfit of all others.
func (c *chains) fitMask(ctx context.Context, e *emulator, z []float64) error {
	d := c.dim()
	n := len(z) / d
	usual := slices.Repeat([]bool{true}, e.size)
	if c.masked() {
		all, masks := make([]int, e.size), make([][]bool, n)
		for k := range all {
			all[k] = k
		}
		if err := parallel.For(ctx, c.s.Threads, n, func(worker, i int) error {
			masks[i] = make([]bool, e.size)
			w := c.workers[worker]
			c.toTheta(w.theta, z[i*d:(i+1)*d])
			w.mask.Shown(masks[i], all, w.theta)
			return nil
		}); err != nil {
			return err
		}
		e.pixels, usual = varying(masks, c.problem.Spec().Cols)
	}
	for _, k := range e.pixels {
		e.usual = append(e.usual, usual[k])
	}
	e.sumUp(usual)
	return nil
}

// sumUp sets the quadratic form of the misfit for the mask usual.
//
// With r = y − base the misfit Σ w (r − s·g)² is Σ w r² − 2 Σ w r s·g + Σ w
// (s·g)².
func (e *emulator) sumUp(usual []bool) {
	n := e.features.n
	e.linear, e.square = make([]float64, n), make([]float64, n*n)
	for k, v := range e.y {
		w := e.weight[k]
		if !usual[k%e.size] {
			e.hidden += w * v * v
			continue
		}
		if w == 0 { // not measured
			continue
		}
		e.values++
		r, s := v-e.base[k], e.slopes[k*n:(k+1)*n]
		e.constant += w * r * r
		for a := range n {
			e.linear[a] -= 2 * w * r * s[a]
			for b := range a {
				e.square[a*n+b] += 2 * w * s[a] * s[b]
			}
			e.square[a*n+a] += w * s[a] * s[a]
		}
	}
}

// widen is the distance in pixels to which the neighbors of a varying pixel
// count as varying.
const widen = 1

// varying returns the pixels whose mask is not the same in all masks, with
// their neighbors, and the mask of the majority.
func varying(masks [][]bool, cols int) (pixels []int, usual []bool) {
	size := len(masks[0])
	rows := size / cols
	count := make([]int, size)
	usual = make([]bool, size)
	for k := range count {
		for _, m := range masks {
			if m[k] {
				count[k]++
			}
		}
		usual[k] = 2*count[k] > len(masks)
	}
	differs := func(r, c int) bool {
		for i := max(r-widen, 0); i <= min(r+widen, rows-1); i++ {
			for j := max(c-widen, 0); j <= min(c+widen, cols-1); j++ {
				if n := count[i*cols+j]; n > 0 && n < len(masks) ||
					usual[i*cols+j] != usual[r*cols+c] {
					return true
				}
			}
		}
		return false
	}
	for k := range count {
		if differs(k/cols, k%cols) {
			pixels = append(pixels, k)
		}
	}
	return pixels, usual
}

// fit returns the emulated fit, up to a constant, of features f and the mask at
// e.pixels.
//
// Pixels whose mask differs from usual are added or removed one by one: they
// are few.
func (e *emulator) fit(f []float64, shown []bool) fit {
	d := len(f)
	misfit, hidden, values := e.constant, e.hidden, e.values
	for a, v := range f {
		misfit += v * (e.linear[a] + floats.Dot(e.square[a*d:a*d+a+1], f[:a+1]))
	}
	for i, k := range e.pixels {
		if shown[i] == e.usual[i] {
			continue
		}
		sign := -1.0
		if shown[i] {
			sign = 1
		}
		for at := k; at < len(e.y); at += e.size {
			if e.weight[at] == 0 {
				continue
			}
			r := e.y[at] - e.base[at] - floats.Dot(e.slopes[at*d:(at+1)*d], f)
			misfit += sign * e.weight[at] * r * r
			hidden -= sign * e.weight[at] * e.y[at] * e.y[at]
			values += int(sign)
		}
	}
	if !e.masked {
		values = 0
	}
	return fit{-(misfit + hidden) / 2, -misfit / 2, values}
}
