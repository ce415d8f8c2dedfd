package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"csdm/internal/format"
)

// The exit codes, after BSD's sysexits.h.
const (
	ExitOK       = 0
	ExitUsage    = 64 // the command line is wrong
	ExitData     = 65 // a file is damaged or does not hold what is needed
	ExitNoInput  = 66 // a file is not there
	ExitSoftware = 70 // a defect of the program
	ExitExists   = 73 // an output is there already
	ExitIO       = 74 // the disk is full or fails
	ExitStopped  = 75 // stopped after a good checkpoint: the same command again goes on
	ExitConfig   = 78 // a configuration file or an environment variable is wrong
)

// ErrStopped is what a resumable verb returns (wrapped or as it is) when a signal or its time limit has stopped
// it and everything done so far is safe on disk.
var ErrStopped = errors.New("stopped at a good checkpoint; run the same command again to go on")

// coded is an error with an exit code of its own.
type coded struct {
	code int
	err  error
}

func (c *coded) Error() string { return c.err.Error() }
func (c *coded) Unwrap() error { return c.err }

func withCode(code int, err error) error {
	if err == nil {
		return nil
	}
	return &coded{code, err}
}

// Usage marks err as a wrong command line. Like its siblings it returns nil for nil.
func Usage(err error) error { return withCode(ExitUsage, err) }

// Data marks err as bad content of a file.
func Data(err error) error { return withCode(ExitData, err) }

// NoInput marks err as a missing input.
func NoInput(err error) error { return withCode(ExitNoInput, err) }

// Exists marks err as the refusal to overwrite an output.
func Exists(err error) error { return withCode(ExitExists, err) }

// IO marks err as a failure of disk or pipe.
func IO(err error) error { return withCode(ExitIO, err) }

// Config marks err as a wrong configuration file or environment variable.
func Config(err error) error { return withCode(ExitConfig, err) }

// Code returns the exit code of err. The outermost mark decides. Without one, ErrStopped and a cancelled or
// expired context give 75, *format.Error 65, fs.ErrNotExist 66, fs.ErrExist 73, any other complaint of
// the operating system 74, and all else 70.
func Code(err error) int {
	if err == nil {
		return ExitOK
	}
	if c, ok := errors.AsType[*coded](err); ok {
		return c.code
	}
	if errors.Is(err, ErrStopped) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return ExitStopped
	}
	if _, ok := errors.AsType[*format.Error](err); ok {
		return ExitData
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ExitNoInput
	case errors.Is(err, fs.ErrExist):
		return ExitExists
	case isSystem(err):
		return ExitIO
	}
	return ExitSoftware
}

func isSystem(err error) bool {
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*os.LinkError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*os.SyscallError](err); ok {
		return true
	}
	if _, ok := errors.AsType[syscall.Errno](err); ok {
		return true
	}
	return errors.Is(err, io.ErrShortWrite) || errors.Is(err, io.ErrClosedPipe)
}

// Exit prints err, if there is one, as a line of the program's on w, and returns its exit code.
func Exit(w io.Writer, program string, err error) int {
	code := Code(err)
	switch {
	case code == ExitOK:
	case code == ExitUsage && !strings.Contains(err.Error(), "--help"):
		fmt.Fprintf(w, "%s: %v\nSee %s --help.\n", program, err, program)
	case code == ExitExists && errors.Is(err, fs.ErrExist): // other refusals are not for --overwrite to lift, and say themselves what to do
		fmt.Fprintf(w, "%s: %v; choose another output or say --overwrite\n", program, err)
	case code == ExitSoftware:
		fmt.Fprintf(w, "%s: %v\nThis is a defect of %s; please report it with the command that shows it.\n", program, err, program)
	default:
		fmt.Fprintf(w, "%s: %v\n", program, err)
	}
	return code
}
