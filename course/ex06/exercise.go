//go:build course

// Package ex06 is exercise 6: Tweedie's formula (Eq. 9). A posterior of
// finitely many fields, smoothed with noise σ, has its best denoised field in
// closed form: the mean of the fields, weighted by how well each explains the
// noisy one. Read docs/explanation/score-matching.md.
package ex06

// Denoise sets dst to E[x | x̃]: the mean of points with weights proportional
// to weight · exp(−‖x̃ − point‖²/(2σ²)).
func Denoise(dst, noisy []float64, points [][]float64, weight []float64, sigma float64) {
	// Your lines. At σ = 0.001 every exp is 0 unless you subtract the largest
	// exponent.
}
