package fem

import (
	"fmt"
	"math"

	"csdm/internal/sparse"
	"csdm/mesh"
)

// Wave describes a time-harmonic shear wave in a viscoelastic solid.
type Wave struct {
	Frequency float64 // in Hz, positive: ω = 2π·Frequency
	Alpha     float64 // wave dissipation coefficient α, in s, not negative
	Density   float64 // ρ, positive
}

// Validate returns an error about the first setting that is not valid.
func (w Wave) Validate() error {
	for _, s := range []struct {
		name  string
		value float64
		ok    bool
	}{{"frequency", w.Frequency, w.Frequency > 0}, {"alpha", w.Alpha, w.Alpha >= 0},
		{"density", w.Density, w.Density > 0}} {
		if !s.ok || math.IsInf(s.value, 0) {
			return fmt.Errorf("fem: the %s of the wave is %v, which is not valid", s.name, s.value)
		}
	}
	return nil
}

// Helmholtz is the analysis of the complex scalar wave equation
//
//	−ω² u − ∇·[(μ/ρ)(1 + iαω) ∇u] = 0
//
// on one mesh (the paper's Eq. 23), with essential conditions on u and no flux
// elsewhere. It is read-only and may be shared.
type Helmholtz struct {
	// numbering and symbolic factorization
	l         *layout
	stiffness complex128 // (1 + iαω)/ρ
	inertia   float64    // −ω²
	mass      []float64  // entries of the mass matrix for density ρ
}

// NewHelmholtz prepares the equation on triangles (P1) or quadrilaterals (Q4).
// The values of bc are real amplitudes: phases are relative to the motion of
// the boundary.
func NewHelmholtz(m *mesh.Mesh, wave Wave, bc Dirichlet) (*Helmholtz, error) {
	if err := wave.Validate(); err != nil {
		return nil, err
	}
	l, err := newLayout(m, Elements{LaplaceP1{}, LaplaceQ4{}}, bc)
	if err != nil {
		return nil, err
	}
	omega := 2 * math.Pi * wave.Frequency
	h := &Helmholtz{
		l:         l,
		stiffness: complex(1, wave.Alpha*omega) / complex(wave.Density, 0),
		inertia:   -omega * omega,
		mass:      make([]float64, l.sym.Entries()+1),
	}
	l.assembleMass(h.mass, nil)
	return h, nil
}

// Stats returns the size of the factorization.
func (h *Helmholtz) Stats() sparse.Stats { return h.l.sym.Stats() }

// HelmholtzSolver solves for one modulus field after another. It belongs to one
// goroutine.
type HelmholtzSolver struct {
	// shared, read only
	h *Helmholtz
	// of the complex symmetric matrix, which is not Hermitian
	factor *sparse.Factor[complex128]
	// modulus of each cell
	cells  []float64
	lifted []float64 // right-hand side from the stiffness alone
	mass   []float64 // for a density that varies; nil before SolveDensityTo
	dense  []float64 // its densities of the cells
	// right-hand side: the fixed values, moved from the left
	load []complex128
	real []float64 // stiffness matrix for the moduli
	// entries of (1 + iαω)/ρ K − ω² M
	values []complex128
	// scratch of a solve
	rhs []complex128

	// of the last solve; residual = load − A·solution, refined until it is
	// small
	solution, residual []complex128
	left               float64 // Residual
}

// NewSolver returns a solver with its own storage.
func (h *Helmholtz) NewSolver() *HelmholtzSolver {
	n := h.l.sym.Entries()
	return &HelmholtzSolver{
		h: h, factor: sparse.NewFactor[complex128](h.l.sym),
		cells: make([]float64, h.l.mesh.Cells()), lifted: make([]float64, len(h.l.degrees)),
		real: make([]float64, n+1), values: make([]complex128, n),
		rhs:      make([]complex128, len(h.l.degrees)),
		solution: make([]complex128, len(h.l.degrees)),
		residual: make([]complex128, len(h.l.degrees)),
	}
}

// SetLoad sets a source term on the right-hand side, ∫ f v for the function
// f(x, y); nil removes it.
func (s *HelmholtzSolver) SetLoad(f func(x, y float64) complex128) {
	s.load = nil
	if f == nil {
		return
	}
	re := s.h.l.bodyForce(func(b []float64, x, y float64) { b[0] = real(f(x, y)) })
	im := s.h.l.bodyForce(func(b []float64, x, y float64) { b[0] = imag(f(x, y)) })
	s.load = make([]complex128, len(re))
	for i := range re {
		s.load[i] = complex(re[i], im[i])
	}
}

// SolveTo sets re and im, one number per point, to the real and imaginary parts
// of u for the moduli μ at the points. The moduli are linear between the points
// on triangles, and averaged on quadrilaterals. Errors are *ModulusError, with
// the index of the point, *SingularError, and *ResidualError if refinement does
// not reduce the residual enough. SolveTo panics on wrong lengths.
func (s *HelmholtzSolver) SolveTo(re, im, mu []float64) error {
	return s.solve(re, im, mu, s.h.mass)
}

// SolveDensityTo does the same as SolveTo for a density that varies: Wave's
// Density times density, which is given at the points and averaged over each
// cell. The equation is then
//
//	−ω² density u − ∇·[(μ/ρ)(1 + iαω) ∇u] = 0.
//
// The error for a density that is not positive is a *ModulusError.
func (s *HelmholtzSolver) SolveDensityTo(re, im, mu, density []float64) error {
	l := s.h.l
	if n := l.mesh.Points(); len(density) != n {
		panic(fmt.Sprintf("fem: densities of %d points for %d", len(density), n))
	}
	if err := checkModuli(density); err != nil {
		return err
	}
	if s.mass == nil {
		s.mass, s.dense = make([]float64, len(s.h.mass)), make([]float64, len(s.cells))
	}
	l.spread(s.dense, density)
	l.assembleMass(s.mass, s.dense)
	return s.solve(re, im, mu, s.mass)
}

// solve solves with the entries of a mass matrix: the one of the analysis, or
// s.mass.
func (s *HelmholtzSolver) solve(re, im, mu, mass []float64) error {
	l := s.h.l
	if n := l.mesh.Points(); len(re) != n || len(im) != n || len(mu) != n {
		panic(fmt.Sprintf("fem: moduli of %d and solutions of %d and %d for %d points", len(mu),
			len(re), len(im), n))
	}
	if err := checkModuli(mu); err != nil {
		return err
	}
	l.spread(s.cells, mu)
	l.assemble(s.real, s.cells)
	for i := range s.values {
		s.values[i] = s.h.stiffness*complex(s.real[i], 0) + complex(s.h.inertia*mass[i], 0)
	}
	clear(s.lifted)
	l.lift(s.lifted, s.cells)
	for i, v := range s.lifted {
		s.rhs[i] = s.h.stiffness * complex(v, 0)
	}
	for _, f := range l.lifts {
		density := 1.0
		if &mass[0] != &s.h.mass[0] {
			density = s.dense[f.cell]
		}
		s.rhs[f.unknown] -= complex(s.h.inertia*f.mass*density, 0)
	}
	for i, v := range s.load {
		s.rhs[i] += v
	}
	if err := s.factor.FactorizeAndSolveTo(s.solution, s.rhs, s.values); err != nil {
		return l.locate(err)
	}
	var err error
	if s.left, err = s.refine(s.solution, s.rhs); err != nil {
		return err
	}
	for p := range re {
		re[p], im[p] = l.fixed[p], 0
		if u := l.unknown[p]; u >= 0 {
			re[p], im[p] = real(s.solution[u]), imag(s.solution[u])
		}
	}
	return nil
}

// Residual returns the residual of the last solution: the largest component of
// b − A u divided by the largest of b. It is at most 1e-12.
func (s *HelmholtzSolver) Residual() float64 { return s.left }
