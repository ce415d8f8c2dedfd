//go:build unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"csdm/internal/cli"
)

// TestStopsProgram stops csdm while its program hangs and ignores SIGTERM, by a
// signal and by a time limit: the call ends within 10 s, and so does the
// program. The pairs made before are kept, and the exit code shows it.
func TestStopsProgram(t *testing.T) {
	const hangs = `    if [ "$id" = 3 ]; then echo $$ > hanging; while :; do sleep 1000; done; fi
    if awk`
	source := fibres(t, "while read", "trap '' TERM\nwhile read", "    if awk", hangs)
	for name, c := range map[string]struct {
		args string
		send syscall.Signal
	}{
		"data-limit":   {"data --n 64 --time-limit 2s", 0},
		"data-term":    {"data --n 64", syscall.SIGTERM},
		"data-hangup":  {"data --n 64", syscall.SIGHUP},
		"data-twofold": {"data --n 64", syscall.SIGUSR2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // it waits for the program most of the time
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(filepath.Dir(source))); err != nil {
				t.Fatal(err)
			}
			toml := filepath.Join(dir, filepath.Base(source))
			hanging := filepath.Join(dir, "hanging")
			out := filepath.Join(dir, name)
			cmd := program(t, append(strings.Fields(c.args), "--problem", toml, "--threads", "1",
				"-o", out)...)
			var stderr strings.Builder
			cmd.Stderr = &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			for deadline := time.Now().Add(20 * time.Second); len(readOr(hanging)) == 0 &&
				time.Now().Before(deadline); {
				time.Sleep(10 * time.Millisecond)
			}
			start := time.Now()
			if c.send != 0 {
				if err := cmd.Process.Signal(c.send); err != nil {
					t.Fatal(err)
				}
			}
			err := cmd.Wait()
			exit, ok := errors.AsType[*exec.ExitError](err)
			if d := time.Since(start); !ok || exit.ExitCode() != cli.ExitStopped ||
				d > 10*time.Second {
				t.Errorf("after %v: %v\n%s", d, err, stderr.String())
			}
			pid := strings.TrimSpace(readOr(hanging))
			if stat := readOr("/proc/" + pid + "/stat"); pid == "" || stat != "" &&
				!strings.Contains(stat, ") Z ") {
				t.Errorf("the program %s lives on: %s", pid, stat)
			}
		})
	}
}

// readOr returns the content of a file, "" if there is none.
func readOr(path string) string {
	b, _ := os.ReadFile(path)
	return string(b)
}
