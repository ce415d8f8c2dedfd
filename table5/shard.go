package table5

import (
	"context"

	"csdm/env"
	"csdm/internal/shard"
)

// RunShard infers those measurements of a study that belong to the shard, and
// keeps their posteriors in call.Dir. Run for the same folder then finds them.
// It makes the Monte Carlo posteriors, which share their forward solves, and
// the curves.
//
// Items are counted over all noise levels: with n_l measurements at level l,
// item i = n_1 + … + n_{l−1} + k is measurement k of level l. The items that a
// stopped call has made, the first Len() of its part, are skipped. The value of
// an item in the part is a mark; its result is the file in the folder.
func RunShard(ctx context.Context, s Settings, call shard.Assignment,
	env env.Env) (*shard.Made, error) {
	t, err := newStudy(call.Dir, s, env)
	if err != nil {
		return nil, err
	}
	plan := call.Plan
	plan.Items, plan.Values, plan.Identity = "measurements", shard.MarkValues, t.Identity
	for _, l := range t.Levels {
		plan.Count += l.count()
	}
	return call.Do(ctx, env.Note, func(work *shard.OpenPart) error {
		first := 0
		for _, l := range t.Levels {
			for k := range l.count() {
				if i := first + k; i < work.From+work.Len() || i >= work.To {
					continue
				}
				if err := t.measurement(ctx, l, k); err != nil {
					return err
				}
				if err := work.Mark(); err != nil {
					return err
				}
				env.ReportSaved()
			}
			first += l.count()
		}
		return nil
	})
}
