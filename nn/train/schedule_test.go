package train

import (
	"math"
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
	pieces  []float64 // of the optimizer and of the layers' filters
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

// step returns the mean time of a step of the given division.
func (k *tasks) step(samples, threads int, d Division) (took float64) {
	phase := *k
	if d.Ahead == 0 {
		phase.samples = slices.Clone(k.samples)
		for i := range phase.samples {
			phase.samples[i] += k.draw
		}
	} else {
		drawn := inOrder(slices.Repeat([]float64{k.draw}, samples*d.Ahead), threads)
		took = (drawn + k.wake*float64(threads)) / float64(d.Ahead)
	}
	t, left := phase.gradientPhase(samples, d.Teams, d.Teams)
	sums := slices.Clone(k.chunks)
	for c := range sums {
		sums[c] += float64(left) * k.add / float64(len(sums))
	}
	return took + t + inOrder(sums, threads) + inOrder(k.pieces, threads) +
		k.wake*float64(d.Teams+2*threads)
}

// TestSchedule checks the simulated step where it is known, and that the room
// for gradients does not make threads wait where samples take different times.
func TestSchedule(t *testing.T) {
	equal := &tasks{samples: []float64{1}, chunks: []float64{0}, pieces: []float64{0}}
	for threads, want := range map[int]float64{1: 48, 5: 10, 16: 3, 48: 1, 64: 1} {
		if got := equal.step(48, threads, Divide(threads, 48, 1)); got != want {
			t.Errorf("48 samples on %d threads take %v, want %v", threads, got, want)
		}
	}
	equal.draw = 1 // 64 threads draw four steps of 48 samples in three turns
	if got := equal.step(48, 64, Division{48, 1, 4}); got != 1+3./4 {
		t.Errorf("with samples drawn ahead, a step takes %v, want 1.75", got)
	}
	equal.draw, equal.add, equal.chunks = 0, 0.1, []float64{1, 1, 1}
	if got, want := equal.step(8, 1, Divide(1, 8, 1)), 8+7*0.1+3.0; math.Abs(got-want) > 1e-9 {
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
