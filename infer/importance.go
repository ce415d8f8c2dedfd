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
	case errors.As(err, &other) && job.Overwrite:
		if err := RemovePartial(job.Partial); err != nil {
			return nil, err
		}
		return Importance(ctx, problem, targets, draws, job, env)
	case errors.As(err, &other):
		return nil, cli.Exists(fmt.Errorf("%s: %w: move it away, or choose another output",
			job.Partial, err))
	case err != nil && ctx.Err() != nil && unsaved != nil:
		return nil, errors.Join(err, keepState(job.Partial, unsaved, env))
	}
	return r, err
}

func keepState(path string, s *bench.ImportanceState, env env.Env) error {
	if err := writeState(path, s); err != nil {
		return err
	}
	env.ReportSaved()
	return nil
}

// stateESS returns (Σw)²/Σw² of a state.
func stateESS(s *bench.ImportanceState) float64 {
	if len(s.Sums) < 3 || !(s.Sums[2] > 0) {
		return 0
	}
	return s.Sums[1] * s.Sums[1] / s.Sums[2]
}

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
