package cli

import (
	"fmt"
	"math"
	"runtime"
	"strconv"
)

// Threads returns how many threads to compute on and, for the log, why. A flag
// above zero is obeyed. Otherwise it is the least of what the Go runtime allows
// itself, which heeds the affinity mask, of the CPU quota, rounded up, and of
// SLURM_CPUS_PER_TASK, or else SLURM_CPUS_ON_NODE, where getenv (os.Getenv)
// knows it. GOMAXPROCS, if it is set, takes the place of mask and quota. A flag
// below zero is an error of usage, a variable that is no positive integer one
// of configuration.
func Threads(flag int, getenv func(string) string) (n int, reason string, err error) {
	if flag < 0 {
		return 0, "", Usage(
			fmt.Errorf("--threads %d: a positive number, or 0 for as many as are allowed", flag))
	}
	if flag > 0 {
		return flag, "--threads", nil
	}
	return allowedThreads(runtime.GOMAXPROCS(0), CPUQuota(), getenv)
}

// allowedThreads chooses among what the runtime, a quota and the environment
// allow.
func allowedThreads(
	cpus int, quota float64, getenv func(string) string,
) (n int, reason string, err error) {
	n, reason = cpus, "CPUs this process may use"
	if getenv("GOMAXPROCS") != "" {
		reason = "GOMAXPROCS"
	} else if quota < float64(n) { // the runtime takes two threads for any quota below two
		n, reason = int(math.Ceil(quota)), fmt.Sprintf("CPU quota of %.3g", quota)
	}
	for _, name := range []string{"SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE"} {
		text := getenv(name)
		if text == "" {
			continue
		}
		allowed, err := strconv.Atoi(text)
		if err != nil || allowed < 1 {
			return 0, "", Config(fmt.Errorf("environment: %s=%q is no positive number", name, text))
		}
		if allowed <= n {
			n, reason = allowed, name
		}
		break
	}
	return n, reason, nil
}
