//go:build !faults

package infer

import "time"

// saveEvery is how often the state of a reference is written.
const saveEvery = 20 * time.Second
