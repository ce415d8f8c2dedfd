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

// QuadratureSettings say how far Quadrature goes. Zeros stand for the defaults in brackets.
type QuadratureSettings struct {
	Coarse    int     // cells per axis of the first grid [24 for one or two variables, 12 for three, 8 for four]
	Levels    int     // halvings of the cells at most [8]
	Tolerance float64 // stop when the last halving changed mean and std by at most this, RMS over pixels, in units of the prior's range of x [0.0005]
	MaxSolves int     // forward solves, as expected before a halving, that end it [200,000]
	MaxCells  int     // cells at most, which bounds memory: about 200 bytes each [2,000,000]
	Threads   int     // at least 1
}

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
	if s.Coarse < 2 || s.Levels < 1 || s.Levels > 20 || s.MaxSolves < 1 || s.MaxCells < 1 || !(s.Tolerance > 0) || s.Threads < 1 {
		return s, fmt.Errorf("bench: quadrature settings out of range: %+v", s)
	}
	return s, nil
}

// QuadratureResult is an exact posterior up to the stated error.
type QuadratureResult struct {
	Posterior // MeanError and StdError: change of each pixel by the last halving; ESS: of the finest cells

	// ErrorMean and ErrorStd are the RMS over pixels of that change, in units of x. The error of the result is smaller: the
	// integrand jumps where a node enters or leaves the inclusion, and such errors fall by about 2^1.5 a halving.
	ErrorMean, ErrorStd float64
	Converged           bool // both reached the tolerance; else a limit of the settings was met

	LogEvidence float64   // ln p(y), by the same quadrature
	ThetaMean   []float64 // posterior mean and standard deviation of the variables
	ThetaStd    []float64

	Levels  int       // halvings done
	Width   []float64 // of the finest cells, per variable
	Cells   int       // in the last sum
	Solves  int       // forward solves of all levels
	Elapsed time.Duration
}

// cell is a box in the space of θ: the box of the prior is cut in Coarse·2^level parts along each axis.
type cell struct {
	at    [MaxQuadratureDim]int32
	level int32
	field int32 // number of the field at the centre, −1 if it was not numbered
	logL  float64
}

// Quadrature computes the posterior of the field given the measurement y (physical units, channel planes) by the midpoint rule over
// the variables θ of a problem with at most MaxQuadratureDim of them. A first grid covers the prior; then those cells
// are halved, again and again, that can hold weight, and their neighbours. A cell can hold weight if its log-likelihood, raised by the
// largest step to a neighbour, comes within 16 of the largest known (e⁻¹⁶ ≈ 10⁻⁷); the others stay in the sum as they are.
// Log-weights are kept throughout, so that a likelihood of thousands of pixels neither under- nor overflows.
//
// Memory grows with the cells (MaxCells), not with the fields: those are made again when they are summed. The result is the same for
// any number of threads.
func Quadrature(ctx context.Context, problem problems.Parametric, y []float64, settings QuadratureSettings) (*QuadratureResult, error) {
	begin := time.Now()
	lo, _ := problem.Box()
	if len(lo) < 1 || len(lo) > MaxQuadratureDim {
		return nil, fmt.Errorf("bench: %s: %d variables are too many for quadrature, or none; importance sampling takes any number", problem.Spec().Name, len(lo))
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
	q := &quadrature{likelihood: l, coarse: s.Coarse}
	if math.Pow(float64(s.Coarse), float64(l.dim())) > float64(min(s.MaxCells, s.MaxSolves)) {
		return nil, fmt.Errorf("bench: a first grid of %d cells per axis in %d dimensions exceeds the limits of %d cells and %d solves", s.Coarse, l.dim(), s.MaxCells, s.MaxSolves)
	}
	if err := q.evaluate(ctx, q.firstGrid(), 0); err != nil {
		return nil, err
	}
	result, err := q.sum(ctx)
	if err != nil {
		return nil, err
	}
	for level := 1; level <= s.Levels; level++ {
		frozen, halved := q.split()
		// The share of cells with a field not met before falls from level to level.
		expected := q.newShare * float64(len(halved))
		if len(q.frozen)+len(frozen)+len(halved) > s.MaxCells || float64(l.solves)+expected > float64(s.MaxSolves) {
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
		for k := range result.Mean {
			result.MeanError[k] = math.Abs(result.Mean[k] - before.Mean[k])
			result.StdError[k] = math.Abs(result.Std[k] - before.Std[k])
		}
		result.ErrorMean, result.ErrorStd = rms(result.MeanError), rms(result.StdError)
		limit := s.Tolerance * unit(problem)
		// A posterior that a handful of cells hold can look converged by chance.
		if result.ErrorMean <= limit && result.ErrorStd <= limit && result.ESS >= 50 {
			result.Converged = true
			break
		}
	}
	result.Solves, result.Elapsed = l.solves, time.Since(begin)
	if result.Levels == 0 {
		return nil, fmt.Errorf("bench: %s: limits of %d cells and %d solves leave no second resolution to tell the error by", problem.Spec().Name, s.MaxCells, s.MaxSolves)
	}
	return result, nil
}

// quadrature is the state of the refinement.
type quadrature struct {
	*likelihood
	coarse int
	frozen []cell // cells of all levels that cannot hold weight
	fine   []cell // cells of the last level
	level  int

	newShare float64 // solves over cells at the last level
}

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

// evaluate makes cells the finest ones.
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

// split sorts the finest cells into those that cannot hold weight and the halves of the others.
func (q *quadrature) split() (frozen, halved []cell) {
	d := q.dim()
	index := make(map[[MaxQuadratureDim]int32]int32, len(q.fine))
	top := math.Inf(-1)
	for i, c := range q.fine {
		index[c.at] = int32(i)
		top = max(top, c.logL)
	}
	neighbours := func(c *cell, visit func(*cell)) {
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
	const cutoff = 16
	holds := make([]bool, len(q.fine))
	for i := range q.fine {
		c := &q.fine[i]
		step := 0.0
		neighbours(c, func(n *cell) { step = max(step, math.Abs(c.logL-n.logL)) }) // NaN of −Inf − −Inf: no step
		holds[i] = c.logL+step >= top-cutoff
	}
	for i := range q.fine {
		c := &q.fine[i]
		keep := holds[i]
		neighbours(c, func(n *cell) { keep = keep || holds[index[n.at]] })
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
	return frozen, halved
}

func pow(base, exponent int) int {
	n := 1
	for range exponent {
		n *= base
	}
	return n
}

// sum returns the moments over all cells, weight volume times likelihood. Cells of one field are summed as one.
func (q *quadrature) sum(ctx context.Context) (*QuadratureResult, error) {
	d := q.dim()
	volume := func(c *cell) float64 { return math.Ldexp(1, -int(c.level)*d) / float64(pow(q.coarse, d)) } // of the prior's box
	var cells []cell                                                                                      // one per field
	var weights []float64                                                                                 // volume, then log-weight
	first := make([]int32, len(q.ofField))
	for k := range first {
		first[k] = -1
	}
	best := 0
	result := &QuadratureResult{LogEvidence: math.Inf(-1), ThetaMean: make([]float64, d), ThetaStd: make([]float64, d), Width: make([]float64, d)}
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
	m := newMoments(reference, unit(q.problem), false)
	if err := q.accumulate(ctx, m, q.centers(cells), weights, q.newParts(m)); err != nil {
		return nil, err
	}
	result.Posterior = *m.posterior()
	result.LogEvidence = m.LogScale + math.Log(m.W)

	// The variables' own moments, and the number of cells that hold the weight.
	var w, w2 float64
	for _, part := range [][]cell{q.frozen, q.fine} {
		for i := range part {
			c := &part[i]
			v := volume(c) * math.Exp(c.logL-top)
			w, w2 = w+v, w2+v*v
			q.center(theta, c)
			for k, t := range theta {
				result.ThetaMean[k] += v * t
			}
		}
	}
	for k := range theta {
		result.ThetaMean[k] /= w
	}
	for _, part := range [][]cell{q.frozen, q.fine} {
		for i := range part {
			c := &part[i]
			q.center(theta, c)
			for k, t := range theta {
				result.ThetaStd[k] += volume(c) * math.Exp(c.logL-top) / w * (t - result.ThetaMean[k]) * (t - result.ThetaMean[k])
			}
		}
	}
	for k := range theta {
		result.ThetaStd[k] = math.Sqrt(result.ThetaStd[k])
		result.Width[k] = (q.hi[k] - q.lo[k]) / float64(q.coarse) * math.Ldexp(1, -q.level)
	}
	result.Cells = len(q.frozen) + len(q.fine)
	result.Draws, result.ESS = result.Cells, w*w/w2
	return result, nil
}
