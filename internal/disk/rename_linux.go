package disk

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/unix"
)

// renameNew renames temporary to path, which must be free. Some file systems
// (NFS) and old kernels do not have RENAME_NOREPLACE; there a hard link does
// the same.
func renameNew(temporary, path string) error {
	err := unix.Renameat2(unix.AT_FDCWD, temporary, unix.AT_FDCWD, path, unix.RENAME_NOREPLACE)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	return linkNew(temporary, path)
}
