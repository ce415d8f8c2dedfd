//go:build course

// Package ex09 is exercise 9: Langevin dynamics (Eqs. 3 and 5, in the form of
// Eq. 18). With the score of a density, steps along the score with fresh noise
// turn any start into a draw. Read langevin/annealed.go.
package ex09

import (
	"csdm/rng"
)

// Step makes one step x + α s + √(2α) z of Langevin dynamics, in place.
func Step(x, score []float64, alpha float64, s *rng.Stream) {
	// Your lines.
}
