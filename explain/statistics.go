package explain

import (
	"fmt"
	"math"
	"slices"

	"csdm/priors"
)

// Shape is the shape of a residual: planes of Rows × Cols values.
type Shape struct{ Channels, Rows, Cols int }

// Len returns the number of values.
func (s Shape) Len() int { return s.Channels * s.Rows * s.Cols }

// A statistic is one number of a standardized residual.
//
// of is applied to a residual with the distribution of white noise of variance
// 1, if the model is right and the noise is white.
type statistic struct {
	name string
	// at: index of the value that determines it; −1: none
	of   func(r []float64, s Shape) (value float64, at int)
	high string // hint if the statistic is too large
	low  string // hint if it is too small; "": no fault

	// scale is the least scale of its upper tail. The largest of n normal
	// numbers has a scale of 1/√(2 ln n), which is 0.3 to 0.2 for n from 10² to
	// 10⁵. The truncated noise of a problem has a smaller scale, but no
	// instrument truncates its noise.
	scale float64
}

// statistics lists the tests in the order in which they are stored. Model files
// hold the names: never change one.
var statistics = []statistic{
	{"misfit", misfit,
		"the measurement differs from what the field predicts by more than its noise",
		"the noise is smaller than the model's, or its errors are correlated", 0},
	{"largest value", largest, "one place does not fit: a dead sensor or an outlier?", "", 0.25},
	{"patch", patch,
		"one region does not fit: dead sensors, or something in the specimen that the model " +
			"lacks?", "", 0},
	{"line", line, "a row or a column does not fit: was it lost or shifted?", "", 0},
	{"mean", mean, meanHint, meanHint, 0},
	{"slope in x", slopeX, slopeHint, slopeHint, 0},
	{"slope in y", slopeY, slopeHint, slopeHint, 0},
	{"smooth part", smooth,
		"the residual is smooth over the specimen: another load, another boundary, or another " +
			"specimen?", "", 0},
	{"autocorrelation in x", correlationX, correlationHint, contrastHint, 0},
	{"autocorrelation in y", correlationY, correlationHint, contrastHint, 0},
	{"pixel noise", pixelNoise,
		"the noise at the scale of a pixel is larger than the model's",
		"the noise is small at the scale of a pixel: was the map smoothed, or are its errors " +
			"correlated? Then the posterior is too narrow", 0},
}

const (
	meanHint = "all values have one error in common: did the specimen move as a whole, or is " +
		"the zero wrong?"
	slopeHint = "the residual is a ramp: is the specimen tilted, or does the load " +
		"differ from the model's?"
	contrastHint    = "neighbors differ too much: was the map sharpened or differentiated?"
	correlationHint = "neighboring errors are alike: was the map smoothed, is its noise " +
		"correlated, or is this another specimen?"
)

// Statistics returns the statistics of a standardized residual, one for each
// name of Names, and the index of the value that determines each (−1: none). It
// panics if the length of r is not s.Len(), or for fewer than 3 rows or
// columns. A value that is NaN was not measured. It has no part in the misfit
// and counts as 0 in the others, which are to be compared with residuals with
// the same gaps.
func Statistics(r []float64, s Shape) (values []float64, at []int) {
	if len(r) != s.Len() || s.Rows < 3 || s.Cols < 3 {
		panic(fmt.Sprintf("explain: residual of %d values for %d×%d×%d, at least 3 a side", len(r),
			s.Channels, s.Rows, s.Cols))
	}
	whole := withoutGaps(r)
	for k, t := range statistics {
		seen := whole
		if k == 0 {
			seen = r
		}
		v, place := t.of(seen, s)
		values, at = append(values, v), append(at, place)
	}
	return values, at
}

// withoutGaps returns r with 0 for NaN, or r itself without any.
func withoutGaps(r []float64) []float64 {
	if !slices.ContainsFunc(r, priors.Missing) {
		return r
	}
	r = slices.Clone(r)
	clearGaps(r)
	return r
}

func clearGaps(r []float64) {
	for k, v := range r {
		if priors.Missing(v) {
			r[k] = 0
		}
	}
}

// Names returns the names of the statistics, in order.
func Names() []string {
	names := make([]string, len(statistics))
	for k, t := range statistics {
		names[k] = t.name
	}
	return names
}

// misfit returns Σ r²/n over the n measured values, which is χ² per value.
//
// Its mean is 1 and its variance 2/n for normal noise.
func misfit(r []float64, _ Shape) (float64, int) {
	sum, n := 0.0, 0
	for _, v := range r {
		if !priors.Missing(v) {
			sum += v * v
			n++
		}
	}
	return sum / float64(n), -1
}

// largest returns max |r| and its index.
//
// The expected maximum of n normal magnitudes is about √(2 ln n): 3.7 for n =
// 1000.
func largest(r []float64, _ Shape) (float64, int) {
	best, at := 0.0, 0
	for k, v := range r {
		if a := math.Abs(v); a > best {
			best, at = a, k
		}
	}
	return best, at
}

// patchSide is the side of the boxes of patch; the plane's side if that is
// smaller.
const patchSide = 4

// patch returns the largest |Σ r|/√m over boxes of m = patchSide × patchSide
// values, and the index of the middle of the box. Before the maximum it is the
// magnitude of a standard normal number for each box of white noise.
//
// Sums along rows first and then along columns make the work independent of the
// size of the box. A box of m independent values has Σ r ~ N(0, m).
func patch(r []float64, s Shape) (float64, int) {
	h, w := min(patchSide, s.Rows), min(patchSide, s.Cols)
	best, at := 0.0, 0
	narrow := make([]float64, s.Rows*s.Cols) // sums along rows
	for c := range s.Channels {
		plane := r[c*s.Rows*s.Cols:][:s.Rows*s.Cols]
		for row := range s.Rows {
			for col := range s.Cols - w + 1 {
				sum := 0.0
				for k := range w {
					sum += plane[row*s.Cols+col+k]
				}
				narrow[row*s.Cols+col] = sum
			}
		}
		for row := range s.Rows - h + 1 {
			for col := range s.Cols - w + 1 {
				sum := 0.0
				for k := range h {
					sum += narrow[(row+k)*s.Cols+col]
				}
				if a := math.Abs(sum) / math.Sqrt(float64(h*w)); a > best {
					best, at = a, (c*s.Rows+row+h/2)*s.Cols+col+w/2
				}
			}
		}
	}
	return best, at
}

// line returns the largest |Σ r|/√m over rows and over columns of m values, and
// the index of the middle of the row or column.
//
// It finds a lost or shifted row that a patch would average away.
func line(r []float64, s Shape) (float64, int) {
	best, at := 0.0, 0
	try := func(from, stride, m int) {
		sum := 0.0
		for k := range m {
			sum += r[from+k*stride]
		}
		if a := math.Abs(sum) / math.Sqrt(float64(m)); a > best {
			best, at = a, from+m/2*stride
		}
	}
	for c := range s.Channels {
		for row := range s.Rows {
			try((c*s.Rows+row)*s.Cols, 1, s.Cols)
		}
		for col := range s.Cols {
			try(c*s.Rows*s.Cols+col, s.Cols, s.Rows)
		}
	}
	return best, at
}

// project returns Σ r f/√Σ f² of the channel where its magnitude is largest; f
// is a function of the row and the column.
//
// For white noise Σ r f/√Σ f² is standard normal, for any f.
func project(r []float64, s Shape, f func(row, col int) float64) (float64, int) {
	best := 0.0
	for c := range s.Channels {
		var sum, square float64
		for row := range s.Rows {
			for col := range s.Cols {
				v := f(row, col)
				sum += v * r[(c*s.Rows+row)*s.Cols+col]
				square += v * v
			}
		}
		if v := sum / math.Sqrt(square); math.Abs(v) > math.Abs(best) {
			best = v
		}
	}
	return best, -1
}

// mean returns the mean residual in standard errors.
func mean(r []float64, s Shape) (float64, int) {
	return project(r, s, func(_, _ int) float64 { return 1 })
}

// slopeX returns the slope of the residual along rows in standard errors.
func slopeX(r []float64, s Shape) (float64, int) {
	return project(r, s, func(_, col int) float64 { return float64(col) - float64(s.Cols-1)/2 })
}

// slopeY returns the slope of the residual along columns in standard errors.
func slopeY(r []float64, s Shape) (float64, int) {
	return project(r, s, func(row, _ int) float64 { return float64(row) - float64(s.Rows-1)/2 })
}

// smoothModes is the number of cosines along each axis, the constant included.
const smoothModes = 5

// smooth returns the mean square of the coefficients of r in the orthonormal
// cosines cos(πp(row+½)/rows) cos(πq(col+½)/cols), with p and q < smoothModes
// and not both 0. Its expectation is 1 for white noise.
//
// Cosines of up to four half waves hold the errors of a wrong load or boundary;
// white noise puts only 24 of its n parts there.
func smooth(r []float64, s Shape) (float64, int) {
	cosines := func(n int) [][]float64 {
		table := make([][]float64, min(smoothModes, n))
		for p := range table {
			table[p] = make([]float64, n)
			scale := math.Sqrt(2 / float64(n))
			if p == 0 {
				scale = math.Sqrt(1 / float64(n))
			}
			for i := range table[p] {
				table[p][i] = scale * math.Cos(math.Pi*float64(p)*(float64(i)+0.5)/float64(n))
			}
		}
		return table
	}
	vertical, horizontal := cosines(s.Rows), cosines(s.Cols)
	sum, count := 0.0, 0
	narrow := make([]float64, s.Rows)
	for c := range s.Channels {
		for q, along := range horizontal {
			for row := range narrow {
				narrow[row] = dot(along, r[(c*s.Rows+row)*s.Cols:][:s.Cols])
			}
			for p, up := range vertical {
				if p+q > 0 {
					v := dot(up, narrow)
					sum, count = sum+v*v, count+1
				}
			}
		}
	}
	return sum / float64(count), -1
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for k, v := range a {
		sum += v * b[k]
	}
	return sum
}

// correlation returns Moran's I (1950): the mean product of neighbors divided
// by the mean square, without the mean of each plane. The neighbor of value k
// is value k+next; the last drop columns have none.
//
// For white noise its mean is near 0; a map smoothed over neighbors has a
// positive one, and a differentiated map a negative one. A constant plane
// counts as 1.
func correlation(r []float64, s Shape, drop, next int) float64 {
	var product, square float64
	n := s.Rows * s.Cols
	for plane := range slices.Chunk(r, n) {
		average := 0.0
		for _, v := range plane {
			average += v / float64(n)
		}
		var sum float64
		pairs := 0
		for k, v := range plane {
			square += (v - average) * (v - average) / float64(n)
			if k%s.Cols < s.Cols-drop && k+next < n {
				sum, pairs = sum+(v-average)*(plane[k+next]-average), pairs+1
			}
		}
		product += sum / float64(pairs)
	}
	if square == 0 {
		return 1
	}
	return product / square
}

// correlationX is Moran's I for neighbors in a row.
func correlationX(r []float64, s Shape) (float64, int) { return correlation(r, s, 1, 1), -1 }

// correlationY is Moran's I for neighbors in a column.
func correlationY(r []float64, s Shape) (float64, int) { return correlation(r, s, 0, s.Cols), -1 }

// pixelNoise returns the root mean square of the second difference along rows
// of the second difference along columns, divided by 6. It is then 1 for white
// noise of standard deviation 1 (Immerkær 1996, "Fast noise variance
// estimation").
//
// Unlike NoiseStd of package measured it is not robust: here a single bad value
// should count.
func pixelNoise(r []float64, s Shape) (float64, int) {
	sum, count := 0.0, 0
	second := func(k int) float64 { return r[k-1] - 2*r[k] + r[k+1] }
	for c := range s.Channels {
		for row := 1; row < s.Rows-1; row++ {
			for col := 1; col < s.Cols-1; col++ {
				k := (c*s.Rows+row)*s.Cols + col
				v := second(k-s.Cols) - 2*second(k) + second(k+s.Cols)
				sum, count = sum+v*v, count+1
			}
		}
	}
	return math.Sqrt(sum/float64(count)) / 6, -1
}
