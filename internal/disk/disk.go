package disk

import "os"

// The names of the operations, in the log of a build with faults.
const (
	opCreate   = "create"
	opWrite    = "write"
	opSync     = "sync"
	opTruncate = "truncate"
	opClose    = "close"
	opRename   = "rename"
	opRemove   = "remove"
	opMkdir    = "mkdir"
)

// writing has the flags that make OpenFile an operation that can fail here.
const writing = os.O_WRONLY | os.O_RDWR | os.O_CREATE | os.O_TRUNC

// Create calls os.Create.
func Create(path string) (*File, error) {
	return OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
}

// OpenFile calls os.OpenFile. Opening a file only for reading is not an
// operation that a fault can hit.
func OpenFile(path string, flag int, perm os.FileMode) (*File, error) {
	reads := flag&writing == 0
	if !reads {
		if err := fault(opCreate, path); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(path, flag, perm)
	if err != nil {
		return nil, err
	}
	return wrap(f, reads), nil
}

// Rename calls os.Rename: it replaces a file at to.
func Rename(from, to string) error {
	if err := fault(opRename, to); err != nil {
		return err
	}
	return os.Rename(from, to)
}

// RenameNew renames a file to a name that must be free. If the name is taken,
// errors.Is(err, fs.ErrExist) holds and nothing has changed. No other process
// can take the name unnoticed during the call.
func RenameNew(from, to string) error {
	if err := fault(opRename, to); err != nil {
		return err
	}
	return renameNew(from, to)
}

// linkNew does the same as RenameNew by a hard link, which refuses a taken name
// where a plain rename would replace the file.
func linkNew(from, to string) error {
	if err := os.Link(from, to); err != nil {
		return err
	}
	return os.Remove(from)
}

// Remove calls os.Remove.
func Remove(path string) error {
	if err := fault(opRemove, path); err != nil {
		return err
	}
	return os.Remove(path)
}

// RemoveAll calls os.RemoveAll.
func RemoveAll(path string) error {
	if err := fault(opRemove, path); err != nil {
		return err
	}
	return os.RemoveAll(path)
}

// MkdirAll calls os.MkdirAll, with permissions restricted only by umask.
func MkdirAll(path string) error {
	if err := fault(opMkdir, path); err != nil {
		return err
	}
	return os.MkdirAll(path, 0o777)
}

// MkdirTemp calls os.MkdirTemp in the folder for temporary files.
func MkdirTemp(pattern string) (string, error) {
	if err := fault(opMkdir, pattern); err != nil {
		return "", err
	}
	return os.MkdirTemp("", pattern)
}
