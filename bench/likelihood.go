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

// NoisyMeasurement is a measurement y (physical units, channel planes) with the
// distribution of its noise. A missing value is NaN.
type NoisyMeasurement struct {
	// values, NaN where missing
	Y []float64
	// distribution of y given the noise-free prediction
	Noise priors.Likelihood
}

// MeasuredOf returns y with the problem's own noise model, or an error if the
// density of that model is not known.
func MeasuredOf(problem problems.Problem, y []float64) (NoisyMeasurement, error) {
	law, ok := problem.Measurement().(priors.Likelihood)
	if !ok {
		return NoisyMeasurement{}, fmt.Errorf("bench: %s: the noise model (%v) has no known "+
			"density; a reference posterior needs one", problem.Spec().Name, problem.Measurement())
	}
	return NoisyMeasurement{y, law}, priors.CheckMissing(law, y)
}

// likelihood evaluates ln p(y | θ) for one or more measurements and many θ, in
// parallel. One forward solution serves all measurements. If the forward model
// depends on θ only through the field (problems.Forwarder), a field that
// occurred before is not solved again. A field on nodes is piecewise constant
// in θ: the prior of a disc on 28×28 nodes has only about 35,000 different
// fields.
//
// A map of hashes replaces a comparison of fields: a field of 56×56 pixels has
// 25 kB, and a million of them would not fit.
type likelihood struct {
	// prior box and forward model
	problem problems.Parametric
	// measurements, which share each solve
	targets []NoisyMeasurement
	// box of θ
	lo, hi []float64
	// one for each thread
	workers []*solver

	known    map[fieldKey]int32 // field → its number
	capacity int                // fields that known may hold
	ofField  []float64          // ln p(y | field) of each measurement, by number

	// requested values of θ, and forward solves for them
	evaluations, solves int
	record              *record // solves for one measurement; nil: none are kept

	keys []fieldKey // scratch of evaluate
	// scratch of evaluate: points whose field is new
	unknown []int32
}

// fieldKey identifies a field by two 64-bit hashes under random seeds. The
// probability that any two of a million fields agree in both is 10⁻²⁷.
type fieldKey [2]uint64

// solver holds the memory of one worker.
type solver struct {
	// belongs to one goroutine
	generator problems.Generator
	forward   problems.Forwarder // nil if y is not a function of x
	// gives y from θ, where x does not determine y
	simulate problems.Simulator
	// scratch
	x, y, theta []float64
	// scratch: a field, to be hashed
	bytes []byte
	seeds [2]maphash.Seed // one pair for all workers
}

// defaultCapacity bounds the memory of known to some 60 MB.
const defaultCapacity = 1 << 20

// newLikelihood checks the problem and the measurements, and makes the workers.
// The caller closes it.
//
// Infinite values of y are refused here, since every likelihood of them would
// be −Inf.
func newLikelihood(problem problems.Parametric, targets []NoisyMeasurement,
	threads int) (*likelihood, error) {
	spec := problem.Spec()
	if threads < 1 {
		return nil, fmt.Errorf("bench: %d threads; at least 1 is needed", threads)
	}
	for _, t := range targets {
		if len(t.Y) != spec.YLen() {
			return nil, fmt.Errorf("bench: %s: the measurement has %d values; want %d×%d×%d",
				spec.Name, len(t.Y), spec.YChannels, spec.Rows, spec.Cols)
		}
		for k, v := range t.Y {
			if math.IsInf(v, 0) {
				return nil, fmt.Errorf("bench: %s: value %d of the measurement is %v; it must be "+
					"finite, or NaN if it is missing", spec.Name, k, v)
			}
		}
		if priors.Present(t.Y) == 0 {
			return nil, fmt.Errorf("bench: %s: the measurement has no value", spec.Name)
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
		if !problems.IsSubgrid(problem) {
			s.forward, _ = g.(problems.Forwarder)
		}
		if s.simulate, _ = g.(problems.Simulator); s.forward == nil && s.simulate == nil {
			l.close()
			return nil, fmt.Errorf("bench: %s: the generator must implement problems.Forwarder "+
				"or problems.Simulator",
				spec.Name)
		}
	}
	return l, nil
}

// newOwnLikelihood is newLikelihood for one measurement with the problem's own
// noise model.
func newOwnLikelihood(problem problems.Parametric, y []float64, threads int) (*likelihood, error) {
	target, err := MeasuredOf(problem, y)
	if err != nil {
		return nil, err
	}
	return newLikelihood(problem, []NoisyMeasurement{target}, threads)
}

// close closes the generators that implement io.Closer.
func (l *likelihood) close() {
	for _, s := range l.workers {
		if c, ok := s.generator.(io.Closer); ok {
			_ = c.Close() // nothing was written
		}
	}
}

// dim is the number of variables.
func (l *likelihood) dim() int { return len(l.lo) }

// evaluate sets logL[i·m+t] to ln p(y_t | θ_i) for the variables
// theta[i·d:(i+1)·d] and each of m measurements. If ids is not nil, it sets
// ids[i] to the number of the field: equal numbers mean equal fields, and −1
// means a field without a number. Which fields are solved depends only on theta
// and on earlier calls.
//
// A field counts as new at its first occurrence in the order of i; parallel
// workers then solve the new ones in any order.
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
	// Number the fields in the order of i, so that the fields to solve do not
	// depend on the order in which workers finish.
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
//
// Two fields are equal if their bits are.
func (s *solver) key(p problems.Parametric, theta []float64) fieldKey {
	p.Field(s.x, theta)
	for k, v := range s.x {
		binary.LittleEndian.PutUint64(s.bytes[8*k:], math.Float64bits(v))
	}
	return fieldKey{maphash.Bytes(s.seeds[0], s.bytes), maphash.Bytes(s.seeds[1], s.bytes)}
}

// logLikelihood solves the forward model, and sets dst to the log-likelihood of
// each measurement.
//
// −Inf is a valid value: a truncated noise excludes most fields.
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
		dst[t] = target.Noise.LogLikelihood(target.Y, s.y)
		if math.IsNaN(dst[t]) || math.IsInf(dst[t], 1) {
			return fmt.Errorf("bench: the log-likelihood at variables %v is %v; it must be below "+
				"+Inf", theta, dst[t])
		}
	}
	return nil
}
