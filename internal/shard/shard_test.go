package shard_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/shard"
)

// noVariables is an environment without variables.
func noVariables(string) string { return "" }

// TestParse reads written shards. Counted from 0 or from 1, the shards of one
// division are the same set.
func TestParse(t *testing.T) {
	for first := range 2 {
		var seen []string
		for k := first; k < first+8; k++ {
			s, _, err := shard.Parse(fmt.Sprintf("%d/8", k), noVariables)
			if err != nil {
				t.Fatal(err)
			}
			seen = append(seen, s.String())
		}
		slices.Sort(seen)
		if got := strings.Join(seen, " "); got != "1/8 2/8 3/8 4/8 5/8 6/8 7/8 8/8" {
			t.Errorf("from %d: %s", first, got)
		}
	}
	for _, text := range []string{"9/8", "-1/8", "1/0", "0/0", "3", "a/b", "1/8/2", "auto/0",
		"auto/x", "Auto", "1 /2"} {
		if s, _, err := shard.Parse(text, noVariables); cli.Code(err) != cli.ExitUsage {
			t.Errorf("%q is %v (%v)", text, s, err)
		}
	}
	if s, _, err := shard.Parse("", noVariables); s != (shard.Shard{}) || err != nil {
		t.Errorf("no text is %v (%v)", s, err)
	}
}

// TestCover checks that each item belongs to one shard, by turn and by range,
// and that ranges differ by at most one item.
func TestCover(t *testing.T) {
	for m := 1; m <= 9; m++ {
		for n := range 20 {
			var turns, ranges [20]int
			for k := 1; k <= m; k++ {
				s := shard.Shard{K: k, M: m}
				from, to := s.Range(n)
				if to-from < n/m || to-from > (n+m-1)/m {
					t.Errorf("shard %v of %d items has %d", s, n, to-from)
				}
				for i := range n {
					if s.Has(i) {
						turns[i]++
					}
					if from <= i && i < to {
						ranges[i]++
					}
				}
			}
			for i := range n {
				if turns[i] != 1 || ranges[i] != 1 {
					t.Fatalf("item %d of %d is in %d and %d of %d shards", i, n, turns[i],
						ranges[i], m)
				}
			}
		}
	}
	if got := (shard.Shard{K: 1, M: 8}).Idle(4, "blocks"); got !=
		"4 of 8 shards have work, because there are 4 blocks" {
		t.Error(got)
	}
	if got := (shard.Shard{K: 1, M: 8}).Idle(8, "blocks"); got != "" {
		t.Error(got)
	}
}

// TestAuto reads the variables of each scheduler.
func TestAuto(t *testing.T) {
	for _, c := range []struct{ text, variables, want string }{
		{"auto", "SLURM_ARRAY_TASK_ID=2 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=7 " +
			"SLURM_ARRAY_TASK_STEP=1 SLURM_ARRAY_TASK_COUNT=8", "3/8 SLURM_ARRAY_TASK_ID"},
		{"auto", "SLURM_ARRAY_TASK_ID=8 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=8 " +
			"SLURM_ARRAY_TASK_STEP=1 SLURM_ARRAY_TASK_COUNT=8", "8/8 SLURM_ARRAY_TASK_ID"},
		{"auto", "SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=7 " +
			"SLURM_ARRAY_TASK_STEP=2 SLURM_ARRAY_TASK_COUNT=4", "3/4 SLURM_ARRAY_TASK_ID"},
		{"auto", "SLURM_PROCID=1 SLURM_NTASKS=2", "2/2 SLURM_PROCID"},
		{"auto", "SLURM_JOB_ID=9 SLURM_STEP_ID=0 SLURM_PROCID=0 SLURM_NTASKS=2",
			"1/2 SLURM_PROCID"},
		{"auto", "SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=4 SLURM_PROCID=1 SLURM_NTASKS=2",
			"4/8 SLURM_ARRAY_TASK_ID and SLURM_PROCID"},
		{"auto", "SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=4 SLURM_JOB_ID=3 SLURM_PROCID=0 " +
			"SLURM_NTASKS=2", "2/4 SLURM_ARRAY_TASK_ID"},
		{"auto", "OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=4 SLURM_PROCID=0 SLURM_NTASKS=2",
			"4/4 OMPI_COMM_WORLD_RANK"},
		{"auto/8", "PBS_ARRAY_INDEX=0", "8/8 PBS_ARRAY_INDEX"},
		{"auto/8", "PBS_ARRAYID=8", "8/8 PBS_ARRAYID"},
		{"auto", "LSB_JOBINDEX=3 LSB_JOBINDEX_END=8 LSB_JOBINDEX_STEP=1", "3/8 LSB_JOBINDEX"},
		{"auto", "SGE_TASK_ID=3 SGE_TASK_FIRST=2 SGE_TASK_LAST=5 SGE_TASK_STEPSIZE=1",
			"2/4 SGE_TASK_ID"},
		{"auto/4", "JOB_COMPLETION_INDEX=0", "4/4 JOB_COMPLETION_INDEX"},
		{"auto", "JOB_COMPLETION_INDEX=0 JOB_COMPLETIONS=4", "1/4 JOB_COMPLETION_INDEX"},
		{"auto/3", "PARALLEL_SEQ=2 SGE_TASK_ID=undefined LSB_JOBINDEX=0", "2/3 PARALLEL_SEQ"},
		// Tasks 3 and 5 of an array from 0 to 7 alone, under their numbers.
		{"auto/8", "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_MAX=5 " +
			"SLURM_ARRAY_TASK_STEP=1 SLURM_ARRAY_TASK_COUNT=2", "3/8 SLURM_ARRAY_TASK_ID"},
	} {
		s, source, err := shard.Parse(c.text, variables(c.variables))
		if got := fmt.Sprint(s, " ", source); got != c.want || err != nil {
			t.Errorf("%s with %s: %s (%v), want %s", c.text, c.variables, got, err, c.want)
		}
	}
}

// TestAutoRefuses checks the errors where the environment does not give a
// shard.
func TestAutoRefuses(t *testing.T) {
	for _, c := range []struct {
		text, variables, want string
		code                  int
	}{
		{"auto", "", "SLURM_ARRAY_TASK_ID, PBS_ARRAY_INDEX", cli.ExitUsage},
		{"auto", "SLURM_JOB_ID=9 SLURM_PROCID=0 SLURM_NTASKS=2", "finds no task", cli.ExitUsage},
		{"auto", "JOB_COMPLETION_INDEX=3", "auto/M", cli.ExitUsage},
		{"auto", "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_MAX=5 " +
			"SLURM_ARRAY_TASK_COUNT=2", "have gaps", cli.ExitUsage},
		{"auto/8", "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_STEP=2", "2 apart", cli.ExitUsage},
		{"auto", "SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=4 PARALLEL_SEQ=2",
			"SLURM_ARRAY_TASK_ID and PARALLEL_SEQ", cli.ExitUsage},
		{"auto", "SLURM_PROCID=2 SLURM_NTASKS=2", "it must be 0 to 1", cli.ExitConfig},
		{"auto", "SLURM_PROCID=two SLURM_NTASKS=2", `SLURM_PROCID is "two"`, cli.ExitConfig},
	} {
		s, _, err := shard.Parse(c.text, variables(c.variables))
		if cli.Code(err) != c.code || !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("%s with %q: %v (%v), want code %d and %q", c.text, c.variables, s, err,
				c.code, c.want)
		}
	}
}

// TestRepeats checks the remark for processes that srun started without a
// shard.
func TestRepeats(t *testing.T) {
	for text, want := range map[string]bool{
		"SLURM_PROCID=0 SLURM_NTASKS=2 SLURM_STEP_ID=0 SLURM_JOB_ID=1": true,
		"SLURM_PROCID=0 SLURM_NTASKS=2 SLURM_JOB_ID=1":                 false, // the script
		"SLURM_PROCID=0 SLURM_NTASKS=1 SLURM_STEP_ID=0 SLURM_JOB_ID=1": false,
		"": false,
	} {
		if got := shard.Repeats(variables(text)); (got != "") != want ||
			want && !strings.Contains(got, "--shard auto") {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// variables returns an environment with the variables of a text NAME=VALUE ….
func variables(text string) func(string) string {
	values := map[string]string{}
	for _, pair := range strings.Fields(text) {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	return func(name string) string { return values[name] }
}
