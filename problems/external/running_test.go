//go:build unix

package external_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"csdm/problems"
	"csdm/problems/external"
)

// TestEndWith ends programs that hang, one of which ignores SIGTERM. The call
// must return the context's error soon, and no program may start after it.
func TestEndWith(t *testing.T) {
	x, y := make([]float64, rows*cols), make([]float64, 2*rows*cols)
	for _, kind := range []string{"hang", "deaf", "child"} {
		t.Run(kind, func(t *testing.T) {
			g := newGenerator(t, definition(t, "pair", kind))
			cause := errors.New("time limit of 1s")
			ctx, cancel := context.WithTimeoutCause(context.Background(), time.Second, cause)
			defer cancel()
			release := external.EndWith(ctx)
			start := time.Now()
			err := g.Pair(x, y, 1, broken)
			if d := time.Since(start); !errors.Is(err, cause) ||
				!errors.Is(err, context.DeadlineExceeded) || d > 8*time.Second {
				t.Errorf("after %v: %v", d, err)
			}
			if err := g.Pair(x, y, 1, 0); !errors.Is(err, cause) {
				t.Errorf("a program was started: %v", err)
			}
			release()
			if err := g.Pair(x, y, 1, 0); err != nil {
				t.Errorf("after the release: %v", err)
			}
		})
	}
}

const orphanVariable = "CSDM_TEST_ORPHAN"

// TestOrphanChild is not a test: it is the process that TestOrphan kills while
// its program hangs.
func TestOrphanChild(t *testing.T) {
	path := os.Getenv(orphanVariable)
	if path == "" {
		return
	}
	p, err := problem(path, problems.Options{})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, rows*cols), make([]float64, 2*rows*cols)
	if err := g.Pair(x, y, 1, 0); err != nil {
		t.Fatal(err)
	}
	fmt.Println("ready")
	_ = g.Pair(x, y, 1, broken) // does not return
}

// TestOrphan kills a process whose program hangs. The program must end as well,
// where the system supports this, and the next process must sweep its folder.
func TestOrphan(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the system does not end a child with its parent")
	}
	scratch := t.TempDir()
	pid := filepath.Join(scratch, "pid")
	definition := definition(t, "pair", "deaf")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The program prints its process id before it becomes the program of the
	// other tests.
	text, err := os.ReadFile(definition)
	if err != nil {
		t.Fatal(err)
	}
	wrapped := strings.Replace(string(text), "command = [",
		fmt.Sprintf(`command = ["sh", "-c", "echo $$ > %s; exec \"$0\" \"$@\"", `, pid), 1)
	if err := os.WriteFile(definition, []byte(wrapped), 0o666); err != nil {
		t.Fatal(err)
	}
	child := exec.Command(self, "-test.run=^TestOrphanChild$")
	child.Env = append(os.Environ(), orphanVariable+"="+definition, "TMPDIR="+scratch)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if lines := bufio.NewScanner(out); !lines.Scan() || lines.Text() != "ready" {
		t.Fatalf("the child printed %q", lines.Text())
	}
	time.Sleep(100 * time.Millisecond) // by then the program ignores SIGTERM
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // its error states that it was killed
	number, err := os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}
	var program int
	fmt.Sscan(string(number), &program)
	deadline := time.Now().Add(10 * time.Second)
	for ; alive(program); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			_ = syscall.Kill(program, syscall.SIGKILL)
			t.Fatalf("program %d is still running", program)
		}
	}

	left := exchangeFolders(t, scratch)
	if len(left) != 1 {
		t.Fatalf("folders %v, want the one of the process that was killed", left)
	}
	t.Setenv("TMPDIR", scratch)
	pair := func() {
		p, err := problem(definition, problems.Options{})
		if err != nil {
			t.Fatal(err)
		}
		g, err := p.NewGenerator()
		if err != nil {
			t.Fatal(err)
		}
		defer g.(interface{ Close() error }).Close()
		if err := g.Pair(make([]float64, rows*cols), make([]float64, 2*rows*cols), 1,
			0); err != nil {
			t.Fatal(err)
		}
		// A second process must not remove the first one's folder, however old
		// it is.
		for _, folder := range exchangeFolders(t, scratch) {
			old := time.Now().Add(-time.Hour)
			if err := os.Chtimes(filepath.Join(folder, "lock"), old, old); err != nil {
				t.Fatal(err)
			}
		}
		other, err := p.NewGenerator()
		if err != nil {
			t.Fatal(err)
		}
		defer other.(interface{ Close() error }).Close()
		for range 2 {
			if err := other.Pair(make([]float64, rows*cols), make([]float64, 2*rows*cols), 1,
				0); err != nil {
				t.Fatal(err)
			}
			if err := g.Pair(make([]float64, rows*cols), make([]float64, 2*rows*cols), 1,
				1); err != nil {
				t.Fatal(err)
			}
		}
	}
	pair()
	if left := exchangeFolders(t, scratch); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func exchangeFolders(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "csdm-exchange-*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// alive reports whether a process runs. A process that has ended but has not
// been waited for does not count.
func alive(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(status), ") ")
	return !strings.HasPrefix(after, "Z")
}

// TestSweepAge checks that a young folder without a lock stays, because it may
// have just been made.
func TestSweepAge(t *testing.T) {
	g := newGenerator(t, definition(t, "pair", "")) // uses another folder for temporary files
	scratch := t.TempDir()
	t.Setenv("TMPDIR", scratch)
	young, old := filepath.Join(scratch, "csdm-exchange-young"),
		filepath.Join(scratch, "csdm-exchange-old")
	for folder, age := range map[string]time.Duration{young: 0, old: time.Hour} {
		lock := filepath.Join(folder, "lock")
		when := time.Now().Add(-age)
		if err := errors.Join(os.Mkdir(folder, 0o777), os.WriteFile(lock, nil, 0o666),
			os.Chtimes(lock, when, when)); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Pair(make([]float64, rows*cols), make([]float64, 2*rows*cols), 1, 0); err != nil {
		t.Fatal(err)
	}
	_, kept := os.Stat(young)
	if _, swept := os.Stat(old); kept != nil || !errors.Is(swept, os.ErrNotExist) {
		t.Errorf("young: %v, old: %v", kept, swept)
	}
}
