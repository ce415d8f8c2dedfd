package cli

import (
	"strconv"
	"time"
)

// OutsideStep reports whether this process runs in a Slurm job, but not under
// srun. Slurm sends signals ahead of the time limit to job steps only.
func OutsideStep(getenv func(string) string) bool {
	return getenv("SLURM_JOB_ID") != "" && getenv("SLURM_STEP_ID") == ""
}

// The margin before the end of a Slurm job, in which work is saved: a share of
// the time that remains, within limits.
const (
	marginShare = 20
	leastMargin = 10 * time.Second
	mostMargin  = 2 * time.Minute
)

// SlurmLimit returns the time that a call in a Slurm job should take at most:
// from now to SLURM_JOB_END_TIME (seconds since 1970), less a margin to save
// the work. ok is false if the variable is not set or not a number, which
// depends on the version of Slurm, or if the job ends within the margin.
func SlurmLimit(now time.Time, getenv func(string) string) (limit time.Duration, ok bool) {
	seconds, err := strconv.ParseInt(getenv("SLURM_JOB_END_TIME"), 10, 64)
	if err != nil {
		return 0, false
	}
	left := time.Unix(seconds, 0).Sub(now)
	limit = left - min(max(left/marginShare, leastMargin), mostMargin)
	return limit.Truncate(time.Second), limit >= time.Second
}
