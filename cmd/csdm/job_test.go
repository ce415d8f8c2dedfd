package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestJob gives a call the variables of a Slurm job: csdm reports that no
// signal will reach it, and ends before the job does.
func TestJob(t *testing.T) {
	const notUnder, limit = "not under srun", "from SLURM_JOB_END_TIME"
	for _, c := range []struct {
		step    string
		seconds int // until the end of the job, or 0
		flag    string
		want    []string
		ends    bool // by the limit
	}{
		{"", 0, "", []string{notUnder}, false},
		{"0", 3600, "", []string{"--time-limit 57m", limit}, false},
		// The margin is ten seconds. The others are for a busy machine.
		{"0", 15, "", []string{"--time-limit", limit}, true},
		{"0", 15, "--time-limit=10m", nil, false},
	} {
		variables := map[string]string{"SLURM_JOB_ID": "7", "SLURM_STEP_ID": c.step}
		if c.seconds > 0 {
			// Rounded up, so that no fraction of a second is lost.
			end := time.Now().Add(time.Duration(c.seconds)*time.Second-1).Unix() + 1
			variables["SLURM_JOB_END_TIME"] = fmt.Sprint(end)
		}
		pairs := 4
		if c.ends {
			pairs = 10_000_000
		}
		line := fmt.Sprintf("data --problem quasistatic --grid 8 --pairs %d --threads 1 -o %s %s",
			pairs, filepath.Join(t.TempDir(), "pairs"), c.flag)
		var out, notes bytes.Buffer
		err := execute(context.Background(), strings.Fields(line), &out, newConsole(&notes),
			func(name string) string { return variables[name] })
		if errors.Is(err, context.DeadlineExceeded) != c.ends || err != nil && !c.ends {
			t.Errorf("%+v: %v", c, err)
		}
		for _, text := range []string{notUnder, "--time-limit", limit} {
			wanted := strings.Contains(strings.Join(c.want, " "), text)
			if strings.Contains(notes.String(), text) != wanted {
				t.Errorf("%+v: %q printed: %v, want %v:\n%s", c, text, !wanted, wanted,
					notes.String())
			}
		}
	}
}
