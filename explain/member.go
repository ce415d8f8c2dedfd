package explain

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"csdm/internal/parallel"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// Settings of the search for the nearest member of a prior.
const (
	firstDraws  = 64   // prior draws per variable to start from, times the variables
	generation  = 20   // candidates per variable
	elite       = 0.25 // share of them that the next generation is fitted to
	generations = 40   // at most
	learning    = 0.5  // weight of a generation in the next one's covariance
	spreadStart = 0.15 // standard deviation of the first generation, in the prior's box
	spreadEnd   = 2e-3 // at which the search ends
	searches    = 3    // at most, from the best starts, until a member is accepted
	patience    = 6    // generations without progress that end a search
	progress    = 0.2  // of χ²
	apart       = 0.1  // distance of starts, in the prior's box

	// Where the amplitude of the errors is random, descents from several starts
	// are compared. Of 11 for a graded specimen, 7 found the right member.
	varyingDraws    = 200
	varyingSearches = 8 // all are made
)

// memberTag separates the streams of the search from other streams of
// rng.Reference.
const memberTag = 5

// Member is the member of a prior whose measurement is nearest to a given
// measurement.
//
// Its residual is the part of y that the best explanation of the prior leaves.
type Member struct {
	Residual
	Theta  []float64 // its variables
	Chi2   float64   // per value
	Solves int       // forward solves that the search took

	objective float64       // of the search
	precision *mat.SymDense // see search.precision; nil: not known
}

// Nearest searches the prior of a parametric problem for the member whose
// noise-free measurement is nearest to y in standard deviations of the noise.
// For Gaussian noise this member has the largest likelihood. If no member is
// near enough, no posterior explains y.
//
// From the best of some prior draws it runs a cross-entropy search (Rubinstein
// 1999): each generation is normal, with the mean and the covariance of the
// best quarter of the previous generation. In general the likelihood is
// piecewise constant in the variables, so no gradient helps. If the problem is
// Smooth, descent.go replaces this search. Searches from other starts follow
// while accept returns false for the member found; accept may be nil. Where the
// amplitude of the errors is random (priors.Varying), all searches are made.
// The error is ErrNoForward if the standard deviation of the noise is not
// known, or an error of the forward model.
//
// The number of draws to start from grows with the number of variables, because
// prior draws cover a box of d dimensions ever more thinly.
func Nearest(ctx context.Context, problem problems.Parametric, y []float64, by Search,
	accept func(*Member) bool) (*Member, error) {
	if !hasNoise(problem) {
		return nil, ErrNoForward
	}
	s := newSearch(problem, y, by.Threads)
	defer func() { CloseAll(s.generators) }()
	d := len(s.lo)
	_, smooth := problem.(problems.Smooth)
	varying := s.first != nil
	draws, most := firstDraws*d, searches
	switch {
	case smooth && varying:
		draws, most = varyingDraws, varyingSearches
	case smooth:
		draws = smoothDraws
	}
	starts, err := s.starts(ctx, draws, by.Seed)
	if err != nil {
		return nil, err
	}
	var best *Member
	var from []candidate
	for _, start := range starts {
		if len(from) == most {
			break
		}
		if slices.ContainsFunc(from, func(c candidate) bool {
			return distance(c.u, start.u) < apart
		}) {
			continue
		}
		from = append(from, start)
		var found candidate
		var err error
		if smooth {
			found, err = s.descend(ctx, start)
		} else {
			found, err = s.climb(ctx, start, by.Seed)
		}
		if err != nil {
			return nil, err
		}
		if best == nil || found.chi2 < best.objective {
			if best, err = s.member(found); err != nil {
				return nil, err
			}
		}
		if !(smooth && varying) && (accept == nil || accept(best)) {
			break
		}
	}
	best.Solves = s.solves
	return best, nil
}

// starts returns prior draws, best first.
func (s *search) starts(ctx context.Context, draws int, seed uint64) ([]candidate, error) {
	all := make([]candidate, draws)
	for i := range all {
		all[i].u = make([]float64, len(s.lo))
		stream := rng.New(seed, rng.Reference, uint64(i), memberTag)
		for k := range all[i].u {
			all[i].u[k] = stream.Float64()
		}
	}
	return all, s.evaluate(ctx, all)
}

// search is a search under way.
//
// It works in the unit box; theta maps to the prior's.
type search struct {
	problem    problems.Parametric
	y, lo, hi  []float64
	threads    int
	generators []problems.Generator
	solves     int
	climbs     uint64
	noise      priors.Measurement // of the problem
	first      priors.Measurement // of the first descent from a start; nil: noise
}

// newSearch returns a search for members that explain y. Generators are made by
// their workers at the first solve.
func newSearch(problem problems.Parametric, y []float64, threads int) *search {
	s := &search{problem: problem, y: y, threads: threads,
		generators: make([]problems.Generator, threads), noise: problem.Measurement()}
	if varying, ok := s.noise.(priors.Varying); ok {
		s.first = varying.Least()
	}
	s.lo, s.hi = problem.Box()
	return s
}

// candidate is a point of the unit box, which stands for the prior's box.
type candidate struct {
	u []float64
	// χ² over the length of y. If the amplitude of the errors is random
	// (priors.Varying), its excess is added, so that a smaller value is a
	// larger likelihood.
	chi2 float64
}

// distance is the Euclidean distance of two points of the unit box.
func distance(a, b []float64) float64 {
	sum := 0.0
	for k, v := range a {
		sum += (v - b[k]) * (v - b[k])
	}
	return math.Sqrt(sum)
}

// evaluate sets chi2 of the candidates and sorts them, best first.
//
// A stable sort keeps the order of equal candidates, which piecewise constant
// fields have, independent of threads.
func (s *search) evaluate(ctx context.Context, all []candidate) error {
	s.solves += len(all)
	err := parallel.For(ctx, s.threads, len(all), func(worker, i int) error {
		r, err := s.residual(worker, all[i].u)
		if err != nil {
			return err
		}
		all[i].chi2 = dot(r, r) / float64(len(s.y))
		return nil
	})
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(a.chi2, b.chi2) })
	return err
}

// theta returns the variables of a point of the unit box.
func (s *search) theta(u []float64) []float64 {
	theta := make([]float64, len(u))
	for k, v := range u {
		theta[k] = s.lo[k] + v*(s.hi[k]-s.lo[k])
	}
	return theta
}

// unit is the inverse of theta.
func (s *search) unit(theta []float64) []float64 {
	u := make([]float64, len(theta))
	for k, v := range theta {
		u[k] = (v - s.lo[k]) / (s.hi[k] - s.lo[k])
	}
	return u
}

// residual returns the standardized residual of a candidate, with 0 where no
// value was measured. If the amplitude of the errors is random, the root of its
// excess comes behind.
//
// If the amplitude of the errors is random, −2 ln L is ‖r‖² plus an excess,
// such as the logarithm of a determinant. Its root as one more residual lets
// least squares minimize the sum.
func (s *search) residual(worker int, u []float64) ([]float64, error) {
	if s.generators[worker] == nil {
		g, err := s.problem.NewGenerator()
		if err != nil {
			return nil, err
		}
		s.generators[worker] = g
	}
	simulator, ok := s.generators[worker].(problems.Simulator)
	if !ok {
		return nil, ErrNoForward
	}
	x, r := make([]float64, s.problem.Spec().XLen()), make([]float64, len(s.y))
	if err := simulator.Simulate(x, r, s.theta(u)); err != nil {
		return nil, err
	}
	varying, ok := s.noise.(priors.Varying)
	if !ok {
		priors.Standardize(s.noise, r, s.y, r)
		clearGaps(r)
		return r, nil
	}
	excess := varying.Excess(s.y, r)
	varying.Standardize(r, s.y, r)
	clearGaps(r)
	return append(r, math.Sqrt(excess)), nil
}

// member returns the member of a candidate, at the cost of one more forward
// solve.
func (s *search) member(c candidate) (*Member, error) {
	r, err := s.residual(0, c.u)
	if err != nil {
		return nil, err
	}
	r = r[:len(s.y)]
	for k, v := range s.y {
		if priors.Missing(v) {
			r[k] = v
		}
	}
	shape := ShapeOf(s.problem.Spec())
	chi2, _ := misfit(r, shape)
	return &Member{
		Residual: Residual{Shape: shape, Values: r, Misfit: []float64{chi2}},
		Theta:    s.theta(c.u), Chi2: chi2, objective: c.chi2,
	}, nil
}

// climb runs the cross-entropy search from a start and returns the best
// candidate.
//
// Each generation has 20 candidates per variable; the first is the best so far,
// so that χ² never rises. Candidates are clipped to the box. The search ends
// when the widest direction is below spreadEnd, or after patience generations
// without progress in χ².
func (s *search) climb(ctx context.Context, start candidate, seed uint64) (candidate, error) {
	d := len(start.u)
	best := start
	mean := slices.Clone(start.u)
	covariance := make([]float64, d*d) // lower triangle, row by row
	root := make([]float64, d*d)       // its Cholesky factor
	for k := range d {
		covariance[k*d+k], root[k*d+k] = spreadStart*spreadStart, spreadStart
	}
	s.climbs++
	stream := rng.New(seed, rng.Reference, s.climbs, memberTag+1)
	all := make([]candidate, generation*d)
	z := make([]float64, d)
	reached, stale := best.chi2, 0
	for range generations {
		for i := range all {
			for k := range z {
				z[k] = stream.Normal()
			}
			u := make([]float64, d)
			for k := range u {
				u[k] = min(1, max(0, mean[k]+dot(root[k*d:k*d+k+1], z[:k+1])))
			}
			all[i] = candidate{u: u}
		}
		all[0].u = slices.Clone(best.u)
		if err := s.evaluate(ctx, all); err != nil {
			return best, err
		}
		best = all[0]
		top := all[:max(d+2, int(elite*float64(len(all))))]
		widest := fit(mean, covariance, root, top)
		stale++
		if (reached-best.chi2)*float64(len(s.y)) > progress {
			reached, stale = best.chi2, 0
		}
		if widest < spreadEnd || stale == patience {
			break
		}
	}
	return best, nil
}

// fit updates mean, covariance and its Cholesky factor from the candidates and
// returns the largest standard deviation. The covariance is taken about the
// previous mean, so it widens where the mean moves and the search does not end
// early (the rank-μ update of Hansen and Ostermeier 2001).
//
// C ← (1 − learning) C + learning · mean of (u − mean)(u − mean)ᵀ over the
// best, with the previous mean; then the factor of C, and last the new mean.
func fit(mean, covariance, root []float64, top []candidate) (widest float64) {
	d, n := len(mean), float64(len(top))
	for j := range d {
		for k := range j + 1 {
			sum := 0.0
			for _, c := range top {
				sum += (c.u[j] - mean[j]) * (c.u[k] - mean[k]) / n
			}
			covariance[j*d+k] = (1-learning)*covariance[j*d+k] + learning*sum
		}
		widest = max(widest, math.Sqrt(covariance[j*d+j]))
	}
	const least = spreadEnd * spreadEnd * 1e-4 // so that the factor exists
	for j := range d {
		for k := range j + 1 {
			sum := covariance[j*d+k] - dot(root[j*d:j*d+k], root[k*d:k*d+k])
			if j == k {
				root[j*d+j] = math.Sqrt(max(sum, least))
			} else {
				root[j*d+k] = sum / root[k*d+k]
			}
		}
	}
	for k := range mean {
		mean[k] = 0
		for _, c := range top {
			mean[k] += c.u[k] / n
		}
	}
	return widest
}
