package langevin

import "sync/atomic"

// Threaded is a Scorer that can use n ≥ 1 goroutines for each score from now
// on, with the same results. It may have use for fewer. SetThreads(1) ends
// those that it has.
type Threaded interface {
	Scorer
	SetThreads(n int)
}

// share divides threads among chains. While there are draws for all threads, a
// chain has one. When fewer are left than threads, those under way take over
// what the others leave, at their next score.
type share struct {
	threads int
	left    atomic.Int64 // draws not finished
}

// of returns the threads of each chain. It is asked by chains that are under
// way, so that some draws are left.
func (s *share) of() int { return max(1, s.threads/int(s.left.Load())) }

// setThreads makes the scorer of c use n threads, if it can.
func (c *Chain) setThreads(n int) {
	if s, ok := c.scorer.(Threaded); ok && n != c.threads {
		s.SetThreads(n)
		c.threads = n
	}
}
