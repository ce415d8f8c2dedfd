package specimen

import (
	"fmt"
	"math"
	"slices"

	"csdm/fem"
	"csdm/mesh"
)

// equation is a kind of physics.
//
// A kind adds one entry to the map equations; nothing else names it, except for
// the solvers.
type equation struct {
	modulus  string   // name of x
	unknowns int      // components of the solution that edges prescribe
	meshes   []string // the first is the default
	outputs  []string // components that can be measured
	measured []string // without a choice in the file
	second   *secondField
}

// secondField is a property that may be a second field of x.
//
// With two fields x has the planes of the modulus and of the second field, one
// after the other.
type secondField struct {
	key  string // of its section of the prior
	name string
	unit string // without one in the file
	most float64
}

// mostNu is the largest Poisson's ratio.
//
// At ν = ½ the first Lamé parameter λ = 2μν/(1 − 2ν) is infinite.
const mostNu = 0.4999

var (
	ofRatio   = &secondField{"nu", "Poisson's ratio", "1", mostNu}
	ofDensity = &secondField{"density", "density", "1", math.MaxFloat64}
)

var equations = map[string]*equation{
	planeStress: {"shear modulus", 2, []string{crossed, diagonal},
		[]string{"ux", "uy", "exx", "eyy", "exy"}, []string{"uy"}, nil},
	planeStrain: {"Young's modulus", 2, []string{quads},
		[]string{"ux", "uy", "exx", "eyy", "exy"}, []string{"uy"}, ofRatio},
	axisymmetric: {"Young's modulus", 2, []string{crossed, quads},
		[]string{"ux", "uy", "exx", "eyy", "exy", "ett"}, []string{"uy"}, ofRatio},
	helmholtz: {"shear modulus", 1, []string{crossed, diagonal, quads},
		[]string{"real", "imag"}, []string{"real", "imag"}, ofDensity},
}

// second returns the second field of x and its section, or nil if x is the
// modulus alone.
func (d *Definition) second() (of *secondField, given *Prior) {
	if e := equations[d.Physics.Kind]; e != nil && e.second != nil {
		of, given = e.second, map[string]*Prior{ofRatio.key: d.Prior.Nu,
			ofDensity.key: d.Prior.Density}[e.second.key]
	}
	if given == nil {
		return nil, nil
	}
	return of, given
}

// physicsKinds lists the keys of equations in the order of the page.
var physicsKinds = []string{planeStress, planeStrain, axisymmetric, helmholtz}

// outputNames are the names of components in reports.
var outputNames = map[string]string{"ux": "horizontal displacement", "uy": "vertical displacement",
	"exx": "horizontal strain", "eyy": "vertical strain", "exy": "shear strain",
	"ett": "hoop strain", "real": "real part", "imag": "imaginary part"}

// isStrain reports whether a component is a strain.
func isStrain(component string) bool { return component[0] == 'e' }

// newMesh returns the mesh of a definition. Its first points are a lattice that
// contains the nodes of the grid.
//
// With k = physics.refine, node (r, c) of the grid is point (rk, ck) of the
// lattice of (rows − 1)k + 1 by (cols − 1)k + 1 points. Crossed meshes have one
// more point in the middle of each cell, after all lattice points.
func (d *Definition) newMesh() *mesh.Mesh {
	g := &d.Grid
	rows, cols := (g.Rows-1)*d.Physics.Refine+1, (g.Cols-1)*d.Physics.Refine+1
	var m *mesh.Mesh
	switch d.Physics.Mesh {
	case diagonal:
		m = mesh.Triangles(rows, cols, g.Width, g.Height)
	case quads:
		m = mesh.Quads(rows, cols, g.Width, g.Height)
	default:
		m = mesh.Crossed(rows, cols, g.Width, g.Height)
	}
	if d.Physics.Inner > 0 {
		m.Translate(d.Physics.Inner, 0)
	}
	return m
}

// prescription returns the value of an unknown of an edge at a fraction of its
// length, and whether it is prescribed. The unknowns are ux and uy, or the real
// and the imaginary part of a wave.
//
// It is a function, not a table, so that the problem and the modes of an edge's
// error use the same code for nodes and corners.
type prescription func(e *edge, unknown int, at float64) (value float64, ok bool)

// analysis is the part of the forward model that all workers share.
//
// It holds the numbering and the symbolic factorization, which depend on the
// mesh and on which values are prescribed. A solver adds the numbers for one
// field.
type analysis struct {
	mesh   *mesh.Mesh
	static *fem.Static // nil for waves
	// The solutions that the real and the imaginary part of the moving edges
	// cause; nil where they have none.
	waves [2]*fem.Helmholtz
}

// analyze prepares the forward model with essential conditions.
//
// For a wave with the edges a + ib two problems are prepared, one for a and one
// for b, since the matrix is the same and fem.Helmholtz takes real values.
func (d *Definition) analyze(m *mesh.Mesh, value prescription) (a *analysis, err error) {
	a = &analysis{mesh: m}
	p := &d.Physics
	switch p.Kind {
	case planeStrain:
		a.static, err = d.analyzeSolid(m, fem.PlaneStrain, d.conditions(m, value))
	case axisymmetric:
		a.static, err = d.analyzeSolid(m, fem.Axisymmetric, d.conditions(m, value))
	case helmholtz:
		wave := fem.Wave{Frequency: p.Frequency, Alpha: p.Alpha, Density: p.Rho}
		for part := range a.waves {
			bc := d.conditions(m, func(e *edge, _ int, at float64) (float64, bool) {
				return value(e, part, at)
			})
			moves := slices.ContainsFunc(bc, func(f fem.Fixed) bool { return f.Value != 0 })
			if moves && err == nil {
				a.waves[part], err = fem.NewHelmholtz(m, wave, bc)
			}
		}
	default:
		a.static, err = fem.NewPlaneStress(m, d.conditions(m, value))
	}
	return a, err
}

// analyzeSolid prepares a compressible solid. Where Poisson's ratio is a field,
// the median of its background is the reference.
//
// Where all cells have the reference, the matrix is exactly the one of a known
// ratio (fem.NewIsotropic), so that both kinds of files give the same bits.
func (d *Definition) analyzeSolid(m *mesh.Mesh, elements func(nu float64) fem.Elements,
	bc fem.Dirichlet) (*fem.Static, error) {
	if d.Prior.Nu == nil {
		return fem.NewStatic(m, elements(d.Physics.Nu), bc)
	}
	background, err := parse(d.Prior.Nu.Background)
	if err != nil {
		return nil, err
	}
	return fem.NewIsotropic(m, elements, background.middle(), bc)
}

// solver is the forward model of one worker.
//
// It owns its factorization and scratch memory, so that each worker needs one.
type solver struct {
	definition *Definition
	mesh       *mesh.Mesh
	static     *fem.StaticSolver
	waves      [2]*fem.HelmholtzSolver // nil: the part is 0

	moduli []float64    // at all points of the mesh
	second []float64    // the second field there; nil: there is none
	u      [2][]float64 // the solution: ux and uy, or its real and imaginary part
	part   [2][]float64 // the solution for imaginary edges
}

// newSolver returns a solver with memory of its own for one worker.
func (d *Definition) newSolver(a *analysis) *solver {
	points := a.mesh.Points()
	s := &solver{definition: d, mesh: a.mesh, moduli: make([]float64, points)}
	if _, given := d.second(); given != nil {
		s.second = make([]float64, points)
	}
	for k := range s.u {
		s.u[k] = make([]float64, points)
	}
	if a.static != nil {
		s.static = a.static.NewSolver()
		return s
	}
	for k, h := range a.waves {
		if h != nil {
			s.waves[k] = h.NewSolver()
		}
	}
	s.part = [2][]float64{make([]float64, points), make([]float64, points)}
	return s
}

// forward sets y to the measured components for the moduli and the values of a
// second field on the nodes, one plane after the other.
//
// m holds planes of rows × cols values, y one plane per component.
func (s *solver) forward(y, m []float64) error {
	d := s.definition
	nodes, fields := d.Grid.Rows*d.Grid.Cols, 1
	if s.second != nil {
		fields = 2
	}
	if len(m) != nodes*fields {
		panic(fmt.Sprintf("specimen: %d values of %d fields for %d×%d nodes", len(m), fields,
			d.Grid.Rows, d.Grid.Cols))
	}
	s.spread(s.moduli, m[:nodes])
	if s.second != nil {
		s.spread(s.second, m[nodes:])
	}
	if err := s.solve(); err != nil {
		return err
	}
	s.outputs(y)
	return nil
}

// outputs sets y to the measured components of the solution.
func (s *solver) outputs(y []float64) {
	d := s.definition
	nodes := d.Grid.Rows * d.Grid.Cols
	if names := d.Measurement.Components; len(y) != nodes*len(names) {
		panic(fmt.Sprintf("specimen: %d values of y for %d×%d nodes", len(y), d.Grid.Rows,
			d.Grid.Cols))
	}
	for ch, name := range d.Measurement.Components {
		s.output(y[ch*nodes:(ch+1)*nodes], name)
	}
}

// solve sets the solution for the fields. Edges that move by a + ib cause the
// sum of the solution for a and of i times the solution for b.
//
// By linearity u = u_a + i u_b with the complex solutions u_a, u_b for real
// edges a and b. With u_b = p + iq the second term is −q + ip.
func (s *solver) solve() error {
	if s.static != nil && s.second != nil {
		return s.static.SolveRatioTo(s.u[0], s.u[1], s.moduli, s.second)
	} else if s.static != nil {
		return s.static.SolveTo(s.u[0], s.u[1], s.moduli)
	}
	clear(s.u[0])
	clear(s.u[1])
	for part, wave := range s.waves {
		if wave == nil {
			continue
		}
		var err error
		if s.second != nil {
			err = wave.SolveDensityTo(s.part[0], s.part[1], s.moduli, s.second)
		} else {
			err = wave.SolveTo(s.part[0], s.part[1], s.moduli)
		}
		if err != nil {
			return err
		}
		for p := range s.u[0] {
			re, im := s.part[0][p], s.part[1][p]
			if part == 1 { // times i
				re, im = -im, re
			}
			s.u[0][p] += re
			s.u[1][p] += im
		}
	}
	return nil
}

// output sets y to a component on the nodes.
//
// Strains are derivatives of the computed displacement by differences, not from
// the elements, because a laboratory computes them from a map in this way.
func (s *solver) output(y []float64, component string) {
	d := s.definition
	k, cols := d.Physics.Refine, (d.Grid.Cols-1)*d.Physics.Refine+1
	for i := range y {
		row, col := i/d.Grid.Cols*k, i%d.Grid.Cols*k
		at := row*cols + col
		switch component {
		case "ux", "real":
			y[i] = s.u[0][at]
		case "uy", "imag":
			y[i] = s.u[1][at]
		case "exx":
			y[i] = s.slope(0, row, col, false)
		case "eyy":
			y[i] = s.slope(1, row, col, true)
		case "exy":
			y[i] = (s.slope(0, row, col, true) + s.slope(1, row, col, false)) / 2
		case "ett": // u_r/r, which tends to ∂u_r/∂r at the axis
			if r := s.mesh.X[at]; r > 0 {
				y[i] = s.u[0][at] / r
			} else {
				y[i] = s.slope(0, row, col, false)
			}
		}
	}
}

// slope returns the derivative of a displacement along x or up at a point of
// the lattice, by central differences, or by one-sided ones of second order at
// the border.
//
// With h the step of the lattice, Taylor's series gives
//
//	u′(0) = (−3u₀ + 4u₁ − u₂)/(2h) + O(h²)
//
// at the lower end, and the same with the signs reversed at the upper one.
func (s *solver) slope(unknown, row, col int, up bool) float64 {
	d, k := s.definition, s.definition.Physics.Refine
	rows, cols := (d.Grid.Rows-1)*k+1, (d.Grid.Cols-1)*k+1
	at, count, stride, step := col, cols, 1, d.Grid.Width/float64(cols-1)
	if up {
		at, count, stride, step = row, rows, cols, d.Grid.Height/float64(rows-1)
	}
	u, here := s.u[unknown], row*cols+col
	switch at {
	case 0:
		return (4*u[here+stride] - 3*u[here] - u[here+2*stride]) / (2 * step)
	case count - 1:
		return (3*u[here] - 4*u[here-stride] + u[here-2*stride]) / (2 * step)
	}
	return (u[here+stride] - u[here-stride]) / (2 * step)
}

// spread sets the values of a field at the points of the mesh: bilinear in each
// cell of the grid on the lattice, and the mean of its corners in the middle of
// a cell of the lattice.
//
// Point (r, c) of the lattice lies in the cell (r/k, c/k) of the grid at the
// fractions (r mod k)/k and (c mod k)/k. On the last row and column the
// fraction is 0, and the neighbor beyond is never needed.
func (s *solver) spread(points, x []float64) {
	g, k := &s.definition.Grid, s.definition.Physics.Refine
	rows, cols := (g.Rows-1)*k+1, (g.Cols-1)*k+1
	for r := range rows {
		low, up := r/k, float64(r%k)/float64(k)
		high := min(low+1, g.Rows-1)
		for c := range cols {
			left, across := c/k, float64(c%k)/float64(k)
			right := min(left+1, g.Cols-1)
			a := x[low*g.Cols+left] + across*(x[low*g.Cols+right]-x[low*g.Cols+left])
			b := x[high*g.Cols+left] + across*(x[high*g.Cols+right]-x[high*g.Cols+left])
			points[r*cols+c] = a + up*(b-a)
		}
	}
	for i := range points[rows*cols:] {
		at := i/(cols-1)*cols + i%(cols-1)
		points[rows*cols+i] = (points[at] + points[at+1] + points[at+cols] +
			points[at+cols+1]) / 4
	}
}
