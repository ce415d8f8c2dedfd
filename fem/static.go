package fem

import (
	"fmt"

	"csdm/internal/sparse"
	"csdm/mesh"
)

// Static is the analysis of a static elastic problem on one mesh: everything
// that does not depend on the moduli. It is read-only, and shared by the
// solvers of all workers.
type Static struct{ l *layout }

// NewPlaneStress prepares the plane stress of an incompressible solid on a mesh
// of triangles (see PlaneStressP1), with components 0 and 1 of the displacement
// along x and y. Errors name a bad cell (*mesh.CellError) or condition
// (*ConstraintError).
func NewPlaneStress(m *mesh.Mesh, bc Dirichlet) (*Static, error) {
	return NewStatic(m, Physics{Triangle: PlaneStressP1{}}, bc)
}

// NewStatic prepares a static problem with any elements of two components.
func NewStatic(m *mesh.Mesh, physics Physics, bc Dirichlet) (*Static, error) {
	l, err := newLayout(m, physics, bc)
	if err != nil {
		return nil, err
	}
	if l.components != 2 {
		return nil, fmt.Errorf("fem: a static problem has two components, these elements %d",
			l.components)
	}
	return &Static{l}, nil
}

// Mesh returns the mesh. It must not be changed.
func (s *Static) Mesh() *mesh.Mesh { return s.l.mesh }

// Stats describes the size of the factorization.
func (s *Static) Stats() sparse.Stats { return s.l.sym.Stats() }

// StaticSolver solves one problem after the other. It belongs to one goroutine;
// after NewSolver nothing allocates.
type StaticSolver struct {
	l        *layout
	factor   *sparse.Factor[float64]
	cells    []float64 // modulus of each cell
	values   []float64 // of the matrix, and one place nobody reads
	load     []float64 // of body forces; nil without
	rhs      []float64
	assembly bool // values belong to cells
}

// NewSolver returns a solver with storage of its own.
func (s *Static) NewSolver() *StaticSolver {
	return &StaticSolver{
		l: s.l, factor: sparse.NewFactor[float64](s.l.sym),
		cells: make([]float64, s.l.mesh.Cells()), values: make([]float64, s.l.sym.Entries()+1),
		rhs: make([]float64, len(s.l.degrees)),
	}
}

// SetLoad sets a body force for the solves to come; body sets b to the force
// per volume at (x, y). nil takes it away.
func (s *StaticSolver) SetLoad(body func(b []float64, x, y float64)) {
	s.load = nil
	if body != nil {
		s.load = s.l.bodyForce(body)
	}
}

// SolveTo sets ux and uy, one number a point, to the displacement for moduli
// given at the points: linear between them on triangles, and their mean on
// quadrilaterals. Errors are *ModulusError, with the index of the point, and
// *SingularError. It panics on wrong lengths.
func (s *StaticSolver) SolveTo(ux, uy, moduli []float64) error {
	if err := s.Assemble(moduli); err != nil {
		return err
	}
	return s.FactorizeAndSolveTo(ux, uy)
}

// SolveCellsTo is SolveTo with one modulus a cell, triangles first; the index
// of a *ModulusError is the cell.
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
		panic(fmt.Sprintf("fem: %d moduli for %d points", len(moduli), s.l.mesh.Points()))
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
		panic(fmt.Sprintf("fem: %d moduli for %d cells", len(moduli), s.l.mesh.Cells()))
	}
	if err := checkModuli(moduli); err != nil {
		return err
	}
	copy(s.cells, moduli)
	s.assemble()
	return nil
}

func (s *StaticSolver) assemble() {
	s.l.assemble(s.values, s.cells)
	clear(s.rhs)
	copy(s.rhs, s.load)
	s.l.lift(s.rhs, s.cells)
	s.assembly = true
}

// FactorizeAndSolveTo solves the problem that was assembled last: the second
// part of SolveTo.
func (s *StaticSolver) FactorizeAndSolveTo(ux, uy []float64) error {
	if !s.assembly {
		panic("fem: solve before assembly")
	}
	if n := s.l.mesh.Points(); len(ux) != n || len(uy) != n {
		panic(fmt.Sprintf("fem: displacements of %d and %d for %d points", len(ux), len(uy), n))
	}
	if err := s.factor.FactorizeAndSolveTo(s.rhs, s.rhs, s.values[:len(s.values)-1]); err != nil {
		return s.l.locate(err)
	}
	s.assembly = false // the right-hand side is gone
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
