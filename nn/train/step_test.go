package train

import (
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"csdm/nn"
	"csdm/rng"
)

// TestStepsAgreeWithFloat64 follows Adam with warm-up, decay, clipping and EMA
// in float64, written as in the papers, on a network whose gradient is known.
//
// Each step rounds weights, moments and gradients a few times to float32. The
// problem is convex with curvatures of at most 4 and the weights are below 4,
// so errors do not grow: they stay within a small multiple of the number of
// steps times the rounding of a weight.
func TestStepsAgreeWithFloat64(t *testing.T) {
	const n = 37
	for _, clip := range []float64{0, 18} {
		s := toySettings()
		s.Steps, s.ClipNorm, s.LearningRate = 60, clip, 0.02
		q := newQuadratic(n)
		source := toySource{n: n}
		st := newStepper(q, source, s)

		w, ema, m, v := make([]float64, n), make([]float64, n), make([]float64, n),
			make([]float64, n)
		for k := range w {
			w[k] = float64(q.weights[k])
			ema[k] = w[k]
		}
		clipped := 0
		for step := range s.Steps {
			gotLoss, gotNorm, err := st.step()
			if err != nil {
				t.Fatal(err)
			}

			g, loss := make([]float64, n), 0.0
			x, y := make([]float32, n), make([]float32, n)
			for slot := range s.Batch {
				if err := source.Training(x, y, uint64(step), uint64(slot)); err != nil {
					t.Fatal(err)
				}
				sigma := s.drawSigma(rng.New(s.Seed, rng.Sigma, uint64(step), uint64(slot)))
				z := rng.New(s.Seed, rng.Z, uint64(step), uint64(slot))
				for k := range w {
					d := w[k] - float64(x[k]) - sigma*z.Normal()/100
					loss += q.curvature(k) * d * d / 2 / float64(s.Batch)
					g[k] += q.curvature(k) * d / float64(s.Batch)
				}
			}
			norm := 0.0
			for _, v := range g {
				norm += v * v
			}
			norm = math.Sqrt(norm)
			factor := 1.0
			if clip > 0 && norm > clip {
				factor = clip / norm
				clipped++
			}
			rate := s.LearningRate * math.Min(1, float64(step+1)/5) * math.Min(1,
				float64(60-step)/30)
			momentum := math.Min(0.999, float64(2+step)/float64(11+step))
			for k := range w {
				g := factor * g[k]
				m[k] = 0.9*m[k] + 0.1*g
				v[k] = 0.999*v[k] + 0.001*g*g
				mHat := m[k] / (1 - math.Pow(0.9, float64(step+1)))
				vHat := v[k] / (1 - math.Pow(0.999, float64(step+1)))
				w[k] -= rate * mHat / (math.Sqrt(vHat) + 1e-8)
				ema[k] = momentum*ema[k] + (1-momentum)*w[k]
			}

			tolerance := 4 * float64(step+2) * 4 * 0x1p-24
			if math.Abs(gotLoss-loss) > 10*n*tolerance ||
				math.Abs(gotNorm-norm) > 4*math.Sqrt(n)*tolerance {
				t.Fatalf("clip %v, step %d: loss %v and norm %v, want %v and %v", clip, step,
					gotLoss, gotNorm, loss, norm)
			}
			for k := range w {
				if math.Abs(float64(st.weights[k])-w[k]) > tolerance ||
					math.Abs(float64(st.ema[k])-ema[k]) > tolerance {
					t.Fatalf("clip %v, step %d: weight %d is %v (average %v), want %v (%v)", clip,
						step, k, st.weights[k], st.ema[k], w[k], ema[k])
				}
			}
		}
		if clip > 0 && (clipped == 0 || clipped == s.Steps) {
			t.Errorf("%d of %d steps were clipped: the test covers only one case", clipped, s.Steps)
		}
	}
}

// TestBatchGradientIsTheMean compares the norm that a step returns with the
// gradients of its samples, computed one by one.
func TestBatchGradientIsTheMean(t *testing.T) {
	s := toySettings()
	network := toyNetwork()
	st := newStepper(network, toyData(), s)
	w := toyNetwork().NewWorker()
	sum := make([]float32, len(st.weights))
	x, y, z := make([]float32, 64), make([]float32, 64), make([]float32, 64)
	want := 0.0
	for slot := range uint64(s.Batch) {
		if err := toyData().Training(x, y, 0, slot); err != nil {
			t.Fatal(err)
		}
		network.(Preparer).Prepare(y)
		stream := rng.New(s.Seed, rng.Z, 0, slot)
		for k := range z {
			z[k] = float32(stream.Normal())
		}
		want += w.LossGrad(sum, x, y, z, s.drawSigma(rng.New(s.Seed, rng.Sigma, 0,
			slot))) / float64(s.Batch)
	}
	loss, norm, err := st.step()
	if err != nil {
		t.Fatal(err)
	}
	if _, sumNorm := firstNonFinite(sum); math.Abs(norm-sumNorm/float64(s.Batch)) > 1e-5*norm {
		t.Errorf("norm %v, want %v", norm, sumNorm/float64(s.Batch))
	}
	if math.Abs(loss-want) > 1e-12*want {
		t.Errorf("loss %v, want %v", loss, want)
	}
}

// TestSameBytesForAnyThreads trains with fewer and with more threads than
// samples.
func TestSameBytesForAnyThreads(t *testing.T) {
	s, want := toySettings(), t.TempDir()
	s.Steps, s.Batch = 8, 37
	mustRun(t, toyNetwork(), toyData(), s, Options{Folder: want})
	for _, threads := range []int{2, 4, 7, 16, 64, 128} {
		folder := t.TempDir()
		s.Threads = threads
		said := ""
		mustRun(t, toyNetwork(), toyData(), s, Options{Folder: folder,
			Note: func(note string) { said += note }})
		wantSameCheckpoint(t, folder, want)
		if threads == 64 && said != "training uses 37 of 64 threads: 1 for "+
			"each of 37 samples at a time" ||
			threads < 37 && said != "" {
			t.Errorf("%d threads: notes %q", threads, said)
		}
	}
}

// shared is a network whose workers note how many threads they share a sample
// with, of at most three.
type shared struct {
	Network
	got *[]int
}

type sharedWorker struct {
	Worker
	got *[]int
}

func (n shared) NewWorker() Worker      { return sharedWorker{n.Network.NewWorker(), n.got} }
func (w sharedWorker) SetThreads(n int) { *w.got = append(*w.got, n) }
func (w sharedWorker) MostThreads() int { return 3 }

// TestThreadsShareSamples checks how many threads each sample gets: as many as
// there are for all samples, as a sample has work for, and as have processors.
func TestThreadsShareSamples(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(40))
	s := toySettings() // six samples
	for threads, want := range map[int]struct{ workers, each int }{
		1: {1, 1}, 4: {2, 2}, 5: {2, 2}, 9: {3, 3}, 11: {3, 3}, 12: {6, 2}, 17: {6, 2},
		18: {6, 3}, 64: {6, 3},
	} {
		var got []int
		s.Threads = threads
		st := newStepper(shared{toyNetwork(), &got}, toyData(), s)
		st.crew.close()
		if want.each == 1 {
			got = slices.Repeat([]int{1}, want.workers)
		}
		if !slices.Equal(got, slices.Repeat([]int{want.each}, want.workers)) ||
			len(st.samplers) != want.workers || st.threads() != want.workers*want.each {
			t.Errorf("%d threads: %d workers with %v threads", threads, len(st.samplers), got)
		}
	}
	runtime.GOMAXPROCS(7)
	s.Threads = 64
	if st := newStepper(shared{toyNetwork(), new([]int)}, toyData(), s); st.division.Share != 1 {
		t.Errorf("on seven processors six samples have %d threads each", st.division.Share)
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	for _, threads := range []int{1, 2, 5} {
		s := toySettings()
		s.Threads, s.Steps = threads, 1000
		r := &run{stepper: newStepper(toyNetwork(), toyData(), s),
			options: Options{Progress: func(StepReport) {}}}
		var err error
		if r.metrics, err = openMetrics(t.TempDir()+"/metrics.jsonl", nil); err != nil {
			t.Fatal(err)
		}
		defer r.metrics.file.Close()
		defer r.crew.close()
		if got := testing.AllocsPerRun(5, func() {
			if err := r.stepRecord(); err != nil {
				t.Fatal(err)
			}
		}); got > 0 {
			t.Errorf("%d threads: %v allocations a step", threads, got)
		}
	}
}

// TestNonFiniteSampleIsNamed puts a NaN into one pair, then an infinity into
// the weights of one layer. It checks the contents of the error and that the
// step changed nothing.
func TestNonFiniteSampleIsNamed(t *testing.T) {
	for _, threads := range []int{1, 3} {
		s := toySettings()
		s.Threads = threads
		source := toyData()
		source.poison = func(step, slot uint64) bool {
			return step == 9 && (slot == 4 || slot == 5)
		}
		folder := t.TempDir()
		network := toyNetwork()
		result, err := Run(t.Context(), network, source, s, Options{Folder: folder})
		e, ok := errors.AsType[*NonFiniteError](err)
		if !ok {
			t.Fatalf("error %v", err)
		}
		sigma := s.drawSigma(rng.New(s.Seed, rng.Sigma, 9, 4))
		if e.Step != 9 || e.Slot != 4 || e.Pair != 9004 || e.Sigma != sigma || e.Layer != "x" {
			t.Errorf("the error names %+v", e)
		}
		for _, part := range []string{"step 9", "slot 4", "pair 9004", "first in x"} {
			if !strings.Contains(e.Error(), part) {
				t.Errorf("the message lacks %q: %v", part, e)
			}
		}
		c, _, err := Latest(folder)
		if err != nil || c == nil || c.Step != 9 || result.Step != 9 {
			t.Fatalf("checkpoint %v (%v) after %d steps, want one of the 9 good steps", c, err,
				result.Step)
		}
		if i, _ := firstNonFinite(network.Weights()); i >= 0 ||
			!slices.Equal(network.Weights(), c.Weights) {
			t.Error("the failed step touched the weights")
		}
	}

	// The weights of a layer are so large that its activations are infinite.
	network := toyNetwork().(*scoreNetwork)
	for _, e := range network.net.Entries() {
		if e.Name == "res3.0.conv1.weight" {
			w := network.Weights()[e.Offset:][:e.Size()]
			for k := range w {
				w[k] = 3e38
			}
		}
	}
	network.net.Repack()
	_, _, err := newStepper(network, toyData(), toySettings()).step()
	e, ok := errors.AsType[*NonFiniteError](err)
	if !ok || e.Slot != 0 || e.Layer != "res3.0.conv1" {
		t.Errorf("error %v, want one that names slot 0 and res3.0.conv1", err)
	}
	if _, ok := errors.AsType[*nn.NonFiniteError](err); !ok {
		t.Error("the worker's diagnosis is lost")
	}
}

// TestGradientOutOfRange checks that a gradient whose square overflows float32
// is an error; it would otherwise stop Adam silently.
func TestGradientOutOfRange(t *testing.T) {
	q := newQuadratic(5)
	q.weights[2] = 1e25
	_, _, err := newStepper(q, toySource{n: 5}, toySettings()).step()
	if e, ok := errors.AsType[*NonFiniteError](err); !ok || e.Slot != 0 || !finite(e.Loss) {
		t.Errorf("error %v", err)
	}
}
