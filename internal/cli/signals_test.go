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
	"os/signal"
	"syscall"
	"testing"
	"time"
)

const childVariable = "CSDM_TEST_SIGNAL_CHILD"

// TestSignalChild is not a test: it is the program that TestSignals interrupts.
// It handles the first signal only.
func TestSignalChild(t *testing.T) {
	if os.Getenv(childVariable) == "" {
		return
	}
	ctx, release := WithSignals(context.Background(), os.Stderr)
	defer release()
	fmt.Println("ready")
	<-ctx.Done()
	fmt.Println(Code(ctx.Err()), Code(context.Cause(ctx)), context.Cause(ctx))
	_, _ = io.Copy(io.Discard, os.Stdin) // until the parent closes the pipe
}

// signalChild starts TestSignalChild, in a shell command line if one is given,
// and waits until it is ready.
func signalChild(t *testing.T, shell string) (child *exec.Cmd, lines *bufio.Scanner, letGo func()) {
	t.Helper()
	child = exec.Command(os.Args[0], "-test.run=^TestSignalChild$")
	if shell != "" {
		child = exec.Command("sh", "-c", shell+`; exec "$0" "$@"`, os.Args[0],
			"-test.run=^TestSignalChild$")
	}
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
	lines = bufio.NewScanner(stdout)
	if !lines.Scan() || lines.Text() != "ready" {
		t.Fatalf("the child says %q", lines.Text())
	}
	return child, lines, func() { stdin.Close() }
}

// TestSignals sends every signal that a process may catch and that ends it by
// default. Each stops the work in order, except SIGQUIT, which ends a program
// at once and shows where it was.
func TestSignals(t *testing.T) {
	for s := syscall.Signal(1); s < 32; s++ {
		switch s {
		case syscall.SIGKILL, syscall.SIGSTOP: // cannot be caught
			continue
		case syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGCONT, syscall.SIGCHLD,
			syscall.SIGURG, syscall.SIGWINCH:
			// These end nothing.
			continue
		case syscall.SIGILL, syscall.SIGTRAP, syscall.SIGABRT, syscall.SIGBUS, syscall.SIGFPE,
			syscall.SIGSEGV, syscall.SIGSYS:
			// These are faults of the program.
			continue
		case syscall.SIGQUIT, syscall.SIGPIPE, syscall.SIGXFSZ:
			// The last two are errors of writing, see main.
			continue
		case syscall.SIGPROF: // for the profiler; the runtime ignores it
			continue
		}
		// By nohup, or by a shell that runs the test in the background.
		if signal.Ignored(s) || signal.Ignored(syscall.SIGINT) {
			t.Logf("signal %d is ignored here", s)
			continue
		}
		child, lines, letGo := signalChild(t, "")
		if err := child.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("130 %d context canceled by signal %v", 128+int(s),
			s); !lines.Scan() || lines.Text() != want {
			t.Errorf("signal %d: the child says %q, want %q", s, lines.Text(), want)
		}
		// This kills the child, although it would wait forever.
		if err := child.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		err := child.Wait()
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok || !exit.Sys().(syscall.WaitStatus).Signaled() {
			t.Errorf("%v, then SIGINT: the child ended with %v", s, err)
		}
		letGo()
	}
}

// TestIgnoredSignal checks that a signal ignored by nohup stays ignored.
func TestIgnoredSignal(t *testing.T) {
	child, lines, letGo := signalChild(t, "trap '' HUP")
	defer letGo()
	for _, s := range []syscall.Signal{syscall.SIGHUP, syscall.SIGTERM} {
		if err := child.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond) // so that the first signal arrives first
	}
	if want := "130 143 context canceled by signal terminated"; !lines.Scan() ||
		lines.Text() != want {
		t.Errorf("the child says %q, want %q", lines.Text(), want)
	}
	letGo()
	if err := child.Wait(); err != nil {
		t.Error(err)
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
