package filelock

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// Held reports whether a process holds the lock of the lock file at path, and
// returns its owner as far as it is known. It changes no file. A file system
// without locks leaves the process of another host unknown; then Held reports
// true.
func Held(path string) (owner string, held bool, err error) {
	if there := readOwner(path + ".owner"); there != nil {
		return there.String(), there.Host != self().Host || alive(there.PID), nil
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	} else if err != nil {
		return "", false, err
	}
	defer f.Close()
	err = probe(f)
	if err == nil || !errors.Is(err, syscall.EWOULDBLOCK) {
		return "", false, nil
	}
	return Signer(path), true, nil
}
