package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"syscall"
	"testing"

	"csdm/internal/cli"
	"csdm/internal/format"
)

// TestCases samples a range of measurements. Each result equals the result of
// --case, a refused measurement does not stop the others, and a malformed range
// is a usage error that makes no folder.
func TestCases(t *testing.T) {
	workdir(t)
	a, err := format.ReadArrayFile("models/measurements/quasistatic-28-n5.npz:y")
	if err != nil {
		t.Fatal(err)
	}
	y := a.Float64()[:2*28*28]
	var file bytes.Buffer
	// The middle map is not a measurement.
	three := append(append([]float64(nil), y[:28*28]...), make([]float64, 28*28)...)
	three = append(three, y[28*28:]...)
	if err := format.WriteNPY(&file, format.Array64(three, 3, 28, 28)); err != nil {
		t.Fatal(err)
	}
	writeBytes(t, "three.npy", file.Bytes())
	call := func(args string) (string, error) {
		out, _, err := csdm(t,
			strings.Fields(
				"sample --model builtin:quasistatic-28-n5 --y three.npy --n 4 --steps 8 --json "+
					args)...)
		return out, err
	}
	out, err := call("--cases 0:3 -o many")
	if cli.Code(err) != cli.ExitData || !strings.Contains(err.Error(),
		"of measurements 0 to 2, 1 were refused") {
		t.Errorf("code %d, %v", cli.Code(err), err)
	}
	var printed struct {
		Cases []struct{ Out, Refused string }
	}
	if err := json.Unmarshal([]byte(out), &printed); err != nil || len(printed.Cases) != 3 ||
		printed.Cases[1].Refused == "" ||
		printed.Cases[2].Out != "many/case-0002.npz" {
		t.Errorf("%v: %s", err, out)
	}
	if _, err := call("--case 2 -o one.npz"); err != nil {
		t.Fatal(err)
	}
	one, err := format.ReadNPZFile("one.npz")
	if err != nil {
		t.Fatal(err)
	}
	many, err := format.ReadNPZFile("many/case-0002.npz")
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range many["samples"].Float64() {
		if v != one["samples"].Float64()[i] {
			t.Fatalf("value %d of the draws is %v, by --case %v", i, v, one["samples"].Float64()[i])
		}
	}
	if _, err := os.Stat("many/case-0001.npz"); err == nil {
		t.Error("a refused measurement has a result")
	}
	for _, args := range []string{"--cases 0:4", "--cases 2", "--cases -1:2", "--cases 1:1",
		"--cases a:b", "--cases 0:1 --case 0", ""} {
		if _, err := call(args + " -o none"); cli.Code(err) != cli.ExitUsage {
			t.Errorf("%q: code %d, %v", args, cli.Code(err), err)
		}
		if _, err := os.Stat("none"); err == nil {
			t.Fatalf("%q makes a folder", args)
		}
	}
}

// writerFunc is a writer that calls itself.
type writerFunc func(p []byte)

func (f writerFunc) Write(p []byte) (int, error) { f(p); return len(p), nil }

// TestCasesStopped stops a range within its second case. If this call made the
// first case, the exit code reports saved work; if an earlier call made it, it
// does not. A result that would replace the file of the measurements is
// refused.
func TestCasesStopped(t *testing.T) {
	t.Chdir(t.TempDir())
	must(t, "data --problem quasistatic --grid 8 --n 4 -o d")
	must(t, "data export d --noisy --noise 10 -o y.npz")
	line := "reference --problem quasistatic --grid 8 --noise 10 --y y.npz:y --cases 0:2 -o refs"
	for _, want := range []int{cli.ExitStopped, cli.ExitSignal + int(syscall.SIGTERM)} {
		ctx, cancel := context.WithCancelCause(context.Background())
		notes := writerFunc(func(p []byte) {
			if strings.Contains(string(p), "case-0001-map.png") {
				cancel(&cli.SignalError{Signal: syscall.SIGTERM})
			}
		})
		var out bytes.Buffer
		err := execute(ctx, strings.Fields(line), &out, newConsole(notes), func(string) string {
			return ""
		})
		if cli.Code(err) != want {
			t.Errorf("code %d, want %d: %v", cli.Code(err), want, err)
		}
	}
	must(t, line)
	before := readBytes(t, "refs/case-0000.npz")
	own := strings.NewReplacer("y.npz:y", "refs/case-0000.npz:mean_physical", "0:2",
		"0:1").Replace(line)
	if _, _, err := csdm(t, strings.Fields(own+
		" --overwrite")...); cli.Code(err) != cli.ExitUsage ||
		!strings.Contains(err.Error(), "which is an input") {
		t.Errorf("code %d, %v", cli.Code(err), err)
	}
	if !bytes.Equal(before, readBytes(t, "refs/case-0000.npz")) {
		t.Error("the input was replaced")
	}
}
