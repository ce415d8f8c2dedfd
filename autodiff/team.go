package autodiff

import (
	"fmt"
	"runtime"
	"sync/atomic"

	"csdm/internal/kernel"
)

// The threads of one tape, for use where there are fewer samples than cores.
//
// The caller walks over the stages of a pass (stages.go, backstages.go). It
// offers each stage that can be divided in one part per thread. Every free
// thread takes a part. The caller does not wait for helpers that have no
// processor; alone, it would do all parts. A part does not depend on the number
// of threads or on the thread that computes it.
//
// Helpers are kept between passes, so that a pass allocates nothing, and sleep
// in between. A helper refers to the team only during a pass, so a tape that is
// no longer referenced is collected together with its helpers.

// team holds the threads of a tape.
type team[F kernel.Float] struct {
	threads int
	stages  []stage[F]
	prefix  int // number of stages that ForwardRest skips
	passed  int // number of stages of the forward pass; the backward pass follows
	back    int // number of stages of both passes; the stage of Share follows
	items   int // of Share
	share   func(from, to int)
	wake    []chan *team[F] // one per helper; a message starts a pass
	floats  int             // elements of scratch
	cleanup runtime.Cleanup

	// Each has a cache line of its own: what all threads write would slow down
	// whatever they read beside it.
	_     [cacheLine]byte
	offer atomic.Uint64 // stage<<32 | next part of the stage
	_     [cacheLine]byte
	done  atomic.Int32 // finished parts of the stage
	_     [cacheLine]byte
}

// cacheLine is the size of a cache line in bytes, or of two on processors that
// fetch pairs.
const cacheLine = 128

// closed is the offer between two passes; on seeing it, helpers go to sleep.
const closed = uint64(1) << 63

// SetThreads makes the passes use n goroutines, including the caller's. It is
// faster where each goroutine has a core and operations take tens of
// microseconds or more. Each thread after the first needs its own scratch
// memory. The results are bit-identical. SetThreads(1) ends the other
// goroutines; they also end with the tape. It panics if n < 1 or the tape is
// not compiled.
func (t *Tape[F]) SetThreads(n int) { t.setThreads(n, sharedFloats) }

// setThreads does the same as SetThreads, where least is the size of the
// smallest image that is shared.
func (t *Tape[F]) setThreads(n, least int) {
	t.ready()
	if n < 1 {
		panic(fmt.Sprintf("autodiff: %d threads; at least 1 is needed", n))
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
	m.stages, m.prefix, m.floats = t.stages(least, n)
	m.passed = len(m.stages)
	if t.mode == Training {
		back, floats := t.backwardStages(least, n)
		m.stages, m.floats = append(m.stages, back...), m.floats+floats
	}
	m.back = len(m.stages)
	m.stages = append(m.stages, stage[F]{part: func(p kernel.Piece, _ []F) {
		m.share(elements(m.items, p))
	}})
	m.offer.Store(closed)
	for range n - 1 {
		wake := make(chan *team[F], 1)
		scratch := kernel.OnHugePages(make([]F, len(t.scratch)))
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

// Share calls do for ranges of n items, which together are all, on the threads
// of the passes. A pass must follow soon: the threads wait for it awake.
func (t *Tape[F]) Share(n int, do func(from, to int)) {
	m := t.team
	if m == nil {
		do(0, n)
		return
	}
	m.items, m.share = n, do
	m.run(t.scratch, m.back, m.back+1)
}

// pass computes the stages of a pass.
func (m *team[F]) pass(scratch []F, from, to int) {
	m.run(scratch, from, to)
	m.offer.Store(closed)
}

// run computes the stages from up to, and without, to, with all threads.
func (m *team[F]) run(scratch []F, from, to int) {
	awake := false
	for i := from; i < to; i++ {
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
				default: // the helper has not yet seen the last pass
				}
			}
		}
		for m.takePart(scratch) {
		}
		m.wait(func() bool { return int(m.done.Load()) == m.threads })
	}
}

// help takes parts until the pass ends.
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

// takePart takes one part of the stage on offer, if any is left, and computes
// it. One atomic operation takes both stage and part, of whichever stage is on
// offer at that moment.
func (m *team[F]) takePart(scratch []F) bool {
	if now := m.offer.Load(); now >= closed || int(uint32(now)) >= m.threads {
		return false
	}
	taken := m.offer.Add(1) - 1
	if taken >= closed || int(uint32(taken)) >= m.threads {
		return false
	}
	m.stages[taken>>32].part(kernel.Piece{Part: int(uint32(taken)), Parts: m.threads}, scratch)
	m.done.Add(1)
	return true
}

// wait returns when condition holds. It waits actively, because stages are
// short.
func (m *team[F]) wait(condition func() bool) {
	for spins := 0; !condition(); spins++ {
		if spins >= 1000 { // the other threads may have no processor
			runtime.Gosched()
		}
	}
}
