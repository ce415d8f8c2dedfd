package bench

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"io"
	"math"

	"csdm/internal/parallel"
	"csdm/priors"
	"csdm/problems"
)

// Measured is a measurement y (physical units, channel planes) with the law
// that made it of a noise-free one.
type Measured struct {
	Y   []float64
	Law priors.Likelihood
}

// MeasuredOf returns y under the problem's own law of measurement, or an error
// if the density of that is not known.
func MeasuredOf(problem problems.Problem, y []float64) (Measured, error) {
	law, ok := problem.Measurement().(priors.Likelihood)
	if !ok {
		return Measured{}, fmt.Errorf("bench: %s: the density of a measurement (%v) is not known",
			problem.Spec().Name, problem.Measurement())
	}
	return Measured{y, law}, nil
}

// likelihood evaluates ln p(y | θ) for one measurement or several and many θ,
// in parallel: a forward solution serves all measurements. Where the forward
// model sees θ through the field alone (problems.Forwarder), a field that was
// met before is not solved again: a field on nodes is piecewise constant in θ,
// so that the prior of a disc on 28×28 nodes has some 35,000 different fields
// and no more.
type likelihood struct {
	problem problems.Parametric
	targets []Measured
	lo, hi  []float64
	workers []*solver

	known    map[fieldKey]int32 // field → its number
	capacity int                // fields that known may hold
	ofField  []float64          // ln p(y | field) of each measurement, by number

	evaluations, solves int
	record              *record // of one measurement's solves; nil: none is kept

	keys    []fieldKey // scratch of evaluate
	unknown []int32
}

// fieldKey stands for a field: two 64-bit hashes under random seeds, in both of
// which no two of a million fields will ever agree (probability 10⁻²⁷).
type fieldKey [2]uint64

// solver is what one worker owns.
type solver struct {
	generator   problems.Generator
	forward     problems.Forwarder // nil where y is no function of x
	simulate    problems.Simulator
	x, y, theta []float64
	bytes       []byte
	seeds       [2]maphash.Seed // one pair for all workers
}

// defaultCapacity bounds the memory of known to some 60 MB.
const defaultCapacity = 1 << 20

// newLikelihood checks that the problem has what is needed and makes its
// workers. The caller closes it.
func newLikelihood(problem problems.Parametric, targets []Measured,
	threads int) (*likelihood, error) {
	spec := problem.Spec()
	if threads < 1 {
		return nil, fmt.Errorf("bench: %d threads; at least 1 is needed", threads)
	}
	for _, t := range targets {
		if len(t.Y) != spec.YLen() {
			return nil, fmt.Errorf("bench: %s: measurement of %d values, want %d×%d×%d", spec.Name,
				len(t.Y), spec.YChannels, spec.Rows, spec.Cols)
		}
		for k, v := range t.Y {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("bench: %s: value %d of the measurement is %v", spec.Name, k,
					v)
			}
		}
	}
	l := &likelihood{problem: problem, targets: targets, known: make(map[fieldKey]int32),
		capacity: defaultCapacity}
	l.lo, l.hi = problem.Box()
	seeds := [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	for range threads {
		g, err := problem.NewGenerator()
		if err != nil {
			l.close()
			return nil, fmt.Errorf("bench: %s: %w", spec.Name, err)
		}
		s := &solver{generator: g, x: make([]float64, spec.XLen()), y: make([]float64, spec.YLen()),
			theta: make([]float64, len(l.lo)),
			bytes: make([]byte, 8*spec.XLen()), seeds: seeds}
		l.workers = append(l.workers, s)
		s.forward, _ = g.(problems.Forwarder)
		if s.simulate, _ = g.(problems.Simulator); s.forward == nil && s.simulate == nil {
			l.close()
			return nil, fmt.Errorf(
				"bench: %s: its generator can neither solve for a field nor for variables",
				spec.Name)
		}
	}
	return l, nil
}

// newOwnLikelihood is newLikelihood for one measurement under the problem's own
// law.
func newOwnLikelihood(problem problems.Parametric, y []float64, threads int) (*likelihood, error) {
	target, err := MeasuredOf(problem, y)
	if err != nil {
		return nil, err
	}
	return newLikelihood(problem, []Measured{target}, threads)
}

// close closes the generators that want it.
func (l *likelihood) close() {
	for _, s := range l.workers {
		if c, ok := s.generator.(io.Closer); ok {
			_ = c.Close() // nothing was written
		}
	}
}

func (l *likelihood) dim() int { return len(l.lo) }

// evaluate sets logL[i·m+t] to ln p(y_t | θ_i) for the variables
// theta[i·d:(i+1)·d] and each of m measurements, and ids[i], where ids is not
// nil, to the number of its field: equal numbers mean equal fields, and −1 one
// that stands for itself. What is solved depends on theta and on earlier calls
// alone.
func (l *likelihood) evaluate(ctx context.Context, logL []float64, ids []int32,
	theta []float64) error {
	d, m := l.dim(), len(l.targets)
	n := len(logL) / m
	threads := len(l.workers)
	l.evaluations += n
	if l.workers[0].forward == nil {
		for i := range ids {
			ids[i] = -1
		}
		l.solves += n
		return l.solveRows(ctx, logL, theta, n, nil)
	}

	if cap(l.keys) < n {
		l.keys = make([]fieldKey, n)
	}
	keys := l.keys[:n]
	if err := parallel.For(ctx, threads, n, func(worker, i int) error {
		keys[i] = l.workers[worker].key(l.problem, theta[i*d:(i+1)*d])
		return nil
	}); err != nil {
		return err
	}
	// Number the fields in the order of i, so that who solves what is settled
	// before anybody solves.
	l.unknown = l.unknown[:0]
	for i, key := range keys {
		if _, ok := l.known[key]; ok {
			continue
		}
		if number := len(l.ofField) / m; number < l.capacity {
			l.known[key] = int32(number)
			for range m {
				l.ofField = append(l.ofField, math.NaN())
			}
		}
		l.unknown = append(l.unknown, int32(i))
	}
	l.solves += len(l.unknown)
	if err := l.solveRows(ctx, logL, theta, len(l.unknown), l.unknown); err != nil {
		return err
	}
	for _, i := range l.unknown {
		if id, ok := l.known[keys[i]]; ok {
			copy(l.ofField[int(id)*m:], logL[int(i)*m:(int(i)+1)*m])
		}
	}
	for i, key := range keys {
		id, ok := l.known[key]
		if ok {
			copy(logL[i*m:(i+1)*m], l.ofField[int(id)*m:])
		} else {
			id = -1
		}
		if ids != nil {
			ids[i] = id
		}
	}
	return nil
}

// key returns the key of the field of theta.
func (s *solver) key(p problems.Parametric, theta []float64) fieldKey {
	p.Field(s.x, theta)
	for k, v := range s.x {
		binary.LittleEndian.PutUint64(s.bytes[8*k:], math.Float64bits(v))
	}
	return fieldKey{maphash.Bytes(s.seeds[0], s.bytes), maphash.Bytes(s.seeds[1], s.bytes)}
}

// logLikelihood solves the forward model, and sets dst to the log-likelihood of
// each measurement.
func (s *solver) logLikelihood(l *likelihood, dst, theta []float64) error {
	var err error
	if s.forward != nil {
		l.problem.Field(s.x, theta)
		err = s.forward.Forward(s.y, s.x)
	} else {
		err = s.simulate.Simulate(s.x, s.y, theta)
	}
	if err != nil {
		return fmt.Errorf("bench: forward model at variables %v: %w", theta, err)
	}
	for t, target := range l.targets {
		dst[t] = target.Law.LogLikelihood(target.Y, s.y)
		if math.IsNaN(dst[t]) || math.IsInf(dst[t], 1) {
			return fmt.Errorf("bench: log-likelihood at variables %v is %v", theta, dst[t])
		}
	}
	return nil
}
