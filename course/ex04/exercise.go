//go:build course

// Package ex04 is exercise 4: measurement noise (Eq. 1). A measurement is the
// noise-free value plus Gaussian noise. One type draws it for training, and
// gives its density to Bayes' rule. Read priors/measurement.go.
package ex04

import (
	"fmt"

	"csdm/rng"
)

// Gaussian is noise of one standard deviation.
type Gaussian struct{ Std float64 }

// Sample sets dst to y plus noise from the stream.
func (g Gaussian) Sample(dst, y []float64, s *rng.Stream) {
	// Your lines: s.Normal() is a standard normal number.
}

// LogLikelihood returns the logarithm of the density of measuring y where the
// noise-free value is prediction, normalized over y.
func (g Gaussian) LogLikelihood(y, prediction []float64) float64 {
	// Your lines.
	return 0
}

// String describes the noise.
func (g Gaussian) String() string { return fmt.Sprintf("Gaussian, std %g", g.Std) }
