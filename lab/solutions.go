package lab

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math"
	"sync"

	"csdm/problems"
)

// remembering is a problem whose generators keep their forward solutions. A
// posterior by quadrature at a place of the disc takes thousands of solves;
// with another noise of the measurement most of them are the same.
type remembering struct {
	problems.Parametric
	solutions *solutions
}

// solutions holds forward solutions by the hash of their fields. It is safe for
// concurrent use.
type solutions struct {
	mu    sync.Mutex
	of    map[[sha256.Size]byte][]float64
	taken int // solutions that were not computed again
}

// takenSoFar returns the number of solves that kept solutions have saved.
func (s *solutions) takenSoFar() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}

// mostSolutions is the largest number of kept solutions: 100 MB at 28 × 28.
const mostSolutions = 16384

// NewGenerator returns a generator that takes part in the kept solutions.
func (p remembering) NewGenerator() (problems.Generator, error) {
	g, err := p.Parametric.NewGenerator()
	if err != nil {
		return nil, err
	}
	forward, ok := g.(problems.Forwarder)
	if !ok {
		return nil, errors.New("lab: the generator has no forward model")
	}
	return rememberingGenerator{g, forward, p.solutions}, nil
}

type rememberingGenerator struct {
	problems.Generator
	forward   problems.Forwarder
	solutions *solutions
}

// Forward implements problems.Forwarder. Its result is the same with and
// without a kept solution.
//
// The key is a hash of all bits of the field: two fields share a solution only
// if they are equal. The lock is not held during a solve, so that threads solve
// in parallel; two may solve the same field, and both get the same numbers. A
// full store is emptied at once, which keeps it simple.
func (g rememberingGenerator) Forward(y, x []float64) error {
	bytes := make([]byte, 8*len(x))
	for k, v := range x {
		binary.LittleEndian.PutUint64(bytes[8*k:], math.Float64bits(v))
	}
	key, s := sha256.Sum256(bytes), g.solutions
	s.mu.Lock()
	kept, ok := s.of[key]
	if ok {
		s.taken++
	}
	s.mu.Unlock()
	if ok {
		copy(y, kept)
		return nil
	}
	if err := g.forward.Forward(y, x); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.of) >= mostSolutions {
		clear(s.of)
	}
	s.of[key] = append([]float64(nil), y...)
	return nil
}
