package fem

import (
	"fmt"

	"csdm/internal/sparse"
	"csdm/mesh"
)

// Static is the analysis of a static elastic problem on one mesh: everything
// that does not depend on the moduli. It is read-only, and shared by the
// solvers of all workers.
type Static struct {
	// numbering, symbolic factorization and unit matrices
	l      *layout
	varied *variedRatio // nil unless Poisson's ratio varies
}

// NewPlaneStress prepares the plane stress of an incompressible solid on a mesh
// of triangles (see PlaneStressP1), with components 0 and 1 of the displacement
// along x and y. Errors name an invalid cell (*mesh.CellError) or condition
// (*ConstraintError).
func NewPlaneStress(m *mesh.Mesh, bc Dirichlet) (*Static, error) {
	return NewStatic(m, Elements{Triangle: PlaneStressP1{}}, bc)
}

// NewStatic prepares a static problem with any elements of two components.
func NewStatic(m *mesh.Mesh, physics Elements, bc Dirichlet) (*Static, error) {
	l, err := newLayout(m, physics, bc)
	if err != nil {
		return nil, err
	}
	if l.components != 2 {
		return nil, fmt.Errorf("fem: a static problem needs elements of 2 components, not %d",
			l.components)
	}
	return &Static{l: l}, nil
}

// Mesh returns the mesh. The caller must not change it.
func (s *Static) Mesh() *mesh.Mesh { return s.l.mesh }

// Stats returns the size of the factorization.
func (s *Static) Stats() sparse.Stats { return s.l.sym.Stats() }

// StaticSolver solves one problem after another. It belongs to one goroutine.
// Its methods allocate nothing.
type StaticSolver struct {
	// shared, read only
	l *layout
	// numbers of L and D
	factor *sparse.Factor[float64]
	cells  []float64 // modulus of each cell
	values []float64 // of the matrix, and one unused place
	load   []float64 // from body forces; nil without
	// loads and lifted fixed values; overwritten by the solution
	rhs      []float64
	assembly bool // whether values belong to cells

	varied  *variedRatio // nil unless Poisson's ratio varies
	ratios  []float64    // then of each cell
	factors []float64    // then cells and ratios, one after the other
}

// NewSolver returns a solver with its own storage.
func (s *Static) NewSolver() *StaticSolver {
	solver := &StaticSolver{
		l: s.l, factor: sparse.NewFactor[float64](s.l.sym),
		cells: make([]float64, s.l.mesh.Cells()), values: make([]float64, s.l.sym.Entries()+1),
		rhs: make([]float64, len(s.l.degrees)),
	}
	if s.varied != nil {
		n := len(solver.cells)
		solver.varied, solver.factors = s.varied, make([]float64, 2*n)
		solver.cells, solver.ratios = solver.factors[:n], solver.factors[n:]
	}
	return solver
}

// SetLoad sets a body force for later solves. body sets b to the force per
// volume at (x, y); a nil body removes the force.
func (s *StaticSolver) SetLoad(body func(b []float64, x, y float64)) {
	s.load = nil
	if body != nil {
		s.load = s.l.bodyForce(body)
	}
}

// SolveTo sets ux and uy, one number per point, to the displacement for moduli
// given at the points. The moduli are linear between the points on triangles,
// and averaged on quadrilaterals. Errors are *ModulusError, with the index of
// the point, and *SingularError. SolveTo panics on wrong lengths.
func (s *StaticSolver) SolveTo(ux, uy, moduli []float64) error {
	if err := s.Assemble(moduli); err != nil {
		return err
	}
	return s.FactorizeAndSolveTo(ux, uy)
}

// SolveCellsTo does the same as SolveTo with one modulus per cell, triangles
// first. The index of a *ModulusError is the cell.
func (s *StaticSolver) SolveCellsTo(ux, uy, moduli []float64) error {
	if err := s.AssembleCells(moduli); err != nil {
		return err
	}
	return s.FactorizeAndSolveTo(ux, uy)
}

// Assemble sets up the matrix for moduli at the points: the first part of
// SolveTo.
func (s *StaticSolver) Assemble(moduli []float64) error {
	if len(moduli) != s.l.mesh.Points() {
		panic(fmt.Sprintf("fem: %d moduli for %d points; the numbers must be equal", len(moduli),
			s.l.mesh.Points()))
	}
	if err := checkModuli(moduli); err != nil {
		return err
	}
	s.l.spread(s.cells, moduli)
	s.assemble()
	return nil
}

// AssembleCells sets up the matrix for moduli of the cells: the first part of
// SolveCellsTo.
func (s *StaticSolver) AssembleCells(moduli []float64) error {
	if len(moduli) != s.l.mesh.Cells() {
		panic(fmt.Sprintf("fem: %d moduli for %d cells; the numbers must be equal", len(moduli),
			s.l.mesh.Cells()))
	}
	if err := checkModuli(moduli); err != nil {
		return err
	}
	copy(s.cells, moduli)
	s.assemble()
	return nil
}

// assemble sets the matrix Σ_c E_c K_c and the right-hand side from the moduli
// of the cells. The unit matrices K_c are integrated once for a mesh, so that a
// new modulus field costs one multiplication per entry.
func (s *StaticSolver) assemble() {
	s.l.assemble(s.values, s.cells)
	s.loadAndLift()
}

// loadAndLift sets the right-hand side, and completes the assembly.
func (s *StaticSolver) loadAndLift() {
	clear(s.rhs)
	copy(s.rhs, s.load)
	s.l.lift(s.rhs, s.cells)
	s.assembly = true
}

// FactorizeAndSolveTo solves the last assembled problem: the second part of
// SolveTo.
func (s *StaticSolver) FactorizeAndSolveTo(ux, uy []float64) error {
	if !s.assembly {
		panic("fem: FactorizeAndSolveTo needs a call of Assemble or AssembleCells first")
	}
	if n := s.l.mesh.Points(); len(ux) != n || len(uy) != n {
		panic(fmt.Sprintf("fem: displacements of %d and %d for %d points", len(ux), len(uy), n))
	}
	if err := s.factor.FactorizeAndSolveTo(s.rhs, s.rhs, s.values[:len(s.values)-1]); err != nil {
		return s.l.locate(err)
	}
	s.assembly = false // the right-hand side is overwritten
	s.l.scatter(ux, uy, s.rhs)
	return nil
}

// scatter sets the displacement from the unknowns and the fixed values.
func (l *layout) scatter(ux, uy, x []float64) {
	for p := range ux {
		ux[p], uy[p] = l.fixed[2*p], l.fixed[2*p+1]
		if u := l.unknown[2*p]; u >= 0 {
			ux[p] = x[u]
		}
		if u := l.unknown[2*p+1]; u >= 0 {
			uy[p] = x[u]
		}
	}
}
