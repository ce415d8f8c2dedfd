//go:build faults

package disk

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestMain makes the test binary a program that changes files, in which a fault
// can be planned.
func TestMain(m *testing.M) {
	if dir := os.Getenv("DISK_TEST_DIR"); dir != "" {
		if err := change(dir); err != nil {
			os.Stdout.WriteString(err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// operations lists the operations of change, in their order.
var operations = []string{opMkdir, opCreate, opWrite, opWrite, opWrite, opTruncate, opSync, opClose,
	opRename, opRename, opRemove}

func change(dir string) error {
	dir = filepath.Join(dir, "new")
	if err := MkdirAll(dir); err != nil {
		return err
	}
	path := filepath.Join(dir, "a")
	f, err := Create(path)
	if err != nil {
		return err
	}
	if _, err := f.WriteString("0123456789"); err != nil {
		return err
	}
	if _, err := f.WriteAt([]byte("abcd"), 10); err != nil {
		return err
	}
	if _, err := io.Copy(f, io.LimitReader(strings.NewReader("XY"), 2)); err != nil {
		return err
	}
	if err := f.Truncate(13); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := Rename(path, path+"1"); err != nil {
		return err
	}
	if err := RenameNew(path+"1", path+"2"); err != nil {
		return err
	}
	if f, err = OpenFile(path+"2", os.O_RDONLY, 0); err != nil { // not an operation
		return err
	}
	f.Close()
	return Remove(path + "2")
}

func TestFaults(t *testing.T) {
	for n := 1; n <= len(operations)+1; n++ {
		for _, mode := range []string{"fail", "short", "full", "kill", "torn"} {
			dir := t.TempDir()
			log := filepath.Join(dir, "log")
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "DISK_TEST_DIR="+dir, "CSDM_FAULT_LOG="+log,
				"CSDM_FAULT="+mode+" "+strconv.Itoa(n))
			out, err := cmd.Output()
			text, _ := os.ReadFile(log)
			var done []string
			for line := range strings.Lines(string(text)) {
				done = append(done, strings.Fields(line)[0])
			}
			reached := n
			if mode == "full" { // the next operation that needs space
				for reached <= len(operations) && !strings.Contains("create write mkdir",
					operations[reached-1]) {
					reached++
				}
			}
			want := operations[:min(reached, len(operations))]
			if strings.Join(done, " ") != strings.Join(want, " ") {
				t.Fatalf("%s %d: did %v, want %v", mode, n, done, want)
			}
			checkEnd(t, mode, reached, cmd.ProcessState.Sys().(syscall.WaitStatus), string(out),
				err)
			checkHalf(t, mode, reached, filepath.Join(dir, "new", "a"))
		}
	}
}

// checkEnd checks that the process is killed, reports the error, or succeeds
// because there is no such operation.
func checkEnd(t *testing.T, mode string, n int, status syscall.WaitStatus, out string, err error) {
	t.Helper()
	killed := mode == "kill" || mode == "torn"
	switch {
	case n > len(operations):
		if err != nil {
			t.Errorf("%s %d, beyond the last operation: %v", mode, n, err)
		}
	case killed:
		if !status.Signaled() || status.Signal() != syscall.SIGKILL {
			t.Errorf("%s %d: ended with %v", mode, n, err)
		}
	default:
		want := syscall.EIO
		if mode == "full" || mode == "short" && operations[n-1] == opWrite {
			want = syscall.ENOSPC
		}
		if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 ||
			!strings.Contains(out, want.Error()) {
			t.Errorf("%s %d: ended with %v and %q, want %v", mode, n, err, out, want)
		}
	}
}

// checkHalf checks the data left by the first write, which is the third
// operation.
func checkHalf(t *testing.T, mode string, n int, path string) {
	t.Helper()
	if n != 3 {
		return
	}
	want := ""
	if mode == "short" || mode == "torn" {
		want = "01234"
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, []byte(want)) {
		t.Errorf("%s leaves %q (%v), want %q", mode, got, err, want)
	}
}
