package fem

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"csdm/internal/sparse"
	"csdm/mesh"
)

// stiffBlock returns an undamped specimen of 40×48 points with a stiff block,
// its moduli, and a solver. A leading block of its matrix, in the order of
// elimination, has a resonance at blockResonance; the whole matrix has none
// near it.
func stiffBlock(t *testing.T, frequency float64) (*HelmholtzSolver, []float64) {
	t.Helper()
	const rows, cols = 40, 48
	m := mesh.Triangles(rows, cols, 0.0053, 0.0044)
	h := must[*Helmholtz](t)(NewHelmholtz(m, Wave{Frequency: frequency, Density: 1000},
		drivenRight(m, 2e-5)))
	mu := make([]float64, m.Points())
	for p := range mu {
		mu[p] = 1e4
		if r, c := p/cols, p%cols; r >= 10 && r < 25 && c >= 15 && c < 30 {
			mu[p] = 3e4
		}
	}
	return h.NewSolver(), mu
}

const blockResonance = 3007.999978880398

// TestRefinementNearABlocksResonance approaches the resonance of the leading
// block from both sides. There a solution without refinement has a residual of
// up to 1e-5. The refined solution is compared with the solutions at nearby
// frequencies, by fourth differences of a smooth function of the frequency.
func TestRefinementNearABlocksResonance(t *testing.T) {
	solve := func(f float64) (u []float64, plain float64, err error) {
		s, mu := stiffBlock(t, f)
		re, im := make([]float64, len(mu)), make([]float64, len(mu))
		if err = s.SolveTo(re, im, mu); err != nil {
			return nil, 0, err
		}
		if r := s.Residual(); !(r <= 1e-12) {
			t.Errorf("%v Hz: a residual of %.2g is no error", f, r)
		}
		x, r := make([]complex128, len(s.rhs)), make([]complex128, len(s.rhs))
		s.factor.SolveTo(x, s.rhs)
		copy(r, s.rhs)
		return re, residualOf(s, r, x) / largest(s.rhs), nil
	}
	worst, solved := 0.0, 0
	for k := 12; k <= 44; k += 2 {
		for _, side := range []float64{-1, 0, 1} {
			f := blockResonance * (1 + side*math.Ldexp(1, -k))
			u, plain, err := solve(f)
			var residual *ResidualError
			var singular *SingularError
			switch {
			case errors.As(err, &residual), errors.As(err, &singular):
				continue
			case err != nil:
				t.Fatal(err)
			}
			worst, solved = max(worst, plain), solved+1
			if k != 12 && k != 44 {
				continue
			}
			const step = 0.01
			var around [4][]float64
			for i, at := range []float64{-2, -1, 1, 2} {
				if around[i], _, err = solve(f + at*step); err != nil {
					t.Fatal(err)
				}
			}
			for p := range u {
				want := (4*(around[1][p]+around[2][p]) - around[0][p] - around[3][p]) / 6
				if math.Abs(u[p]-want) > 1e-10*2e-5 {
					t.Fatalf("%v Hz, point %d: %v, want %v", f, p, u[p], want)
				}
			}
		}
	}
	if worst < 1e-8 || solved < 30 {
		t.Errorf("the largest residual without refinement is %.2g, of %d solutions: the test "+
			"does not reach the resonance", worst, solved)
	}
}

// residualOf sets r to r − A x and returns its largest magnitude.
func residualOf(s *HelmholtzSolver, r, x []complex128) float64 {
	sparse.MultiplySubtract(s.h.l.sym, r, s.values, x)
	return largest(r)
}

// TestResonanceIsRefused drives a uniform square at its own resonances, found
// by the sign of the response. The amplitude is unbounded there.
func TestResonanceIsRefused(t *testing.T) {
	const n = 24
	m := mesh.Triangles(n, n, 0.01, 0.01)
	mu := make([]float64, m.Points())
	for p := range mu {
		mu[p] = 1e4
	}
	respond := func(f float64) (float64, error) {
		h := must[*Helmholtz](t)(NewHelmholtz(m, Wave{Frequency: f, Density: 1000},
			drivenRight(m, 2e-5)))
		re, im := make([]float64, len(mu)), make([]float64, len(mu))
		s := h.NewSolver()
		err := s.SolveTo(re, im, mu)
		if err == nil && !(s.Residual() <= 1e-12) {
			t.Errorf("%v Hz: a residual of %.2g is no error", f, s.Residual())
		}
		return re[n/2*n+n/3], err
	}
	// The lowest mode of a square of side a is c/(√2 a), and slightly higher on
	// the mesh.
	lo, hi := 220.0, 235.0
	low, err := respond(lo)
	if err != nil {
		t.Fatal(err)
	}
	for range 60 {
		middle := (lo + hi) / 2
		u, err := respond(middle)
		if err != nil {
			var residual *ResidualError
			if !errors.As(err, &residual) || !strings.Contains(err.Error(),
				fmt.Sprintf("%.2g", residual.Residual)) {
				t.Errorf("%v Hz: the error does not say the residual: %v", middle, err)
			}
			return
		}
		if (u > 0) == (low > 0) {
			lo = middle
		} else {
			hi = middle
		}
	}
	t.Error("the resonance was reached, and no solution refused")
}
