package run

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

// saveEvery is how often the state of a reference is written.
const saveEvery = 20 * time.Second

// second is the file of unfinished work of the method that follows where the
// first left its error in doubt: the first is not to be done again.
func (j Job) second() string {
	if j.Partial == "" {
		return ""
	}
	return j.Partial + "-adaptive"
}

// RemoveReferencePartial removes what ReferencePosterior keeps of unfinished
// work, once its result is safe.
func RemoveReferencePartial(path string) error {
	return errors.Join(RemovePartial(path), RemovePartial(Job{Partial: path}.second()))
}

// HoldPartial takes the lock of a file of unfinished work, which its writers
// replace: so the lock is that of a file beside it. It refuses a path that
// another process is at work on. release gives the lock back and removes its
// file. There is nothing to lock for "".
func HoldPartial(path string, env env.Env) (release func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}
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

// solveKeeper keeps what quadrature and adaptive importance sampling have
// solved in a file. Without a path it keeps nothing.
type solveKeeper struct {
	path    string
	ctx     context.Context
	env     env.Env
	unsaved *bench.SolveState
	saved   time.Time
	solves  int // in the file
}

// openSolves reads the state in a file, if there is one, and makes ready to
// keep it.
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

// save writes the state where the last time was long ago, or the call is to
// end. A state that holds no more than the file is no work to save.
func (k *solveKeeper) save(s *bench.SolveState) error {
	if len(s.LogL) <= k.solves {
		return nil
	}
	k.unsaved = s
	if k.ctx.Err() == nil && time.Since(k.saved) < saveEvery {
		return nil
	}
	return k.flush()
}

// flush writes the state, if there is one that is not written.
func (k *solveKeeper) flush() error {
	if k.unsaved == nil {
		return nil
	}
	if err := writeSolves(k.path, k.unsaved); err != nil {
		return err
	}
	k.saved, k.solves, k.unsaved = time.Now(), len(k.unsaved.LogL), nil
	k.env.ReportSaved()
	return nil
}

// end writes the state of a call that failed, and returns the call's error with
// what to do about it.
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

func writeSolves(path string, s *bench.SolveState) error {
	n := len(s.LogL)
	return atomicfile.Write(path, true, func(w io.Writer) error {
		return format.WriteNPZ(w, textEntry("fingerprint", s.Fingerprint),
			format.Named{Name: "theta", Array: format.Array64(s.Theta, n, len(s.Theta)/n)},
			format.Named{Name: "log_likelihood", Array: format.Array64(s.LogL, n)})
	})
}

// textEntry is a text as bytes, for .npz.
func textEntry(name, text string) format.Named {
	return format.Named{Name: name, Array: &format.Array{Shape: []int{len(text)},
		DType: format.Uint8, U8: []byte(text)}}
}

// readSolves returns nil if there is no state.
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
		return nil, cli.Exists(
			fmt.Errorf("%s is unfinished work of another kind: move it away to start again", path))
	}
	return &bench.SolveState{Fingerprint: string(mark.U8), Theta: theta.Float64(),
		LogL: logL.Float64()}, nil
}

// RemovePartial removes a file of unfinished work, if there is one, once the
// result of that work is written.
func RemovePartial(path string) error {
	if err := disk.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
