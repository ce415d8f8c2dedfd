package bench

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// BandInterval returns the interval of the given level around the draws of a
// number, which are at least two and in ascending order. Up to level 1 it is
// the central interval between the quantiles (1 ± level)/2, which interpolate
// linearly between the draws: level 0 is the median, level 1 goes from the
// smallest draw to the largest. Beyond, both ends move out by (level − 1) times
// the distance of the two plus grain, which is positive. The intervals of two
// levels are nested.
//
// The level is a common scale for pixels of any distribution: it needs no
// variance and no normal shape.
func BandInterval(sorted []float64, level, grain float64) (low, high float64) {
	last := len(sorted) - 1
	if level > 1 {
		out := (level - 1) * (sorted[last] - sorted[0] + grain)
		return sorted[0] - out, sorted[last] + out
	}
	// Rounding must not leave out a draw that lies at the end of the interval.
	const outward = 1e-9
	up := float64(last) * (1 + level) / 2
	return between(sorted, float64(last)-up-outward), between(sorted, up+outward)
}

// between returns the draw at a position that need not be a whole number.
//
// It is the quantile of type 7 with the position instead of the probability.
func between(sorted []float64, at float64) float64 {
	last := len(sorted) - 1
	at = min(max(at, 0), float64(last))
	j := min(int(at), last-1)
	return sorted[j] + (at-float64(j))*(sorted[j+1]-sorted[j])
}

// BandLevel returns the smallest level whose BandInterval holds v.
//
// It inverts BandInterval: with the position p of v among the draws from 0 to n
// − 1 the central interval that ends at v has the level |2p/(n − 1) − 1|. Ties
// give a range of positions, of which the most central counts.
func BandLevel(sorted []float64, grain, v float64) float64 {
	last := len(sorted) - 1
	if out := max(sorted[0]-v, v-sorted[last]); out > 0 {
		return 1 + out/(sorted[last]-sorted[0]+grain)
	}
	above := sort.SearchFloat64s(sorted, v) // draws below v
	from := float64(above)                  // first position of v
	if sorted[above] != v {
		below := sorted[above-1]
		from += (v-below)/(sorted[above]-below) - 1
	}
	to := from // last position of v
	if sorted[above] == v {
		to = float64(sort.Search(last, func(j int) bool { return sorted[j+1] > v }))
	}
	n := float64(last)
	return max(0, 2*from/n-1, 1-2*to/n)
}

// bandRegions is the number of regions of a field.
const bandRegions = 5

// BandRegions returns the shares of the pixels of a field of dim pixels that
// its regions have. Regions order the pixels by the standard deviation of their
// draws, the most uncertain first: 1/16, 1/16, 1/8, 1/4, 1/2 of the pixels,
// rounded. Their sizes do not depend on the measurement. So a share of pixels
// that holds in each region on average also holds for the whole field.
func BandRegions(dim int) []float64 {
	shares, from := make([]float64, bandRegions), 0
	for r, end := range regionEnds(dim) {
		shares[r] = float64(end-from) / float64(dim)
		from = end
	}
	return shares
}

// regionEnds returns for each region the number of pixels of it and of the
// regions before, out of dim.
//
// The ends are dim/16, dim/8, dim/4, dim/2 and dim, rounded.
func regionEnds(dim int) []int {
	ends, share := make([]int, bandRegions), 1.
	for r := bandRegions - 1; r >= 0; r-- {
		ends[r] = int(math.Round(share * float64(dim)))
		share /= 2
	}
	return ends
}

// BandLevels returns the levels that a region can have, in ascending order:
// multiples of 1/128 up to 1, then 1 + 2^(k/8) up to 129.
//
// A finite list makes the expected loss a table, on which conformal risk
// control needs no continuity.
func BandLevels() []float64 {
	const fine, octave, most = 128, 8, 7
	var levels []float64
	for k := range fine + 1 {
		levels = append(levels, float64(k)/fine)
	}
	for k := -most * octave; k <= most*octave; k++ {
		levels = append(levels, 1+math.Exp2(float64(k)/octave))
	}
	return levels
}

// drawnField holds the draws of each pixel of a field.
type drawnField struct {
	// draws of each pixel
	n      int
	sorted []float64 // dim × n, ascending for each pixel
	order  []int     // pixels, the most uncertain first
}

// newDrawnField arranges n draws of a field, row after row in draws. It panics
// unless there are at least two.
//
// Pixels of equal spread keep their order, so that regions are the same on
// every machine.
func newDrawnField(draws []float64, n int) *drawnField {
	if n < 2 || len(draws)%n != 0 || len(draws) == 0 {
		panic(fmt.Sprintf("bench: %d values for %d draws of a field; want at least 2 draws",
			len(draws), n))
	}
	dim := len(draws) / n
	f := &drawnField{n: n, sorted: make([]float64, len(draws)), order: make([]int, dim)}
	spread := make([]float64, dim)
	for k := range dim {
		column := f.pixel(k)
		mean := 0.
		for i := range column {
			column[i] = draws[i*dim+k]
			mean += column[i] / float64(n)
		}
		slices.Sort(column)
		for _, v := range column {
			spread[k] += (v - mean) * (v - mean)
		}
		f.order[k] = k
	}
	slices.SortStableFunc(f.order, func(a, b int) int {
		switch {
		case spread[a] > spread[b]:
			return -1
		case spread[a] < spread[b]:
			return 1
		}
		return 0
	})
	return f
}

// pixel is the ascending draws of pixel k.
func (f *drawnField) pixel(k int) []float64 { return f.sorted[k*f.n : (k+1)*f.n] }

// FieldMisses returns for each region the shares of its pixels that the
// intervals of BandLevels around n draws of a field miss: bandRegions ×
// len(BandLevels()) values. Intervals beyond level 1 are also wider by grain.
// Each row decreases from left to right. It panics if the sizes differ.
//
// A pixel misses all levels below its own.
func FieldMisses(field, draws []float64, n int, grain float64) []float64 {
	if len(field)*n != len(draws) {
		panic(fmt.Sprintf("bench: %d draws with %d values of a field of %d", n, len(draws),
			len(field)))
	}
	f, levels := newDrawnField(draws, n), BandLevels()
	misses := make([]float64, bandRegions*len(levels))
	from := 0
	for r, end := range regionEnds(len(field)) {
		row := misses[r*len(levels) : (r+1)*len(levels)]
		weight := 1 / float64(max(1, end-from))
		for _, k := range f.order[from:end] {
			needs := sort.SearchFloat64s(levels, BandLevel(f.pixel(k), grain, field[k]))
			for j := range needs {
				row[j] += weight
			}
		}
		from = end
	}
	return misses
}

// FieldBand sets low and high to the ends of the interval of each pixel around
// draws of a field, one after the other, at the level of the pixel's region.
func FieldBand(low, high, draws []float64, grain float64, levels []float64) {
	f := newDrawnField(draws, len(draws)/max(1, len(low)))
	if len(levels) != bandRegions || len(low) != len(f.order) || len(high) != len(f.order) {
		panic(fmt.Sprintf("bench: a band of %d and %d pixels at %d levels; want %d pixels, %d "+
			"levels", len(low), len(high), len(levels), len(f.order), bandRegions))
	}
	from := 0
	for r, end := range regionEnds(len(f.order)) {
		for _, k := range f.order[from:end] {
			low[k], high[k] = BandInterval(f.pixel(k), levels[r], grain)
		}
		from = end
	}
}
