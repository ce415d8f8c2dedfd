package atomicfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"csdm/internal/disk"
)

// bufferSize saves callers that write number by number a system call per
// number.
const bufferSize = 256 << 10

// Write sets the content of the file at path to the output of write,
// atomically.
//
// If path exists and overwrite is false, Write returns an error for which
// errors.Is(err, fs.ErrExist) holds, and does not change the file. It does so
// without calling write if the file exists at the start, and without a race if
// the file appears later. With overwrite, Write replaces a file (a symbolic
// link itself, not its target) and refuses a folder.
//
// The folder must exist. The file gets mode 0666 before umask. Write returns
// errors of write and of the disk wrapped (errors.Is(err, syscall.ENOSPC), …).
// After such an error, or a panic of write, no temporary file is left and a
// former file is unchanged. An error from syncing the folder, the last step,
// leaves the new file in its place, but not yet safe from a power failure.
func Write(path string, overwrite bool, write func(io.Writer) error) (err error) {
	if !overwrite {
		if _, err := os.Lstat(path); err == nil {
			return &fs.PathError{Op: "write", Path: path, Err: fs.ErrExist}
		}
	}
	f, err := createBeside(path)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	temporary := f.Name()
	published := false
	defer func() {
		if !published { // an error, or a panic
			f.Close()
			disk.Remove(temporary)
		}
	}()

	buffer := bufio.NewWriterSize(f, bufferSize)
	if err = write(buffer); err == nil {
		err = buffer.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = f.Close()
	}
	if err == nil {
		if overwrite {
			err = disk.Rename(temporary, path)
		} else {
			err = disk.RenameNew(temporary, path)
		}
	}
	if errors.Is(err, fs.ErrExist) && !overwrite {
		return &fs.PathError{Op: "write", Path: path, Err: fs.ErrExist}
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	published = true
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return fmt.Errorf("syncing the folder of %s: %w", path, err)
	}
	return nil
}

// WriteSame does the same as Write without overwriting, but succeeds if the
// file already has the output of write as its content. So a command that was
// killed after writing some of its files can be repeated.
func WriteSame(path string, write func(io.Writer) error) error {
	err := Write(path, false, write)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	f, openErr := os.Open(path)
	if openErr != nil {
		return err // a folder, a dangling link, or removed again
	}
	defer f.Close()
	there := &comparer{in: bufio.NewReaderSize(f, bufferSize)}
	if writeErr := write(there); writeErr != nil && !errors.Is(writeErr, errDiffers) {
		return writeErr
	}
	if _, end := there.in.ReadByte(); there.differs || end != io.EOF {
		return err
	}
	return nil
}

var errDiffers = errors.New("the file has other content")

// comparer compares the data written to it with the data read from in.
type comparer struct {
	in      *bufio.Reader
	differs bool
	buffer  []byte
}

// Write compares b with the next bytes of the existing file. It fails at the
// first difference, so that no more content is made.
func (c *comparer) Write(b []byte) (int, error) {
	if cap(c.buffer) < len(b) {
		c.buffer = make([]byte, len(b))
	}
	there := c.buffer[:len(b)]
	if _, err := io.ReadFull(c.in, there); err != nil || !bytes.Equal(there, b) {
		c.differs = true
		return 0, errDiffers
	}
	return len(b), nil
}

// Sweep removes the temporary files that killed writers left in folder, for
// files whose name matches pattern (path.Match syntax), if they are at least as
// old as age. With an age of 0, no writer of such a file may be running. Files
// that another process has removed or renamed in the meantime are ignored.
func Sweep(folder, pattern string, age time.Duration) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		match, err := filepath.Match("."+pattern+".*.tmp", entry.Name())
		if err != nil {
			return err
		}
		if !match || !entry.Type().IsRegular() {
			continue
		}
		info, err := entry.Info()
		if err == nil && (age == 0 || time.Since(info.ModTime()) >= age) {
			err = disk.Remove(filepath.Join(folder, entry.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// createBeside creates a temporary file in the folder of path, with the
// permissions of an ordinary file (os.CreateTemp would create a private one).
func createBeside(path string) (*disk.File, error) {
	folder, name := filepath.Split(path)
	for {
		temporary := folder + fmt.Sprintf(".%s.%08x.tmp", name, rand.Uint32())
		f, err := disk.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// syncFolder makes the entries of folder durable. File systems that cannot sync
// a folder, and Windows, which has no such call, need no sync.
func syncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := disk.OpenFile(folder, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) &&
		!errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}
