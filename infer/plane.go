package infer

import (
	"errors"

	"csdm/bench"
	"csdm/internal/format"
)

// The entries of a result file that hold a bench.Plane.
//
// An element of plane_density is the posterior probability of a cell in the
// plane of the first two variables θ₁, θ₂ of the prior. Rows run along θ₂ from
// Y0 to Y1, columns along θ₁ from X0 to X1.
const (
	planeEntry       = "plane_density" // (R, C)
	planeExtentEntry = "plane_extent"  // X0, X1, Y0, Y1
)

// readPlane reads the density of the first two variables from a result file. It
// returns nil if the file has none, as files of earlier versions.
func readPlane(z *format.NPZ) (*bench.Plane, error) {
	if !z.Has(planeEntry) || !z.Has(planeExtentEntry) {
		return nil, nil
	}
	density, err := z.Read(planeEntry)
	if err != nil {
		return nil, err
	}
	extent, err := z.Read(planeExtentEntry)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(density.CheckShape(-1, -1), density.CheckFinite(), extent.CheckShape(4),
		extent.CheckFinite()); err != nil {
		return nil, err
	}
	e := extent.Float64()
	return &bench.Plane{Rows: density.Shape[0], Cols: density.Shape[1], Density: density.Float64(),
		X0: e[0], X1: e[1], Y0: e[2], Y1: e[3]}, nil
}
