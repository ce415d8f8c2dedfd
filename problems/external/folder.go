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
	// sweepAge is how old a folder is at least that may be removed: between its
	// making and its lock it looks like one that was left behind.
	sweepAge = time.Minute
)

// makeFolder makes a folder for files of a request. Until the lock is closed
// other processes know that it is in use.
func makeFolder() (path string, lock *disk.File, err error) {
	sweep(os.TempDir())
	if path, err = disk.MkdirTemp(folderPrefix); err != nil {
		return "", nil, err
	}
	if lock, err = disk.Create(filepath.Join(path, lockName)); err != nil {
		return "", nil, errors.Join(err, disk.RemoveAll(path))
	}
	tryLock(lock) // where there are no locks nobody sweeps
	return path, lock, nil
}

// sweep removes folders that killed processes left in a folder of temporary
// files: those whose lock nobody holds. What cannot be removed, such as another
// user's, stays.
func sweep(temporary string) {
	// the pattern is well formed
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
			_ = disk.RemoveAll(folder) // the next one tries again
		}
		_ = lock.Close() // nothing was written
	}
}
