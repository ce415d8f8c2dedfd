//go:build unix

package cli

import (
	"os"
	"syscall"
)

// stopSignals are those that end a process by default and that somebody sends
// to end or to warn a job: users, closed terminals, schedulers ahead of a
// limit.
var stopSignals = append([]os.Signal{
	os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2,
	syscall.SIGXCPU,
	syscall.SIGALRM, syscall.SIGVTALRM,
}, systemSignals...)

// writeSignals say what the error of a write says as well: the reader has gone
// away, the file is larger than the limit of the process.
var writeSignals = []os.Signal{syscall.SIGPIPE, syscall.SIGXFSZ}
