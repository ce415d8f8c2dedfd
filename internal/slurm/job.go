package slurm

import (
	_ "embed"
	"fmt"
	"io"
	"text/template"
	"time"

	"csdm/internal/cli"
)

// JobScript describes a job that starts one command on one node, or an array of
// such jobs.
type JobScript struct {
	Name      string
	Tasks     int // of an array; 0: no array
	CPUs      int
	Memory    string // as sbatch takes it, such as 8G
	TimeLimit time.Duration
	Command   []string
}

// longestWarning is the time before the limit at which Slurm sends a signal.
// A step of training ends within it, except for the largest networks.
const longestWarning = 2 * time.Minute

// Warning returns the number of seconds before the time limit at which the
// command receives its signal. Short jobs have less.
func (j JobScript) Warning() int { return int(min(longestWarning, j.TimeLimit/4).Seconds()) }

// Time returns the time limit as hours, minutes and seconds, rounded up.
func (j JobScript) Time() string {
	s := int((j.TimeLimit + time.Second - 1) / time.Second)
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}

// ID returns the variables that hold the number of the job. The number of an
// array's first task is also the number of the array, which a requeue would
// begin again as a whole.
func (j JobScript) ID() string {
	if j.Tasks > 0 {
		return "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
	}
	return "$SLURM_JOB_ID"
}

// Line returns the command as the shell reads it.
func (j JobScript) Line() string { return cli.Line(j.Command) }

//go:embed job.tmpl
var source string

var scripts = template.Must(template.New("").Parse(source))

// Write writes the script of a single job, for sbatch, or a script for bash
// that submits several jobs, each after the one before has succeeded.
func Write(w io.Writer, jobs ...JobScript) error {
	if len(jobs) == 1 {
		return scripts.ExecuteTemplate(w, "job", jobs[0])
	}
	return scripts.ExecuteTemplate(w, "jobs", jobs)
}
