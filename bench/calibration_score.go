package bench

import (
	"fmt"
	"math"

	"csdm/priors"
	"csdm/rng"
)

// Trial is one held-out measurement: its true field and draws of a posterior,
// normalized, and the physical quantities of both.
//
// Its slices are overwritten from measurement to measurement.
type Trial struct {
	// true field, normalized
	Truth          []float64
	Draws          []float64 // n rows, each as long as Truth
	Quantities     []float64 // of the true field
	DrawQuantities []float64 // n rows
}

// draws is the number of draws.
func (t *Trial) draws() int { return len(t.Draws) / len(t.Truth) }

// coverageBins divides [0, 1] into the levels at which coverage is kept.
const coverageBins = 20

// CoverageLevels returns the levels of Record.Coverage: 0.05, 0.1, … 0.95.
func CoverageLevels() []float64 {
	levels := make([]float64, coverageBins-1)
	for k := range levels {
		levels[k] = float64(k+1) / coverageBins
	}
	return levels
}

// Record is the evidence of one measurement on a posterior. It holds all that a
// check keeps of the draws.
type Record struct {
	Quantities []float64 // PIT of each quantity
	References []float64 // TARP of each reference field
	Weight     float64   // of Coverage
	// at each of CoverageLevels the share of pixels whose central interval
	// holds the true value
	Coverage [coverageBins - 1]float64
	Misfit   *Misfit // nil: not computed
}

// Misfit is χ² per value of the measurement. Its expected value for the true
// field is 1 under Gaussian noise, and 0.973 if the noise is truncated at three
// standard deviations.
type Misfit struct {
	// χ² per value of the true field, of the true field with the sampler's last
	// noise, and of the draws, averaged
	Truth, Residue, Draws float64
}

// Lattice rounds normalized fields to multiples of 1/n.
//
// Fields often have atoms: a pixel inside or outside of an inclusion has one of
// two values. A sampler's draws carry the noise of its last level. The exact
// true value would then lie in the middle of draws that should equal it, and
// ranks would pile up there. Rounding true field and draws alike restores the
// ties, which are then broken at random. Rounding does no harm, because ranks
// are uniform for any function of calibrated draws.
type Lattice int

// NewLattice returns the lattice for draws that carry noise of standard
// deviation sigma. Half its spacing is at least 4 sigma, and 0 and 1 lie on it.
//
// The spacing is 1/⌊1/(8σ)⌋, so that noise of four standard deviations does not
// cross half a cell.
func NewLattice(sigma float64) Lattice { return Lattice(max(1, 1/(8*sigma))) }

// Round sets dst to x on the lattice. dst may be x.
func (l Lattice) Round(dst, x []float64) {
	for k, v := range x {
		dst[k] = math.Round(v*float64(l)) / float64(l)
	}
}

// NewRecord returns the record of a posterior on one measurement. The ranks of
// pixels and the distances of fields from the references use fields that are
// rounded to the lattice. NewRecord rounds the draws and the true field of t in
// place; the caller rounds the references. The stream breaks ties.
//
// Coverage counts central intervals of pixels by their PIT, which is as exact
// for pixels with atoms as for others. Each pixel weighs as the variance of its
// n + 1 values, true value and draws together, so that a pixel that never
// varies does not count. The weight is a symmetric function of values that are
// exchangeable under calibration, so it does not change the expected coverage.
//
// It panics unless there are at least two draws of the right sizes.
//
// In one pixel the sum over the n + 1 values v_0 = truth, v_i of (v − mean)² is
// Σ d_i² − (Σ d_i)²/(n + 1) with d_i = v_i − truth: the weight.
func NewRecord(t *Trial, references [][]float64, l Lattice, s *rng.Stream) *Record {
	n, dim, q := t.draws(), len(t.Truth), len(t.Quantities)
	if n < 2 || len(t.Draws) != n*dim || len(t.DrawQuantities) != n*q {
		panic(fmt.Sprintf("bench: %d draws with %d pixel values and %d quantities; want at least "+
			"2 draws of %d pixels and %d quantities each", n, len(t.Draws), len(t.DrawQuantities),
			dim, q))
	}
	score := &Record{}
	column := make([]float64, n)
	for k, truth := range t.Quantities {
		for i := range column {
			column[i] = t.DrawQuantities[i*q+k]
		}
		score.Quantities = append(score.Quantities, PIT(truth, column, s))
	}
	l.Round(t.Truth, t.Truth)
	l.Round(t.Draws, t.Draws)
	for _, r := range references {
		score.References = append(score.References, TARP(t.Truth, t.Draws, r, s))
	}
	var held [coverageBins]float64 // weight by |2u − 1|
	for k, truth := range t.Truth {
		var below, ties int
		var sum, square float64 // of differences from the truth
		for i := range n {
			d := t.Draws[i*dim+k] - truth
			if d < 0 {
				below++
			} else if d == 0 {
				ties++
			}
			sum += d
			square += d * d
		}
		if ties == n {
			continue
		}
		weight := square - sum*sum/float64(n+1)
		u := spreadRank(breakTies(below, ties, s), n, s)
		held[min(int(math.Abs(2*u-1)*coverageBins), coverageBins-1)] += weight
		score.Weight += weight
	}
	cumulative := 0.0
	for k := range score.Coverage {
		if cumulative += held[k]; score.Weight > 0 {
			score.Coverage[k] = cumulative / score.Weight
		}
	}
	score.Weight /= float64(n * dim)
	return score
}

// Deviance returns 2 ln [p(y | y) / p(y | prediction)] per measured value: χ²/n
// for Gaussian noise (Gelman, Meng and Stern 1996 compare such discrepancies of
// draws and data).
//
// Constants of the density cancel, so that any likelihood has a misfit, not
// only a normal one.
func Deviance(law priors.Likelihood, y, prediction []float64) float64 {
	return 2 * (law.LogLikelihood(y, y) - law.LogLikelihood(y, prediction)) /
		float64(priors.Present(y))
}

// RecordLen returns the number of values that Pack needs.
func RecordLen(quantities, references int) int { return quantities + references + coverageBins + 4 }

// Pack stores s in the first RecordLen values of dst, for any file.
//
// The order is quantities, references, weight, coverage, and four numbers of
// the misfit, of which the first marks its presence.
func (s *Record) Pack(dst []float64) {
	rest := dst[copy(dst, s.Quantities):]
	rest = rest[copy(rest, s.References):]
	rest[0] = s.Weight
	rest = rest[1+copy(rest[1:], s.Coverage[:]):]
	clear(rest)
	if m := s.Misfit; m != nil {
		rest[0], rest[1], rest[2], rest[3] = 1, m.Truth, m.Residue, m.Draws
	}
}

// UnpackRecord returns the record that Pack stored in src. The record shares
// memory with src.
func UnpackRecord(src []float64, quantities, references int) *Record {
	s := &Record{Quantities: src[:quantities], References: src[quantities : quantities+references]}
	rest := src[quantities+references:]
	s.Weight = rest[0]
	rest = rest[1+copy(s.Coverage[:], rest[1:]):]
	if rest[0] == 1 {
		s.Misfit = &Misfit{rest[1], rest[2], rest[3]}
	}
	return s
}
