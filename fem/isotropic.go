package fem

import (
	"fmt"

	"csdm/mesh"
)

// NewIsotropic prepares a static problem in which Young's modulus and Poisson's
// ratio vary (SolveRatioTo). elements returns the elements for one Poisson's
// ratio, such as PlaneStrain or Axisymmetric. reference, not 0, is a ratio near
// those to come: where all cells have it, the matrix is exactly the one of
// NewStatic.
func NewIsotropic(m *mesh.Mesh, elements func(nu float64) Elements, reference float64,
	bc Dirichlet) (*Static, error) {
	if reference == 0 {
		panic("fem: the reference of Poisson's ratio is 0, whose λ is 0; it must not be")
	}
	s, err := NewStatic(m, elements(reference), bc)
	if err != nil {
		return nil, err
	}
	shear := s.l.with(elements(0))
	s.varied = &variedRatio{reference, shear, newGather(s.l, shear)}
	return s, nil
}

// variedRatio is what a variable Poisson's ratio adds to the analysis.
type variedRatio struct {
	reference float64 // ratio of the layout's elements
	shear     *layout // of elements with the ratio 0
	gather    gather  // of both layouts
}

// SolveRatioTo sets ux and uy to the displacement for Young's moduli and
// Poisson's ratios at the points, which are averaged over each cell. The
// analysis must be from NewIsotropic. Errors are *RatioError and the errors of
// SolveTo.
func (s *StaticSolver) SolveRatioTo(ux, uy, moduli, ratios []float64) error {
	if n := s.l.mesh.Points(); len(moduli) != n || len(ratios) != n {
		panic(fmt.Sprintf("fem: %d moduli and %d ratios for %d points", len(moduli), len(ratios),
			n))
	}
	if err := checkIsotropic(moduli, ratios); err != nil {
		return err
	}
	s.l.spread(s.cells, moduli)
	s.l.spread(s.ratios, ratios)
	s.assembleRatios()
	return s.FactorizeAndSolveTo(ux, uy)
}

// SolveRatioCellsTo does the same with one modulus and one ratio per cell,
// triangles first.
func (s *StaticSolver) SolveRatioCellsTo(ux, uy, moduli, ratios []float64) error {
	if n := s.l.mesh.Cells(); len(moduli) != n || len(ratios) != n {
		panic(fmt.Sprintf("fem: %d moduli and %d ratios for %d cells", len(moduli), len(ratios),
			n))
	}
	if err := checkIsotropic(moduli, ratios); err != nil {
		return err
	}
	copy(s.cells, moduli)
	copy(s.ratios, ratios)
	s.assembleRatios()
	return s.FactorizeAndSolveTo(ux, uy)
}

// assembleRatios sets up the matrix. The matrix of a cell with modulus 1 is
// linear in Lamé's parameters, K(ν) = λ(ν) A + μ(ν) B. The unit matrices are
// R = K(ν₀) of the reference and K(0) = B/2, since λ(0) = 0 and μ(0) = ½. So
//
//	K(ν) = a R + 2(μ − a μ₀) K(0),  a = λ/λ₀.
func (s *StaticSolver) assembleRatios() {
	lambda0, mu0 := lame(s.varied.reference)
	for c, nu := range s.ratios {
		lambda, mu := lame(nu)
		a, modulus := lambda/lambda0, s.cells[c]
		s.cells[c], s.ratios[c] = modulus*a, modulus*2*(mu-a*mu0)
	}
	s.varied.gather.sumTo(s.values, s.factors, s.varied.gather.stiffness)
	s.loadAndLift()
	s.varied.shear.lift(s.rhs, s.ratios)
}

// RatioError reports a Poisson's ratio that is not in (−1, ½).
type RatioError struct {
	Index int // of the point or cell
	Value float64
}

// Error names the index of Poisson's ratio and its value.
func (e *RatioError) Error() string {
	return fmt.Sprintf("fem: Poisson's ratio %d is %v; it must be in (−1, ½)", e.Index, e.Value)
}

// checkIsotropic returns an error for the first modulus, or a *RatioError for
// the first ratio, that is not valid.
func checkIsotropic(moduli, ratios []float64) error {
	if err := checkModuli(moduli); err != nil {
		return err
	}
	for i, v := range ratios {
		if !(v > -1 && v < 0.5) {
			return &RatioError{i, v}
		}
	}
	return nil
}
