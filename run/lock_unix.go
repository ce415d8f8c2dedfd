//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package run

import (
	"errors"
	"os"
	"syscall"

	"csdm/internal/disk"
)

// lock takes the one lock of an open file, which ends with the file or with the process, however it dies; errLocked says that
// another holds it. A file system that has no locks (some parallel ones, unless mounted with them) grants all.
func lock(f *disk.File) error {
	for {
		switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errLocked
		case errors.Is(err, syscall.ENOSYS), errors.Is(err, syscall.ENOTSUP), errors.Is(err, syscall.ENOLCK):
			return nil
		default:
			return os.NewSyscallError("flock", err)
		}
	}
}
