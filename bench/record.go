package bench

import (
	"context"
	"math"

	"csdm/internal/identity"
	"csdm/internal/parallel"
	"csdm/problems"
)

// SolveState holds the forward solves of Quadrature or Adaptive so far, in the
// order of their requests. A repeated run requests the same points, so that a
// state replaces forward solves.
type SolveState struct {
	Fingerprint string    // identity of problem, measurement, method and seed
	Theta       []float64 // variables of each point, row by row
	LogL        []float64 // ln p(y | θ) of each point; NaN for an unsolved point
}

// SolveRecord holds the settings for keeping and resuming forward solves.
type SolveRecord struct {
	// Resume is a state that Save received; nil starts without solves.
	Resume *SolveState

	// Save, if not nil, receives the state after each few hundred solves, and
	// the state when the context ends. The state stays valid until Quadrature
	// or Adaptive returns. An error of Save stops the run.
	Save func(*SolveState) error
}

// record is the SolveRecord of a run.
type record struct {
	SolveState
	next int // points requested so far
	// SolveRecord.Save
	save func(*SolveState) error
}

// solvesBetweenSaves is the number of points between two calls of Save.
const solvesBetweenSaves = 256

// keepRecord makes l resume from the record r.Resume and keep a record of its
// solves for r.Save.
func (l *likelihood) keepRecord(r SolveRecord, id identity.Identity) error {
	l.record = &record{save: r.Save}
	l.record.Fingerprint = id.JSON()
	if r.Resume == nil {
		return nil
	}
	if r.Resume.Fingerprint != id.JSON() {
		return &StateError{otherFingerprint(r.Resume.Fingerprint, id)}
	}
	if len(r.Resume.Theta) != len(r.Resume.LogL)*l.dim() {
		return &StateError{"is incomplete; begin without it"}
	}
	l.record.Theta = append([]float64(nil), r.Resume.Theta...)
	l.record.LogL = append([]float64(nil), r.Resume.LogL...)
	return nil
}

// identify returns the builder of the identity of a method's record. The method
// adds its own settings.
func identify(method string, problem problems.Problem, y []float64) *identity.Builder {
	return problems.Identify(method, 1, problem).AddFloats("measurement", y)
}

// solveRows sets logL of the given rows of theta, or of all n rows if rows is
// nil. Points in the record are not solved again.
//
// Solves are recorded in the order of the requests, not of their completion: a
// resumed run makes the same requests and finds each result at its place.
func (l *likelihood) solveRows(ctx context.Context, logL, theta []float64, n int,
	rows []int32) error {
	d, m := l.dim(), len(l.targets)
	row := func(i int) int {
		if rows == nil {
			return i
		}
		return int(rows[i])
	}
	solve := func(worker, i int) error {
		return l.workers[worker].logLikelihood(l, logL[i*m:(i+1)*m], theta[i*d:(i+1)*d])
	}
	r := l.record
	if r == nil {
		return parallel.For(ctx, len(l.workers), n, func(worker, i int) error {
			return solve(worker, row(i))
		})
	}
	for from := 0; from < n; from += solvesBetweenSaves {
		count := min(solvesBetweenSaves, n-from)
		var missing []int
		for j := range count {
			i := row(from + j)
			if !r.known(r.next+j, theta[i*d:(i+1)*d]) {
				missing = append(missing, j)
				continue
			}
			logL[i] = r.LogL[r.next+j]
		}
		err := parallel.For(ctx, len(l.workers), len(missing), func(worker, u int) error {
			j := missing[u]
			i := row(from + j)
			if err := solve(worker, i); err != nil {
				return err
			}
			r.LogL[r.next+j] = logL[i]
			return nil
		})
		if r.save != nil && len(missing) > 0 {
			if e := r.save(&r.SolveState); e != nil {
				return e
			}
		}
		if err != nil {
			return err
		}
		r.next += count
	}
	return nil
}

// known reports whether point number n is solved. If not, it makes room for the
// point. If the record has another point there, the record comes from a program
// or machine that rounds differently, and known discards the rest of the
// record.
func (r *record) known(n int, theta []float64) bool {
	d := len(theta)
	if n < len(r.LogL) {
		for k, v := range theta {
			if r.Theta[n*d+k] != v {
				r.Theta, r.LogL = r.Theta[:n*d], r.LogL[:n]
				break
			}
		}
	}
	if n == len(r.LogL) {
		r.Theta, r.LogL = append(r.Theta, theta...), append(r.LogL, math.NaN())
	}
	return !math.IsNaN(r.LogL[n])
}
