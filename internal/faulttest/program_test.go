package faulttest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// shared is made once: the program with faults, and a folder of inputs for the
// calls.
var shared struct {
	dir    string // folder of both
	csdm   string
	inputs string
}

func TestMain(m *testing.M) {
	code, err := prepared(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func prepared(m *testing.M) (code int, err error) {
	if shared.dir, err = os.MkdirTemp("", "csdm-faults-"); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(shared.dir)) }()
	shared.csdm = filepath.Join(shared.dir, "csdm")
	build := exec.Command("go", "build", "-tags", "faults", "-o", shared.csdm, "csdm/cmd/csdm")
	if out, err := build.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("%v: %w\n%s", build, err, out)
	}
	shared.inputs = filepath.Join(shared.dir, "inputs")
	if err := makeInputs(shared.inputs); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// ended is the result of a call of the program.
type ended struct {
	code   int // -1 if killed
	stderr string
}

// longest is the time limit of a call: far more than it needs on a busy
// machine.
const longest = 20 * time.Minute

// call runs the program in a folder. fault is the value of CSDM_FAULT, or "",
// and log is the file for the operations, or "".
func call(dir, fault, log string, args []string) (ended, error) {
	temporary := filepath.Join(dir, temporaries)
	if err := os.MkdirAll(temporary, 0o777); err != nil {
		return ended{}, err
	}
	var stderr bytes.Buffer
	cmd := exec.Command(shared.csdm, args...)
	cmd.Dir, cmd.Stderr = dir, &stderr
	cmd.Env = append(os.Environ(), "TMPDIR="+temporary, "CSDM_FAULT="+fault, "CSDM_FAULT_LOG="+log)
	if err := cmd.Start(); err != nil {
		return ended{}, err
	}
	timer := time.AfterFunc(longest, func() { _ = cmd.Process.Signal(syscall.SIGQUIT) })
	defer timer.Stop()
	err := cmd.Wait()
	e := ended{stderr: stderr.String()}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		e.code = exit.ExitCode()
	} else if err != nil {
		return ended{}, err
	}
	return e, nil
}

// operation is one operation of a call.
type operation struct{ name, path string }

func readLog(path string) ([]operation, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var all []operation
	for line := range strings.Lines(string(text)) {
		name, path, _ := strings.Cut(strings.TrimSpace(line), " ")
		all = append(all, operation{name, path})
	}
	return all, nil
}

// makeInputs makes the inputs of the calls.
func makeInputs(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	repo, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	for link, target := range map[string]string{"fibres": "examples/fibres", "nn": "nn/testdata",
		"fem": "fem/testdata"} {
		if err := os.Symlink(filepath.Join(repo, target), filepath.Join(dir, link)); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "lab.toml"), []byte(lab), 0o666); err != nil {
		return err
	}
	for _, line := range inputs {
		if e, err := call(dir, "", "", arguments(line)); err != nil || e.code != 0 {
			return fmt.Errorf("csdm %s: exit %d, %v\n%s", line, e.code, err, e.stderr)
		}
	}
	return nil
}
