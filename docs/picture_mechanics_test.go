package docs

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"csdm/bench"
	"csdm/fem"
	"csdm/internal/plot"
	"csdm/langevin"
	"csdm/mesh"
	"csdm/problems"
	"csdm/problems/quasistatic"
)

// A specimen is the one measurement that most pictures show, on 16×16 nodes.
type specimen struct {
	problem   problems.Parametric
	n         int       // nodes of a side
	x         []float64 // true field, kPa
	y         []float64 // measurement without noise, cm
	measured  []float64
	posterior *bench.QuadratureResult // in units of the prior's range
	points    *langevin.Points        // the posterior as weighted normalized fields
}

const specimenSeed, specimenPair, specimenNoise = 1, 4, 15

var theSpecimen = sync.OnceValues(func() (*specimen, error) {
	s := &specimen{n: 16}
	var err error
	if s.problem, err = quasistatic.New(problems.Options{Grid: s.n,
		NoisePercent: specimenNoise}); err != nil {
		return nil, err
	}
	if s.x, s.y, err = pair(s.problem, specimenPair); err != nil {
		return nil, err
	}
	s.measured = make([]float64, len(s.y))
	problems.Measure(s.problem.Measurement(), s.measured, s.y, specimenSeed, specimenPair)
	if s.posterior, err = bench.Quadrature(context.Background(), s.problem, s.measured,
		bench.QuadratureSettings{Threads: 1}); err != nil {
		return nil, err
	}
	unit := s.problem.Spec().XRange
	s.points, err = bench.ExactScore(context.Background(), s.problem, s.posterior.Points, unit, 1)
	s.posterior.Posterior = *s.posterior.Scaled(unit.Min, unit.Width())
	return s, err
})

func pair(problem problems.Problem, i uint64) (x, y []float64, err error) {
	g, err := problem.NewGenerator()
	if err != nil {
		return nil, nil, err
	}
	x, y = make([]float64, problem.Spec().XLen()), make([]float64, problem.Spec().YLen())
	return x, y, g.Pair(x, y, specimenSeed, i)
}

func newSpecimen(t *testing.T) *specimen {
	t.Helper()
	s, err := theSpecimen()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// panel returns a heat map of n×n values on a scale of its own.
func panel(title string, values []float64, n int, m plot.ColorMap, quantity,
	unit string) plot.Panel {
	return plot.Panel{Title: title, Values: values, Rows: n, Cols: n, Map: m, Quantity: quantity,
		Unit: unit, Scale: quantity + unit + fmt.Sprint(m)}
}

// row returns a figure of one row of panels.
func row(alt string, panels ...plot.Panel) *plot.Figure {
	p := plot.Panels{Panels: [][]plot.Panel{panels}, MaxPanel: 34, Colors: 64, Alt: alt}
	return p.Render()
}

func drawProblem(t *testing.T) *plot.Figure {
	s := newSpecimen(t)
	return row("a disc in a square; its noisy displacement, in which the disc cannot be seen",
		panel("*x*, sought", s.x, s.n, plot.FieldMap, "shear modulus", "kPa"),
		panel("*y*, measured", s.measured, s.n, plot.MeasurementMap, "displacement", "cm"))
}

func drawRipple(t *testing.T) *plot.Figure {
	s := newSpecimen(t)
	ripple, noisy := make([]float64, len(s.y)), make([]float64, len(s.y))
	for k := range ripple {
		ramp := -quasistatic.UMax * float64(k/s.n) / float64(s.n-1) // of a square without a disc
		ripple[k], noisy[k] = 1e4*(s.y[k]-ramp), 1e4*(s.measured[k]-ramp)
	}
	return row("displacement without noise; the same minus that of a square without a disc, "+
		"which shows where the disc is; and with noise, which hides it",
		panel("without noise", s.y, s.n, plot.MeasurementMap, "displacement", "cm"),
		panel("minus the ramp", ripple, s.n, plot.SignedMap, "the disc's effect", "µm"),
		panel("with noise", noisy, s.n, plot.SignedMap, "effect and noise", "µm"))
}

// drawElement draws the mesh of a pressed square, deformed.
func drawElement(t *testing.T) *plot.Figure {
	const n, factor = 9, 20
	m := mesh.Triangles(n, n, 1, 1)
	analysis, err := fem.NewPlaneStress(m, fem.Compression(m, 0, -0.01))
	if err != nil {
		t.Fatal(err)
	}
	problem, err := quasistatic.New(problems.Options{Grid: n})
	if err != nil {
		t.Fatal(err)
	}
	mu, ux, uy := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
	problem.Field(mu, []float64{0.4, 0.6})
	if err := analysis.NewSolver().SolveTo(ux, uy, mu); err != nil {
		t.Fatal(err)
	}
	chart := plot.Chart{Equal: true, Width: 90, Height: 80, XLabel: "cm", YLabel: "cm",
		Alt: "a mesh of triangles, pressed from above; the mesh is less deformed around the disc"}
	at := func(k int) (x, y float64) {
		return float64(k%n)/(n-1) + factor*ux[k], float64(k/n)/(n-1) + factor*uy[k]
	}
	line := func(color int, from, to int) {
		x0, y0 := at(from)
		x1, y1 := at(to)
		chart.Series = append(chart.Series, plot.Series{X: []float64{x0, x1},
			Y: []float64{y0, y1}, Style: plot.Path, Color: color})
	}
	for k := range n * n {
		right, up := k%n < n-1, k/n < n-1
		if right {
			line(1, k, k+1)
		}
		if up {
			line(1, k, k+n)
		}
		if right && up {
			line(1, k, k+n+1)
		}
	}
	stiff := plot.Series{Name: "nodes in the disc", Style: plot.Markers, Color: 2}
	for k, v := range mu {
		if v > quasistatic.Background {
			x, y := at(k)
			stiff.X, stiff.Y = append(stiff.X, x), append(stiff.Y, y)
		}
	}
	chart.Series = append(chart.Series, stiff)
	return chart.Render()
}

func drawPrior(t *testing.T) *plot.Figure {
	s := newSpecimen(t)
	var panels []plot.Panel
	for i := range uint64(5) {
		x, _, err := pair(s.problem, i)
		if err != nil {
			t.Fatal(err)
		}
		panels = append(panels, panel(fmt.Sprint("draw ", i), x, s.n, plot.FieldMap,
			"shear modulus", "kPa"))
	}
	return row("five squares, each with the disc at another place", panels...)
}

func drawPosterior(t *testing.T) *plot.Figure {
	s := newSpecimen(t)
	unit := s.problem.Spec().XRange
	truth := make([]float64, len(s.x))
	for k, v := range s.x {
		truth[k] = (v - unit.Min) / unit.Width()
	}
	mean := panel("exact mean", s.posterior.Mean, s.n, plot.FieldMap, "*x*, normalized", "")
	std := panel("exact std", s.posterior.Std, s.n, plot.SpreadMap, "std of *x*", "")
	mean.Outline, std.Outline = truth, truth
	return row("the true field; the posterior mean, a disc with a blurred rim; the standard "+
		"deviation, a ring around the rim",
		panel("truth", truth, s.n, plot.FieldMap, "*x*, normalized", ""), mean, std)
}
