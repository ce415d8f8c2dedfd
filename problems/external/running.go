package external

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// termGrace is the time that a program may take to end after SIGTERM before it
// is killed.
const termGrace = 2 * time.Second

// running holds the external programs of this process. All of them are children
// of the process, and a signal to the process is meant for all of them.
var running = struct {
	mu        sync.Mutex
	processes map[*process]bool
	ctx       context.Context // nil: no limit on how long they run
}{processes: make(map[*process]bool)}

// EndWith makes ctx end all external programs of this process. When ctx is
// done, each program and its children get SIGTERM, and are killed if they have
// not ended two seconds later. Calls to a program then return the context's
// error, and no program is started. Call release to undo EndWith.
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

// endAll sends SIGTERM to all programs, and kills the remaining ones after
// termGrace.
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
				q.out.Close() // a child out of reach may hold the other end
			}
		})
	}
}

// stopped returns the reason why no program may run any more, or nil. The error
// wraps the context's error and its cause.
func stopped() error {
	running.mu.Lock()
	defer running.mu.Unlock()
	if running.ctx == nil || running.ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("external: the program was ended: %w (%w)", running.ctx.Err(),
		context.Cause(running.ctx))
}

// begin starts a process, unless stopped returns an error.
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
	if stopped() != nil { // endAll has run since the check and has not seen q
		kill(q.cmd)
	}
	return nil
}

// forget removes a process that has been waited for.
func (q *process) forget() {
	running.mu.Lock()
	defer running.mu.Unlock()
	delete(running.processes, q)
}

// starter returns a channel of functions that are run by one thread. Linux ends
// a child together with the thread that started it (see group), so this thread
// never ends.
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
