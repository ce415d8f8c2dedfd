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
	"csdm/env"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/internal/filelock"
	"csdm/internal/format"
)

// second returns the file of unfinished work of the second method, which is
// used if the error of the first is in doubt. The first method's file is kept,
// so that it is not run again.
//
// It is a file of its own because the two methods have states of different
// kinds.
func (j Job) second() string {
	if j.Partial == "" {
		return ""
	}
	return j.Partial + "-adaptive"
}

// RemoveReferencePartial removes the files of unfinished work of
// ReferencePosterior once its result is safe.
func RemoveReferencePartial(path string) error {
	return errors.Join(RemovePartial(path), RemovePartial(MergedLogL(path)),
		RemovePartial(Job{Partial: path}.second()))
}

// HoldPartial locks a file of unfinished work. Writers replace that file, so
// the lock is on a second file in the same folder. It returns an error if
// another process holds the lock. release gives up the lock and removes its
// file. For "" nothing is locked.
//
// Two calls with one output would otherwise do the same work twice, and the
// slower one would replace the states of the faster one. The lock ends with its
// process, however that ends, so that a killed call blocks nobody.
func HoldPartial(path string, env env.Env) (release func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}
	// A lock on the file itself would be lost when a rename replaces it.
	beside := path + ".lock"
	file, held, err := filelock.Open(beside, env.Note)
	if _, other := errors.AsType[*filelock.HeldError](err); other {
		return nil, cli.Exists(fmt.Errorf("%s: %w", path, err))
	}
	if err != nil {
		return nil, err
	}
	release = func() error { return errors.Join(disk.Remove(beside), held.Release(), file.Close()) }
	if err := filelock.Sign(file); err != nil {
		return nil, errors.Join(err, release())
	}
	return release, nil
}

// solveKeeper keeps forward solves in a file. Without a path it keeps nothing.
//
// A forward solve can cost seconds, and a state is the list of all solves so
// far: their variables and log-likelihoods. A method that resumes takes these
// from the list instead of solving, in the same order, and so reaches the same
// numbers.
type solveKeeper struct {
	// file of the states; "": nothing is kept
	path    string
	ctx     context.Context
	env     env.Env
	unsaved func() error // writes the last state; nil: it is written
	// time of the last write, or of the opening
	saved  time.Time
	solves int // in the file
	latest int // in the last state
}

// openSolves reads the state in a file, if there is one, and prepares to save
// new states.
func openSolves(ctx context.Context, path string,
	env env.Env) (*solveKeeper, bench.SolveRecord, error) {
	k := &solveKeeper{path: path, ctx: ctx, env: env, saved: time.Now()}
	if path == "" {
		return k, bench.SolveRecord{}, nil
	}
	state, err := readSolves(path)
	if state != nil {
		k.solves = len(state.LogL)
	}
	return k, bench.SolveRecord{Resume: state, Save: k.save}, err
}

// save keeps the solves of quadrature and adaptive importance sampling.
func (k *solveKeeper) save(s *bench.SolveState) error {
	return k.keep(len(s.LogL), func() error { return writeSolves(k.path, s) })
}

// keep writes a state of this many solves if the last write was more than
// saveEvery ago, or if the call is ending. It skips a state that has no more
// solves than the file.
//
// A resumed method passes through the states that it has already reached. To
// write them would shorten the file.
func (k *solveKeeper) keep(solves int, write func() error) error {
	if solves <= k.solves {
		return nil
	}
	k.unsaved, k.latest = write, solves
	if k.ctx.Err() == nil && time.Since(k.saved) < saveEvery {
		return nil
	}
	return k.flush()
}

// flush writes the last state if it is not written yet.
//
// Afterwards a stop loses no solve, which the caller reports by ReportSaved.
func (k *solveKeeper) flush() error {
	if k.unsaved == nil {
		return nil
	}
	if err := k.unsaved(); err != nil {
		return err
	}
	k.saved, k.solves, k.unsaved = time.Now(), k.latest, nil
	k.env.ReportSaved()
	return nil
}

// end writes the state of a failed call, and returns the call's error with
// advice.
//
// A state of another run (bench.StateError) must not be replaced: it may hold
// the work of hours.
func (k *solveKeeper) end(err error) error {
	var other *bench.StateError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &other):
		return cli.Exists(fmt.Errorf("%s: %w: move it away, or choose another output", k.path, err))
	}
	return errors.Join(err, k.flush())
}

// writeSolves writes theta as (n, d) and log_likelihood as (n). n is positive,
// since keep skips states without solves.
func writeSolves(path string, s *bench.SolveState) error {
	n := len(s.LogL)
	return atomicfile.Write(path, true, func(w io.Writer) error {
		return format.WriteNPZ(w, textEntry("fingerprint", s.Fingerprint),
			format.Named{Name: "theta", Array: format.Array64(s.Theta, n, len(s.Theta)/n)},
			format.Named{Name: "log_likelihood", Array: format.Array64(s.LogL, n)})
	})
}

// textEntry returns an .npz entry with the bytes of a text.
func textEntry(name, text string) format.Named {
	return format.Named{Name: name, Array: &format.Array{Shape: []int{len(text)},
		DType: format.Uint8, U8: []byte(text)}}
}

// readSolves reads a state. It returns nil if there is no file.
//
// A NaN log-likelihood is allowed: the point has no solve yet.
func readSolves(path string) (*bench.SolveState, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	arrays, err := format.ReadNPZFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: move it away to start again", err)
	}
	mark, theta, logL := arrays["fingerprint"], arrays["theta"], arrays["log_likelihood"]
	if mark == nil || theta == nil || logL == nil || mark.DType != format.Uint8 ||
		theta.CheckFinite() != nil || len(theta.Shape) != 2 || theta.Shape[0] != logL.Len() {
		return nil, cli.Exists(fmt.Errorf("%s is unfinished work of another kind: move it away "+
			"to start again", path))
	}
	return &bench.SolveState{Fingerprint: string(mark.U8), Theta: theta.Float64(),
		LogL: logL.Float64()}, nil
}

// RemovePartial removes a file of unfinished work, if there is one, once the
// result is written.
func RemovePartial(path string) error {
	if err := disk.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
