package dataset

import (
	"math"

	"csdm/problems"
)

// Moments holds count, mean, sum of squared deviations from the mean, and
// extremes of a set of numbers. The zero value is the empty set.
type Moments struct {
	Count int64   `json:"count"`
	Mean  float64 `json:"mean"`
	M2    float64 `json:"m2"`
	Min   float64 `json:"min"`
	Max   float64 `json:"max"`
}

// Std returns the standard deviation of the set, divided by Count rather than
// Count − 1.
func (m Moments) Std() float64 {
	if m.Count == 0 {
		return 0
	}
	return math.Sqrt(m.M2 / float64(m.Count))
}

// extremes returns the range from the smallest to the largest number.
func (m Moments) extremes() problems.Range { return problems.Range{Min: m.Min, Max: m.Max} }

// spread returns the range of two standard deviations about the mean.
func (m Moments) spread() problems.Range {
	return problems.Range{Min: m.Mean - 2*m.Std(), Max: m.Mean + 2*m.Std()}
}

// momentsOf returns the moments of v, in two passes. v must not be empty.
//
// The second pass subtracts the mean first: Σ v² − n mean² would lose the
// digits that mean and deviation have in common.
func momentsOf[F float32 | float64](v []F) Moments {
	m := Moments{Count: int64(len(v)), Min: float64(v[0]), Max: float64(v[0])}
	sum := 0.0
	for _, f := range v {
		value := float64(f)
		sum += value
		m.Min, m.Max = min(m.Min, value), max(m.Max, value)
	}
	m.Mean = sum / float64(len(v))
	for _, f := range v {
		d := float64(f) - m.Mean
		m.M2 += d * d
	}
	return m
}

// merge adds the set o to m (Chan, Golub and LeVeque 1979). Rounding depends on
// the order of merging, so callers merge pairs by index within a block, and
// blocks by index.
//
// For two sets with means a, b and counts p, q the union has M2 = M2_a + M2_b +
// (b − a)² p q/(p + q).
func (m *Moments) merge(o Moments) {
	switch {
	case o.Count == 0:
		return
	case m.Count == 0:
		*m = o
		return
	}
	n := float64(m.Count + o.Count)
	d := o.Mean - m.Mean
	m.M2 += o.M2 + d*d*(float64(m.Count)*float64(o.Count)/n)
	m.Mean += d * float64(o.Count) / n
	m.Count += o.Count
	m.Min, m.Max = min(m.Min, o.Min), max(m.Max, o.Max)
}

// Statistics holds the moments of the stored values of a set of pairs, in
// physical units: of all values of x, and of each channel of y.
type Statistics struct {
	X Moments   `json:"x"`
	Y []Moments `json:"y"`

	// Fields holds the moments of each of several fields of x; empty: x is one
	// field.
	Fields []Moments `json:"fields,omitempty"`
}

// add merges the statistics of one pair or block into s.
func (s *Statistics) add(o *Statistics) {
	if s.Y == nil {
		s.Y = make([]Moments, len(o.Y))
	}
	s.X.merge(o.X)
	for c := range o.Y {
		s.Y[c].merge(o.Y[c])
	}
	for k := range o.Fields {
		s.Fields[k].merge(o.Fields[k])
	}
}

// YAll returns the moments of all channels of y together.
func (s *Statistics) YAll() Moments {
	var all Moments
	for _, c := range s.Y {
		all.merge(c)
	}
	return all
}

// newStatistics returns the statistics of an empty set of pairs.
func (m *Manifest) newStatistics() *Statistics {
	return statisticsOf(&m.Problem)
}

// statisticsOf returns empty statistics for the channels and fields of a
// problem.
func statisticsOf(p *problems.Spec) *Statistics {
	s := &Statistics{Y: make([]Moments, p.YChannels)}
	if n := len(p.XFields); n > 0 {
		s.Fields = make([]Moments, n)
	}
	return s
}

// measure returns the statistics of consecutive pairs of the problem.
func measure(x, y []float32, p *problems.Spec) *Statistics {
	s, xLen, plane := statisticsOf(p), p.XLen(), p.Plane()
	for ; len(x) > 0; x = x[xLen:] {
		s.X.merge(momentsOf(x[:xLen]))
		for k := range s.Fields {
			s.Fields[k].merge(momentsOf(x[k*plane:][:plane]))
		}
		for c := range s.Y {
			s.Y[c].merge(momentsOf(y[:plane]))
			y = y[plane:]
		}
	}
	return s
}
