//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package filelock

import (
	"errors"
	"os"

	"csdm/internal/disk"
)

// flock reports that there is no lock here that ends with its process.
func flock(*disk.File) error { return errors.ErrUnsupported }

func funlock(*disk.File) error { return nil }

// alive reports whether a process with that number exists on this host.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	p.Release()
	return true
}

// probe reports that there is no lock here that ends with its process.
func probe(*os.File) error { return errors.ErrUnsupported }
