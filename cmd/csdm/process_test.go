//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/format"
)

// program returns a command that is this test binary as csdm.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), programVariable+"=1")
	return cmd
}

// untilDone starts the program again and again, ends it by one of the signals
// after a random while that grows, until it ends by itself. It returns how
// often it was stopped.
func untilDone(t *testing.T, signals []syscall.Signal, args ...string) (stopped int) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	for ; stopped < 200; stopped++ {
		var stderr bytes.Buffer
		cmd := program(t, args...)
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		s := signals[stopped%len(signals)]
		timer := time.AfterFunc(time.Duration((2+30*r.Float64())*(1+
			float64(stopped)/4))*time.Millisecond, func() {
			_ = cmd.Process.Signal(s)
		})
		err := cmd.Wait()
		timer.Stop()
		if strings.Contains(stderr.String(), "\r") {
			t.Errorf("a carriage return on a stderr that is no terminal: %q", stderr.String())
		}
		if err == nil {
			return stopped
		}
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok || exit.ExitCode() != cli.ExitStopped && exit.ExitCode() < cli.ExitTimeLimit &&
			!exit.Sys().(syscall.WaitStatus).Signaled() {
			t.Fatalf("csdm %v, to be ended by %v, ended with %v:\n%s", args, s, err,
				stderr.String())
		}
	}
	t.Fatalf("csdm %v never ended", args)
	return stopped
}

// TestKilled ends the whole chain, and the verbs of its steps, by SIGKILL and
// SIGTERM at random moments, and resumes by the same command. One
// uninterrupted call gives the same result.
func TestKilled(t *testing.T) {
	whole := finished(t)
	t.Chdir(t.TempDir())
	all := []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGKILL, syscall.SIGUSR1}

	args := append([]string{"run", "--allow-extrapolation"}, chainFlags("parts")...)
	t.Logf("run was stopped %d times", untilDone(t, all, args...))
	same(t, filepath.Join(whole, "data"), "parts/data")
	sameModel(t, whole, "parts")
	for _, name := range []string{"cases/000/measurement.npz", "cases/000/posterior.npz",
		"cases/000/reference.npz"} {
		sameArrays(t, filepath.Join(whole, name), filepath.Join("parts", name))
	}
	tidy(t, "parts")

	data := strings.Fields("data --problem quasistatic --grid 8 --n 600 -o pairs")
	t.Logf("data was stopped %d times", untilDone(t, all[:1], data...))
	same(t, filepath.Join(whole, "data"), "pairs")

	flags := chainFlags("trained")
	t.Logf("train was stopped %d times",
		untilDone(t, all, append([]string{"train", "--data", "pairs"}, flags...)...))
	sameModel(t, whole, "trained")

	y := filepath.Join(whole, "cases/000/measurement.npz:y")
	sample := strings.Fields(
		"sample --sampler heun --steps 30 --n 300 --allow-extrapolation --model " +
			filepath.Join(whole, "model.safetensors") + " --y " + y + " -o ")
	if _, stderr, err := csdm(t, append(sample, "whole.npz")...); err != nil {
		t.Fatal(err, stderr)
	}
	t.Logf("sample was stopped %d times", untilDone(t, all, append(sample, "parts.npz")...))
	sameArrays(t, "whole.npz", "parts.npz")

	reference := strings.Fields(
		"reference --problem quasistatic --grid 8 --noise 10 --method importance --n 100000 --y " +
			y + " -o ")
	if _, stderr, err := csdm(t, append(reference, "whole-ref.npz")...); err != nil {
		t.Fatal(err, stderr)
	}
	t.Logf("reference was stopped %d times",
		untilDone(t, all[1:2], append(reference, "parts-ref.npz")...))
	sameArrays(t, "whole-ref.npz", "parts-ref.npz")
	for _, name := range []string{"parts.npz.partial", "parts-ref.npz.partial"} {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%s is left behind", name)
		}
	}
}

// same compares two folders byte by byte.
func same(t *testing.T, a, b string) {
	t.Helper()
	entries, err := os.ReadDir(a)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !bytes.Equal(readBytes(t, filepath.Join(a, e.Name())),
			readBytes(t, filepath.Join(b, e.Name()))) {
			t.Errorf("%s differs in %s and %s", e.Name(), a, b)
		}
	}
}

// sameModel compares the models of two run folders, byte by byte.
func sameModel(t *testing.T, a, b string) {
	t.Helper()
	const name = "model.safetensors"
	if !bytes.Equal(readBytes(t, filepath.Join(a, name)), readBytes(t, filepath.Join(b, name))) {
		t.Errorf("the models in %s and %s differ", a, b)
	}
}

// sameArrays compares two .npz files, except for the records of their making.
func sameArrays(t *testing.T, a, b string) {
	t.Helper()
	x, err := format.ReadNPZFile(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := format.ReadNPZFile(b)
	if err != nil {
		t.Fatal(err)
	}
	delete(x, infer.OriginEntry)
	delete(y, infer.OriginEntry)
	for _, arrays := range []map[string]*format.Array{x, y} {
		for _, array := range arrays {
			for k, v := range array.F64 {
				if math.IsNaN(v) { // a quantity that a draw does not have
					array.F64[k] = -math.MaxFloat64
				}
			}
		}
	}
	if !reflect.DeepEqual(x, y) {
		t.Errorf("%s and %s differ", a, b)
	}
}

// tidy fails if unfinished work is left in a run folder. Hidden temporaries
// of a killed process stay in its dataset for an hour, for they might be
// another's.
func tidy(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		ofKilled := filepath.Base(filepath.Dir(path)) == "data" &&
			strings.HasPrefix(d.Name(), ".") && strings.HasSuffix(path, ".tmp")
		if !ofKilled && (strings.HasSuffix(path, ".tmp") || strings.HasSuffix(path, ".partial")) {
			t.Errorf("%s is left behind", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTimeLimit: a limit ends every verb that can resume with code 75, and
// names itself.
func TestTimeLimit(t *testing.T) {
	whole := finished(t)
	t.Chdir(t.TempDir())
	model, y := filepath.Join(whole, "model.safetensors"),
		filepath.Join(whole, "cases/000/measurement.npz:y")
	for _, args := range []string{
		"run --allow-extrapolation " + strings.Join(chainFlags("r"), " ") +
			" --set training.steps=100000000",
		"data --problem quasistatic --grid 8 --n 2000000 -o d",
		"train --data " + filepath.Join(whole, "data") + " " + strings.Join(chainFlags("t"), " ") +
			" --set training.steps=100000000",
		"sample --model " + model + " --y " + y + " --n 1000000 --allow-extrapolation -o s.npz",
		"reference --problem quasistatic --grid 8 --noise 10 --y " + y +
			" --method importance --n 100000000 -o i.npz",
	} {
		verb, _, _ := strings.Cut(args, " ")
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			out, err := program(t, append(strings.Fields(args), "--time-limit", "3s", "-q",
				"--threads", "1")...).CombinedOutput()
			exit, ok := errors.AsType[*exec.ExitError](err)
			if !ok || exit.ExitCode() != cli.ExitStopped ||
				!strings.Contains(string(out), "run the same command again") {
				t.Errorf("csdm %s: %v\n%s", args, err, out)
			}
		})
	}
}

// TestOneAtATime: a folder or result that another process is at work on is
// refused, and free again when that is killed.
func TestOneAtATime(t *testing.T) {
	whole := finished(t)
	t.Chdir(t.TempDir())
	model, y := filepath.Join(whole, "model.safetensors"),
		filepath.Join(whole, "cases/000/measurement.npz:y")
	// once there is something in the file, the lock is taken
	for path, args := range map[string][]string{
		"busy/metrics.jsonl": append([]string{"run", "--allow-extrapolation"},
			append(chainFlags("busy"), "--set", "training.steps=100000000", "--threads", "1")...),
		"s.npz.partial": strings.Fields("sample --model " + model + " --y " + y +
			" --n 1000000 --threads 1 --allow-extrapolation -o s.npz"),
	} {
		first := program(t, args...)
		if err := first.Start(); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(
			5 * time.Millisecond) {
			if there, err := os.Stat(path); err == nil && there.Size() > 0 {
				break
			}
		}
		_, _, err := csdm(t, append(args, "-q")...)
		if cli.Code(err) != cli.ExitExists ||
			!strings.Contains(err.Error(), "another csdm process") {
			t.Errorf("csdm %v beside itself: %v", args, err)
		}
		if err := first.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = first.Wait() // it says that it was killed
		_, _, err = csdm(t, append(args, "-q", "--time-limit", "3s")...)
		if cli.Code(err) != cli.ExitStopped {
			t.Errorf("csdm %v after the other was killed: %v", args, err)
		}
	}
}

// TestCopiesOfData gives one command twice at once, ten times: all end well, in
// the same files.
func TestCopiesOfData(t *testing.T) {
	dir := t.TempDir()
	args := func(out string) []string {
		return strings.Fields("data -q --problem quasistatic --grid 8 --n 300 --threads 2 -o " +
			filepath.Join(dir, out))
	}
	if out, err := program(t, args("one")...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for k := range 10 {
		out := fmt.Sprint("pair-", k)
		var copies [2]*exec.Cmd
		var said [2]bytes.Buffer
		for c := range copies {
			copies[c] = program(t, args(out)...)
			copies[c].Stderr = &said[c]
			if err := copies[c].Start(); err != nil {
				t.Fatal(err)
			}
		}
		for c := range copies {
			if err := copies[c].Wait(); err != nil {
				t.Errorf("copy %d of pair %d: %v\n%s", c, k, err, said[c].String())
			}
		}
		same(t, filepath.Join(dir, "one"), filepath.Join(dir, out))
	}
}
