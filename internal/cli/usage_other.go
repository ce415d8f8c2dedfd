//go:build !unix

package cli

import "time"

// Used returns nothing: ok is false, because this system has no getrusage.
func Used() (cpu time.Duration, peak int64, ok bool) { return 0, 0, false }
