package explain

import (
	"fmt"
	"math"
	"slices"

	"csdm/priors"
)

// repeatWindow is the number of values on either side, in order of size, from
// which the chance count of a value of a rounded map is estimated.
const repeatWindow = 20

// repeatLimit is the probability, over all values of a map, below which a
// repetition is not taken for chance.
const repeatLimit = 1e-6

// Repeated returns the measured value of y that occurs more often than chance
// allows, its count, and the index of its first occurrence. times is 0 if there
// is no such value.
//
// Noise makes all values differ, unless the map was rounded. In a rounded map
// each value occurs about as often as the values next to it. Let the nearest
// repeatWindow values on either side cover a width w, and let q be the smallest
// difference between them. Then a value is expected 2·repeatWindow·q/w times,
// and its count has about a Poisson distribution.
//
// Programs write 0, −1 or the last valid value for a missing sample. Repetition
// betrays them in any unit.
func Repeated(y []float64) (value float64, times, at int) {
	sorted := slices.DeleteFunc(slices.Clone(y), priors.Missing)
	slices.Sort(sorted)
	n := len(sorted)
	least := repeatLimit / float64(n)
	for from := 0; from < n; {
		to := from + 1
		for to < n && sorted[to] == sorted[from] {
			to++
		}
		if count := to - from; count > max(3, times) {
			lo, hi := max(0, from-repeatWindow), min(n, to+repeatWindow)
			for lo > 0 && sorted[lo-1] == sorted[lo] { // all copies of a value, or none
				lo--
			}
			for hi < n && sorted[hi] == sorted[hi-1] {
				hi++
			}
			others := float64(hi - lo - count)
			step := math.Inf(1)
			for k := lo + 1; k < hi; k++ {
				if d := sorted[k] - sorted[k-1]; d > 0 {
					step = min(step, d)
				}
			}
			expected := 0.0
			if w := sorted[hi-1] - sorted[lo]; w > 0 {
				expected = others * step / w
			}
			if poissonTail(count, expected) < least {
				value, times = sorted[from], count
			}
		}
		from = to
	}
	if times > 0 {
		at = slices.Index(y, value)
	}
	return value, times, at
}

// poissonTail returns the probability that a Poisson variable with the given
// mean is at least k ≥ 1.
//
// Σ_{j ≥ k} e^−m m^j/j!, begun at k from its logarithm and summed until the
// terms vanish.
func poissonTail(k int, mean float64) float64 {
	if mean == 0 {
		return 0
	}
	lg, _ := math.Lgamma(float64(k) + 1)
	term := math.Exp(float64(k)*math.Log(mean) - mean - lg)
	sum := 0.0
	for j := k; j < k+1000 && (float64(j) < mean || term > 1e-16*sum); j++ {
		sum += term
		term *= mean / float64(j+1)
	}
	return min(1, sum)
}

// Place returns the position of value k of a measurement as text. The outer
// nodes lie on the edges of the rectangle. If width or height is 0, the text
// has the row and the column instead.
//
// Rows count from the bottom.
func (s Shape) Place(k int, width, height float64, unit string) string {
	row, col := k/s.Cols%s.Rows, k%s.Cols
	where := fmt.Sprintf("row %d, column %d", row, col)
	if width > 0 && height > 0 {
		where = fmt.Sprintf("(%.3g, %.3g) %s", width*float64(col)/float64(s.Cols-1),
			height*float64(row)/float64(s.Rows-1), unit)
	}
	if s.Channels > 1 {
		where += fmt.Sprintf(" of channel %d", k/(s.Rows*s.Cols)+1)
	}
	return where
}
