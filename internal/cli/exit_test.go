package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"csdm/internal/format"
)

func TestCode(t *testing.T) {
	dir := t.TempDir()
	_, missing := os.Open(filepath.Join(dir, "none"))
	there := filepath.Join(dir, "there.npy")
	if err := os.WriteFile(there, []byte("no array"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, exists := os.OpenFile(there, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	_, damaged := format.ReadArrayFile(there)
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	plain := errors.New("x")
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{Usage(plain), 64},
		{Data(plain), 65},
		{plain, 70},
		{Exists(plain), 73},
		{IO(plain), 74},
		{Config(plain), 78},
		{damaged, 65},
		{missing, 66},
		{exists, 73},
		{&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, 74},
		{syscall.EIO, 74},
		{os.NewSyscallError("fsync", syscall.EIO), 74},
		{ErrStopped, 75},
		{canceled.Err(), 130},
		{&SignalError{syscall.SIGTERM}, 143},
		{context.DeadlineExceeded, 124},
		{fmt.Errorf("%w (%w)", ErrUnsaved, context.DeadlineExceeded), 124},
		{fmt.Errorf("%w (%w)", ErrStopped, context.DeadlineExceeded), 75},
		{Usage(missing), 64},                       // the outer mark decides
		{Config(fmt.Errorf("a: %w", damaged)), 78}, // at any depth
	} {
		for _, err := range []error{c.err, fmt.Errorf("while at it: %w", c.err)} {
			if c.err == nil {
				err = nil
			}
			if got := Code(err); got != c.want {
				t.Errorf("%v (%T): code %d, want %d", err, c.err, got, c.want)
			}
		}
	}
	if Usage(nil) != nil {
		t.Error("Usage(nil) is an error")
	}
	if !errors.Is(Data(missing), fs.ErrNotExist) {
		t.Error("the mark hides the cause")
	}
}

func TestExitSaysWhatAndWhatToDo(t *testing.T) {
	for _, c := range []struct {
		err  error
		code int
		says []string
	}{
		{nil, 0, nil},
		{Usage(errors.New("--n 0")), 64, []string{"csdm: --n 0", "csdm --help"}},
		{&fs.PathError{Op: "write", Path: "out.npz", Err: fs.ErrExist}, 73,
			[]string{"out.npz", "--overwrite"}},
		{ErrStopped, 75, []string{"run the same command again"}},
	} {
		var b bytes.Buffer
		if code := Exit(&b, "csdm", c.err); code != c.code {
			t.Errorf("%v: code %d, want %d", c.err, code, c.code)
		}
		for _, s := range c.says {
			if !strings.Contains(b.String(), s) {
				t.Errorf("%v: printed %q, want %q in it", c.err, b.String(), s)
			}
		}
		if c.err == nil && b.Len() > 0 {
			t.Errorf("success printed %q", b.String())
		}
	}
}
