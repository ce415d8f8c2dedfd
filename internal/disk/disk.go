package disk

import "os"

// The names of operations, in the log of a build with faults.
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

// writing are the flags that make OpenFile an operation that can fail here.
const writing = os.O_WRONLY | os.O_RDWR | os.O_CREATE | os.O_TRUNC

// Create is os.Create.
func Create(path string) (*File, error) {
	return OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
}

// OpenFile is os.OpenFile. Opening a file only to read is no operation that a
// fault can hit.
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

// Rename is os.Rename: it replaces a file at to.
func Rename(from, to string) error {
	if err := fault(opRename, to); err != nil {
		return err
	}
	return os.Rename(from, to)
}

// RenameNew renames a file to a name that must be free. Where it is taken,
// errors.Is(err, fs.ErrExist), and nothing has changed. There is no moment in
// which another process could take the name unseen.
func RenameNew(from, to string) error {
	if err := fault(opRename, to); err != nil {
		return err
	}
	return renameNew(from, to)
}

// linkNew is RenameNew by a hard link, which refuses a taken name where a
// plain rename would replace it.
func linkNew(from, to string) error {
	if err := os.Link(from, to); err != nil {
		return err
	}
	return os.Remove(from)
}

// Remove is os.Remove.
func Remove(path string) error {
	if err := fault(opRemove, path); err != nil {
		return err
	}
	return os.Remove(path)
}

// RemoveAll is os.RemoveAll.
func RemoveAll(path string) error {
	if err := fault(opRemove, path); err != nil {
		return err
	}
	return os.RemoveAll(path)
}

// MkdirAll is os.MkdirAll with the permissions that umask leaves.
func MkdirAll(path string) error {
	if err := fault(opMkdir, path); err != nil {
		return err
	}
	return os.MkdirAll(path, 0o777)
}

// MkdirTemp is os.MkdirTemp in the folder for temporaries.
func MkdirTemp(pattern string) (string, error) {
	if err := fault(opMkdir, pattern); err != nil {
		return "", err
	}
	return os.MkdirTemp("", pattern)
}
