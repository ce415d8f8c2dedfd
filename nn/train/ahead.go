package train

import (
	"math"
	"runtime"
	"sync"
)

// ahead draws the samples of coming steps on threads of its own, in their
// order. It serves trainings with more threads than samples: threads share the
// gradient of a sample, but a sample is drawn by one thread, which the others
// would wait for. A sample is a function of its step and slot, so that it does
// not depend on when it is drawn.
type ahead struct {
	ring []drawn
	todo chan int64 // numbers of samples whose places are free, in order
	end  int64      // number after the last sample of the training
	draw func(s *sample, number int64) error
	quit chan struct{}
	busy sync.WaitGroup
}

// drawn is a place in the ring. A message on ready means that it holds one.
type drawn struct {
	sample
	err   error
	ready chan struct{}
}

// newAhead starts threads that draw the samples from first up to, and without,
// end. ring holds the memory of the samples.
func newAhead(threads int, first, end int64, ring []sample,
	draw func(s *sample, number int64) error) *ahead {
	a := &ahead{end: end, draw: draw, quit: make(chan struct{}),
		todo: make(chan int64, len(ring))}
	for k, s := range ring {
		a.ring = append(a.ring, drawn{s, nil, make(chan struct{}, 1)})
		a.add(first + int64(k))
	}
	for range threads {
		a.busy.Go(a.work)
	}
	return a
}

// add lets the threads draw a sample, unless it is beyond the training.
func (a *ahead) add(number int64) {
	if number < a.end {
		a.todo <- number
	}
}

func (a *ahead) work() {
	for {
		select {
		case number := <-a.todo:
			d := a.at(number)
			d.err = a.draw(&d.sample, number)
			d.ready <- struct{}{}
		case <-a.quit:
			return
		}
	}
}

func (a *ahead) at(number int64) *drawn { return &a.ring[number%int64(len(a.ring))] }

// take returns a sample once it is drawn. The caller frees its place by give.
func (a *ahead) take(number int64) (*drawn, error) {
	d := a.at(number)
	<-d.ready
	return d, d.err
}

// give frees the place of a sample for the next one there. A number is added
// only then, so that no two samples ever compete for a place.
func (a *ahead) give(number int64) { a.add(number + int64(len(a.ring))) }

// close ends the threads.
func (a *ahead) close() {
	close(a.quit)
	a.busy.Wait()
}

// plan divides threads among the samples of a batch: share for the gradient of
// each, and the others draw samples ahead. draw and gradient are the times of a
// sample on one thread; at most most threads can share a gradient. With too few
// threads for that, or if drawing takes little time, no thread draws ahead. The
// results do not depend on the plan, so it may depend on measured times.
func plan(threads, batch, most int, draw, gradient float64) (share, drawers int) {
	least := math.Inf(1)
	for s := 1; s <= max(1, min(most, threads/batch)); s++ {
		if t := draw + gradient/float64(s); t < least {
			least, share, drawers = t, s, 0
		}
		others := threads - s*batch
		if t := max(gradient/float64(s), draw*float64(batch)/float64(others)); others > 0 &&
			t < least {
			least, share, drawers = t, s, others
		}
	}
	return share, drawers
}

// divide lets some threads draw samples ahead, if that pays by the times of the
// first step.
func (t *stepper) divide() {
	batch, threads, most := t.settings.Batch, min(t.settings.Threads, runtime.GOMAXPROCS(0)), 1
	if threads <= batch {
		return
	}
	first, ok := t.samplers[0].Worker.(Sharer)
	if ok {
		most = first.MostThreads()
	}
	gradient := t.gradientTime.Load() * int64(t.share)
	share, drawers := plan(threads, batch, most, float64(t.drawTime.Load()), float64(gradient))
	if drawers > 0 {
		t.drawAhead(share, drawers)
	}
}

// drawAhead begins to draw samples ahead on some threads. share threads compute
// the gradient of each sample from now on.
func (t *stepper) drawAhead(share, drawers int) {
	batch := t.settings.Batch
	if share != t.share {
		for _, w := range t.samplers {
			w.Worker.(Sharer).SetThreads(share)
		}
	}
	ring := make([]sample, 2*batch+drawers)
	for k := range ring {
		ring[k] = newSample(t.network)
	}
	t.share, t.drawers = share, drawers
	t.ahead = newAhead(drawers, int64(t.steps*batch), int64(t.settings.Steps*batch), ring,
		func(s *sample, number int64) error {
			return t.draw(s, int(number)/batch, int(number)%batch)
		})
}
