package run

import (
	"errors"
	"math"

	"csdm/bench"
	"csdm/internal/format"
	"csdm/internal/plot"
	"csdm/internal/report"
	"csdm/problems"
)

// The entries of a result file that hold a bench.Plane.
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

// place is the figure of the first two variables of a problem: the values of
// the draws over the density of the best reference. It is nil unless the
// problem measures both variables on a field, under the names of the variables.
func (c *Case) place(problem problems.Problem) *report.Place {
	spec := problem.Spec()
	q, ok := problem.(problems.Quantified)
	if !ok || len(spec.Variables) < 2 {
		return nil
	}
	names := q.Quantities()
	var at [2]int
	for k := range at {
		at[k] = -1
		for i, n := range names {
			if n.Name == spec.Variables[k].Name {
				at[k] = i
			}
		}
		if at[k] < 0 {
			return nil
		}
	}
	first, second := names[at[0]], names[at[1]]
	p := &report.Place{XName: first.Name, YName: second.Name, XUnit: first.Unit,
		YUnit: second.Unit, TruthX: math.NaN(), TruthY: math.NaN()}
	if first.Unit == second.Unit {
		p.Resolution = max(first.Resolution, second.Resolution)
	}
	size := spec.XLen()
	x, of := make([]float64, size), make([]float64, len(names))
	measure := func(normalized []float64) (float64, float64) {
		c.Posterior.Normalization.PhysicalX(x, normalized)
		q.Quantify(of, x)
		return of[at[0]], of[at[1]]
	}
	for i := range c.Posterior.Draws {
		a, b := measure(c.Posterior.Samples[i*size : (i+1)*size])
		p.X, p.Y = append(p.X, a), append(p.Y, b)
	}
	if c.Truth != nil {
		p.TruthX, p.TruthY = measure(c.Truth)
	}
	for _, r := range c.References {
		if d := r.Plane; d != nil {
			p.Reference, p.Density, p.Rows, p.Cols = r.Name, d.Density, d.Rows, d.Cols
			p.Extent = plot.Extent{X0: d.X0, X1: d.X1, Y0: d.Y0, Y1: d.Y1}
			break
		}
	}
	return p
}
