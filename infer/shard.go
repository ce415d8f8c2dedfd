package infer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"csdm/bench"
	"csdm/env"
	"csdm/internal/cli"
	"csdm/internal/identity"
	"csdm/internal/recordfile"
	"csdm/internal/shard"
	"csdm/langevin"
	"csdm/nn"
	"csdm/problems"
)

// SampleShard makes those draws of Sample that belong to the shard, and writes
// them as a part. When all parts are there, Plan.Merge makes them the
// unfinished work of Sample. It has the errors of Sample.
//
// The part holds draws From … To−1. Because draw j is a function of the
// identity and j, it does not matter which process makes it, nor on how many
// threads.
func SampleShard(ctx context.Context, model *nn.Model, y []float64, sampling langevin.Settings,
	seed uint64, call shard.Assignment, env env.Env) (*shard.Made, error) {
	d, settings, err := conditioned(model, y, sampling, seed, env.Threads)
	if err != nil {
		return nil, err
	}
	if err := fit(sampling.Draws, d.Meta); err != nil { // when they are merged
		return nil, err
	}
	p, dim := call.Plan, d.Meta.XLen()
	p.Items, p.Count, p.Values, p.Identity = "draws", sampling.Draws, dim, d.Identity
	return call.Do(ctx, env.Note, func(work *shard.OpenPart) error {
		total := work.To - work.From
		settings.First, settings.Draws = work.From+work.Len(), work.To
		env.Progress("sampling", work.Len(), total, "")
		_, err := langevin.Sample(ctx, d.NewScorer, dim, settings, func(_ int, x []float64) error {
			if err := work.Append(x); err != nil {
				return err
			}
			env.ReportSaved()
			env.Progress("sampling", work.Len(), total, "")
			return nil
		})
		return err
	})
}

// ImportanceShard solves the forward model for those prior draws of importance
// sampling that belong to the shard, and writes their log-likelihoods as a
// part. When all parts are there, Plan.Merge writes them to the file
// MergedLogL, from which ReferencePosterior takes them.
//
// Only log-likelihoods are stored, one float64 per draw and target, because the
// forward solves are the work. Weights and moments follow from them and from
// the prior draws, which the merging call draws again.
func ImportanceShard(ctx context.Context, problem problems.Parametric, y []float64,
	s bench.ImportanceSettings, call shard.Assignment, env env.Env) (*shard.Made, error) {
	target, err := bench.MeasuredOf(problem, y)
	if err != nil {
		return nil, err
	}
	p, targets := call.Plan, []bench.NoisyMeasurement{target}
	s.Threads = env.Threads
	p.Items, p.Count, p.Values = "draws", s.Draws, len(targets)
	p.Identity = bench.ImportanceIdentity(problem, targets, s.Seed)
	return call.Do(ctx, env.Note, func(work *shard.OpenPart) error {
		total := work.To - work.From
		env.Progress("reference", work.Len(), total, "")
		return bench.LogLikelihoods(ctx, problem, targets, s, work.From+work.Len(), work.To,
			func(logL []float64) error {
				for one := range slices.Chunk(logL, p.Values) {
					if err := work.Append(one); err != nil {
						return err
					}
				}
				env.ReportSaved()
				env.Progress("reference", work.Len(), total, "")
				return nil
			})
	})
}

// MergedLogL returns the file of the log-likelihoods that shards computed for
// the reference whose unfinished work is in partial.
func MergedLogL(partial string) string { return partial + "-draws" }

// mergedLogL reads the log-likelihoods of all draws that shards computed for
// the job. It returns nil if there is no file, and an error for a file of
// another reference, unless the job overwrites it.
//
// A file with another number of draws is one of another call: averages of fewer
// draws would have the error of fewer.
func mergedLogL(problem problems.Problem, targets []bench.NoisyMeasurement, draws int,
	job Job) ([]float64, error) {
	path, logL := MergedLogL(job.Partial), make([]float64, draws*len(targets))
	id, n, err := recordfile.Read(path, logL, len(targets))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	want := bench.ImportanceIdentity(problem, targets, job.Seed)
	switch {
	case id == want && n == draws:
		return logL, nil
	case job.Overwrite:
		return nil, nil
	}
	return nil, cli.Exists(fmt.Errorf("%s has %d draws of another reference (%s): move it away, "+
		"or choose another output", path, n, identity.Compare(id, want)))
}
