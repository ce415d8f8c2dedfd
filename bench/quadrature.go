package bench

import (
	"context"
	"fmt"
	"math"
	"time"

	"csdm/problems"
)

// MaxQuadratureDim is the largest number of variables that Quadrature takes.
const MaxQuadratureDim = 4

// QuadratureSettings are the limits of Quadrature. A zero stands for the
// default in brackets.
type QuadratureSettings struct {
	// Coarse is the number of cells per axis of the first grid [24 for one or
	// two variables, 12 for three, 8 for four].
	Coarse int
	Levels int // largest number of halvings of the cells [8]
	// Tolerance ends the refinement: the last halving changed mean and std by
	// at most Tolerance, RMS over pixels, in units of the prior's range of x
	// [0.0005].
	Tolerance float64
	// MaxError, if positive, ends the refinement instead of Tolerance: the
	// stated errors of mean and std are at most MaxError, in the same units. At
	// few measured values a posterior has too many fields for Tolerance.
	MaxError  float64
	MaxSolves int // limit of the forward solves expected after a halving [200,000]
	MaxCells  int // largest number of cells, of about 200 bytes each [2,000,000]
	Threads   int // at least 1

	SolveRecord // solves to resume from and to keep
}

// resolve sets the defaults for dim variables.
func (s QuadratureSettings) resolve(dim int) (QuadratureSettings, error) {
	fill := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	fill(&s.Coarse, [...]int{24, 24, 12, 8}[dim-1])
	fill(&s.Levels, 8)
	fill(&s.MaxSolves, 200_000)
	fill(&s.MaxCells, 2_000_000)
	if s.Tolerance == 0 {
		s.Tolerance = 5e-4
	}
	if s.Coarse < 2 || s.Levels < 1 || s.Levels > 20 || s.MaxSolves < 1 || s.MaxCells < 1 ||
		!(s.Tolerance > 0) || !(s.MaxError >= 0) || s.Threads < 1 {
		return s, fmt.Errorf("bench: quadrature settings out of range: %d cells per axis (at "+
			"least 2), %d halvings "+
			"(1 to 20), tolerance %g (positive), largest error %g (at least 0), at most %d "+
			"solves, %d cells and %d threads (at least 1 each)",
			s.Coarse, s.Levels, s.Tolerance, s.MaxError, s.MaxSolves, s.MaxCells, s.Threads)
	}
	return s, nil
}

// QuadratureResult is an exact posterior up to the stated error.
type QuadratureResult struct {
	Posterior // ESS is the effective number of cells that hold the weight
	Diagnostics

	// MeanError and StdError are the change of each pixel by the last halving.
	// A change may be small by chance, so an earlier change also counts,
	// reduced by 2^1.5 per halving since, and the larger value is the error.
	// The integrand jumps where a node enters or leaves the inclusion, and such
	// errors fall by about 2^1.5 per halving. No error is below the effect of
	// the cutoff. ErrorMean and ErrorStd are the RMS over pixels, in units of
	// x. All are NaN if Doubt is not nil.
	ErrorMean, ErrorStd float64
	Converged           bool // both reached the tolerance before a limit of the settings

	ThetaMean []float64 // posterior mean and standard deviation of the variables
	// standard deviation of each variable
	ThetaStd []float64

	Points Weighted // the distinct fields of the last sum, by one θ of each

	Levels int       // halvings done
	Width  []float64 // of the finest cells, per variable
	Cells  int       // in the last sum
	Solves int       // forward solves of all levels
	// wall time
	Elapsed time.Duration
}

// cell is a box in the space of θ: the box of the prior is cut in
// Coarse·2^level parts along each axis.
//
// A cell is a leaf of a tree of halvings; its volume is (Coarse · 2^level)^−d
// of the box.
type cell struct {
	// index along each axis, of Coarse·2^level
	at [MaxQuadratureDim]int32
	// number of halvings
	level int32
	field int32 // number of the field at the center; −1 for none
	// log-likelihood at the center
	logL float64
}

// Quadrature computes the posterior of the field given the measurement y
// (physical units, channel planes) by the midpoint rule over the variables θ,
// at most MaxQuadratureDim of them. A first grid covers the prior. Each level
// then halves the cells that can hold weight, and their neighbors. A cell can
// hold weight if its log-likelihood, raised by the largest step to a neighbor,
// is within 16 of the largest known (e⁻¹⁶ ≈ 10⁻⁷). The other cells stay in the
// sum unchanged. All weights are logarithms, so that a likelihood of thousands
// of pixels neither underflows nor overflows.
//
// Memory grows with the cells (MaxCells), not with the fields, which are
// computed again when they are summed. The result is the same for any number of
// threads.
func Quadrature(ctx context.Context, problem problems.Parametric, y []float64,
	settings QuadratureSettings) (*QuadratureResult, error) {
	begin := time.Now()
	lo, _ := problem.Box()
	if len(lo) < 1 || len(lo) > MaxQuadratureDim {
		return nil, fmt.Errorf("bench: %s: the prior has %d variables; quadrature takes 1 to %d, "+
			"importance sampling "+
			"any number", problem.Spec().Name, len(lo), MaxQuadratureDim)
	}
	s, err := settings.resolve(len(lo))
	if err != nil {
		return nil, err
	}
	l, err := newOwnLikelihood(problem, y, s.Threads)
	if err != nil {
		return nil, err
	}
	defer l.close()
	if err := l.keepRecord(s.SolveRecord,
		identify("quadrature", problem, y).Add("coarse", s.Coarse).Identity()); err != nil {
		return nil, err
	}
	q := &quadrature{likelihood: l, coarse: s.Coarse}
	if math.Pow(float64(s.Coarse), float64(l.dim())) > float64(min(s.MaxCells, s.MaxSolves)) {
		return nil, fmt.Errorf("bench: a first grid of %d cells per axis in %d dimensions "+
			"exceeds the limit of %d "+
			"cells or of %d solves; lower Coarse or raise the limit", s.Coarse, l.dim(),
			s.MaxCells, s.MaxSolves)
	}
	if err := q.evaluate(ctx, q.firstGrid(), 0); err != nil {
		return nil, err
	}
	result, err := q.sum(ctx)
	if err != nil {
		return nil, err
	}
	for level := 1; level <= s.Levels; level++ {
		frozen, halved, err := q.split(ctx)
		if err != nil {
			return nil, err
		}
		// The share of cells with a new field falls from level to level.
		expected := q.newShare * float64(len(halved))
		if len(q.frozen)+len(frozen)+len(halved) > s.MaxCells ||
			float64(l.solves)+expected > float64(s.MaxSolves) {
			break
		}
		q.frozen = append(q.frozen, frozen...)
		if err := q.evaluate(ctx, halved, level); err != nil {
			return nil, err
		}
		before := result
		if result, err = q.sum(ctx); err != nil {
			return nil, err
		}
		result.Levels = level
		u, left := unitsOf(problem), math.Pow(2, -1.5)
		for k := range result.Mean {
			least := u.at(k) * math.Exp(-cutoff)
			result.MeanError[k] = max(math.Abs(result.Mean[k]-before.Mean[k]),
				left*before.MeanError[k], least)
			result.StdError[k] = max(math.Abs(result.Std[k]-before.Std[k]), left*before.StdError[k],
				least)
		}
		zero := make([]float64, len(result.Mean))
		result.ErrorMean, result.ErrorStd = u.rmse(result.MeanError, zero), u.rmse(result.StdError,
			zero)
		limit := s.Tolerance * u.all
		enough := u.rmse(result.Mean, before.Mean) <= limit &&
			u.rmse(result.Std, before.Std) <= limit
		if s.MaxError > 0 {
			enough = max(result.ErrorMean, result.ErrorStd) <= s.MaxError*u.all
		}
		// A posterior that a handful of cells hold can look converged by
		// chance.
		if enough && q.resolved(result) {
			result.Converged = true
			break
		}
	}
	result.Points = result.Points.Heaviest()
	result.Solves, result.Elapsed = l.solves, time.Since(begin)
	method := fmt.Sprintf("quadrature with %d forward solves", result.Solves)
	result.KHat = q.kHat()
	if result.Doubt = q.doubt(result, method); result.Doubt != nil {
		result.ErrorMean, result.ErrorStd = math.NaN(), math.NaN()
	}
	result.judge(&result.Posterior, method)
	return result, nil
}

// resolved reports whether the cells are fine enough for the posterior.
func (q *quadrature) resolved(r *QuadratureResult) bool {
	r.KHat = q.kHat()
	return q.doubt(r, "") == nil
}

// doubt returns the reason why the cells are too coarse for the posterior, or
// nil if they are fine enough.
func (q *quadrature) doubt(r *QuadratureResult, method string) *DoubtError {
	if r.Levels == 0 {
		return &DoubtError{method, "the limits allow only one resolution; an error needs two"}
	}
	if d := Weights(r.ESS, r.KHat, method); d != nil {
		d.Reason += ": a few cells hold the whole posterior"
		return d
	}
	for k, width := range r.Width {
		if width > r.ThetaStd[k] {
			return &DoubtError{method,
				fmt.Sprintf("the cells are too wide for the posterior: in variable %d the cell "+
					"width is %.2g and the standard deviation %.2g", k+1, width, r.ThetaStd[k])}
		}
	}
	return nil
}

// kHat returns Pareto k̂ of the weights of the cells. It is negative for a
// posterior that the cells resolve, because many cells near the top then have
// similar weights.
//
// The weight of a cell is its likelihood over 2^(level · d), up to a constant.
func (q *quadrature) kHat() float64 {
	d := float64(q.dim())
	logW := make([]float64, 0, len(q.frozen)+len(q.fine))
	for _, part := range [][]cell{q.frozen, q.fine} {
		for i := range part {
			logW = append(logW, part[i].logL-float64(part[i].level)*d*math.Ln2)
		}
	}
	return kHat(logW, len(logW))
}

// cutoff is the distance below the largest log-likelihood beyond which cells
// are not halved. Weights and moments have errors of at least exp(−cutoff).
const cutoff = 16

// quadrature is the state of the refinement.
type quadrature struct {
	*likelihood
	// QuadratureSettings.Coarse
	coarse int
	frozen []cell // cells of all levels that cannot hold weight
	fine   []cell // cells of the last level
	// halvings so far
	level int

	newShare float64 // solves over cells at the last level
}

// firstGrid returns all cells of level 0, the first variable running fastest.
func (q *quadrature) firstGrid() []cell {
	n := 1
	for range q.dim() {
		n *= q.coarse
	}
	cells := make([]cell, n)
	for i := range cells {
		rest := i
		for k := range q.dim() {
			cells[i].at[k] = int32(rest % q.coarse)
			rest /= q.coarse
		}
	}
	return cells
}

// center sets theta to the middle of c.
//
// The middle of part i of n is (i + ½)/n of the range.
func (q *quadrature) center(theta []float64, c *cell) {
	parts := float64(q.coarse) * math.Ldexp(1, int(c.level))
	for k := range theta {
		theta[k] = q.lo[k] + (float64(c.at[k])+0.5)/parts*(q.hi[k]-q.lo[k])
	}
}

// centers returns the middles of cells, row by row.
func (q *quadrature) centers(cells []cell) []float64 {
	d := q.dim()
	theta := make([]float64, len(cells)*d)
	for i := range cells {
		q.center(theta[i*d:(i+1)*d], &cells[i])
	}
	return theta
}

// evaluate computes the log-likelihoods of cells and makes them the finest
// level.
func (q *quadrature) evaluate(ctx context.Context, cells []cell, level int) error {
	logL, ids := make([]float64, len(cells)), make([]int32, len(cells))
	before := q.solves
	if err := q.likelihood.evaluate(ctx, logL, ids, q.centers(cells)); err != nil {
		return err
	}
	q.newShare = float64(q.solves-before) / float64(len(cells))
	for i := range cells {
		cells[i].logL, cells[i].field = logL[i], ids[i]
	}
	q.fine, q.level = cells, level
	return nil
}

// split divides the finest level. It returns the cells that cannot hold weight
// as frozen, and the halves of all other cells as halved.
//
// A cell whose center is unlikely may still hold a peak between its center and
// a neighbor's. The largest step to a neighbor estimates how much higher the
// likelihood can be inside.
func (q *quadrature) split(ctx context.Context) (frozen, halved []cell, err error) {
	d := q.dim()
	index := make(map[[MaxQuadratureDim]int32]int32, len(q.fine))
	top := math.Inf(-1)
	for i, c := range q.fine {
		index[c.at] = int32(i)
		top = max(top, c.logL)
	}
	neighbors := func(c *cell, visit func(*cell)) {
		for code := range pow(3, d) {
			at, rest := c.at, code
			for k := range d {
				at[k] += int32(rest%3) - 1
				rest /= 3
			}
			if j, ok := index[at]; ok && at != c.at {
				visit(&q.fine[j])
			}
		}
	}
	holds := make([]bool, len(q.fine))
	for i := range q.fine {
		if i%4096 == 0 && ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		c := &q.fine[i]
		step := 0.0
		// −Inf − −Inf is NaN: max keeps the NaN, and the cell holds no weight.
		neighbors(c, func(n *cell) { step = max(step, math.Abs(c.logL-n.logL)) })
		holds[i] = c.logL+step >= top-cutoff
	}
	for i := range q.fine {
		if i%4096 == 0 && ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		c := &q.fine[i]
		keep := holds[i]
		neighbors(c, func(n *cell) { keep = keep || holds[index[n.at]] })
		if !keep {
			frozen = append(frozen, *c)
			continue
		}
		for code := range pow(2, d) {
			child := cell{level: c.level + 1}
			for k := range d {
				child.at[k] = 2*c.at[k] + int32(code>>k&1)
			}
			halved = append(halved, child)
		}
	}
	return frozen, halved, nil
}

// cellsPerField is the number of cells per distinct field from which on the
// fields count as finitely many: refinement then finds few new ones.
const cellsPerField = 2

// pow is base^exponent for a small exponent ≥ 0.
func pow(base, exponent int) int {
	n := 1
	for range exponent {
		n *= base
	}
	return n
}

// sum returns the moments over all cells. The weight of a cell is its volume
// times its likelihood. Cells with the same field are summed as one.
//
// Equal fields are summed once with their volumes together, since many cells
// share a field where it is piecewise constant in θ.
func (q *quadrature) sum(ctx context.Context) (*QuadratureResult, error) {
	d := q.dim()
	// The volume is relative to the prior's box.
	volume := func(c *cell) float64 {
		return math.Ldexp(1, -int(c.level)*d) / float64(pow(q.coarse, d))
	}
	var cells []cell      // one per field
	var weights []float64 // volume, then log-weight
	first := make([]int32, len(q.ofField))
	for k := range first {
		first[k] = -1
	}
	best := 0
	result := &QuadratureResult{ThetaMean: make([]float64, d), ThetaStd: make([]float64, d),
		Width: make([]float64, d)}
	for _, part := range [][]cell{q.frozen, q.fine} {
		for i := range part {
			c := &part[i]
			if c.field >= 0 && first[c.field] >= 0 {
				weights[first[c.field]] += volume(c)
				continue
			}
			if c.field >= 0 {
				first[c.field] = int32(len(cells))
			}
			cells, weights = append(cells, *c), append(weights, volume(c))
			if c.logL > cells[best].logL {
				best = len(cells) - 1
			}
		}
	}
	top := cells[best].logL
	if math.IsInf(top, -1) {
		return nil, &ImpossibleError{q.problem.Spec().Name, "over the whole prior"}
	}
	for i := range weights {
		weights[i] = math.Log(weights[i]) + cells[i].logL
	}

	reference := make([]float64, q.problem.Spec().XLen())
	theta := make([]float64, d)
	q.center(theta, &cells[best])
	q.problem.Field(reference, theta)
	m := newMoments(reference, unitsOf(q.problem), false)
	if err := q.accumulate(ctx, m, q.centers(cells), weights, q.newParts(m)); err != nil {
		return nil, err
	}
	result.Posterior = *m.posterior()
	result.LogEvidence = m.LogScale + math.Log(m.W)
	result.EndMass = make([][2]float64, d)

	// The variables' own moments, and the number of cells that hold the weight.
	var w, w2 float64
	for _, part := range [][]cell{q.frozen, q.fine} {
		for i := range part {
			c := &part[i]
			v := volume(c) * math.Exp(c.logL-top)
			w, w2 = w+v, w2+v*v
			q.center(theta, c)
			parts := float64(q.coarse) * math.Ldexp(1, int(c.level))
			for k, t := range theta {
				result.ThetaMean[k] += v * t
				below := endShare*parts - float64(c.at[k]) // part of the cell, in cells
				above := float64(c.at[k]+1) - (1-endShare)*parts
				result.EndMass[k][0] += v * min(max(below, 0), 1)
				result.EndMass[k][1] += v * min(max(above, 0), 1)
			}
		}
	}
	for k := range theta {
		result.ThetaMean[k] /= w
		result.EndMass[k][0] /= w
		result.EndMass[k][1] /= w
	}
	for _, part := range [][]cell{q.frozen, q.fine} {
		for i := range part {
			c := &part[i]
			q.center(theta, c)
			for k, t := range theta {
				result.ThetaStd[k] += volume(c) * math.Exp(c.logL-top) / w *
					(t - result.ThetaMean[k]) * (t - result.ThetaMean[k])
			}
		}
	}
	for k := range theta {
		result.ThetaStd[k] = math.Sqrt(result.ThetaStd[k])
		result.Width[k] = (q.hi[k] - q.lo[k]) / float64(q.coarse) * math.Ldexp(1, -q.level)
	}
	result.Plane = q.plane(result, top)
	result.Points = Weighted{q.centers(cells), weights,
		len(q.frozen)+len(q.fine) >= cellsPerField*len(cells)}
	result.Cells = len(q.frozen) + len(q.fine)
	result.Draws, result.ESS = result.Cells, w*w/w2
	return result, nil
}
