package fem

import (
	"context"
	"fmt"
	"math"

	"csdm/internal/sparse"
	"csdm/mesh"
)

// Newmark is a time integration scheme (Newmark 1959) with equal steps. It is
// stable for any step if 2·Beta ≥ Gamma ≥ ½. Beta = ¼ with Gamma = ½ is the
// average acceleration method, of second order and without numerical damping.
// Other pairs, which diverge if the step is too long for the mesh, are refused.
// Their advantage is that they need no factorization; here the factorization is
// made anyway.
type Newmark struct {
	// β and γ: u_{n+1} = u_n + Δt v_n + Δt² ((½ − β) a_n + β a_{n+1}), v_{n+1}
	// = v_n + Δt ((1 − γ) a_n + γ a_{n+1})
	Beta, Gamma float64
	Step        float64 // length of a step, positive
}

// Validate returns an error about the first setting that is not valid.
func (n Newmark) Validate() error {
	switch {
	case !(n.Step > 0) || math.IsInf(n.Step, 0):
		return fmt.Errorf("fem: the time step is %v; it must be positive and finite", n.Step)
	case !(n.Gamma >= 0.5 && n.Gamma <= 1):
		return fmt.Errorf("fem: Newmark's gamma is %v; it must be in [½, 1]", n.Gamma)
	case !(2*n.Beta >= n.Gamma && n.Beta <= 1):
		return fmt.Errorf("fem: Newmark's beta is %v; it must be in [gamma/2, 1], which makes the "+
			"method stable", n.Beta)
	}
	return nil
}

// Dynamics is the analysis of linear elastodynamics
//
//	ρ ü − ∇·σ(u) = g(t) b(x)
//
// starting from rest, on one mesh with one density and one body force b. It is
// read-only and may be shared.
type Dynamics struct {
	// numbering and symbolic factorization
	l *layout
	// time integration
	scheme Newmark
	// ρ, in the unit of modulus · time²/length²
	density float64
	mass    []float64 // entries of the mass matrix, for the density
	force   []float64 // ∫ N b
	start   []float64 // M⁻¹·force: the acceleration when g jumps to one at rest
}

// NewDynamics prepares a transient problem with elements of two components.
// body sets b at (x, y). All values of bc must be zero: a fixed boundary cannot
// move.
func NewDynamics(m *mesh.Mesh, physics Elements, density float64,
	body func(b []float64, x, y float64), bc Dirichlet, scheme Newmark) (*Dynamics, error) {
	if err := scheme.Validate(); err != nil {
		return nil, err
	}
	if !(density > 0) || math.IsInf(density, 0) {
		return nil, fmt.Errorf("fem: the density is %v; it must be positive and finite", density)
	}
	for _, f := range bc {
		if f.Value != 0 {
			return nil, &ConstraintError{f, "a moving boundary is not supported in dynamics"}
		}
	}
	l, err := newLayout(m, physics, bc)
	if err != nil {
		return nil, err
	}
	if l.components != 2 {
		return nil, fmt.Errorf("fem: dynamics needs elements of 2 components, not %d", l.components)
	}
	d := &Dynamics{l: l, scheme: scheme, density: density, mass: make([]float64, l.sym.Entries()+1),
		force: l.bodyForce(body)}
	l.assembleMass(d.mass, nil)
	for i := range d.mass {
		d.mass[i] *= density
	}
	d.start = make([]float64, len(d.force))
	if err := sparse.NewFactor[float64](l.sym).FactorizeAndSolveTo(d.start, d.force,
		d.mass[:l.sym.Entries()]); err != nil {
		return nil, fmt.Errorf("fem: mass matrix: %w", l.locate(err))
	}
	return d, nil
}

// Stats returns the size of the factorization.
func (d *Dynamics) Stats() sparse.Stats { return d.l.sym.Stats() }

// DynamicsSolver runs one transient after another. It belongs to one goroutine.
type DynamicsSolver struct {
	// shared, read only
	d *Dynamics
	// of M + β Δt² K, made once for a run
	factor    *sparse.Factor[float64]
	stiffness []float64 // entries of K
	values    []float64 // entries of M + β Δt² K
	// displacement, velocity and acceleration of the unknowns
	u, v, a []float64
	// right-hand side of a step, then its acceleration
	rhs  []float64
	full [2][]float64 // displacement at all points
}

// NewSolver returns a solver with its own storage.
func (d *Dynamics) NewSolver() *DynamicsSolver {
	n, points, entries := len(d.force), d.l.mesh.Points(), d.l.sym.Entries()
	s := &DynamicsSolver{
		d: d, factor: sparse.NewFactor[float64](d.l.sym),
		stiffness: make([]float64, entries+1), values: make([]float64, entries),
		u: make([]float64, n), v: make([]float64, n), a: make([]float64, n),
		rhs: make([]float64, n),
	}
	for i := range s.full {
		s.full[i] = make([]float64, points)
	}
	return s
}

// Run integrates from rest at step 0 to step steps, with one modulus per cell.
// amplitude(n) is g at step n. If a force ends during the run, halve it in its
// last step, so that its impulse is exact. Run calls visit after every step n ≥
// 1 with the displacement at all points, which visit must not keep. An error of
// visit ends the run and is returned. Other errors are *ModulusError (with the
// cell), *SingularError, and the error of ctx.
//
// Each step solves for the acceleration: with the predictor ũ = u + Δt v +
// Δt²(½ − β) a,
//
//	(M + β Δt² K) a₊ = f₊ − K ũ,
//	u₊ = ũ + β Δt² a₊,   v₊ = v + Δt((1 − γ) a + γ a₊).
func (s *DynamicsSolver) Run(ctx context.Context, moduli []float64, steps int,
	amplitude func(step int) float64, visit func(step int, ux, uy []float64) error) error {
	l, dt, beta, gamma := s.d.l, s.d.scheme.Step, s.d.scheme.Beta, s.d.scheme.Gamma
	if len(moduli) != l.mesh.Cells() {
		panic(fmt.Sprintf("fem: %d moduli for %d cells", len(moduli), l.mesh.Cells()))
	}
	if err := checkModuli(moduli); err != nil {
		return err
	}
	l.assemble(s.stiffness, moduli)
	stiffness := s.stiffness[:len(s.values)]
	for i, k := range stiffness {
		s.values[i] = s.d.mass[i] + beta*dt*dt*k
	}
	if err := s.factor.Factorize(s.values); err != nil {
		return l.locate(err)
	}
	g := amplitude(0)
	for i, a := range s.d.start {
		s.u[i], s.v[i], s.a[i] = 0, 0, g*a
	}
	for n := 1; n <= steps; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		g = amplitude(n)
		for i, a := range s.a {
			s.u[i] += dt*s.v[i] + dt*dt*(0.5-beta)*a
			s.v[i] += dt * (1 - gamma) * a
			s.rhs[i] = g * s.d.force[i]
		}
		sparse.MultiplySubtract(l.sym, s.rhs, stiffness, s.u)
		s.factor.SolveTo(s.a, s.rhs)
		for i, a := range s.a {
			s.u[i] += beta * dt * dt * a
			s.v[i] += dt * gamma * a
		}
		l.scatter(s.full[0], s.full[1], s.u)
		if err := visit(n, s.full[0], s.full[1]); err != nil {
			return err
		}
	}
	return nil
}

// Energy returns the kinetic energy ½ v·M v and the strain energy ½ u·K u after
// the last step of Run.
func (s *DynamicsSolver) Energy() (kinetic, strain float64) {
	quadratic := func(values, x []float64) float64 {
		clear(s.rhs)
		sparse.MultiplySubtract(s.d.l.sym, s.rhs, values[:len(s.values)], x)
		sum := 0.0
		for i, v := range x {
			sum -= v * s.rhs[i]
		}
		return sum / 2
	}
	return quadratic(s.d.mass, s.v), quadratic(s.stiffness, s.u)
}
