package dataset

import "math"

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

// momentsOf returns the moments of v, in two passes. v must not be empty.
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
	return &Statistics{Y: make([]Moments, m.Problem.YChannels)}
}

// measure returns the statistics of consecutive pairs, each of xLen values of x
// and channels planes of y.
func measure(x, y []float32, xLen, channels int) *Statistics {
	s := &Statistics{Y: make([]Moments, channels)}
	for ; len(x) > 0; x = x[xLen:] {
		s.X.merge(momentsOf(x[:xLen]))
		for c := range s.Y {
			s.Y[c].merge(momentsOf(y[:xLen]))
			y = y[xLen:]
		}
	}
	return s
}
