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
	"csdm/internal/format"
	"csdm/problems"
)

// Importance runs bench.ImportanceOfMany and keeps its state in job.Partial, so
// that it resumes after a stop. The caller holds the lock of that file
// (HoldPartial).
//
// All targets share the prior draws and their forward solves; a target costs
// only its likelihoods. The state is a handful of sums per target (Σw, Σw²,
// Σwx, …), so that 500,000 draws need no memory of their own.
//
// A state is written only after whole rounds of bench.ImportanceRound draws.
// The sums of a round are added in a fixed order, so that a call which resumes
// inside a round would add them in another order and could end with other last
// digits.
func Importance(ctx context.Context, problem problems.Parametric, targets []bench.NoisyMeasurement,
	draws int, job Job, env env.Env) ([]*bench.ImportanceResult, error) {
	s := bench.ImportanceSettings{Draws: draws, Seed: job.Seed, Threads: env.Threads}
	var unsaved *bench.ImportanceState
	saved := time.Now()
	s.Save = func(state *bench.ImportanceState) error {
		env.Progress("reference", state.Draws, draws,
			fmt.Sprintf("effective sample size %.0f", stateESS(state)))
		// More draws give identical output only from whole rounds.
		if job.Partial == "" || state.Draws%bench.ImportanceRound != 0 {
			return nil
		}
		if unsaved = state; time.Since(saved) < saveEvery {
			return nil
		}
		saved, unsaved = time.Now(), nil
		return keepState(job.Partial, state, env)
	}
	if job.Partial != "" {
		var err error
		if s.Resume, err = readState(job.Partial); err != nil {
			return nil, err
		}
		if s.LogL, err = mergedLogL(problem, targets, draws, job); err != nil {
			return nil, err
		}
	}
	done := 0
	if s.Resume != nil {
		done = s.Resume.Draws
	}
	env.Progress("reference", done, draws, "")
	r, err := bench.ImportanceOfMany(ctx, problem, targets, s)
	var other *bench.StateError
	switch {
	// The state in the file belongs to another call, which the user allows to
	// be replaced. The recursion starts without a state, so that it happens
	// once.
	case errors.As(err, &other) && job.Overwrite:
		if err := RemovePartial(job.Partial); err != nil {
			return nil, err
		}
		return Importance(ctx, problem, targets, draws, job, env)
	case errors.As(err, &other):
		return nil, cli.Exists(fmt.Errorf("%s: %w: move it away, or choose another output",
			job.Partial, err))
	// A stopped call saves its last whole round.
	case err != nil && ctx.Err() != nil && unsaved != nil:
		return nil, errors.Join(err, keepState(job.Partial, unsaved, env))
	}
	return r, err
}

// keepState writes a state and reports to the caller that a stop now loses
// nothing.
func keepState(path string, s *bench.ImportanceState, env env.Env) error {
	if err := writeState(path, s); err != nil {
		return err
	}
	env.ReportSaved()
	return nil
}

// stateESS returns (Σw)²/Σw² of a state.
//
// Sums begins with the logarithm of the common scale of the weights, Σw and
// Σw²; the scale cancels in the ratio. It is the effective sample size of the
// first target, for the display of progress.
func stateESS(s *bench.ImportanceState) float64 {
	if len(s.Sums) < 3 || !(s.Sums[2] > 0) {
		return 0
	}
	return s.Sums[1] * s.Sums[1] / s.Sums[2]
}

// writeState writes a state as .npz. The fingerprint is the identity of the
// problem, the targets and the seed, against which bench checks the state.
func writeState(path string, s *bench.ImportanceState) error {
	return atomicfile.Write(path, true, func(w io.Writer) error {
		return format.WriteNPZ(w,
			textEntry("fingerprint", s.Fingerprint),
			format.Named{Name: "draws", Array: format.ArrayInt64([]int64{int64(s.Draws)}, 1)},
			format.Named{Name: "sums", Array: format.Array64(s.Sums, len(s.Sums))},
			format.Named{Name: "weights", Array: format.Array64(s.Weights, len(s.Weights))})
	})
}

// SavedDraws returns the number of draws in a state, or 0 if it cannot be read.
func SavedDraws(path string) int {
	state, err := readState(path)
	if err != nil || state == nil {
		return 0
	}
	return state.Draws
}

// readState reads a state. It returns nil if there is no file.
//
// Each array is checked before it is used, because the file is older than the
// process: a count beyond 2³¹ − 1 or a NaN in the sums would otherwise appear
// much later, in the result.
func readState(path string) (*bench.ImportanceState, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	arrays, err := format.ReadNPZFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: move it away to start again", err)
	}
	fingerprint, draws, sums, weights := arrays["fingerprint"], arrays["draws"], arrays["sums"],
		arrays["weights"]
	if weights == nil { // of an earlier version, which has another fingerprint
		weights = format.Array64(nil, 0)
	}
	if fingerprint == nil || draws == nil || sums == nil || weights.CheckFinite() != nil ||
		fingerprint.DType != format.Uint8 || draws.Len() != 1 ||
		draws.DType != format.Int64 || draws.I64[0] < 0 || draws.I64[0] > math.MaxInt32 ||
		sums.CheckFinite() != nil {
		return nil, cli.Data(fmt.Errorf("%s is not a state of importance sampling: move it away "+
			"to start again", path))
	}
	return &bench.ImportanceState{Fingerprint: string(fingerprint.U8), Draws: int(draws.I64[0]),
		Sums: sums.Float64(), Weights: weights.Float64()}, nil
}
