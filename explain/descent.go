package explain

import (
	"context"
	"slices"

	"gonum.org/v1/gonum/mat"

	"csdm/internal/parallel"
	"csdm/priors"
)

// Settings of the descent. It runs where the measurement is a smooth function
// of the variables.
const (
	smoothDraws  = 48   // prior draws to start from
	difference   = 1e-3 // of a variable, in the prior's box
	firstDamping = 1.0  // added to the second derivatives of Σ r²/2
	leastDamping = 1e-3
	mostDamping  = 1e9 // at which a descent ends
	descentSteps = 30  // at most
	leastGain    = 0.02
)

// descend searches from a start. Large errors of random amplitude hide the
// misfit of a wrong member: under all errors, descents for a graded specimen
// ended at discs that were hardly there. So a first descent allows the smallest
// errors alone, which pull towards the member, and a second one starts where it
// ended.
func (s *search) descend(ctx context.Context, start candidate) (candidate, error) {
	if s.first == nil {
		return s.slide(ctx, start)
	}
	all := s.noise
	for _, s.noise = range []priors.Measurement{s.first, all} {
		one := []candidate{{u: start.u}}
		err := s.evaluate(ctx, one)
		if err == nil {
			start, err = s.slide(ctx, one[0])
		}
		if err != nil {
			s.noise = all
			return start, err
		}
	}
	return start, nil
}

// slide searches from a start by the method of Levenberg (1944) and Marquardt
// (1963). It takes Gauss–Newton steps with derivatives by differences, damps
// each step until χ² falls, and clips the steps to the prior's box. It ends
// when a step lowers χ² by less than leastGain.
//
// With r the standardized residual, J its derivatives and λ the damping, a step
// δ solves
//
//	(JᵀJ + λ) δ = −Jᵀ r
//
// which is a Gauss–Newton step for small λ and a short step downhill for large
// λ. λ falls tenfold after a success and rises tenfold after a failure.
func (s *search) slide(ctx context.Context, start candidate) (candidate, error) {
	best, damping := start, firstDamping
	n := float64(len(s.y))
	for range descentSteps {
		r, rows, err := s.jacobian(ctx, best.u)
		if err != nil {
			return best, err
		}
		before := best.chi2
		for damping < mostDamping {
			one := []candidate{{u: boxStep(rows, r, best.u, damping)}}
			if err := s.evaluate(ctx, one); err != nil {
				return best, err
			}
			if one[0].chi2 < best.chi2 {
				best, damping = one[0], max(leastDamping, damping/10)
				break
			}
			damping *= 10
		}
		if (before-best.chi2)*n < leastGain {
			break
		}
	}
	return best, nil
}

// jacobian returns the residual of u and its derivatives, one row per variable.
//
// Each derivative is (r(u + h e_k) − r(u))/h with h = ±10⁻³ toward the middle
// of the box, so that no point leaves it. The d + 1 solves run in parallel.
func (s *search) jacobian(ctx context.Context, u []float64) (r []float64, rows [][]float64,
	err error) {
	points := make([][]float64, len(u)+1) // u itself comes last
	for k := range points {
		points[k] = slices.Clone(u)
	}
	steps := make([]float64, len(u))
	for k, v := range u {
		steps[k] = difference
		if v > 0.5 {
			steps[k] = -difference
		}
		points[k][k] += steps[k]
	}
	rows = make([][]float64, len(points))
	s.solves += len(points)
	err = parallel.For(ctx, s.threads, len(points), func(worker, k int) (err error) {
		rows[k], err = s.residual(worker, points[k])
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	r, rows = rows[len(u)], rows[:len(u)]
	for k, row := range rows {
		for i := range row {
			row[i] = (row[i] - r[i]) / steps[k]
		}
	}
	return r, rows, nil
}

// boxStep returns an approximate minimum of |r + J(v − u)|² + damping·|v − u|²
// over v in the unit box. A variable that the step moves out of the box stays
// at the box's end, and the step of the other variables is computed again. rows
// holds the columns of J: the derivatives of r, one row per variable.
//
// The free variables solve (JᵀJ + λ) δ = −Jᵀ(r + J_held δ_held). Each pass
// moves at least one variable to an end or is the last.
func boxStep(rows [][]float64, r, u []float64, damping float64) []float64 {
	v := slices.Clone(u)
	free := make([]int, len(u))
	for k := range free {
		free[k] = k
	}
	held := make([]bool, len(u))
	for len(free) > 0 {
		a, b := mat.NewSymDense(len(free), nil), mat.NewVecDense(len(free), nil)
		for i, k := range free {
			slope := dot(rows[k], r)
			for l := range u {
				if held[l] {
					slope += dot(rows[k], rows[l]) * (v[l] - u[l])
				}
			}
			b.SetVec(i, -slope)
			for j, l := range free[:i+1] {
				a.SetSym(i, j, dot(rows[k], rows[l]))
			}
			a.SetSym(i, i, a.At(i, i)+damping)
		}
		var factor mat.Cholesky
		var step mat.VecDense
		if !factor.Factorize(a) || factor.SolveVecTo(&step, b) != nil {
			return slices.Clone(u) // more damping will do
		}
		var still []int
		for i, k := range free {
			if v[k] = u[k] + step.AtVec(i); v[k] < 0 || v[k] > 1 {
				v[k], held[k] = min(1, max(0, v[k])), true
			} else {
				still = append(still, k)
			}
		}
		if len(still) == len(free) {
			break
		}
		free = still
	}
	return v
}
