package measured

import (
	"math"

	"csdm/priors"
)

// outlier returns the largest distance of a value of a map (C, H, W) from the
// range of its eight neighbors, in standard deviations of the noise (NoiseStd),
// after the neighbors' plane is subtracted from all nine. Values are judged
// whose neighbors are all measured and larger than faintest in some channel.
// The result is 0 if there is none, or no noise.
//
// It finds a dead pixel, a speck of dust or a typing error. Smooth noise does
// not give large values, since neighbors share it.
func outlier(y []float64, rows, cols int) float64 {
	s := newSignal(y, rows, cols)
	most := 0.0
	for r := 1; r < rows-1; r++ {
		for col := 1; col < cols-1; col++ {
			for c, std := range s.std {
				if std > 0 {
					v := y[c*s.size : (c+1)*s.size]
					most = max(most, beyondNeighbors(v, r*cols+col, cols, s.inside)/std)
				}
			}
		}
	}
	return most
}

// beyondNeighbors returns the distance of value k from the range of its eight
// neighbors. The plane that fits the neighbors best is subtracted first, so
// that a steep map hides no outlier. The result is 0 if the value lies in the
// range, is missing, or one of the neighbors is not inside.
//
// The eight neighbors at (i, j), i, j ∈ {−1, 0, 1}, not both 0, have Σ i = Σ ij
// = 0 and Σ i² = 6, so that the best plane is
//
//	mean v + i Σ i v/6 + j Σ j v/6
//
// and passes through the mean at the center.
func beyondNeighbors(v []float64, k, cols int, inside func(k int) bool) float64 {
	if priors.Missing(v[k]) {
		return 0
	}
	var mean, right, up float64 // of the plane
	for i := range 9 {
		row, col := i/3-1, i%3-1
		if row == 0 && col == 0 {
			continue
		}
		j := k + row*cols + col
		if !inside(j) {
			return 0
		}
		mean, right, up = mean+v[j]/8, right+float64(col)*v[j]/6, up+float64(row)*v[j]/6
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for i := range 9 {
		if row, col := i/3-1, i%3-1; row != 0 || col != 0 {
			r := v[k+row*cols+col] - mean - float64(col)*right - float64(row)*up
			lo, hi = min(lo, r), max(hi, r)
		}
	}
	return max(0, lo-v[k]+mean, v[k]-mean-hi)
}
