//go:build faults

package disk

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"syscall"
)

// File is an open file whose writes, syncs and closing can fail.
type File struct {
	*os.File
	reads bool // opened for reading: closing it cannot fail
}

func wrap(f *os.File, reads bool) *File { return &File{f, reads} }

// plan holds the fault that the environment specifies, and the number of
// operations so far.
var plan struct {
	sync.Mutex
	once sync.Once
	mode string // "" for none
	at   int
	done int
	log  *os.File
}

func readPlan() {
	if text := os.Getenv("CSDM_FAULT"); text != "" {
		if _, err := fmt.Sscanf(text, "%s %d", &plan.mode, &plan.at); err != nil {
			panic(fmt.Sprintf("disk: CSDM_FAULT is %q; it must be a mode and a number", text))
		}
	}
	if path := os.Getenv("CSDM_FAULT_LOG"); path != "" {
		var err error
		if plan.log, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND,
			0o666); err != nil {
			panic("disk: CSDM_FAULT_LOG: " + err.Error())
		}
	}
}

// next counts an operation and returns the mode in which it fails, or "".
func next(op, path string) string {
	plan.once.Do(readPlan)
	plan.Lock()
	defer plan.Unlock()
	plan.done++
	if plan.log != nil {
		fmt.Fprintf(plan.log, "%s %s\n", op, path)
	}
	grows := op == opCreate || op == opWrite || op == opMkdir
	switch {
	case plan.mode == "full" && plan.done >= plan.at && grows:
		return "full"
	case plan.mode != "full" && plan.done == plan.at:
		return plan.mode
	}
	return ""
}

// fault counts an operation that is not a write and returns its error if it is
// to fail. It does not return if the process is to end.
func fault(op, path string) error {
	switch next(op, path) {
	case "":
		return nil
	case "full":
		return &fs.PathError{Op: op, Path: path, Err: syscall.ENOSPC}
	case "fail", "short":
		return &fs.PathError{Op: op, Path: path, Err: syscall.EIO}
	case "kill", "torn":
		die()
	}
	panic("disk: unknown mode of CSDM_FAULT: " + plan.mode)
}

// die ends the process like kill -9.
func die() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {}
}

// write counts a write and makes it by do, with the specified fault.
func (f *File) write(b []byte, do func([]byte) (int, error)) (int, error) {
	failed := func(n int, err error) (int, error) {
		return n, &fs.PathError{Op: opWrite, Path: f.Name(), Err: err}
	}
	switch next(opWrite, f.Name()) {
	case "":
		return do(b)
	case "full":
		return failed(0, syscall.ENOSPC)
	case "fail":
		return failed(0, syscall.EIO)
	case "short":
		n, _ := do(b[:len(b)/2])
		return failed(n, syscall.ENOSPC)
	case "torn":
		_, _ = do(b[:len(b)/2])
		die()
	case "kill":
		die()
	}
	panic("disk: unknown mode of CSDM_FAULT: " + plan.mode)
}

// Write writes b, or fails or stops halfway as a test demands.
func (f *File) Write(b []byte) (int, error) { return f.write(b, f.File.Write) }

// WriteString is Write for a string: the embedded method would bypass the
// faults of tests.
func (f *File) WriteString(s string) (int, error) { return f.Write([]byte(s)) }

// WriteAt is Write at an offset.
func (f *File) WriteAt(b []byte, at int64) (int, error) {
	return f.write(b, func(b []byte) (int, error) { return f.File.WriteAt(b, at) })
}

// ReadFrom prevents io.Copy from bypassing Write.
func (f *File) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{f}, r)
}

// Sync syncs the file, unless a test demands a fault.
func (f *File) Sync() error {
	if err := fault(opSync, f.Name()); err != nil {
		return err
	}
	return f.File.Sync()
}

// Truncate sets the size of the file, unless a test demands a fault.
func (f *File) Truncate(size int64) error {
	if err := fault(opTruncate, f.Name()); err != nil {
		return err
	}
	return f.File.Truncate(size)
}

// Close counts as an operation, because a full network file system may report
// the error only then. A file that fails to close is closed.
func (f *File) Close() error {
	if !f.reads {
		if err := fault(opClose, f.Name()); err != nil {
			_ = f.File.Close()
			return err
		}
	}
	return f.File.Close()
}
