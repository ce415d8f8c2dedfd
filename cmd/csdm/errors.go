package main

import (
	"context"
	"errors"
	"fmt"

	"csdm/bench"
	"csdm/dataset"
	"csdm/fem"
	"csdm/internal/cli"
	"csdm/internal/setting"
	"csdm/internal/sparse"
	"csdm/langevin"
	"csdm/measured"
	"csdm/nn"
	"csdm/nn/train"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/problems/external"
)

// withCode gives the errors of other packages their exit codes. An error that
// already has a code keeps it. A stopped verb ends with 75 if saved is set: it
// saved work, and the same call resumes. Otherwise it ends with a code that
// does not suggest the same call.
func withCode(ctx context.Context, err error, saved bool) error {
	stopped := errors.Is(err, train.ErrStopped)
	switch {
	case err == nil:
		return nil
	case stopped || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		if saved {
			return fmt.Errorf("%w (%w)", cli.ErrStopped, err)
		}
		return fmt.Errorf("%w (%w)", cli.ErrUnsaved, err)
	case cli.Code(err) != cli.ExitSoftware:
		return err
	case is[*builtin.UnknownError](err), is[*problems.OptionError](err):
		return cli.Usage(err)
	case is[*setting.Error](err):
		return cli.Config(err)
	case is[*train.MismatchError](err), is[*dataset.MismatchError](err):
		return cli.Exists(err)
	case is[*train.DamagedError](err), is[*dataset.CorruptError](err),
		is[*dataset.IncompleteError](err), is[*dataset.ValueError](err),
		is[*dataset.FailedError](err), is[*external.ProgramError](err), is[*measured.Error](err),
		is[*bench.ImpossibleError](err), is[*fem.ModulusError](err), is[*fem.RatioError](err),
		is[*fem.ResidualError](err), is[*sparse.PivotError](err),
		is[*train.NonFiniteError](err), is[*nn.NonFiniteError](err),
		errors.Is(err, langevin.ErrNonFinite):
		return cli.Data(err)
	}
	return err
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
