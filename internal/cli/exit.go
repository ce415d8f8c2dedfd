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
	ExitData     = 65 // a file is damaged or lacks required content
	ExitNoInput  = 66 // a file is missing
	ExitSoftware = 70 // a defect of the program
	ExitExists   = 73 // an output already exists
	ExitIO       = 74 // the disk is full or has failed
	ExitStopped  = 75 // stopped after saving: the same command again resumes
	ExitConfig   = 78 // a configuration file or an environment variable is wrong

	// Stopped, with nothing saved from which the same command would resume.
	// These are the codes of timeout(1) and of shells; a script that repeats on
	// 75 ends.
	ExitTimeLimit = 124 // by the time limit
	ExitSignal    = 128 // plus the number of the signal
)

// ErrStopped is returned by a verb (wrapped or not) that a signal or its time
// limit has stopped, after the verb has saved work from which the same command
// resumes.
var ErrStopped = errors.New("stopped after saving; run the same command again to resume")

// ErrUnsaved is returned by a verb that was stopped and has saved nothing. It
// does not wrap the cause; join the cause.
var ErrUnsaved = errors.New("stopped before anything was saved: the same command would begin " +
	"where this call began")

// SignalError is the cause of a context that was ended by a signal.
type SignalError struct{ Signal os.Signal }

// Error names the signal.
func (e *SignalError) Error() string {
	return fmt.Sprintf("%v by signal %v", context.Canceled, e.Signal)
}

// Unwrap makes errors.Is(err, context.Canceled) true, as for other ends of a
// context.
func (e *SignalError) Unwrap() error { return context.Canceled }

// stoppedCode returns the exit code for the cause that stopped a call with
// nothing saved.
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

// coded is an error with its own exit code.
type coded struct {
	code int
	err  error
}

// Error returns the text of the marked error: a code adds none.
func (c *coded) Error() string { return c.err.Error() }

// Unwrap returns the marked error.
func (c *coded) Unwrap() error { return c.err }

func withCode(code int, err error) error {
	if err == nil {
		return nil
	}
	return &coded{code, err}
}

// Usage marks err as caused by a wrong command line. Like the functions below,
// it returns nil for nil.
func Usage(err error) error { return withCode(ExitUsage, err) }

// Data marks err as caused by the content of a file.
func Data(err error) error { return withCode(ExitData, err) }

// Exists marks err as the refusal to overwrite an output.
func Exists(err error) error { return withCode(ExitExists, err) }

// IO marks err as a failure of a disk or pipe.
func IO(err error) error { return withCode(ExitIO, err) }

// Config marks err as caused by a configuration file or an environment
// variable.
func Config(err error) error { return withCode(ExitConfig, err) }

// Code returns the exit code of err. The outermost mark decides. Without a
// mark, ErrStopped gives 75, a canceled or expired context ExitSignal plus the
// signal or ExitTimeLimit, *format.Error 65, fs.ErrNotExist 66, fs.ErrExist 73,
// any other error of the operating system 74, and all others 70.
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

// Exit prints err, if there is one, on w with the name of the program, and
// returns its exit code.
func Exit(w io.Writer, program string, err error) int {
	code := Code(err)
	switch {
	case code == ExitOK:
	case code == ExitUsage && !strings.Contains(err.Error(), "--help"):
		fmt.Fprintf(w, "%s: %v\nSee %s --help.\n", program, err, program)
	case code == ExitExists && errors.Is(err, fs.ErrExist):
		// --overwrite does not help with other refusals, which state the way
		// out themselves.
		fmt.Fprintf(w, "%s: %v; choose another output or add --overwrite\n", program, err)
	case code == ExitSoftware:
		fmt.Fprintf(w,
			"%s: %v\nThis is a defect of %s; please report it with the command that shows it.\n",
			program, err, program)
	default:
		fmt.Fprintf(w, "%s: %v\n", program, err)
	}
	return code
}
