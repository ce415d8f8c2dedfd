//go:build faults

package infer

import "time"

// saveEvery is 0 where disks fail on purpose: a reference then writes its state
// after each few hundred solves, however fast, and always at the same ones.
const saveEvery time.Duration = 0
