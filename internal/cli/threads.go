package cli

import (
	"fmt"
	"math"
	"runtime"
	"strconv"
)

// Threads returns the number of threads to compute on and, for the log, the
// reason. A flag above zero is obeyed. Otherwise the number is the smallest of
// three: the limit of the Go runtime, which respects the affinity mask; the CPU
// quota, rounded up; and SLURM_CPUS_PER_TASK, or otherwise SLURM_CPUS_ON_NODE,
// if getenv (os.Getenv) has it. If GOMAXPROCS is set, it replaces mask and
// quota. A flag below zero is an error of usage; a variable that is not a
// positive integer is an error of configuration.
func Threads(flag int, getenv func(string) string) (n int, reason string, err error) {
	if flag < 0 {
		return 0, "", Usage(fmt.Errorf("--threads is %d; it must be positive, or 0 for all that "+
			"are allowed", flag))
	}
	if flag > 0 {
		return flag, "--threads", nil
	}
	return allowedThreads(runtime.GOMAXPROCS(0), CPUQuota(), getenv)
}

// allowedThreads returns the number that the runtime, a quota and the
// environment allow.
func allowedThreads(
	cpus int, quota float64, getenv func(string) string,
) (n int, reason string, err error) {
	n, reason = cpus, "CPUs this process may use"
	if getenv("GOMAXPROCS") != "" {
		reason = "GOMAXPROCS"
	} else if quota < float64(n) { // the runtime uses two threads for any quota below two
		n, reason = int(math.Ceil(quota)), fmt.Sprintf("CPU quota of %.3g", quota)
	}
	for _, name := range []string{"SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE"} {
		text := getenv(name)
		if text == "" {
			continue
		}
		allowed, err := strconv.Atoi(text)
		if err != nil || allowed < 1 {
			return 0, "", Config(fmt.Errorf("environment: %s is %q; it must be a positive number",
				name, text))
		}
		if allowed <= n {
			n, reason = allowed, name
		}
		break
	}
	return n, reason, nil
}
