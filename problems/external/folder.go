package external

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"csdm/internal/disk"
)

const (
	folderPrefix = "csdm-exchange-"
	lockName     = "lock"
	// sweepAge is the age from which a folder may be removed. Between its
	// creation and its lock, a new folder looks like one that was left behind.
	sweepAge = time.Minute
)

// makeFolder makes a folder for the files of a request. The lock marks it as in
// use for other processes until it is closed.
func makeFolder() (path string, lock *disk.File, err error) {
	sweep(os.TempDir())
	if path, err = disk.MkdirTemp(folderPrefix); err != nil {
		return "", nil, err
	}
	if lock, err = disk.Create(filepath.Join(path, lockName)); err != nil {
		return "", nil, errors.Join(err, disk.RemoveAll(path))
	}
	tryLock(lock) // without locks, no process sweeps
	return path, lock, nil
}

// sweep removes folders that killed processes left in a folder of temporary
// files: folders that no process has locked. Folders that cannot be removed,
// such as another user's, stay.
func sweep(temporary string) {
	// The pattern is valid.
	folders, _ := filepath.Glob(filepath.Join(temporary, folderPrefix+"*"))
	for _, folder := range folders {
		path := filepath.Join(folder, lockName)
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() || time.Since(info.ModTime()) < sweepAge {
			continue
		}
		lock, err := os.Open(path)
		if err != nil {
			continue
		}
		if tryLock(lock) {
			_ = disk.RemoveAll(folder) // on failure, the next sweep tries again
		}
		_ = lock.Close() // nothing was written
	}
}
