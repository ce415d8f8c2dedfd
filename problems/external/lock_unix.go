//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package external

import "syscall"

// tryLock locks an open file for this process and reports whether it has the
// lock. Closing the file, or the end of the process, frees it.
func tryLock(f interface{ Fd() uintptr }) bool {
	for {
		if err := syscall.Flock(int(f.Fd()),
			syscall.LOCK_EX|syscall.LOCK_NB); err != syscall.EINTR {
			return err == nil
		}
	}
}
