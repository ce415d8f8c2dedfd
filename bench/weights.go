package bench

import (
	"math"
	"slices"
)

// weightRecord keeps the part of a stream of weighted points that Diagnostics
// needs.
//
// Its size does not depend on the number of weights.
type weightRecord struct {
	// weight at the ends of each variable
	ends ends
	best []float64 // variables of the point of the largest weight
	top  float64   // its log-weight
	kept []float64 // log-weights, the largest keptWeights among them
}

// keptWeights is the number of largest weights that are kept. It is the length
// of the tail of 1.8 million weights; a longer tail is cut to it.
const keptWeights = 4096

// newWeightRecord returns an empty record of d variables.
func newWeightRecord(d int) *weightRecord {
	return &weightRecord{ends: newEnds(d), best: make([]float64, d), top: math.Inf(-1)}
}

// add adds a point of weight exp(logW).
func (w *weightRecord) add(theta, lo, hi []float64, logW float64) {
	if math.IsInf(logW, -1) {
		return
	}
	w.ends.add(theta, lo, hi, logW)
	if logW > w.top {
		w.top = logW
		copy(w.best, theta)
	}
	if w.kept = append(w.kept, logW); len(w.kept) >= 2*keptWeights {
		w.largest()
	}
}

// largest returns the largest weights in ascending order, and drops the others.
//
// Sorting every keptWeights additions costs a logarithm per weight.
func (w *weightRecord) largest() []float64 {
	slices.Sort(w.kept)
	if n := len(w.kept); n > keptWeights {
		w.kept = append(w.kept[:0], w.kept[n-keptWeights:]...)
	}
	return w.kept
}

// weightsLen is the number of numbers that store appends.
func weightsLen(d int) int { return 1 + d + 4*d + keptWeights }

// none stands for −Inf, which files of states cannot hold.
const none = -math.MaxFloat64

// store appends the record to flat: the best point, the sums at the ends, and
// the largest weights, filled up at the end.
func (w *weightRecord) store(flat []float64) []float64 {
	finite := func(v float64) float64 { return max(v, none) }
	flat = append(append(flat, finite(w.top)), w.best...)
	for _, both := range w.ends {
		for _, sum := range both {
			flat = append(flat, finite(sum.top), sum.rest)
		}
	}
	flat = append(flat, w.largest()...)
	for range keptWeights - len(w.kept) {
		flat = append(flat, none)
	}
	return flat
}

// loadWeights is the inverse of store for several records. It reports whether
// the numbers fit.
func loadWeights(records []*weightRecord, flat []float64, d int) bool {
	n := weightsLen(d)
	if len(flat) != n*len(records) {
		return false
	}
	infinite := func(v float64) float64 {
		if v == none {
			return math.Inf(-1)
		}
		return v
	}
	for t, w := range records {
		part := flat[t*n : (t+1)*n]
		w.top = infinite(part[0])
		copy(w.best, part[1:1+d])
		sums := part[1+d:]
		for k := range w.ends {
			for side := range w.ends[k] {
				w.ends[k][side] = logSum{infinite(sums[4*k+2*side]), sums[4*k+2*side+1]}
			}
		}
		w.kept = w.kept[:0]
		for _, v := range part[n-keptWeights:] {
			if v != none {
				w.kept = append(w.kept, v)
			}
		}
	}
	return true
}
