package run

import "errors"

// errLocked is what lock returns if another process holds the lock.
var errLocked = errors.New("another csdm process is at work on it: wait for that to end, or stop it")
