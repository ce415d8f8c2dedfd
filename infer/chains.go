package infer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"time"

	"csdm/bench"
	"csdm/env"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
)

// chains runs bench.Chains. It keeps the state of chains that have not mixed
// for a call with more solves.
//
// Chains serve priors of many variables, where neither a grid nor weights find
// the posterior. They give no evidence p(y) and no k̂, so that both are NaN.
// Their accuracy is judged by R̂ and by the bulk effective sample size (Vehtari
// et al. 2021), which t.Mixing holds.
//
// A state is kept only for chains that have not mixed: the result of converged
// chains is final.
func (c *referenceCall) chains() (solves int, err error) {
	c.env.Note("computing the posterior by Markov chains")
	keeper, err := openChains(c.ctx, c.job.Partial, c.env)
	if err != nil {
		return 0, err
	}
	r, err := bench.Chains(c.ctx, c.problem, c.y, bench.ChainsSettings{
		MaxSolves: c.r.MaxSolves, Seed: c.job.Seed, Threads: c.env.Threads,
		Resume: keeper.resumed, Save: keeper.save, Watch: watchChains(c.env, "reference"),
	})
	if err == nil && !r.Converged {
		err = keeper.flush()
	}
	if err := keeper.end(err); err != nil {
		return 0, err
	}
	t := c.t
	t.Posterior, t.Mixing = r.Posterior, &r.Mixing
	t.KHat, t.LogEvidence = math.NaN(), math.NaN()
	t.Note = fmt.Sprintf("Markov chains with %d forward solves, %d of them counted and %.0f %% "+
		"accepted, %.1f s; "+
		"bulk effective sample size %.0f, R̂ %.4f", r.Solves, r.Kept, 100*r.Accepted,
		r.Elapsed.Seconds(), r.Bulk, r.RHat)
	if !r.Converged {
		t.Doubt = &bench.DoubtError{Method: fmt.Sprintf("Markov chains with %d forward solves",
			r.Solves), Reason: notMixed(r)}
	}
	return r.Solves, nil
}

// notMixed returns why chains have not converged.
//
// The first rounds of the chains sample a density proportional to
// p(y | θ)^β p(θ), whose power β rises to 1 as the emulator becomes more
// accurate. If the solves run out before β = 1, the states are draws of another
// distribution than the posterior.
func notMixed(r *bench.ChainsResult) string {
	if r.Temperature < 1 {
		return fmt.Sprintf("the chains have reached the likelihood only to the power %.2g; the "+
			"posterior needs 1", r.Temperature)
	}
	return fmt.Sprintf("the chains have not mixed: R̂ is %.3f, and must be below %g; the bulk "+
		"effective sample size is %.0f, and must be at least %g", r.RHat, bench.MixedRHat, r.Bulk,
		float64(bench.MixedESS))
}

// watchChains returns a function that shows the progress of chains.
func watchChains(env env.Env, what string) func(bench.ChainsProgress) {
	const unknown = -1 // the total number of solves is not known
	env.Progress(what, 0, unknown, "")
	note := ""
	return func(p bench.ChainsProgress) {
		switch {
		case p.Temperature < 1:
			note = fmt.Sprintf("likelihood to the power %.2g", p.Temperature)
		case p.Bulk > 0:
			note = fmt.Sprintf("effective sample size %.0f, R̂ %.3f", p.Bulk, p.RHat)
		}
		env.Progress(what, p.Solves, unknown, note)
	}
}

// chainsKeeper keeps the state of chains in a file. Without a path it keeps
// nothing.
//
// Chains give their whole state in one write, in contrast to solveKeeper, whose
// states only grow.
type chainsKeeper struct {
	// file of the state; "": nothing is kept
	path string
	ctx  context.Context
	env  env.Env
	// state of an earlier call; nil: start from the prior
	resumed *bench.ChainsState
	// last state that is not in the file; nil: it is there
	unsaved *bench.ChainsState
	// time of the last write, or of openChains
	saved time.Time
}

// openChains reads the state in a file, if there is one, and prepares to save
// new states.
func openChains(ctx context.Context, path string, env env.Env) (*chainsKeeper, error) {
	k := &chainsKeeper{path: path, ctx: ctx, env: env, saved: time.Now()}
	if path == "" {
		return k, nil
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return k, nil
	}
	state, err := bench.ReadChainsState(path)
	if err != nil {
		return nil, cli.Exists(fmt.Errorf("%s: %w: move it away to start again", path, err))
	}
	k.resumed = state
	return k, nil
}

// save writes the state if the last write was more than saveEvery ago.
//
// bench.Chains calls it after each sweep. Writing each state would cost more
// than a sweep of a fast forward model, so that a killed process loses at most
// saveEvery of work.
func (k *chainsKeeper) save(s *bench.ChainsState) error {
	k.unsaved = s
	if time.Since(k.saved) < saveEvery {
		return nil
	}
	return k.flush()
}

// flush writes the last state if it is not written yet.
func (k *chainsKeeper) flush() error {
	if k.path == "" || k.unsaved == nil {
		return nil
	}
	s := k.unsaved
	if err := atomicfile.Write(k.path, true, func(w io.Writer) error {
		return s.Write(w)
	}); err != nil {
		return err
	}
	k.saved, k.unsaved = time.Now(), nil
	k.env.ReportSaved()
	return nil
}

// end writes the state of a failed call, and returns the call's error with
// advice.
func (k *chainsKeeper) end(err error) error {
	var other *bench.StateError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &other):
		return cli.Exists(fmt.Errorf("%s: %w: move it away, or choose another output", k.path, err))
	}
	return errors.Join(err, k.flush())
}
