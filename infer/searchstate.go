package infer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"csdm/bench"
	"csdm/certify"
	"csdm/env"
	"csdm/explain"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/format"
)

// openSearch reads the state of a search in a file, if there is one, and
// prepares to save new states. The state is nil if there is none.
//
// A search has two parts, and a state can end in either: first the ends of the
// descents in the unit box of the prior, then rounds of weighted draws, each
// with a proposal of its own.
func openSearch(ctx context.Context, path string, env env.Env) (*solveKeeper, *certify.State,
	error) {
	k := &solveKeeper{path: path, ctx: ctx, env: env, saved: time.Now()}
	if path == "" {
		return k, nil, nil
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return k, nil, nil
	}
	s, err := readSearch(path)
	if err != nil {
		return nil, nil, err
	}
	k.solves = s.Solves()
	return k, s, nil
}

// saveSearch keeps the state of a search.
func (k *solveKeeper) saveSearch(s *certify.State) error {
	return k.keep(s.Solves(), func() error { return writeSearch(k.path, s) })
}

// The entries of the file of a search.
//
// round_k_fingerprint, round_k_theta and round_k_log_likelihood belong to round
// k, from 1.
const (
	endsEntry      = "descents" // their number in all and the solves so far
	endEntry       = "descent_ends"
	objectiveEntry = "descent_objectives"
	roundsEntry    = "rounds"
)

// roundEntry returns the name of an array of round k, counted from 0.
func roundEntry(k int, name string) string { return fmt.Sprintf("round_%d_%s", k+1, name) }

// writeSearch writes the whole state: a search has a few thousand solves at
// most, so that even the largest state is small. A log-likelihood may be −Inf,
// where the model is impossible, or NaN, where no solve has been made.
func writeSearch(path string, s *certify.State) error {
	e := &s.Ends
	all := []format.Named{textEntry("fingerprint", s.Fingerprint),
		{Name: endsEntry, Array: format.Array64([]float64{float64(e.Of), float64(e.Solves)}, 2)},
		{Name: roundsEntry, Array: format.Scalar(float64(len(s.Rounds)))}}
	if n := len(e.U); n > 0 {
		var flat []float64
		for _, u := range e.U {
			flat = append(flat, u...)
		}
		all = append(all,
			format.Named{Name: endEntry, Array: format.Array64(flat, n, len(flat)/n)},
			format.Named{Name: objectiveEntry, Array: format.Array64(e.Objective, n)})
	}
	for k := range s.Rounds {
		r := &s.Rounds[k]
		n := len(r.LogL)
		all = append(all, textEntry(roundEntry(k, "fingerprint"), r.Fingerprint),
			format.Named{Name: roundEntry(k, "theta"),
				Array: format.Array64(r.Theta, n, len(r.Theta)/n)},
			format.Named{Name: roundEntry(k, "log_likelihood"), Array: format.Array64(r.LogL, n)})
	}
	return atomicfile.Write(path, true, func(w io.Writer) error {
		return format.WriteNPZ(w, all...)
	})
}

// readSearch checks shapes and finiteness of each array before it builds a
// state. Whether the state belongs to this measurement is decided by certify
// from the fingerprint.
func readSearch(path string) (*certify.State, error) {
	arrays, err := format.ReadNPZFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: move it away to start again", err)
	}
	other := cli.Exists(fmt.Errorf("%s is unfinished work of another kind: move it away to start "+
		"again", path))
	mark, ends, rounds := arrays["fingerprint"], arrays[endsEntry], arrays[roundsEntry]
	if mark == nil || mark.DType != format.Uint8 || ends == nil || ends.CheckShape(2) != nil ||
		ends.CheckFinite() != nil || rounds == nil || rounds.Len() != 1 {
		return nil, other
	}
	s := &certify.State{Fingerprint: string(mark.U8), Ends: explain.Ends{
		Of: int(ends.Float64()[0]), Solves: int(ends.Float64()[1])}}
	if u, objective := arrays[endEntry], arrays[objectiveEntry]; u != nil {
		if objective == nil || objective.CheckShape(-1) != nil ||
			u.CheckShape(objective.Len(), -1) != nil ||
			errors.Join(u.CheckFinite(), objective.CheckFinite()) != nil {
			return nil, other
		}
		n := u.Shape[1]
		for k := range objective.Len() {
			s.Ends.U = append(s.Ends.U, u.Float64()[k*n:(k+1)*n])
		}
		s.Ends.Objective = objective.Float64()
	}
	for k := range int(rounds.Float64()[0]) {
		mark, theta, logL := arrays[roundEntry(k, "fingerprint")], arrays[roundEntry(k, "theta")],
			arrays[roundEntry(k, "log_likelihood")]
		if mark == nil || mark.DType != format.Uint8 || theta == nil || logL == nil ||
			logL.CheckShape(-1) != nil || theta.CheckShape(logL.Len(), -1) != nil ||
			theta.CheckFinite() != nil {
			return nil, other
		}
		s.Rounds = append(s.Rounds, bench.SolveState{Fingerprint: string(mark.U8),
			Theta: theta.Float64(), LogL: logL.Float64()})
	}
	return s, nil
}
