package cli

import (
	"os"
	"syscall"
)

// systemSignals lists further signals of this system: failing power, and two
// that are not normally sent.
var systemSignals = []os.Signal{syscall.SIGPWR, syscall.SIGIO, syscall.SIGSTKFLT}
