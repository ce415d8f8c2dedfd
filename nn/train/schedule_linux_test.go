package train

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"csdm/internal/kernel"
	"csdm/nn"
	"csdm/rng"
)

// cpuTime is the CPU time of the thread, which other programs hardly change.
func cpuTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		panic(err)
	}
	return time.Duration(t.Nano())
}

// reading is the time of reading the clock.
func reading() time.Duration {
	least := time.Duration(math.MaxInt64)
	for range 1000 {
		start := cpuTime()
		least = min(least, cpuTime()-start)
	}
	return least
}

// partTimes returns, for each number of threads, the times in which each of
// them would compute its parts of the gradient of the sample of w; see
// nn.Worker.TimeParts. The time of a part is the least of some runs. The
// numbers of threads take turns, so that other load changes all alike.
func partTimes(w *sampler, threads []int, grads []float32) map[int][][]time.Duration {
	least := map[int][][]time.Duration{}
	clock := reading()
	began := cpuTime()
	for round := 0; round < 4 || round < 40 && cpuTime()-began < 40*time.Second; round++ {
		for _, n := range threads {
			times := w.Worker.(*nn.Worker[float32]).TimeParts(n, grads, w.x, w.y, w.z, w.sigma,
				cpuTime)
			if round == 0 {
				least[n] = times
			}
			for stage, parts := range times {
				for k, t := range parts {
					least[n][stage][k] = max(0, min(least[n][stage][k], t-clock))
				}
			}
		}
	}
	return least
}

// together returns the time in which threads compute their parts at once: in
// each stage the time of the longest part, and of a synchronization. Loss and
// gradient are two passes, which wake the threads.
func together(stages [][]time.Duration, threads int) (took float64) {
	for _, parts := range stages {
		took += parts[0].Seconds()
		if len(parts) > 1 {
			took += slices.Max(parts[1:]).Seconds()
		}
		if len(parts) > 2 {
			took += wait * float64(threads)
		}
	}
	return took + 2*wake*float64(threads-1)
}

// measure times the parts of a step of st, except gradients of samples.
func measure(b *testing.B, st *stepper) *tasks {
	k := &tasks{}
	timed := func(do func()) float64 {
		least := time.Duration(math.MaxInt64)
		for range 12 {
			start := cpuTime()
			do()
			least = min(least, cpuTime()-start)
		}
		return least.Seconds()
	}
	w, g := st.samplers[0], st.grads.all
	k.draw = timed(func() {
		if err := st.draw(&w.sample, 0, 0); err != nil {
			b.Fatal(err)
		}
	})
	k.clear = timed(func() { clear(g[0]) })
	k.add = timed(func() { kernel.Accumulate(g[0], g[1]) })
	st.grads.begin()
	st.grads.parts[0] = g[0]
	for c := range st.squares {
		k.chunks = append(k.chunks, timed(func() { _ = st.reduce(0, c) }))
	}
	st.adam = kernel.Adam{Rate: 1e-9, Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8, Decay: 0.9, Step: 1,
		Scale: 1e-3}
	st.muon = muon{rate: 1e-9, momentum: st.settings.Muon, scale: 1e-3, decay: 0.9}
	for i := range st.pieces {
		k.pieces = append(k.pieces, timed(func() { _ = st.update(0, i) }))
	}
	k.wake = wake
	return k
}

// The simulation's assumptions, in seconds: of each thread, the time of its
// synchronization with the others of its team, and of its start in a loop.
const (
	wait = 0.25e-6
	wake = 0.5e-6
)

// BenchmarkSchedule states the speed-up of training on many cores, from the
// times of the parts of a step on one. Metrics are the time of a step on one
// thread and the speed-up by 16, 64 and 128 threads, in the simulation. It
// leaves out that cores share memory and clock. Run it with -benchtime 1x.
func BenchmarkSchedule(b *testing.B) {
	counts := []int{1, 16, 64, 128}
	for _, c := range []struct {
		name    string
		variant nn.Variant
		ngf, y  int
		size    int
		batch   int
		muon    float64
	}{
		{"quasistatic-full", nn.Light, 16, 1, 56, 16, 0.95},
		{"light-128", nn.Light, 16, 1, 56, 128, 0.95},
		{"quasistatic-small", nn.Base, 16, 1, 56, 32, 0.95},
		{"phantom-small", nn.Base, 24, 1, 56, 32, 0},
		{"quasistatic-paper", nn.Base, 64, 1, 56, 128, 0},
		{"spheroid-full", nn.Light4, 16, 1, 256, 8, 0.95},
		{"light4", nn.Light4, 16, 1, 256, 16, 0.95},
		{"light4", nn.Light4, 16, 1, 256, 32, 0.95},
		{"spheroid-small", nn.Deeper, 16, 1, 256, 8, 0},
		{"spheroid-paper", nn.Deeper, 64, 1, 256, 32, 0},
	} {
		b.Run(fmt.Sprintf("%s/ngf=%d/size=%d/batch=%d", c.name, c.ngf, c.size, c.batch),
			func(b *testing.B) {
				net := nn.NewNet[float32](nn.Arch{NGF: c.ngf, YChannels: c.y, Pool: nn.MaxPool,
					Variant: c.variant, Extra: 1})
				net.Init(1)
				s := toySettings()
				s.Steps, s.Batch, s.Muon = 1_000_000, c.batch, c.muon
				par := &nn.Preconditioned{SigmaData: 0.25, YMean: make([]float64, c.y),
					YStd: slices.Repeat([]float64{1}, c.y)}
				if c.size == 256 {
					par.YPeriod = 1
				}
				st := newStepper(ScoreNetwork(net, par, c.size, c.size), newImage(c.size), s)
				most := st.samplers[0].Worker.(Sharer).MostThreads()
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
				k, g := measure(b, st), st.grads.all[0]
				divisions, all := map[int]Division{}, []int{}
				for _, threads := range counts {
					divisions[threads] = Divide(threads, c.batch, most)
					if share := divisions[threads].Share; !slices.Contains(all, share) {
						all = append(all, share)
					}
				}
				times := partTimes(st.samplers[0], all, g)
				at := func(threads int) float64 {
					d := divisions[threads]
					k.samples = []float64{k.clear + together(times[d.Share], d.Share)}
					return k.step(c.batch, threads, d)
				}
				for b.Loop() {
					one := at(1)
					b.ReportMetric(one, "s/step")
					for _, threads := range counts[1:] {
						b.ReportMetric(one/at(threads), fmt.Sprintf("x%d", threads))
					}
				}
			})
	}
}

// image is a source of one smooth pair. Like a dataset it copies the pair, and
// adds noise to y. From 256×256 pixels on, y is a wrapped phase of some turns,
// as for a spheroid.
type image struct{ x, y []float32 }

func newImage(n int) image {
	m := image{make([]float32, n*n), make([]float32, n*n)}
	_ = toySource{n: n}.Training(m.x, m.y, 0, 0) // cannot fail
	if n >= 256 {
		for k := range m.y {
			m.y[k] = float32(3*k) / float32(n*n)
		}
	}
	return m
}

func (m image) Training(x, y []float32, step, slot uint64) error {
	var stream rng.Stream
	stream.Reset(5, rng.Noise, step, slot)
	copy(x, m.x)
	phase := len(m.y) >= 256*256
	for k, v := range m.y {
		if phase {
			re := 20 + stream.Normal()
			turn := float64(v) + math.Atan2(stream.Normal(), re)/(2*math.Pi)
			y[k] = float32(math.Remainder(turn, 1))
		} else {
			y[k] = v + 0.05*float32(stream.Normal())
		}
	}
	return nil
}
func (m image) HeldOut(x, y []float32, i uint64) error { return m.Training(x, y, 0, i) }
func (m image) HeldOutLen() int                        { return 1 }
