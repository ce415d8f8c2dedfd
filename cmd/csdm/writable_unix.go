//go:build unix

package main

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

// writable returns an error if no file can be made in a folder.
func writable(folder string) error {
	if err := unix.Access(folder, unix.W_OK|unix.X_OK); err != nil {
		return &fs.PathError{Op: "write to", Path: folder, Err: err}
	}
	return nil
}
