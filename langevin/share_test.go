package langevin_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"csdm/langevin"
	"csdm/langevin/langevintest"
)

// threadedScorer records the number of threads of each score in a log that
// several scorers share.
type threadedScorer struct {
	langevin.Scorer
	threads int
	log     *threadLog
}

type threadLog struct {
	mutex   sync.Mutex
	running int   // threads of the chains with a score under way
	most    int   // maximum of running
	seen    []int // threads of each score
	changes int
	scorers []*threadedScorer
}

func (s *threadedScorer) SetThreads(n int) {
	s.log.mutex.Lock()
	defer s.log.mutex.Unlock()
	s.threads = n
	s.log.changes++
}

func (s *threadedScorer) Score(dst, x []float64, sigma float64) error {
	s.log.mutex.Lock()
	s.log.running += s.threads
	s.log.most = max(s.log.most, s.log.running)
	s.log.seen = append(s.log.seen, s.threads)
	s.log.mutex.Unlock()
	err := s.Scorer.Score(dst, x, sigma)
	time.Sleep(20 * time.Microsecond) // gives other goroutines a turn
	s.log.mutex.Lock()
	s.log.running -= s.threads
	s.log.mutex.Unlock()
	return err
}

// TestThreadsOfScorers checks that chains have one thread each while there are
// draws for all, share the idle threads when there are fewer draws, and never
// use more threads than there are. The draws do not change, and each scorer is
// left with one thread.
func TestThreadsOfScorers(t *testing.T) {
	g := langevintest.Tilted()
	draw := func(draws, threads int) (rows [][]float64, log *threadLog) {
		log = &threadLog{}
		_, err := langevin.Sample(context.Background(), func() langevin.Scorer {
			s := &threadedScorer{g.Scorer(), 1, log}
			log.scorers = append(log.scorers, s)
			return s
		}, 4, langevin.Settings{Sampler: langevin.SamplerHeun, Sigmas: geometric(t, 20, 0.01, 20),
			Draws: draws, Threads: threads},
			func(_ int, x []float64) error { rows = append(rows, slices.Clone(x)); return nil })
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range log.scorers {
			if s.threads != 1 {
				t.Errorf("%d draws on %d threads: a scorer is left with %d threads", draws, threads,
					s.threads)
			}
		}
		return rows, log
	}
	want, log := draw(9, 1)
	if log.changes != 0 {
		t.Errorf("on one thread, SetThreads was called %d times", log.changes)
	}
	for _, c := range []struct{ draws, threads, first, last int }{
		{1, 4, 4, 4}, {2, 5, 2, 5}, {3, 4, 1, 4}, {9, 4, 1, 4}, {4, 4, 1, 4},
	} {
		rows, log := draw(c.draws, c.threads)
		if !slices.EqualFunc(rows, want[:c.draws], slices.Equal) {
			t.Errorf("%d draws on %d threads differ from the draws on one", c.draws, c.threads)
		}
		if log.most > c.threads {
			t.Errorf("%d draws: %d of %d threads at once", c.draws, log.most, c.threads)
		}
		if log.seen[0] != c.first || slices.Min(log.seen) != c.first {
			t.Errorf("%d draws on %d threads: scores begin with %d threads, at least %d", c.draws,
				c.threads, log.seen[0], slices.Min(log.seen))
		}
		if n := slices.Max(log.seen); n > c.last || c.draws == 1 && n != c.last {
			t.Errorf("%d draws on %d threads: up to %d threads of a score", c.draws, c.threads, n)
		}
	}
}
