package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// programVariable makes this test binary the program itself, for tests that
// need a process to kill.
const programVariable = "CSDM_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		main()
	}
	if len(os.Args) > 1 && os.Args[1] == formProgram {
		if err := answerForms(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	if shared.dir != "" {
		os.RemoveAll(shared.dir)
	}
	os.Exit(code)
}

// csdm runs a command line in this process and returns its output and its
// error.
func csdm(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, notes bytes.Buffer
	err = execute(context.Background(), args, &out, newConsole(&notes), func(string) string {
		return ""
	})
	return out.String(), notes.String(), err
}

// chainFlags returns the flags of a short run with enough pairs for three
// blocks.
func chainFlags(out string) []string {
	return strings.Fields(
		"--problem quasistatic --grid 8 --noise 10 --set data.pairs=600 --set data.held_out=8 " +
			"--set network.ngf=2 " +
			"--set training.steps=12 --set training.batch=4 --set training.warm_up=2 --set " +
			"training.held_out_every=6 " +
			"--set sampling.cases=1 --set sampling.draws=12 --set sampling.steps=4 -o " + out)
}

var shared struct {
	once sync.Once
	dir  string
	err  error
}

// finished returns a finished run folder, made once; tests must not change it.
func finished(t *testing.T) string {
	t.Helper()
	shared.once.Do(func() {
		if shared.dir, shared.err = os.MkdirTemp("", "csdm-test-"); shared.err == nil {
			_, _, shared.err = csdm(t, append([]string{"run", "--allow-extrapolation", "-q"},
				chainFlags(filepath.Join(shared.dir, "run"))...)...)
		}
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return filepath.Join(shared.dir, "run")
}

// workdir makes a folder with links to the folders of the repository that the
// examples use and to a finished run, and goes there.
func workdir(t *testing.T) {
	t.Helper()
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	links := map[string]string{"finished": finished(t)}
	for _, name := range []string{"nn", "fem", "mesh", "models"} {
		links[name] = filepath.Join(repo, name)
	}
	for name, target := range links {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}
