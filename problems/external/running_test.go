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

// TestEndWith ends programs that hang, one of which ignores SIGTERM: the call
// returns the context's error soon, and no program starts after it.
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

// TestOrphanChild is no test: it is the process that TestOrphan kills while its
// program hangs.
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

// TestOrphan kills a process whose program hangs: the program ends as well,
// where the system can see to it, and its folder is swept by the next one.
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
	// The program says who it is before it becomes the one of the other tests.
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
		t.Fatalf("the child says %q", lines.Text())
	}
	time.Sleep(100 * time.Millisecond) // the program is deaf by then, or dies all the sooner
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it says that it was killed
	number, err := os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}
	var program int
	fmt.Sscan(string(number), &program)
	for deadline := time.Now().Add(10 * time.Second); alive(program); time.Sleep(
		10 * time.Millisecond) {
		if time.Now().After(deadline) {
			_ = syscall.Kill(program, syscall.SIGKILL)
			t.Fatalf("program %d lives on", program)
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
		// A second one may not take the first one's folder, however old it is.
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

// alive reports whether a process runs. One that has ended and that nobody has
// waited for does not.
func alive(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(status), ") ")
	return !strings.HasPrefix(after, "Z")
}

// TestSweepAge: of folders whose lock nobody holds, a young one may be one that
// is just being made, and stays.
func TestSweepAge(t *testing.T) {
	g := newGenerator(t, definition(t, "pair", "")) // names another folder for temporaries
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
