package train

import (
	"context"
	"math"
	"runtime"
)

// Division is how threads divide the work of a step. The results do not depend
// on it.
type Division struct {
	Teams int // each takes a sample of the batch, and then the next one
	Share int // threads of a team, which share the gradient of its sample
	// Steps whose samples all threads draw together; 0: each team draws its
	// own samples.
	Ahead int
}

// sharingLoss is about the time that threads lose when they share the gradient
// of a sample, relative to the time of a gradient on one thread; see Evidence.
const sharingLoss = 0.08

// Divide divides the work of a step of batch samples, where at most most
// threads can share a gradient. It takes the number of teams that needs least
// time: with 12 threads and 16 samples, four teams of three take four turns of
// a third of a gradient, and twelve teams of one take two turns of a whole one.
func Divide(threads, batch, most int) Division {
	least, d := math.Inf(1), Division{}
	for n := min(threads, batch); n >= 1; n-- {
		share := min(threads/n, most)
		took := 1 / float64(share)
		if share > 1 {
			took += sharingLoss
		}
		if turns := (batch + n - 1) / n; float64(turns)*took < least {
			least, d.Teams, d.Share = float64(turns)*took, n, share
		}
	}
	if threads > d.Teams {
		d.Ahead = stepsAhead(threads, batch)
	}
	return d
}

// stepsAhead returns the number of steps whose samples threads draw together:
// the number that leaves the smallest share of the threads' time idle, of the
// numbers that need room for at most two samples for each thread, or for two
// batches.
func stepsAhead(threads, batch int) (steps int) {
	best := 0.0
	for n := 1; n*batch <= 2*max(threads, batch); n++ {
		turns := (n*batch + threads - 1) / threads
		if busy := float64(n*batch) / float64(turns*threads); busy > best {
			best, steps = busy, n
		}
	}
	return steps
}

// ahead holds the samples of some coming steps. It serves trainings whose
// threads share the gradient of a sample: a sample is drawn by one thread,
// which the others would wait for. So all threads together draw the samples of
// several steps before the first of these steps. A sample is a function of its
// step and slot, so that it does not depend on when it is drawn.
type ahead struct {
	from, to int     // steps whose samples are drawn: from up to, and without, to
	samples  []drawn // of these steps, one after the other
}

// drawn is a sample, or the error of drawing it, which belongs to its step.
type drawn struct {
	sample
	err error
}

// newAhead makes room for the samples of the given number of steps.
func (t *stepper) newAhead(steps int) *ahead {
	a := &ahead{samples: make([]drawn, steps*t.settings.Batch)}
	for k := range a.samples {
		a.samples[k].sample = newSample(t.network)
	}
	return a
}

// at returns the sample of a slot of a step.
func (a *ahead) at(step, slot, batch int) *drawn { return &a.samples[(step-a.from)*batch+slot] }

// drawSteps draws the samples of this step and of the next ones, unless they
// are drawn already.
func (t *stepper) drawSteps() {
	a, batch := t.ahead, t.settings.Batch
	if a == nil || t.steps < a.to {
		return
	}
	a.from = t.steps
	a.to = min(a.from+len(a.samples)/batch, max(t.settings.Steps, a.from+1))
	// The loop cannot end early or fail: errors are kept for their steps.
	_ = t.crew.few(context.Background(), t.cores(), (a.to-a.from)*batch, t.drawOne)
}

// drawAhead draws sample k of the coming steps.
func (t *stepper) drawAhead(_, k int) error {
	d, batch := &t.ahead.samples[k], t.settings.Batch
	d.err = t.draw(&d.sample, t.ahead.from+k/batch, k%batch)
	return nil
}

// cores returns the number of threads that have a processor.
func (t *stepper) cores() int { return min(t.settings.Threads, runtime.GOMAXPROCS(0)) }
