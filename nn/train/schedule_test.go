package train

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// tasks holds the times of the parts of a step, each on one thread.
type tasks struct {
	draw    float64   // seconds of drawing a sample
	clear   float64   // of clearing its gradient
	samples []float64 // of its loss and its gradient
	add     float64   // of adding a gradient to another
	chunks  []float64 // of the sum of squares of a chunk
	pieces  []float64 // of the optimizer
	repack  []float64 // of the layers' filters
	wake    float64   // of starting a loop, for each thread
}

// inOrder returns the time in which threads take tasks in order, each thread
// the next one when it is free.
func inOrder(times []float64, threads int) float64 {
	free := make([]float64, min(threads, len(times)))
	for _, t := range times {
		first := slices.Index(free, slices.Min(free))
		free[first] += t
	}
	return slices.Max(free)
}

// event is the end of a sample's gradient on some thread.
type event struct {
	at     float64
	sample int
}

// gradientPhase simulates the first loop of a step with the real tree: threads
// take samples, wait for room, and add complete nodes. It returns the time of
// the loop and the number of additions that it leaves. room is the number of
// threads that the memory is for.
func (k *tasks) gradientPhase(samples, threads, room int) (took float64, left int) {
	g := newGradients(0, samples, room)
	g.begin()
	var running []event
	start := func(now float64) bool {
		if g.next == samples || len(g.free) == 0 {
			return false
		}
		sample, _ := g.take()
		running = append(running, event{now + k.samples[sample%len(k.samples)], sample})
		return true
	}
	idle, left := 0, samples-1
	for range min(threads, samples) {
		if !start(0) {
			idle++
		}
	}
	for len(running) > 0 {
		first := 0
		for i, e := range running {
			if e.at < running[first].at {
				first = i
			}
		}
		e := running[first]
		running = slices.Delete(running, first, first+1)
		before := len(g.free)
		g.finish(e.sample, []float32{})
		added := len(g.free) - before
		left -= added
		now := e.at + float64(added)*k.add
		took = max(took, now)
		for idle++; idle > 0 && start(now); idle-- {
		}
	}
	return took, left
}

// step returns the time of a step. Of the threads, drawers draw samples ahead;
// without any, each sample is drawn before its gradient.
func (k *tasks) step(samples, threads, drawers int) float64 {
	threads -= drawers
	phase := *k
	if drawers == 0 {
		phase.samples = slices.Clone(k.samples)
		for i := range phase.samples {
			phase.samples[i] += k.draw
		}
	}
	t, left := phase.gradientPhase(samples, threads, threads)
	if drawers > 0 {
		t = max(t, float64(samples)*k.draw/float64(drawers))
	}
	sums := slices.Clone(k.chunks)
	for c := range sums {
		sums[c] += float64(left) * k.add / float64(len(sums))
	}
	return t + inOrder(sums, threads) + inOrder(k.pieces, threads) + inOrder(k.repack, threads) +
		4*k.wake*float64(threads)
}

// TestSchedule checks the simulated step where it is known, and that the room
// for gradients does not make threads wait where samples take different times.
func TestSchedule(t *testing.T) {
	equal := &tasks{samples: []float64{1}, chunks: []float64{0}, pieces: []float64{0},
		repack: []float64{0}}
	for threads, want := range map[int]float64{1: 48, 5: 10, 16: 3, 48: 1, 64: 1} {
		if got := equal.step(48, threads, 0); got != want {
			t.Errorf("48 samples on %d threads take %v, want %v", threads, got, want)
		}
	}
	equal.add, equal.chunks = 0.1, []float64{1, 1, 1}
	if got, want := equal.step(8, 1, 0), 8+7*0.1+3.0; got < want-1e-9 || got > want+1e-9 {
		t.Errorf("8 samples with additions take %v, want %v", got, want)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ samples, threads int }{{128, 16}, {128, 50}, {512, 64},
		{1000, 100}} {
		for trial := range 20 {
			k := &tasks{samples: make([]float64, c.samples)}
			for i := range k.samples {
				k.samples[i] = 0.8 + 0.4*random.Float64()
			}
			took, _ := k.gradientPhase(c.samples, c.threads, c.threads)
			if most, _ := k.gradientPhase(c.samples, c.threads, c.samples); took > 1.02*most {
				t.Errorf("trial %d: %d samples on %d threads take %v, with room for all %v", trial,
					c.samples, c.threads, took, most)
			}
		}
	}
}
