//go:build unix && !linux

package cli

import "os"

var systemSignals []os.Signal
