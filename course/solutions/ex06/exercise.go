//go:build course

// Package ex06 is exercise 6: Tweedie's formula (Eq. 9). A posterior of
// finitely many fields, smoothed with noise σ, has its best denoised field in
// closed form: the mean of the fields, weighted by how well each explains the
// noisy one. Read docs/explanation/score-matching.md.
package ex06

import (
	"math"
)

// Denoise sets dst to E[x | x̃]: the mean of points with weights proportional
// to weight · exp(−‖x̃ − point‖²/(2σ²)).
func Denoise(dst, noisy []float64, points [][]float64, weight []float64, sigma float64) {
	exponent, top := make([]float64, len(points)), math.Inf(-1)
	for i, p := range points {
		for k, v := range p {
			exponent[i] -= (noisy[k] - v) * (noisy[k] - v) / (2 * sigma * sigma)
		}
		top = max(top, exponent[i])
	}
	clear(dst)
	total := 0.0
	for i, p := range points {
		w := weight[i] * math.Exp(exponent[i]-top)
		total += w
		for k, v := range p {
			dst[k] += w * v
		}
	}
	for k := range dst {
		dst[k] /= total
	}
}
