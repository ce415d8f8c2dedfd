package measured

import (
	"math"

	"csdm/priors"
)

// faintest is the least size of the neighbors of a judged value, in standard
// deviations of the noise. Where the values are 0, as outside of a tissue, one
// right value may stand alone at an edge.
const faintest = 5

// outlier returns the largest distance of a value of a map (C, H, W) from the
// range of its eight neighbors, in standard deviations of the noise (NoiseStd).
// Values are judged whose neighbors are all measured and larger than faintest
// in some channel. The result is 0 if there is none, or no noise.
func outlier(y []float64, rows, cols int) float64 {
	n := rows * cols
	std := make([]float64, len(y)/n)
	for c := range std {
		std[c] = NoiseStd(y[c*n:(c+1)*n], rows, cols)
	}
	inside := func(k int) bool {
		size := 0.0
		for c, s := range std {
			if s > 0 {
				size = math.Hypot(size, y[c*n+k]/s) // NaN where a value is missing
			}
		}
		return size > faintest
	}
	most := 0.0
	for r := 1; r < rows-1; r++ {
		for col := 1; col < cols-1; col++ {
			for c, s := range std {
				if s == 0 {
					continue
				}
				most = max(most, beyondNeighbors(y[c*n:(c+1)*n], r*cols+col, cols, inside)/s)
			}
		}
	}
	return most
}

// beyondNeighbors returns the distance of value k from the range of its eight
// neighbors; 0 if it lies in the range, is missing, or one of the neighbors is
// not inside.
func beyondNeighbors(v []float64, k, cols int, inside func(k int) bool) float64 {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, row := range []int{k - cols, k, k + cols} {
		for j := row - 1; j <= row+1; j++ {
			if j == k {
				continue
			}
			if !inside(j) {
				return 0
			}
			lo, hi = min(lo, v[j]), max(hi, v[j])
		}
	}
	if priors.Missing(v[k]) {
		return 0
	}
	return max(0, lo-v[k], v[k]-hi)
}
