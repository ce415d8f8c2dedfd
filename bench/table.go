package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"csdm/internal/parallel"
	"csdm/problems"
)

// TableCells is the number of cells of a SolutionTable along each variable.
const TableCells = 123

const (
	tableSide  = TableCells
	tableBlock = 3 // cells along each side of a block
)

// SolutionTable computes posteriors of a problem with two variables θ and
// Gaussian noise in a few milliseconds, for pictures that follow the
// measurement. It keeps the forward solutions of a grid of θ. A new y, or
// another noise level, then costs one dot product per solution:
//
//	ln p(y | θᵢ) = −‖y − F(θᵢ)‖²/(2σ²) + const
//	‖y − F(θᵢ)‖² = ‖r‖² − 2 r·dᵢ + ‖dᵢ‖²,  r = y − F̄,  dᵢ = F(θᵢ) − F̄
//
// F̄ is the solution at the middle of the box. It is subtracted so that dᵢ may
// be stored as float32. The sum is the midpoint rule over cells, as in
// Quadrature, whose cells also become finer until they resolve the posterior. A
// SolutionTable never does; its result states whether its cells are too wide.
//
// The cells are in blocks. The middle cells of all blocks come first. The other
// cells of a block count only if the block can hold weight. A SolutionTable is
// safe for concurrent use.
type SolutionTable struct {
	// two variables and Gaussian noise
	problem problems.Parametric
	// box of the variables
	lo, hi []float64
	middle []float64 // F̄

	// guards the fields below
	mu sync.Mutex
	// free solvers
	workers []*solver
	rows    [][]float32 // dᵢ of each cell; nil: not solved yet
	squares []float64   // ‖dᵢ‖²
	// forward solves so far
	solves int
}

// NewTable returns a table without solutions, for calls that use up to threads
// at once.
func NewTable(problem problems.Parametric, threads int) (*SolutionTable, error) {
	lo, hi := problem.Box()
	if len(lo) != 2 {
		return nil, fmt.Errorf("bench: %s: the prior has %d variables; a table takes 2",
			problem.Spec().Name, len(lo))
	}
	l, err := newLikelihood(problem, nil, threads)
	if err != nil {
		return nil, err
	}
	t := &SolutionTable{problem: problem, lo: lo, hi: hi, workers: l.workers,
		middle:  make([]float64, problem.Spec().YLen()),
		rows:    make([][]float32, tableSide*tableSide),
		squares: make([]float64, tableSide*tableSide)}
	if t.workers[0].simulate == nil {
		return nil, fmt.Errorf("bench: %s: a table needs a generator that implements "+
			"problems.Simulator", problem.Spec().Name)
	}
	s := t.workers[0]
	t.center(s.theta, len(t.rows)/2)
	if err := s.simulate.Simulate(s.x, t.middle, s.theta); err != nil {
		return nil, err
	}
	return t, nil
}

// center sets theta to the middle of a cell.
func (t *SolutionTable) center(theta []float64, cell int) {
	for k, at := range [2]int{cell % tableSide, cell / tableSide} {
		theta[k] = t.lo[k] + (float64(at)+0.5)/tableSide*(t.hi[k]-t.lo[k])
	}
}

// cellsOf returns the cells of a block, its middle cell first.
func cellsOf(block int) (cells [tableBlock * tableBlock]int) {
	const blocks = tableSide / tableBlock
	first := block/blocks*tableBlock*tableSide + block%blocks*tableBlock
	for k := range cells {
		cells[k] = first + k/tableBlock*tableSide + k%tableBlock
	}
	cells[0], cells[len(cells)/2] = cells[len(cells)/2], cells[0]
	return cells
}

// Blocks returns the number of blocks.
func (t *SolutionTable) Blocks() int { return tableSide / tableBlock * (tableSide / tableBlock) }

// Solves returns the number of forward solves so far.
func (t *SolutionTable) Solves() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.solves
}

// FillMiddles solves the middle cells of all blocks. A posterior needs them.
// done, if not nil, is called with the number of cells that have been solved.
func (t *SolutionTable) FillMiddles(ctx context.Context, done func(cells int)) error {
	const some = 64 // blocks between two calls of done
	for first := 0; first < t.Blocks(); first += some {
		var cells []int
		for b := first; b < min(first+some, t.Blocks()); b++ {
			cells = append(cells, cellsOf(b)[0])
		}
		if err := t.fill(ctx, cells); err != nil {
			return err
		}
		if done != nil {
			done(min(first+some, t.Blocks()))
		}
	}
	return nil
}

// FillBlock solves all cells of a block.
func (t *SolutionTable) FillBlock(ctx context.Context, block int) error {
	cells := cellsOf(block)
	return t.fill(ctx, cells[:])
}

// fill solves the cells that are not solved yet.
func (t *SolutionTable) fill(ctx context.Context, cells []int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var missing []int
	for _, c := range cells {
		if t.rows[c] == nil {
			missing = append(missing, c)
		}
	}
	err := parallel.For(ctx, len(t.workers), len(missing), func(worker, i int) error {
		s, cell := t.workers[worker], missing[i]
		t.center(s.theta, cell)
		if err := s.simulate.Simulate(s.x, s.y, s.theta); err != nil {
			return fmt.Errorf("bench: forward model at variables %v: %w", s.theta, err)
		}
		row := make([]float32, len(s.y))
		for k, v := range s.y {
			row[k] = float32(v - t.middle[k])
		}
		t.rows[cell], t.squares[cell] = row, float64(dot32(row, row))
		return nil
	})
	if err == nil {
		t.solves += len(missing)
	}
	return err
}

// TablePosterior is a posterior from a SolutionTable.
type TablePosterior struct {
	Mean, Std           []float64 // of the field, physical units
	ThetaMean, ThetaStd []float64 // of the variables
	// ErrorMean and ErrorStd estimate the error by the cells: half the RMS
	// difference between the results of the odd and of the even cells.
	ErrorMean, ErrorStd float64
	// Coarse reports whether the cells are wider than the posterior. The
	// errors then mean nothing.
	Coarse bool
	Points Weighted // the cells with weight, by their middles
	Plane  *Plane   // probability of each cell with weight, over the range of θ that has them
	Cells  int      // with weight
	Solves int      // forward solves that this call had to make
}

// ErrNotFilled reports that FillMiddles has not ended.
var ErrNotFilled = errors.New("bench: the table has no solutions yet")

// Posterior returns the posterior of a measurement y (physical units) whose
// noise is Gaussian with the given standard deviation. It solves cells that are
// missing where the posterior has weight.
func (t *SolutionTable) Posterior(ctx context.Context, y []float64,
	std float64) (*TablePosterior, error) {
	if len(y) != len(t.middle) || !(std > 0) {
		return nil, fmt.Errorf("bench: %d values with noise of %v; the table needs %d values and "+
			"positive noise", len(y), std, len(t.middle))
	}
	r := make([]float32, len(y))
	for k, v := range y {
		r[k] = float32(v - t.middle[k])
	}
	logL := make([]float64, len(t.rows))
	evaluate := func(cell int) {
		// The term of ‖r‖² is the same for all cells.
		logL[cell] = (float64(dot32(r, t.rows[cell])) - t.squares[cell]/2) / (std * std)
	}
	const blocks = tableSide / tableBlock
	middles := make([]float64, t.Blocks())
	top := math.Inf(-1)
	t.mu.Lock()
	for b := range middles {
		cell := cellsOf(b)[0]
		if t.rows[cell] == nil {
			t.mu.Unlock()
			return nil, ErrNotFilled
		}
		evaluate(cell)
		middles[b] = logL[cell]
		top = max(top, middles[b])
	}
	t.mu.Unlock()

	before := t.Solves()
	var cells []int
	for b, l := range middles {
		step := 0.0
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				row, col := b/blocks+dy, b%blocks+dx
				if row >= 0 && row < blocks && col >= 0 && col < blocks {
					step = max(step, math.Abs(l-middles[row*blocks+col]))
				}
			}
		}
		if !(l+step >= top-cutoff) {
			continue
		}
		if err := t.FillBlock(ctx, b); err != nil {
			return nil, err
		}
		all := cellsOf(b)
		cells = append(cells, all[:]...)
	}
	t.mu.Lock()
	for _, c := range cells {
		evaluate(c)
		top = max(top, logL[c])
	}
	t.mu.Unlock()
	p := t.sum(cells, logL, top)
	p.Solves = t.Solves() - before
	return p, nil
}

// sum returns the moments over cells.
func (t *SolutionTable) sum(cells []int, logL []float64, top float64) *TablePosterior {
	dim := t.problem.Spec().XLen()
	x, theta := make([]float64, dim), make([]float64, 2)
	// Sums over the cells of even and of odd number, and of the variables.
	var parts [2]struct {
		w        float64
		sum, two []float64
	}
	for k := range parts {
		parts[k].sum, parts[k].two = make([]float64, dim), make([]float64, dim)
	}
	zero := t.problem.Spec().XRange.Min
	p := &TablePosterior{ThetaMean: make([]float64, 2), ThetaStd: make([]float64, 2)}
	var kept []int
	var weights []float64
	total := 0.0
	for _, c := range cells {
		w := math.Exp(logL[c] - top)
		if w < math.Exp(-cutoff) {
			continue
		}
		kept, weights, total = append(kept, c), append(weights, w), total+w
		t.center(theta, c)
		p.Points.Theta = append(p.Points.Theta, theta...)
		p.Points.LogWeights = append(p.Points.LogWeights, logL[c]-top)
		t.problem.Field(x, theta)
		part := &parts[c%2] // tableSide is odd: a checkerboard
		part.w += w
		for k, v := range x {
			part.sum[k] += w * (v - zero)
			part.two[k] += w * (v - zero) * (v - zero)
		}
		for k, v := range theta {
			p.ThetaMean[k] += w * v
			p.ThetaStd[k] += w * v * v
		}
	}
	moments := func(w, sum, two float64) (mean, std float64) {
		m := sum / w
		return zero + m, math.Sqrt(max(0, two/w-m*m))
	}
	p.Mean, p.Std = make([]float64, dim), make([]float64, dim)
	for k := range x {
		a, b := &parts[0], &parts[1]
		p.Mean[k], p.Std[k] = moments(a.w+b.w, a.sum[k]+b.sum[k], a.two[k]+b.two[k])
		m0, s0 := moments(a.w, a.sum[k], a.two[k])
		m1, s1 := moments(b.w, b.sum[k], b.two[k])
		p.ErrorMean += (m0 - m1) * (m0 - m1) / float64(4*dim)
		p.ErrorStd += (s0 - s1) * (s0 - s1) / float64(4*dim)
	}
	p.ErrorMean, p.ErrorStd = math.Sqrt(p.ErrorMean), math.Sqrt(p.ErrorStd)
	for k := range p.ThetaMean {
		m := p.ThetaMean[k] / total
		p.ThetaStd[k] = math.Sqrt(max(0, p.ThetaStd[k]/total-m*m))
		p.ThetaMean[k] = m
		p.Coarse = p.Coarse || p.ThetaStd[k] < (t.hi[k]-t.lo[k])/tableSide
	}
	p.Cells, p.Plane = len(kept), t.plane(kept, weights, total)
	return p
}

// plane returns the probabilities of the cells on the smallest part of the grid
// that holds them, with a margin of one cell.
func (t *SolutionTable) plane(cells []int, weights []float64, total float64) *Plane {
	from, to := [2]int{tableSide, tableSide}, [2]int{}
	for _, c := range cells {
		for k, at := range [2]int{c % tableSide, c / tableSide} {
			from[k], to[k] = max(0, min(from[k], at-1)), min(tableSide, max(to[k], at+2))
		}
	}
	edge := func(k, at int) float64 {
		return t.lo[k] + float64(at)/tableSide*(t.hi[k]-t.lo[k])
	}
	p := &Plane{Cols: to[0] - from[0], Rows: to[1] - from[1], X0: edge(0, from[0]),
		X1: edge(0, to[0]), Y0: edge(1, from[1]), Y1: edge(1, to[1])}
	p.Density = make([]float64, p.Rows*p.Cols)
	for i, c := range cells {
		p.Density[(c/tableSide-from[1])*p.Cols+c%tableSide-from[0]] = weights[i] / total
	}
	return p
}

// dot32 returns a·b in float32, by eight sums whose rounding errors are small.
func dot32(a, b []float32) float32 {
	b = b[:len(a)]
	var s [8]float32
	for len(a) >= 8 {
		u, v := a[:8:8], b[:8:8]
		for k := range s {
			s[k] += u[k] * v[k]
		}
		a, b = a[8:], b[8:]
	}
	for k, v := range a {
		s[0] += v * b[k]
	}
	return (s[0] + s[1]) + (s[2] + s[3]) + ((s[4] + s[5]) + (s[6] + s[7]))
}
