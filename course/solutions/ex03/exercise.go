//go:build course

// Package ex03 is exercise 3: a prior (Table 3). A field of 16×16 nodes is a
// soft square of 1 cm with a stiff disc. The prior is a function from two
// numbers, the center, to the field. Read priors/inclusion.go.
package ex03

// Side is the number of nodes along each side of the square.
const Side = 16

// Disc is the prior: its variables θ are the center of the disc, from the left
// and from the bottom, in cm.
type Disc struct{}

// Box returns the ranges of the variables.
func (Disc) Box() (lo, hi []float64) { return []float64{0.2, 0.2}, []float64{0.8, 0.8} }

// Field sets x to 1.5 on the nodes at most 0.12 cm from the center theta, and
// to 0.1 elsewhere. Node row·Side + col lies at (col, row)/(Side − 1) cm.
func (Disc) Field(x, theta []float64) {
	for k := range x {
		dx, dy := float64(k%Side)/(Side-1)-theta[0], float64(k/Side)/(Side-1)-theta[1]
		x[k] = 0.1
		if dx*dx+dy*dy <= 0.12*0.12 {
			x[k] = 1.5
		}
	}
}
