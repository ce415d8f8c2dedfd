//go:build course

// Package ex02 is exercise 2: one finite element (Eq. 22). The linear triangle
// in plane stress of an incompressible solid has the stress 2μ(ε + tr(ε) I).
// Its 6×6 stiffness matrix for μ = 1 is the area times 2(ε + tr(ε) I) : ε of
// each pair of unit displacements. Read fem/element.go for the order of the
// unknowns.
package ex02

import (
	"csdm/fem"
)

// Triangle is the element. It takes everything but the stiffness from package
// fem.
type Triangle struct{ fem.PlaneStressP1 }

// Stiffness sets k, row-major 6×6, to the stiffness of the triangle with
// corners xy = x₀ y₀ x₁ y₁ x₂ y₂. Unknown 2a + i is component i at corner a.
func (Triangle) Stiffness(k, xy []float64) {
	area, gradient := gradients(xy)
	_, _ = area, gradient
	// Your lines: four entries of k for each pair of corners.
}

// gradients returns the area of a triangle and the gradients of its three shape
// functions.
func gradients(xy []float64) (area float64, gradient [3][2]float64) {
	area = ((xy[2]-xy[0])*(xy[5]-xy[1]) - (xy[4]-xy[0])*(xy[3]-xy[1])) / 2
	for a := range 3 {
		b, c := (a+1)%3, (a+2)%3
		gradient[a] = [2]float64{(xy[2*b+1] - xy[2*c+1]) / (2 * area),
			(xy[2*c] - xy[2*b]) / (2 * area)}
	}
	return area, gradient
}
