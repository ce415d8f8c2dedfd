//go:build unix

package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

const childVariable = "CSDM_TEST_SIGNAL_CHILD"

// TestSignalChild is no test: it is the program that TestSignals interrupts. It heeds the first signal only.
func TestSignalChild(t *testing.T) {
	if os.Getenv(childVariable) == "" {
		return
	}
	ctx, release := WithSignals(context.Background(), os.Stderr)
	defer release()
	fmt.Println("ready")
	<-ctx.Done()
	fmt.Println(Code(ctx.Err()), Code(context.Cause(ctx)), context.Cause(ctx))
	_, _ = io.Copy(io.Discard, os.Stdin) // until the parent lets go
}

func TestSignals(t *testing.T) {
	for _, first := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGUSR1} {
		child := exec.Command(os.Args[0], "-test.run=^TestSignalChild$")
		child.Env = append(os.Environ(), childVariable+"=1")
		stdin, err := child.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		stdout, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(stdout)
		expect := func(want string) {
			t.Helper()
			if !lines.Scan() || !strings.Contains(lines.Text(), want) {
				t.Fatalf("%v: the child says %q, want %q", first, lines.Text(), want)
			}
		}
		expect("ready")
		if err := child.Process.Signal(first); err != nil {
			t.Fatal(err)
		}
		expect("75 75 context canceled by signal " + first.String())
		if err := child.Process.Signal(syscall.SIGINT); err != nil { // kills, though the child would wait for ever
			t.Fatal(err)
		}
		err = child.Wait()
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok || !exit.Sys().(syscall.WaitStatus).Signaled() {
			t.Errorf("%v, then SIGINT: the child ended with %v", first, err)
		}
		stdin.Close()
	}
}

func TestReleaseAndParent(t *testing.T) {
	ctx, release := WithSignals(context.Background(), io.Discard)
	release()
	if !errors.Is(ctx.Err(), context.Canceled) {
		t.Error("release leaves the context open")
	}
	parent, cancel := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancel()
	ctx, release = WithSignals(parent, io.Discard)
	defer release()
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		t.Errorf("a parent out of time gives %v", ctx.Err())
	}
}
