package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
)

// IgnoreWriteSignals makes a write that fails an error of its own in place of a
// signal: neither a pager that goes away nor a lost terminal nor a limit of
// file sizes may kill a training.
func IgnoreWriteSignals() {
	for _, s := range writeSignals { // without any, Ignore would ignore all
		signal.Ignore(s)
	}
}

// WithSignals returns a context that the signals cancel that would end the
// program: SIGINT, SIGTERM, SIGHUP of a closed terminal, SIGUSR1, SIGUSR2 and
// SIGXCPU, which schedulers send ahead of a limit, and others. It says so on w.
// A signal that was ignored when the program began, as nohup does it, stays so.
// From the first signal on, SIGINT has its default effect: a second one kills
// the program at once. The cause of the context wraps context.Canceled and
// names the signal. Call release when the work is done; it restores the
// signals.
func WithSignals(parent context.Context, w io.Writer) (ctx context.Context, release func()) {
	ctx, cancel := context.WithCancelCause(parent)
	received := make(chan os.Signal, 1)
	for _, s := range stopSignals {
		if !signal.Ignored(s) {
			signal.Notify(received, s)
		}
	}
	done := make(chan struct{})
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		select {
		case s := <-received:
			signal.Reset(os.Interrupt)
			fmt.Fprintf(w, "%v: stopping at the next safe point; interrupt to quit at once\n", s)
			cancel(&SignalError{s})
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(received)
		close(done)
		<-finished
		cancel(context.Canceled)
	}
}
