package explain

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"csdm/problems"
)

// Settings of the search for all modes of a posterior.
//
// A gap of 40 in −2 ln L is a factor e^−20 in the likelihood. A squared
// distance of 16 is four standard deviations.
const (
	modeSearches = 4    // descents where the errors do not vary
	modeGap      = 40.0 // of −2 ln L: a mode beyond it has no mass
	modeReach    = 16.0 // squared distance, in standard deviations, of two modes
)

// Ends holds where the descents of Modes ended so far.
//
// It is complete if len(U) is Of.
type Ends struct {
	Of        int         // number of descents in all
	U         [][]float64 // points of the unit box, which stands for the prior's
	Objective []float64   // −2 ln L per value at each, up to a constant
	Solves    int         // forward solves so far
}

// EndsRecord holds the settings for keeping and resuming descents. Resume is a
// state that Save received. Save, if not nil, receives the state at the end of
// each descent; its error stops the search.
type EndsRecord struct {
	Resume Ends
	Save   func(Ends) error
}

// Search holds the settings of a search for members of a prior. The result is a
// function of Seed, and the same for any number of threads.
type Search struct {
	Seed    uint64
	Threads int
	Record  EndsRecord // of Modes: keeps its descents
}

// Modes returns the members of a smooth prior at which the likelihood of y has
// a maximum, and the number of forward solves. Descents begin at several places
// that are far apart. The nearest member comes first. The others follow whose
// likelihood is within modeGap of it, and which the normal approximation about
// an earlier one does not cover. Two of them may belong to one bent mode.
// Errors: as of Nearest, and errors of Record.Save.
//
// A search that starts importance sampling at one of two modes would never find
// the other.
func Modes(ctx context.Context, problem problems.Smooth, y []float64, by Search) (
	modes []*Member, solves int, err error) {
	if !hasNoise(problem) {
		return nil, 0, ErrNoForward
	}
	s := newSearch(problem, y, by.Threads)
	defer func() { CloseAll(s.generators) }()
	ends, err := s.ends(ctx, by.Seed, by.Record)
	if err != nil {
		return nil, 0, err
	}
	s.solves = ends.Solves
	order := make([]int, len(ends.U))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(ends.Objective[a], ends.Objective[b])
	})
	for _, k := range order {
		gap := (ends.Objective[k] - ends.Objective[order[0]]) * float64(len(y))
		if gap > modeGap || slices.ContainsFunc(modes, func(m *Member) bool {
			return m.covers(s.unit(m.Theta), ends.U[k])
		}) {
			continue
		}
		m, err := s.member(candidate{ends.U[k], ends.Objective[k]})
		if err != nil {
			return nil, 0, err
		}
		if m.precision, err = s.precision(ctx, ends.U[k]); err != nil {
			return nil, 0, err
		}
		modes = append(modes, m)
	}
	return modes, s.solves, nil
}

// ends runs the descents that the record lacks.
//
// The starts are functions of the seed, so that a resumed search continues at
// the start after its last end.
func (s *search) ends(ctx context.Context, seed uint64, record EndsRecord) (Ends, error) {
	e := record.Resume
	if e.Of > 0 && len(e.U) == e.Of {
		return e, nil
	}
	draws, most, best := smoothDraws, modeSearches, modeSearches/2
	if s.first != nil { // the best of many starts are far apart themselves
		draws, most, best = varyingDraws, varyingSearches, varyingSearches
	}
	starts, err := s.starts(ctx, draws, seed)
	if err != nil {
		return e, err
	}
	starts = scattered(starts, best, most)
	e.Of = len(starts)
	s.solves = max(s.solves, e.Solves)
	for _, start := range starts[len(e.U):] {
		found, err := s.descend(ctx, start)
		if err != nil {
			return e, err
		}
		e.U, e.Objective = append(e.U, found.u), append(e.Objective, found.chi2)
		e.Solves = s.solves
		if record.Save != nil {
			if err := record.Save(e); err != nil {
				return e, err
			}
		}
	}
	return e, nil
}

// scattered returns at most n of the starts, which are ordered by their
// objective. The first are the best that are apart. Each of the others is the
// farthest from those before it, among the better half of all.
//
// Half of the descents begin at the best draws, the others as far away as the
// better half of the draws allows: a mode with a small basin is found by
// distance, not by rank.
func scattered(starts []candidate, best, n int) (some []candidate) {
	nearest := func(c candidate) float64 {
		least := math.Inf(1)
		for _, o := range some {
			least = min(least, distance(o.u, c.u))
		}
		return least
	}
	for _, c := range starts {
		if len(some) < best && nearest(c) >= apart {
			some = append(some, c)
		}
	}
	for len(some) < n {
		far := slices.MaxFunc(starts[:(len(starts)+1)/2], func(a, b candidate) int {
			return cmp.Compare(nearest(a), nearest(b))
		})
		if nearest(far) < apart {
			break
		}
		some = append(some, far)
	}
	return some
}

// precision returns the inverse covariance of the normal approximation of the
// posterior at u: JᵀJ + 12, with J the derivatives of the residual, and 12 the
// precision of a uniform variable, all in units of the prior's box.
//
// A uniform variable on [0, 1] has the variance 1/12.
func (s *search) precision(ctx context.Context, u []float64) (*mat.SymDense, error) {
	_, rows, err := s.jacobian(ctx, u)
	if err != nil {
		return nil, err
	}
	p := mat.NewSymDense(len(u), nil)
	for i := range u {
		for j := range i + 1 {
			p.SetSym(i, j, dot(rows[i], rows[j]))
		}
		p.SetSym(i, i, p.At(i, i)+uniformPrecision)
	}
	return p, nil
}

// covers reports whether u lies within modeReach of the member, which is at v.
//
// It is the Mahalanobis distance (u − v)ᵀ P (u − v) with the precision P of the
// member.
func (m *Member) covers(v, u []float64) bool {
	sum := 0.0
	for i := range u {
		for j := range u {
			sum += (u[i] - v[i]) * m.precision.At(i, j) * (u[j] - v[j])
		}
	}
	return sum <= modeReach
}
