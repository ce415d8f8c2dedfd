package accuracy

import (
	"testing"

	"csdm/env"
	"csdm/internal/shard"
)

// TestShards judges the measurements of a study in parts. The undivided call
// then computes nothing, and has the rows of a study that was never divided.
func TestShards(t *testing.T) {
	targets, s := small(t)
	s.Methods, s.Cases = []string{"importance"}, 3
	want, err := Run(t.Context(), t.TempDir(), targets, s, env.Quiet(1))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []int{1, 3, 7} {
		dir := t.TempDir()
		for k := m; k >= 1; k-- {
			part := s
			one := shard.Shard{K: k, M: m}
			part.Part = &shard.Assignment{Dir: dir, Shard: one, Plan: &shard.Plan{Verb: "test"}}
			r, err := Run(t.Context(), dir, targets, part, env.Quiet(1))
			if from, to := one.Range(3); err != nil || m == 3 && len(r.Rows) != to-from ||
				r.Summary != nil {
				t.Fatalf("shard %d of %d: %v, %d rows", k, m, err, len(r.Rows))
			}
		}
		plan, err := shard.ReadPlan(dir)
		if err != nil {
			t.Fatal(err)
		}
		if status, err := plan.Status(dir); err != nil || !status.Whole() || status.Done != 3 {
			t.Errorf("%d shards: %+v, %v", m, status, err)
		}
		ctx, e, saved := counting(-1)
		got, err := Run(ctx, dir, targets, s, e)
		if err != nil || *saved != 0 || len(got.Rows) != 3 || got.Identity != want.Identity {
			t.Fatalf("%d shards: %v, %d posteriors made, %d rows", m, err, *saved, len(got.Rows))
		}
		for i, row := range got.Rows {
			if w := want.Rows[i]; row.Case != w.Case || row.RMSEMean != w.RMSEMean ||
				row.RMSETrue != w.RMSETrue || row.ESS != w.ESS ||
				row.LogEvidenceReference != w.LogEvidenceReference {
				t.Errorf("%d shards: row %d is %+v, want %+v", m, i, row, w)
			}
		}
	}
}
