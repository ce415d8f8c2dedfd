package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/format"
)

// TestReferenceResumes stops references by a limit that is shorter than the
// whole: each call that ends with 75 has solved more, and the end is the
// undivided call's.
func TestReferenceResumes(t *testing.T) {
	whole := finished(t)
	t.Chdir(t.TempDir())
	y := filepath.Join(whole, "cases/000/measurement.npz:y")
	for _, method := range []string{"quadrature", "adaptive"} {
		line := strings.Fields("reference -q --problem quasistatic --grid 8 --noise 10 --y " + y +
			" --method " + method + " -o ")
		if _, stderr, err := csdm(t, append(line, method+"-whole.npz")...); err != nil {
			t.Fatal(err, stderr)
		}
		out, solved, stops := method+"-parts.npz", 0, 0
		for calls := range 400 {
			_, _, err := csdm(t, append(line, out, "--time-limit",
				fmt.Sprintf("%dus", int(2000*math.Pow(1.2, float64(calls)))))...)
			if err == nil {
				break
			}
			code := cli.Code(err)
			if code != cli.ExitStopped && code != cli.ExitTimeLimit {
				t.Fatalf("%s, call %d: %v", method, calls, err)
			}
			now := solvedIn(t, out+".partial")
			if (code == cli.ExitStopped) != (now > solved) {
				t.Errorf("%s, call %d: code %d with %d solves after %d", method, calls, code, now,
					solved)
			}
			if solved = now; code == cli.ExitStopped {
				stops++
			}
		}
		t.Logf("%s: stopped %d times after saving", method, stops)
		if stops == 0 {
			t.Errorf("%s was never stopped with work saved", method)
		}
		sameArrays(t, method+"-whole.npz", out)
		if left, _ := filepath.Glob(out + ".partial*"); left != nil {
			t.Errorf("%v is left behind", left)
		}
	}
}

// solvedIn counts the solves in a file of unfinished work, 0 if there is none.
func solvedIn(t *testing.T, path string) (n int) {
	t.Helper()
	arrays, err := format.ReadNPZFile(path)
	if cli.Code(err) == cli.ExitNoInput {
		return 0
	} else if err != nil {
		t.Fatal(err)
	}
	for _, v := range arrays["log_likelihood"].Float64() {
		if !math.IsNaN(v) {
			n++
		}
	}
	return n
}

// TestStoppedBeforeAnything has every verb end before it has done anything:
// none may promise that the same command resumes.
func TestStoppedBeforeAnything(t *testing.T) {
	whole := finished(t)
	t.Chdir(t.TempDir())
	model, y := filepath.Join(whole, "model.safetensors"),
		filepath.Join(whole, "cases/000/measurement.npz:y")
	for _, args := range []string{
		"demo -o demo",
		"bench train --ngf 2 --batch 2 --size 8 --runs 3",
		"bench table5 --models builtin:quasistatic-28-n5 --phantoms 1 --draws 4 --prior-draws " +
			"100 -o t5",
		"check --model " + model + " --measurements 4 --draws 9 -o check",
		"data --problem quasistatic --grid 8 --n 300 -o data",
		"prior --problem quasistatic --grid 8 --n 4 -o sheet",
		"reference --problem quasistatic --grid 8 --y " + y + " --method quadrature -o q.npz",
		"reference --problem quasistatic --grid 8 --y " + y + " --method adaptive -o a.npz",
		"reference --problem quasistatic --grid 8 --y " + y +
			" --method importance --n 1000 -o i.npz",
		"run --allow-extrapolation " + strings.Join(chainFlags("run"), " "),
		"sample --model " + model + " --y " + y + " --n 8 -o s.npz",
	} {
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(&cli.SignalError{Signal: syscall.SIGTERM})
		var out, notes bytes.Buffer
		err := execute(ctx, strings.Fields(args), &out, newConsole(&notes), func(string) string {
			return ""
		})
		if code := cli.Code(err); code != 143 ||
			!strings.Contains(err.Error(), "before anything was saved") {
			t.Errorf("csdm %s: code %d, %v", args, code, err)
		}
	}
}
