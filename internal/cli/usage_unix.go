//go:build unix

package cli

import (
	"runtime"
	"syscall"
	"time"
)

// Used returns the CPU time of the process and of the children that ended, and
// the largest memory in bytes that the process has had in RAM. ok is false if
// the system does not state it.
func Used() (cpu time.Duration, peak int64, ok bool) {
	var own, children syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &own) != nil ||
		syscall.Getrusage(syscall.RUSAGE_CHILDREN, &children) != nil {
		return 0, 0, false
	}
	for _, t := range []syscall.Timeval{own.Utime, own.Stime, children.Utime, children.Stime} {
		cpu += time.Duration(t.Nano())
	}
	peak = int64(own.Maxrss)
	if runtime.GOOS != "darwin" && runtime.GOOS != "ios" { // which count bytes, others KiB
		peak <<= 10
	}
	return cpu, peak, true
}
