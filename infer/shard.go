package infer

import (
	"context"
	"errors"

	"csdm/env"
	"csdm/internal/shard"
	"csdm/langevin"
	"csdm/nn"
)

// SampleShard makes those draws of Sample that belong to the shard, and writes
// them as a part. When all parts are there, Plan.Merge makes them the
// unfinished work of Sample. It has the errors of Sample.
func SampleShard(ctx context.Context, model *nn.Model, y []float64, sampling langevin.Settings,
	seed uint64, call shard.Call, env env.Env) (made *shard.Made, err error) {
	d, settings, err := conditioned(model, y, sampling, seed, env.Threads)
	if err != nil {
		return nil, err
	}
	if err := fit(sampling.Draws, d.Meta); err != nil { // when they are merged
		return nil, err
	}
	p, dim := call.Plan, d.Meta.Rows*d.Meta.Cols
	p.Items, p.Count, p.Values, p.Identity = "draws", sampling.Draws, dim, d.Identity
	work, err := p.Start(ctx, call.Dir, call.Shard, env.Note)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, work.End(err)) }()
	if work.Finished() {
		return work.Made(), nil
	}
	settings.First, settings.Draws = work.From+work.Len(), work.To
	env.Progress("sampling", work.Len(), work.To-work.From, "")
	_, err = langevin.Sample(ctx, d.NewScorer, dim, settings, func(_ int, x []float64) error {
		if err := work.Append(x); err != nil {
			return err
		}
		env.ReportSaved()
		env.Progress("sampling", work.Len(), work.To-work.From, "")
		return nil
	})
	return work.Made(), err
}
