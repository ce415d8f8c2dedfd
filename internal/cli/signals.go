package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
)

// IgnoreWriteSignals makes a failed write return an error instead of raising a
// signal. So a pager that ends, a lost terminal or a limit of file sizes does
// not kill a training.
func IgnoreWriteSignals() {
	for _, s := range writeSignals { // without arguments, Ignore would ignore all signals
		signal.Ignore(s)
	}
}

// WithSignals returns a context that is canceled by the signals that would end
// the program: SIGINT, SIGTERM, SIGHUP of a closed terminal, SIGUSR1, SIGUSR2
// and SIGXCPU, which schedulers send before a limit, and others. It prints a
// message on w. A signal that was ignored when the program began, as with
// nohup, stays ignored. After the first signal, SIGINT has its default effect:
// a second one kills the program at once. The cause of the context wraps
// context.Canceled and names the signal. Call release when the work is done; it
// restores the signals.
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
