package cli

import (
	"os"
	"syscall"
)

// systemSignals are further ones of this system: failing power, and two that
// nobody should send.
var systemSignals = []os.Signal{syscall.SIGPWR, syscall.SIGIO, syscall.SIGSTKFLT}
