package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
)

// WithSignals returns a context that SIGINT, SIGTERM and SIGUSR1 (what schedulers send ahead of a time
// limit) cancel, and says so on w. From the first of them on, SIGINT has its default effect: a second one kills
// the program at once. The cause of the context wraps context.Canceled and names the signal. Call release when the
// work is done; it restores the signals.
func WithSignals(parent context.Context, w io.Writer) (ctx context.Context, release func()) {
	ctx, cancel := context.WithCancelCause(parent)
	received := make(chan os.Signal, 1)
	signal.Notify(received, stopSignals...)
	done := make(chan struct{})
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		select {
		case s := <-received:
			signal.Reset(os.Interrupt)
			fmt.Fprintf(w, "%v: stopping at the next safe point; interrupt to quit at once\n", s)
			cancel(fmt.Errorf("%w by signal %v", context.Canceled, s))
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
