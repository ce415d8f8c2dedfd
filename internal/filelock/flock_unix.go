//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package filelock

import (
	"errors"
	"os"
	"syscall"

	"csdm/internal/disk"
)

// system is the system call; tests replace it.
var system = syscall.Flock

// flock takes the system's lock of a file.
func flock(f *disk.File) error {
	for {
		if err := system(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); !errors.Is(err,
			syscall.EINTR) {
			return err
		}
	}
}

func funlock(f *disk.File) error {
	return system(int(f.Fd()), syscall.LOCK_UN)
}

// alive reports whether a process with that number exists on this host.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// probe takes and releases a shared lock of a file. The error is EWOULDBLOCK if
// another process has its exclusive lock.
func probe(f *os.File) error {
	if err := system(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); err != nil {
		return err
	}
	return system(int(f.Fd()), syscall.LOCK_UN)
}
