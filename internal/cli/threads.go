package cli

import (
	"fmt"
	"runtime"
	"strconv"
)

// Threads returns how many threads to compute on and, for the log, why. A flag above zero is obeyed. Otherwise
// it is what the Go runtime allows itself, which heeds the affinity mask, the CPU limit of the cgroup and
// GOMAXPROCS, and not more than SLURM_CPUS_PER_TASK where getenv (os.Getenv) knows it. A flag below zero is an
// error of usage, a variable that is no positive integer one of configuration.
func Threads(flag int, getenv func(string) string) (n int, reason string, err error) {
	if flag < 0 {
		return 0, "", Usage(fmt.Errorf("--threads %d: a positive number, or 0 for as many as are allowed", flag))
	}
	if flag > 0 {
		return flag, "--threads", nil
	}
	n, reason = runtime.GOMAXPROCS(0), "CPUs this process may use"
	if getenv("GOMAXPROCS") != "" {
		reason = "GOMAXPROCS"
	}
	const slurm = "SLURM_CPUS_PER_TASK"
	if text := getenv(slurm); text != "" {
		allowed, err := strconv.Atoi(text)
		if err != nil || allowed < 1 {
			return 0, "", Config(fmt.Errorf("environment: %s=%q is no positive number", slurm, text))
		}
		if allowed <= n {
			n, reason = allowed, slurm
		}
	}
	return n, reason, nil
}
