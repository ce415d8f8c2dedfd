package cli

import (
	"testing"
	"time"
)

func TestOutsideStep(t *testing.T) {
	for _, c := range []struct {
		job, step string
		want      bool
	}{{"", "", false}, {"7", "", true}, {"7", "0", false}} {
		got := OutsideStep(func(name string) string {
			return map[string]string{"SLURM_JOB_ID": c.job, "SLURM_STEP_ID": c.step}[name]
		})
		if got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestSlurmLimit(t *testing.T) {
	now := time.Unix(1_800_000_000, 5e8)
	for _, c := range []struct {
		end   string
		limit time.Duration
		ok    bool
	}{
		{"", 0, false},
		{"Unknown", 0, false},
		{"1799999000", 0, false}, // past
		{"1800000011", 0, false}, // within the margin of ten seconds
		{"1800000060", 49 * time.Second, true},
		{"1800000600", 569 * time.Second, true},                       // the margin is a twentieth
		{"1800014400", 4*time.Hour - 121*time.Second, true},           // two minutes
		{"99999999999999", time.Duration(1<<63-1) - mostMargin, true}, // a job without a limit
	} {
		limit, ok := SlurmLimit(now, func(name string) string {
			return map[string]string{"SLURM_JOB_END_TIME": c.end}[name]
		})
		if ok != c.ok || ok && limit != c.limit.Truncate(time.Second) {
			t.Errorf("%q: %v, %v", c.end, limit, ok)
		}
	}
}
