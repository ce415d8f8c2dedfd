//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package filelock

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"csdm/internal/disk"
)

// failing makes the system's lock fail with an error, as on a file system
// without locks, for the duration of a test.
func failing(t *testing.T, err error) {
	t.Helper()
	system = func(int, int) error { return err }
	t.Cleanup(func() { system = syscall.Flock })
}

func held(err error) *HeldError {
	h, _ := errors.AsType[*HeldError](err)
	return h
}

func silent(string) {}

// TestTake checks that one of two processes gets the lock, and the other gets
// it when the first has released or closed it.
func TestTake(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	f, l, err := Open(path, func(line string) { t.Errorf("note %q", line) })
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Open(path, silent); held(err) == nil ||
		!strings.Contains(err.Error(), "another csdm process is at work") {
		t.Errorf("second: %v", err)
	}
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
	g, _, err := Open(path, silent)
	if err != nil {
		t.Errorf("after the release: %v", err)
	}
	g.Close()
	if h, _, err := Open(path, silent); err != nil {
		t.Errorf("after the closing: %v", err)
	} else {
		h.Close()
	}
	f.Close()
}

// TestNoLocks checks, for each error with which a file system reports that it
// has no locks, that this is reported, and that a file with an owner replaces
// the lock.
func TestNoLocks(t *testing.T) {
	for _, none := range []error{syscall.ENOSYS, syscall.ENOTSUP, syscall.EOPNOTSUPP,
		syscall.ENOLCK} {
		failing(t, none)
		path := filepath.Join(t.TempDir(), "lock")
		var notes []string
		f, l, err := Open(path, func(line string) { notes = append(notes, line) })
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if len(notes) != 1 || !strings.Contains(notes[0], "has no locks") ||
			!strings.Contains(notes[0], path+".owner") ||
			!strings.Contains(notes[0], none.Error()) {
			t.Errorf("%v: notes %q", none, notes)
		}
		_, _, err = Open(path, silent)
		if h := held(err); h == nil || !strings.Contains(h.Owner, "process "+
			strconv.Itoa(os.Getpid())) || h.Sign != path+".owner" ||
			!strings.Contains(err.Error(), "remove "+path+".owner") {
			t.Errorf("%v: second: %v", none, err)
		}
		if err := l.Release(); err != nil {
			t.Fatal(err)
		}
		if g, l, err := Open(path, silent); err != nil || l.Release() != nil || g.Close() != nil {
			t.Errorf("%v: after the release: %v", none, err)
		}
		if _, err := os.Stat(path + ".owner"); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%v: the sign is left behind: %v", none, err)
		}
	}
	failing(t, syscall.EIO)
	if _, _, err := Open(filepath.Join(t.TempDir(), "lock"), silent); !errors.Is(err, syscall.EIO) {
		t.Errorf("an error of the disk: %v", err)
	}
}

// TestStaleSign checks that a sign of a process that has ended is taken over,
// and no other one.
func TestStaleSign(t *testing.T) {
	failing(t, syscall.ENOLCK)
	child := exec.Command("true")
	if err := child.Run(); err != nil {
		t.Fatal(err)
	}
	host := self().Host
	old := time.Now().Add(-time.Hour)
	for name, c := range map[string]struct {
		text  string
		age   time.Time
		taken bool
	}{
		"ended": {`{"host":"` + host + `","pid":` + strconv.Itoa(child.Process.Pid) +
			`,"time":"2026-01-02T03:04:05Z"}`, old, true},
		"at work": {`{"host":"` + host + `","pid":1,"time":"2026-01-02T03:04:05Z"}`,
			old, false},
		"of another host": {`{"host":"` + host + `-2","pid":` +
			strconv.Itoa(child.Process.Pid) + `,"time":"2026-01-02T03:04:05Z"}`, old, false},
		"unsigned, new":        {"", time.Now(), false},
		"unsigned, old":        {"", old, true},
		"half written, of old": {`{"host":"`, old, true},
	} {
		path := filepath.Join(t.TempDir(), "lock")
		if err := os.WriteFile(path+".owner", []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path+".owner", c.age, c.age); err != nil {
			t.Fatal(err)
		}
		f, l, err := Open(path, silent)
		if taken := err == nil; taken != c.taken || !taken && held(err) == nil {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			l.Release()
			f.Close()
		}
		if left, _ := filepath.Glob(path + "*stale"); left != nil {
			t.Errorf("%s: left %v", name, left)
		}
	}
}

// TestHold checks many processes at once, with locks and without: never two at
// a time, each gets the lock, and no file is left.
func TestHold(t *testing.T) {
	for _, none := range []error{nil, syscall.ENOLCK} {
		if none != nil {
			failing(t, none)
		}
		dir := t.TempDir()
		path := filepath.Join(dir, ".lock")
		var inside, entered, told atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				release, err := Hold(context.Background(), path, func(line string) {
					if strings.HasPrefix(line, "waiting for another csdm process") {
						told.Add(1)
					}
				})
				if err != nil {
					t.Error(err)
					return
				}
				if inside.Add(1) > 1 {
					t.Error("two are inside")
				}
				time.Sleep(5 * time.Millisecond)
				entered.Add(1)
				inside.Add(-1)
				if err := release(); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		entries, err := os.ReadDir(dir)
		if entered.Load() != 8 || told.Load() == 0 || err != nil || len(entries) != 0 {
			t.Errorf("%v: %d entered, %d waited, left %v, %v", none, entered.Load(), told.Load(),
				entries, err)
		}
	}
	// A waiting process can be stopped, and reports whom it waits for.
	system = syscall.Flock
	path := filepath.Join(t.TempDir(), ".lock")
	release, err := Hold(context.Background(), path, silent)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	ctx, cancel := context.WithCancel(context.Background())
	_, err = Hold(ctx, path, func(line string) {
		if !strings.Contains(line, "process "+strconv.Itoa(os.Getpid())+" on ") {
			t.Errorf("note %q", line)
		}
		cancel()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if f, err := disk.OpenFile(path, os.O_RDWR, 0); err != nil {
		t.Errorf("a stopped process removed the lock: %v", err)
	} else {
		f.Close()
	}
}
