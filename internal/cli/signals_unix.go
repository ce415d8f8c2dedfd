//go:build unix

package cli

import (
	"os"
	"syscall"
)

// stopSignals lists the signals that end a process by default and are sent to
// end or to warn a job, by users, closed terminals, or schedulers before a
// limit.
var stopSignals = append([]os.Signal{
	os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2,
	syscall.SIGXCPU,
	syscall.SIGALRM, syscall.SIGVTALRM,
}, systemSignals...)

// writeSignals lists the signals whose information the error of a write also
// has: the reader has ended, or the file exceeds the limit of the process.
var writeSignals = []os.Signal{syscall.SIGPIPE, syscall.SIGXFSZ}
