package autodiff

import (
	"fmt"
	"runtime"
	"sync/atomic"

	"csdm/internal/kernel"
)

// Threads of one tape: for where there are fewer samples than cores.
//
// The caller walks over the stages of the forward pass (stages.go). Those that
// can be cut it offers in as many parts as there are threads. Whoever is there
// takes a part: helpers that have no processor are not waited for, and the
// caller alone would do all. No bit of a part depends on how many there are, or
// on who does it.
//
// Helpers are kept from pass to pass, so that a pass allocates nothing, and
// sleep in between. They know the team of the pass alone, and that only while
// it lasts: a tape that nobody holds any more takes its helpers with it.

// team is the threads of a tape.
type team[F kernel.Float] struct {
	threads int
	stages  []stage[F]
	prefix  int             // stages that ForwardRest leaves out
	wake    []chan *team[F] // of each helper: take part in the pass that has begun
	floats  int             // elements of scratch
	cleanup runtime.Cleanup
	offer   atomic.Uint64 // stage<<32 | next part of it
	done    atomic.Int32  // parts of the stage that are done
}

// closed is the offer between two passes: helpers go to sleep.
const closed = uint64(1) << 63

// SetThreads makes Forward use that many goroutines, of which the caller's is
// one. It gains where each has a core of its own and operations take tens of
// microseconds or more. Each thread beyond the first needs scratch of its own.
// The results are the same bit by bit. SetThreads(1) ends the other goroutines,
// as does the end of the tape. It panics if n < 1 or the tape is not compiled.
func (t *Tape[F]) SetThreads(n int) { t.setThreads(n, sharedFloats) }

// setThreads is SetThreads where least is the size of the smallest image worth
// sharing.
func (t *Tape[F]) setThreads(n, least int) {
	t.ready()
	if n < 1 {
		panic(fmt.Sprintf("autodiff: %d threads", n))
	}
	if m := t.team; m != nil {
		m.cleanup.Stop()
		dismiss(m.wake)
		t.team = nil
	}
	if n == 1 {
		return
	}
	m := &team[F]{threads: n}
	m.stages, m.prefix, m.floats = t.stages(least)
	m.offer.Store(closed)
	for range n - 1 {
		wake, scratch := make(chan *team[F], 1), make([]F, len(t.scratch))
		m.floats += len(scratch)
		m.wake = append(m.wake, wake)
		go func() {
			for m := range wake {
				m.help(scratch)
			}
		}()
	}
	m.cleanup = runtime.AddCleanup(t, dismiss[F], m.wake)
	t.team = m
}

// dismiss ends the helpers.
func dismiss[F kernel.Float](wake []chan *team[F]) {
	for _, w := range wake {
		close(w)
	}
}

// forward makes all stages from the given one on, on all threads.
func (m *team[F]) forward(scratch []F, from int) {
	awake := false
	for i := from; i < len(m.stages); i++ {
		s := &m.stages[i]
		if s.before != nil {
			s.before()
		}
		if s.part == nil {
			continue
		}
		m.done.Store(0)
		m.offer.Store(uint64(i) << 32)
		if !awake {
			awake = true
			for _, w := range m.wake {
				select {
				case w <- m:
				default: // it has yet to come to the last pass
				}
			}
		}
		for m.takePart(scratch) {
		}
		m.wait(func() bool { return int(m.done.Load()) == m.threads })
	}
	m.offer.Store(closed)
}

// help takes parts until the pass is over.
func (m *team[F]) help(scratch []F) {
	for m.offer.Load() < closed {
		if !m.takePart(scratch) {
			last := m.offer.Load()
			m.wait(func() bool {
				return m.offer.Load() != last || uint32(last) < uint32(m.threads)
			})
		}
	}
}

// takePart takes a part of the stage on offer, if any is left, and does it.
// Stage and part are taken in one operation: of whichever stage is on offer at
// that moment.
func (m *team[F]) takePart(scratch []F) bool {
	if now := m.offer.Load(); now >= closed || int(uint32(now)) >= m.threads {
		return false
	}
	taken := m.offer.Add(1) - 1
	if taken >= closed || int(uint32(taken)) >= m.threads {
		return false
	}
	m.stages[taken>>32].part(int(uint32(taken)), m.threads, scratch)
	m.done.Add(1)
	return true
}

// wait returns when the condition holds. It waits actively, for stages are
// short.
func (m *team[F]) wait(condition func() bool) {
	for spins := 0; !condition(); spins++ {
		if spins >= 1000 { // the others may lack a processor
			runtime.Gosched()
		}
	}
}
