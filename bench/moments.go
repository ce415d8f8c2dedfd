package bench

import (
	"context"
	"math"

	"csdm/internal/parallel"
	"csdm/problems"
)

// moments holds sums over weighted fields, relative to weight exp(LogScale).
// Fields enter as d = (x − Reference)/Units, where Reference is one of the
// fields and Units holds the prior's ranges. Powers of d then lose no digits,
// and a pixel that never varies has variance 0 without rounding errors.
type moments struct {
	Reference []float64 // read-only
	// widths of the prior's ranges
	Units units

	LogScale float64 // largest log-weight so far; −Inf for none
	W, W2    float64 // Σ w, Σ w²

	D, DD             []float64 // Σ w d, Σ w d²
	SD, SD2, SD3, SD4 []float64 // Σ w² dᵏ, k = 1 … 4; nil: no sampling errors
}

// newMoments returns empty sums. reference is kept, not copied. With sampling
// they also hold the powers that standard errors need.
func newMoments(reference []float64, u units, sampling bool) *moments {
	dim := len(reference)
	m := &moments{Reference: reference, Units: u, LogScale: math.Inf(-1), D: make([]float64, dim),
		DD: make([]float64, dim)}
	if sampling {
		m.SD, m.SD2, m.SD3, m.SD4 = make([]float64, dim), make([]float64, dim),
			make([]float64, dim), make([]float64, dim)
	}
	return m
}

// reset empties the sums.
func (m *moments) reset() {
	m.LogScale, m.W, m.W2 = math.Inf(-1), 0, 0
	for _, s := range m.sums() {
		clear(s)
	}
}

// sums lists the sums in the order in which files store them.
func (m *moments) sums() [][]float64 { return [][]float64{m.D, m.DD, m.SD, m.SD2, m.SD3, m.SD4} }

// add adds field x with weight exp(logW). Callers first call raise with the
// largest log-weight, because additions in ascending order would rescale often.
func (m *moments) add(x []float64, logW float64) {
	m.raise(logW)
	w := math.Exp(logW - m.LogScale)
	m.W += w
	m.W2 += w * w
	if m.SD == nil {
		for k, v := range x {
			d := (v - m.Reference[k]) / m.Units.at(k)
			m.D[k] += w * d
			m.DD[k] += w * d * d
		}
		return
	}
	for k, v := range x {
		d := (v - m.Reference[k]) / m.Units.at(k)
		wd := w * d
		m.D[k] += wd
		m.DD[k] += wd * d
		wd *= w
		m.SD[k] += wd
		m.SD2[k] += wd * d
		m.SD3[k] += wd * d * d
		m.SD4[k] += wd * d * d * d
	}
}

// raise makes logW the scale of the sums if it is larger.
func (m *moments) raise(logW float64) {
	if logW <= m.LogScale {
		return
	}
	r := math.Exp(m.LogScale - logW) // 0 at first
	m.LogScale = logW
	m.W *= r
	m.W2 *= r * r
	for k := range m.D {
		m.D[k] *= r
		m.DD[k] *= r
	}
	for _, s := range m.sums()[2:] {
		for k := range s {
			s[k] *= r * r
		}
	}
}

// merge adds the sums of b. The scale of b may differ.
func (m *moments) merge(b *moments) {
	if math.IsInf(b.LogScale, -1) {
		return
	}
	m.raise(b.LogScale)
	r := math.Exp(b.LogScale - m.LogScale)
	m.W += r * b.W
	m.W2 += r * r * b.W2
	own, other := m.sums(), b.sums()
	for s := range own {
		f := r
		if s >= 2 {
			f = r * r
		}
		for k := range own[s] {
			own[s][k] += f * other[s][k]
		}
	}
}

// ess returns (Σw)²/Σw².
func (m *moments) ess() float64 { return m.W * m.W / m.W2 }

// posterior returns the moments of x. With sampling sums it fills in the
// standard errors of self-normalized importance sampling by the delta method
// (Owen 2013, Eq. 9.9): for a mean, Σ w²(d − m)²/(Σw)², and likewise for the
// variance v, whose influence is (d − m)² − v.
//
// c2 and c4 are the central sums Σ w² (d − m)² and Σ w² (d − m)⁴, expanded in
// the powers that were summed. The influence of a draw on the variance v is (d
// − m)² − v, whose weighted square sum is c4 − 2v c2 + v² s0.
func (m *moments) posterior() *Posterior {
	p := newPosterior(len(m.D))
	p.ESS = m.ess()
	for k := range m.D {
		mean := m.D[k] / m.W
		variance := max(m.DD[k]/m.W-mean*mean, 0)
		unit := m.Units.at(k)
		p.Mean[k], p.Std[k] = m.Reference[k]+unit*mean, unit*math.Sqrt(variance)
		if m.SD == nil {
			continue
		}
		s0, s1, s2, s3, s4 := m.W2, m.SD[k], m.SD2[k], m.SD3[k], m.SD4[k]
		// Σ w² (d − m)²
		c2 := s2 - 2*mean*s1 + mean*mean*s0
		// Σ w² (d − m)⁴
		c4 := s4 - 4*mean*s3 + 6*mean*mean*s2 - 4*mean*mean*mean*s1 + mean*mean*mean*mean*s0
		toMean, toStd := standardErrors(variance, c2/(m.W*m.W),
			(c4-2*variance*c2+variance*variance*s0)/(m.W*m.W))
		p.MeanError[k], p.StdError[k] = unit*toMean, unit*toStd
	}
	return p
}

// block is the number of fields that one worker sums before the sums are
// merged, in the order of their index. It is a constant, so that the result
// does not depend on the number of threads.
const block = 256

// accumulate adds to m the fields of variables theta (n rows of d) with their
// log-weights. Rows with log-weight −Inf are skipped.
//
// Fields are computed again from θ: 256 of them at a time are cheaper than all
// of them in memory.
func (l *likelihood) accumulate(ctx context.Context, m *moments, theta, logW []float64,
	parts []*moments) error {
	d, n := l.dim(), len(logW)
	blocks := (n + block - 1) / block
	// A weight below e⁻⁸⁰ of the largest adds nothing to a sum of fewer than
	// 10¹⁸ fields, whose digits end at 10⁻¹⁶.
	least := m.LogScale
	for _, w := range logW {
		least = max(least, w)
	}
	least -= 80
	// Sum len(parts) blocks at once.
	for first := 0; first < blocks; first += len(parts) {
		count := min(len(parts), blocks-first)
		if err := parallel.For(ctx, len(l.workers), count, func(worker, b int) error {
			part, s := parts[b], l.workers[worker]
			part.reset()
			from := (first + b) * block
			to := min(from+block, n)
			for _, w := range logW[from:to] {
				part.raise(w)
			}
			for i := from; i < to; i++ {
				if math.IsInf(logW[i], -1) || logW[i] < least {
					continue
				}
				l.problem.Field(s.x, theta[i*d:(i+1)*d])
				part.add(s.x, logW[i])
			}
			return nil
		}); err != nil {
			return err
		}
		for _, part := range parts[:count] {
			m.merge(part)
		}
	}
	return nil
}

// newParts returns the memory of accumulate for m: two blocks per worker.
func (l *likelihood) newParts(m *moments) []*moments {
	parts := make([]*moments, 2*len(l.workers))
	for k := range parts {
		parts[k] = newMoments(m.Reference, m.Units, m.SD != nil)
	}
	return parts
}

// units are the widths of the ranges of x: one for all values, or one for each
// value of several fields.
type units struct {
	all float64 // 1 for several fields
	// width of the range at each value; nil: all are the same
	each []float64
}

// at is the width at value k.
func (u *units) at(k int) float64 {
	if u.each == nil {
		return u.all
	}
	return u.each[k]
}

// rmse returns the root mean square difference of a and b, of several fields
// relative to their ranges.
func (u *units) rmse(a, b []float64) float64 {
	if u.each == nil {
		return RMSE(a, b)
	}
	d := make([]float64, len(a))
	for k, v := range a {
		d[k] = (v - b[k]) / u.each[k]
	}
	return rms(d)
}

// unitsOf returns the units of a problem's x.
func unitsOf(p problems.Problem) units {
	s := p.Spec()
	u := units{all: s.XRange.Width()}
	if !(u.all > 0) {
		u.all = 1
	}
	if len(s.XFields) > 0 {
		u.each = make([]float64, s.XLen())
		for k := range u.each {
			u.each[k] = s.RangeAt(k).Width()
		}
	}
	return u
}
