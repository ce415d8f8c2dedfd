package format

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
)

// Error reports a fault in the content of a file: it is damaged, cut short, too
// large or of a kind that is not supported. Errors of the disk never have this
// type.
type Error struct {
	Path string // the file, empty if the bytes had no name
	// The array or tensor within the file, empty if the file holds only one or
	// the fault concerns the whole file.
	Entry string
	// Byte of the fault (within the entry if it is compressed), −1 if the fault
	// has no single byte.
	Offset int64
	What   string // the fault and, where it helps, the correct form
	Err    error  // error of a lower layer, or nil
}

// Error names path, entry and byte of the fault, as far as they are known.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Path != "" {
		b.WriteString(e.Path + ": ")
	}
	if e.Entry != "" {
		fmt.Fprintf(&b, "%q: ", e.Entry)
	}
	b.WriteString(e.What)
	if e.Offset >= 0 {
		fmt.Fprintf(&b, " (at byte %d)", e.Offset)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause, such as io.ErrUnexpectedEOF; nil if the content is
// at fault.
func (e *Error) Unwrap() error { return e.Err }

// bad returns an Error without a byte.
func bad(what string, args ...any) error {
	return &Error{Offset: -1, What: fmt.Sprintf(what, args...)}
}

// badAt returns an Error at a byte.
func badAt(offset int64, what string, args ...any) error {
	return &Error{Offset: offset, What: fmt.Sprintf(what, args...)}
}

// within adds the names of the file and the entry to an error that does not
// have them yet. It wraps errors that are not about content, so that errors.Is
// still finds their cause.
//
// It copies the Error before it changes it: a reader may return the same value
// twice.
func within(path, entry string, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		named := *e
		if named.Path == "" {
			named.Path = path
		}
		if named.Entry == "" {
			named.Entry = entry
		}
		return &named
	}
	if path == "" {
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// readFull fills b from r. An early end and errors of a decompressor are an
// Error; errors of the operating system are returned unchanged.
//
// Exit codes depend on this distinction: bad data is 65 and a bad disk 74.
func readFull(r io.Reader, b []byte, offset int64) error {
	n, err := io.ReadFull(r, b)
	return readError(n, len(b), offset, err)
}

// readError distinguishes a bad file from a bad disk, after n of want bytes
// were read at offset.
func readError(n, want int, offset int64, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return badAt(offset+int64(n), "ends early: %d more bytes expected", want-n)
	}
	if isSystem(err) {
		return err
	}
	return &Error{Offset: offset + int64(n), What: "cannot be decoded", Err: err}
}

// isSystem reports whether an error is the operating system's. A *fs.PathError
// without a number of the system is not: package os returns one for reading at
// an offset below 0, which a damaged file may cause.
//
// A number of the system, such as EIO, is an error of the disk or of
// permissions. Anything else that a decompressor returns is due to the bytes.
func isSystem(err error) bool {
	_, ok := errors.AsType[syscall.Errno](err)
	return ok
}
