package autodiff

import (
	"fmt"
	"runtime"
	"sync/atomic"

	"csdm/internal/kernel"
)

// Threads of one tape: for where there are fewer samples than cores.
//
// The caller walks over the nodes. Those that can be cut it offers in as many parts as there are threads: of a convolution a
// range of the tiles of its output, of an elementwise operation a range of the elements. Whoever is there takes a part: helpers
// that have no processor are not waited for, and the caller alone would do all. What can't be cut without another order of
// its sums (norms), or takes too little of the time to matter (pools, resizing, direct convolutions at both ends of the network),
// it does itself. No bit of a part depends on how many there are, or on who does it.

// team is the threads of a tape.
type team struct {
	threads int
	helpers []func()      // what the goroutines run: made once, so that starting them allocates nothing
	running []atomic.Bool // helper i has a goroutine
	offer   atomic.Uint64 // node<<32 | next part of it
	done    atomic.Int32  // parts of the node that are done
}

// closed is the offer between two passes: helpers go home.
const closed = uint64(1) << 63

// SetThreads makes Forward use that many goroutines, of which the caller's is one; the others end soon after the call.
// It gains where each has a core of its own and operations take tens of microseconds or more. Each thread beyond the first
// needs scratch of its own. The results are the same bit by bit. It panics if n < 1 or the tape is not compiled.
func (t *Tape[F]) SetThreads(n int) {
	t.ready()
	if n < 1 {
		panic(fmt.Sprintf("autodiff: %d threads", n))
	}
	t.team, t.helperScratch = nil, 0
	if n == 1 {
		return
	}
	m := &team{threads: n, running: make([]atomic.Bool, n-1)}
	m.offer.Store(closed)
	for i := range m.running {
		scratch := make([]F, len(t.scratch))
		t.helperScratch += len(scratch)
		m.helpers = append(m.helpers, func() {
			t.help(m, scratch)
			m.running[i].Store(false)
		})
	}
	t.team = m
}

// forwardTogether is Forward on all threads.
func (t *Tape[F]) forwardTogether() {
	m := t.team
	for i := range t.nodes {
		n := &t.nodes[i]
		if !traits[n.op].parts {
			t.forward(n)
			continue
		}
		if n.op == opConvAdd && &n.out.Data[0] != &n.in[1].Data[0] {
			copy(n.out.Data, n.in[1].Data)
		}
		m.done.Store(0)
		m.offer.Store(uint64(i) << 32)
		for k, help := range m.helpers {
			if !m.running[k].Swap(true) {
				go help()
			}
		}
		for t.takePart(m, t.scratch) {
		}
		m.wait(func() bool { return int(m.done.Load()) == m.threads })
	}
	m.offer.Store(closed)
}

// help takes parts until the pass is over.
func (t *Tape[F]) help(m *team, scratch []F) {
	for m.offer.Load() < closed {
		if !t.takePart(m, scratch) {
			last := m.offer.Load()
			m.wait(func() bool { return m.offer.Load() != last || uint32(last) < uint32(m.threads) })
		}
	}
}

// takePart takes a part of the node on offer, if any is left, and does it. Node and part are taken in one operation: of
// whichever node is on offer at that moment.
func (t *Tape[F]) takePart(m *team, scratch []F) bool {
	if now := m.offer.Load(); now >= closed || int(uint32(now)) >= m.threads {
		return false
	}
	taken := m.offer.Add(1) - 1
	if taken >= closed || int(uint32(taken)) >= m.threads {
		return false
	}
	t.forwardPart(&t.nodes[taken>>32], int(uint32(taken)), m.threads, scratch)
	m.done.Add(1)
	return true
}

// wait returns when the condition holds. It waits actively, for nodes are short.
func (m *team) wait(condition func() bool) {
	for spins := 0; !condition(); spins++ {
		if spins >= 1000 { // the others may lack a processor
			runtime.Gosched()
		}
	}
}

// forwardPart makes a part of a node that has parts.
func (t *Tape[F]) forwardPart(n *node[F], part, parts int, scratch []F) {
	y, x := n.out.Data, n.in[0].Data
	lines := (len(y) + alignment - 1) / alignment // elements are cut at cache lines
	from, to := min(len(y), lines*part/parts*alignment), min(len(y), lines*(part+1)/parts*alignment)
	switch n.op {
	case opConv, opConvAdd:
		n.conv.filter.ForwardPart(y, x, t.biasOf(n.conv), n.out.H, n.out.W, n.op == opConvAdd, part, parts, scratch)
	case opELU:
		kernel.ELU(y[from:to], x[from:to])
	case opAdd:
		kernel.Add(y[from:to], x[from:to], n.in[1].Data[from:to])
	}
}
