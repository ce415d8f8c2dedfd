package external

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// termGrace is how long a program that is asked to end may take before it is
// killed.
const termGrace = 2 * time.Second

// running are the programs of this process. They are children of the process,
// whoever started them, and a signal to it is meant for all of them.
var running = struct {
	mu        sync.Mutex
	processes map[*process]bool
	ctx       context.Context // nil: they run for as long as they like
}{processes: make(map[*process]bool)}

// EndWith makes ctx end all external programs of this process: once it is done,
// each is asked to end, with its children, and killed if it has not ended two
// seconds later; calls to it return the context's error, and no other is
// started. Call release to undo it.
func EndWith(ctx context.Context) (release func()) {
	running.mu.Lock()
	defer running.mu.Unlock()
	before := running.ctx
	running.ctx = ctx
	stop := context.AfterFunc(ctx, endAll)
	return func() {
		stop()
		running.mu.Lock()
		defer running.mu.Unlock()
		running.ctx = before
	}
}

// endAll asks all programs to end, and kills what remains of them after a
// while.
func endAll() {
	running.mu.Lock()
	defer running.mu.Unlock()
	for q := range running.processes {
		terminate(q.cmd)
		time.AfterFunc(termGrace, func() {
			running.mu.Lock()
			defer running.mu.Unlock()
			if running.processes[q] {
				kill(q.cmd)
				q.out.Close() // in case a child out of reach holds the other end
			}
		})
	}
}

// stopped returns why no program may run any more, or nil. The error wraps the
// context's, and its cause.
func stopped() error {
	running.mu.Lock()
	defer running.mu.Unlock()
	if running.ctx == nil || running.ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("external: the program was ended: %w (%w)", running.ctx.Err(),
		context.Cause(running.ctx))
}

// begin starts a process, unless stopped.
func (q *process) begin() error {
	if err := stopped(); err != nil {
		return err
	}
	result := make(chan error)
	starter() <- func() {
		running.mu.Lock()
		defer running.mu.Unlock()
		err := q.cmd.Start()
		if err == nil {
			running.processes[q] = true
		}
		result <- err
	}
	if err := <-result; err != nil {
		return err
	}
	if stopped() != nil { // since begin asked, so that endAll has not seen it
		kill(q.cmd)
	}
	return nil
}

// forget is told that a process has been waited for.
func (q *process) forget() {
	running.mu.Lock()
	defer running.mu.Unlock()
	delete(running.processes, q)
}

// starter returns a channel of functions that one thread runs. Linux ends a
// child with the thread that started it (see group), so this one never ends.
var starter = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for f := range work {
			f()
		}
	}()
	return work
})
