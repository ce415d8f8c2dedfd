//go:build unix

package docs

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// command runs a command in a folder and fails the test with all that it
// printed. A command that takes longer than five minutes is ended, with its
// children: it needs a mark. It returns the CPU time.
func command(t *testing.T, dir string, env []string, name string, args ...string) time.Duration {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, bytes.TrimSpace(out))
	}
	if cmd.ProcessState == nil { // it was not started
		return 0
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// TestCommands runs the blocks of shell commands that carry no mark. The blocks
// of one page run in one folder. CONTRIBUTING.md explains the mark.
func TestCommands(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Fatal("the commands of the pages need sh in PATH")
	}
	repository, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	command(t, repository, nil, "go", "build", "-o", filepath.Join(bin, "csdm"), "./cmd/csdm")
	if t.Failed() {
		return
	}
	path := "PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH")
	run, total := 0, time.Duration(0)
	for _, name := range pages(t) {
		page, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		found, faults := blocks(string(page))
		for _, fault := range faults {
			t.Errorf("%s: %s", name, fault)
		}
		var dir string
		for _, b := range found {
			if b.language != "sh" || b.mark != "" {
				continue
			}
			if dir == "" {
				dir = workplace(t, repository)
			}
			run++
			before := t.Failed()
			spent := command(t, dir, []string{path}, "sh", "-euc", b.text)
			total += spent
			t.Logf("%s:%d took %.1f s of CPU", name, b.line, spent.Seconds())
			if t.Failed() && !before {
				t.Errorf("%s:%d: the commands above fail:\n%s", name, b.line, b.text)
				break // what follows on this page may need their files
			}
		}
	}
	t.Logf("%d blocks took %.0f s of CPU", run, total.Seconds())
	if run < 10 {
		t.Errorf("only %d blocks were run", run)
	}
}

// workplace returns a folder that holds nothing but models and examples, which
// the commands of the pages read.
func workplace(t *testing.T, repository string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"models", "examples"} {
		if err := os.Symlink(filepath.Join(repository, name),
			filepath.Join(dir, name)); err != nil {
			t.Fatalf("the pages need links to models and examples: %v", err)
		}
	}
	return dir
}
