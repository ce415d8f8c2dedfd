package slurm

import (
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestTimes(t *testing.T) {
	for _, c := range []struct {
		limit   time.Duration
		time    string
		warning int
	}{
		{4 * time.Hour, "04:00:00", 120},
		{50*time.Hour + 61*time.Second, "50:01:01", 120},
		{time.Minute - 1, "00:01:00", 14},
	} {
		j := JobScript{TimeLimit: c.limit}
		if j.Time() != c.time || j.Warning() != c.warning {
			t.Errorf("%v: %s, signal %d s before", c.limit, j.Time(), j.Warning())
		}
	}
}

// TestScript runs a job script with a srun that ends with each exit code, and a
// scontrol that prints its arguments.
func TestScript(t *testing.T) {
	const begun = "--cpus-per-task=3 csdm data\n"
	for _, c := range []struct {
		tasks      int
		code, want string
	}{
		{0, "0", begun}, {0, "65", begun}, {0, "75", begun + "requeue 17\n300\n"},
		{4, "75", begun + "requeue 17_2\n300\n"},
	} {
		var b strings.Builder
		script := JobScript{Tasks: c.tasks, Command: []string{"csdm", "data"}}
		if err := Write(&b, script); err != nil {
			t.Fatal(err)
		}
		shell := `srun() { echo "$@"; return ` + c.code + `; }
scontrol() { echo "$@"; }
sleep() { echo "$@"; }
SLURM_CPUS_PER_TASK=3 SLURM_JOB_ID=17 SLURM_ARRAY_JOB_ID=17 SLURM_ARRAY_TASK_ID=2
` + b.String()
		got, err := exec.Command("bash", "-c", shell).Output()
		ended := "0"
		if err != nil {
			ended = strings.TrimPrefix(err.Error(), "exit status ")
		}
		if string(got) != c.want || ended != c.code {
			t.Errorf("%+v: the script prints %q and ends with %s", c, got, ended)
		}
	}
}

// TestSubmission runs the script that submits two jobs with a sbatch that
// prints its arguments and its input.
func TestSubmission(t *testing.T) {
	var b strings.Builder
	err := Write(&b, JobScript{Name: "one", Tasks: 8, CPUs: 1, Memory: "1G", TimeLimit: time.Hour,
		Command: []string{"csdm", "it's"}}, JobScript{Name: "two", CPUs: 2, Memory: "2G",
		TimeLimit: time.Hour, Command: []string{"csdm"}})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	shell := `sbatch() { echo "$@" >>calls; cat >>calls; echo "7;cluster"; }
` + b.String() + "cat calls"
	cmd := exec.Command("bash", "-c", shell)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"job 7: one\njob 7: two\n--parsable\n#!/bin/bash\n",
		"#SBATCH --array=1-8\nsrun --cpus-per-task=\"$SLURM_CPUS_PER_TASK\" csdm 'it'\\''s'\n",
		"--parsable --dependency=afterok:7 --kill-on-invalid-dep=yes\n#!/bin/bash\n"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
	if strings.Count(string(out), "--array") != 1 {
		t.Errorf("one job is an array:\n%s", out)
	}
}
