package langevin

import "sync/atomic"

// Threaded is a Scorer that can use several goroutines for each score.
// SetThreads(n), n ≥ 1, sets the most that it may use from then on; the results
// do not change. SetThreads(1) ends the additional goroutines.
type Threaded interface {
	Scorer
	SetThreads(n int)
}

// share divides threads among chains. While there is a draw for every thread,
// each chain has one thread. When fewer draws than threads are left, each
// remaining chain takes its part of the idle threads at its next score.
type share struct {
	// threads of the job
	threads int
	left    atomic.Int64 // draws that are not finished
}

// of returns the number of threads of each chain. Only running chains call it,
// so at least one draw is left.
func (s *share) of() int { return max(1, s.threads/int(s.left.Load())) }

// setThreads makes the scorer of c use n threads if it is Threaded.
func (c *Chain) setThreads(n int) {
	if s, ok := c.scorer.(Threaded); ok && n != c.threads {
		s.SetThreads(n)
		c.threads = n
	}
}
