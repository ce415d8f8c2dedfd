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
	ExitStopped  = 75 // stopped after saving: the same command again resumes
	ExitConfig   = 78 // a configuration file or an environment variable is wrong

	// Stopped with nothing saved that the same command would resume from. These
	// are the codes of timeout(1) and of shells, and a script that repeats on
	// 75 ends.
	ExitTimeLimit = 124 // by the time limit
	ExitSignal    = 128 // plus the number of the signal
)

// ErrStopped is what a verb returns (wrapped or as it is) when a signal or its
// time limit has stopped it, after it has saved work that the same command
// resumes from.
var ErrStopped = errors.New("stopped after saving; run the same command again to resume")

// ErrUnsaved is what a verb returns when it was stopped and has saved nothing.
// It wraps nothing that says how: join the cause.
var ErrUnsaved = errors.New("stopped before anything was saved: the same command would begin " +
	"where this call began")

// SignalError is the cause of a context that a signal ended.
type SignalError struct{ Signal os.Signal }

func (e *SignalError) Error() string {
	return fmt.Sprintf("%v by signal %v", context.Canceled, e.Signal)
}
func (e *SignalError) Unwrap() error { return context.Canceled }

// stoppedCode returns the exit code of what stopped a call that saved nothing.
func stoppedCode(err error) int {
	if s, ok := errors.AsType[*SignalError](err); ok {
		if n, ok := s.Signal.(syscall.Signal); ok {
			return ExitSignal + int(n)
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return ExitTimeLimit
	}
	return ExitSignal + int(syscall.SIGINT)
}

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

// Usage marks err as a wrong command line. Like its siblings it returns nil for
// nil.
func Usage(err error) error { return withCode(ExitUsage, err) }

// Data marks err as bad content of a file.
func Data(err error) error { return withCode(ExitData, err) }

// Exists marks err as the refusal to overwrite an output.
func Exists(err error) error { return withCode(ExitExists, err) }

// IO marks err as a failure of disk or pipe.
func IO(err error) error { return withCode(ExitIO, err) }

// Config marks err as a wrong configuration file or environment variable.
func Config(err error) error { return withCode(ExitConfig, err) }

// Code returns the exit code of err. The outermost mark decides. Without one,
// ErrStopped gives 75, a cancelled or expired context ExitSignal plus the
// signal or ExitTimeLimit, *format.Error 65, fs.ErrNotExist 66, fs.ErrExist 73,
// any other complaint of the operating system 74, and all else 70.
func Code(err error) int {
	if err == nil {
		return ExitOK
	}
	if c, ok := errors.AsType[*coded](err); ok {
		return c.code
	}
	if errors.Is(err, ErrStopped) {
		return ExitStopped
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return stoppedCode(err)
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

// Exit prints err, if there is one, as a line of the program's on w, and
// returns its exit code.
func Exit(w io.Writer, program string, err error) int {
	code := Code(err)
	switch {
	case code == ExitOK:
	case code == ExitUsage && !strings.Contains(err.Error(), "--help"):
		fmt.Fprintf(w, "%s: %v\nSee %s --help.\n", program, err, program)
	case code == ExitExists && errors.Is(err, fs.ErrExist):
		// other refusals are not for --overwrite to lift, and say themselves
		// what to do
		fmt.Fprintf(w, "%s: %v; choose another output or say --overwrite\n", program, err)
	case code == ExitSoftware:
		fmt.Fprintf(w,
			"%s: %v\nThis is a defect of %s; please report it with the command that shows it.\n",
			program, err, program)
	default:
		fmt.Fprintf(w, "%s: %v\n", program, err)
	}
	return code
}
