package measured

import "math"

// faintest is the least size of a value that is inside of a signal, in standard
// deviations of the noise. Where the values are 0, as outside of a tissue, one
// right value may stand alone at an edge.
//
// The limit is on √(Σ_c (y_c/s_c)²) over the channels.
const faintest = 5

// signal is a map (C, H, W) with the noise of its channels.
type signal struct {
	y    []float64
	std  []float64 // of the noise of each channel (NoiseStd)
	size int       // values of a channel
}

// newSignal estimates the noise of each channel of y.
func newSignal(y []float64, rows, cols int) *signal {
	s := &signal{y, make([]float64, len(y)/(rows*cols)), rows * cols}
	for c := range s.std {
		s.std[c] = NoiseStd(y[c*s.size:(c+1)*s.size], rows, cols)
	}
	return s
}

// inside reports whether place k is measured and the channels together are
// larger than faintest there.
func (s *signal) inside(k int) bool {
	size := 0.0
	for c, std := range s.std {
		if std > 0 {
			size = math.Hypot(size, s.y[c*s.size+k]/std) // NaN where a value is missing
		}
	}
	return size > faintest
}
