//go:build course

package ex02

import (
	"testing"

	"csdm/fem/femtest"
)

func TestTriangle(t *testing.T) {
	femtest.Run(t, femtest.Plane(Triangle{}, func(xx, yy, xy float64) float64 {
		return 4*xx*xx + 4*yy*yy + 4*xx*yy + xy*xy
	}))
}
