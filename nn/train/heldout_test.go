package train

import (
	"context"
	"errors"
	"math"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"csdm/rng"
)

// TestHeldOutIsTheLossOfTheAverage recomputes a held-out loss and its standard
// error from the definition, with a network that has the averaged weights. It
// also checks that the training's own weights are restored.
func TestHeldOutIsTheLossOfTheAverage(t *testing.T) {
	s := toySettings()
	s.Threads = 2
	source := toyData()
	st := newStepper(toyNetwork(), source, s)
	for range 4 {
		if _, _, err := st.step(); err != nil {
			t.Fatal(err)
		}
	}
	weights, ema := slices.Clone(st.weights), slices.Clone(st.ema)
	h, err := st.heldOutLoss(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(weights, st.weights) || !slices.Equal(ema, st.ema) {
		t.Fatal("weights or average changed")
	}

	averaged := toyNetwork()
	copy(averaged.Weights(), ema)
	averaged.(*scoreNetwork).net.Repack()
	w := averaged.NewWorker()
	x, y, z := make([]float32, 64), make([]float32, 64), make([]float32, 64)
	sigmas := []float64{s.SigmaMin, math.Sqrt(s.SigmaMin * s.SigmaMax), s.SigmaMax}
	for l, sigma := range sigmas {
		if math.Abs(h.Sigma[l]-sigma) > 1e-14*sigma {
			t.Errorf("level %d is %v, want %v", l, h.Sigma[l], sigma)
		}
		var losses []float64
		for i := range uint64(source.heldOut) {
			if err := source.HeldOut(x, y, i); err != nil {
				t.Fatal(err)
			}
			averaged.(Preparer).Prepare(y)
			stream := rng.New(s.Seed, rng.HeldOut, i, uint64(1+l))
			for k := range z {
				z[k] = float32(stream.Normal())
			}
			losses = append(losses, w.Loss(x, y, z, h.Sigma[l]))
		}
		mean := (losses[0] + losses[1] + losses[2]) / 3
		variance := (sq(losses[0]-mean) + sq(losses[1]-mean) + sq(losses[2]-mean)) / 2
		if math.Abs(h.Loss[l]-mean) > 1e-13*mean ||
			math.Abs(h.Error[l]-math.Sqrt(variance/3)) > 1e-13*mean {
			t.Errorf("level %d: loss %v ± %v, want %v ± %v", l, h.Loss[l], h.Error[l], mean,
				math.Sqrt(variance/3))
		}
	}
	if mean := (h.Loss[0] + h.Loss[1] + h.Loss[2]) / 3; math.Abs(h.Mean-mean) > 1e-13*mean {
		t.Errorf("mean over the levels %v, want %v", h.Mean, mean)
	}
}

// TestHeldOutUsesAllThreads evaluates more held-out pairs than a batch has
// samples. Each thread must have a pair, and the losses the same bits.
func TestHeldOutUsesAllThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(8))
	s, source := toySettings(), toyData()
	s.Batch, source.heldOut = 2, 5
	var want HeldOut
	for _, c := range []struct{ threads, evaluators int }{{1, 1}, {2, 2}, {4, 4}, {8, 5}} {
		s.Threads = c.threads
		st := newStepper(toyNetwork(), source, s)
		if _, _, err := st.step(); err != nil {
			t.Fatal(err)
		}
		got, err := st.heldOutLoss(t.Context())
		st.crew.close()
		if err != nil || len(st.evaluators) != c.evaluators {
			t.Errorf("%d threads: %d pairs at a time, %v", c.threads, len(st.evaluators), err)
		}
		if c.threads == 1 {
			want = got
		} else if !reflect.DeepEqual(got, want) {
			t.Errorf("%d threads: %+v, want %+v", c.threads, got, want)
		}
	}
}

func sq(v float64) float64 { return v * v }

// interrupting cancels a training when held-out pair 1 is read.
type interrupting struct {
	toySource
	cancel func()
}

func (s interrupting) HeldOut(x, y []float32, i uint64) error {
	if i == 1 {
		s.cancel()
	}
	return s.toySource.HeldOut(x, y, i)
}

// TestStoppedInTheHeldOutLoss checks that a held-out loss, which may take long,
// is not finished after a stop, and that the next call computes it from the
// start.
func TestStoppedInTheHeldOutLoss(t *testing.T) {
	want, folder := t.TempDir(), t.TempDir()
	mustRun(t, toyNetwork(), toyData(), toySettings(), Options{Folder: want})
	ctx, cancel := context.WithCancel(t.Context())
	r, err := Run(ctx, toyNetwork(), interrupting{toyData(), cancel}, toySettings(),
		Options{Folder: folder})
	if !errors.Is(err, ErrStopped) || r.Step != 7 || r.Last.Step != 0 {
		t.Fatalf("stopped after %d steps with held-out loss %v: %v", r.Step, r.Last, err)
	}
	mustRun(t, toyNetwork(), toyData(), toySettings(), Options{Folder: folder})
	wantSameRun(t, folder, want)
}

// spoiled has a NaN in the measurement of held-out pair 2.
type spoiled struct{ toySource }

func (s spoiled) HeldOut(x, y []float32, i uint64) error {
	err := s.toySource.HeldOut(x, y, i)
	if i == 2 {
		y[0] = float32(math.NaN())
	}
	return err
}

func TestNonFiniteHeldOutPairIsNamed(t *testing.T) {
	folder := t.TempDir()
	s := toySettings()
	r, err := Run(t.Context(), toyNetwork(), spoiled{toyData()}, s, Options{Folder: folder})
	e, ok := errors.AsType[*NonFiniteError](err)
	if !ok || !e.HeldOut || e.Step != 7 || e.Slot != 2 || e.Sigma != s.SigmaMin || e.Layer != "y" {
		t.Errorf("error %v", err)
	}
	c, _, err := Latest(folder)
	if err != nil || c == nil || c.Step != 7 || !slices.Equal(c.EMA, r.EMA) {
		t.Fatalf("checkpoint %v (%v), want one of the 7 good steps", c, err)
	}
}

// TestNoAveraging checks that without averaging the average equals the weights
// bit for bit. The average is computed as w₀ + (w − w₀), and a weight's
// difference from its previous value adds up to the weight exactly (Dekker
// 1971).
func TestNoAveraging(t *testing.T) {
	s := toySettings()
	s.EMA, s.HeldOutEvery, s.LearningRate = 0, 0, 0.1 // steps so large that weights change sign
	network := toyNetwork()
	if r := mustRun(t, network, toyData(), s, Options{Folder: t.TempDir()}); !slices.Equal(r.EMA,
		network.Weights()) {
		t.Error("the average is not the weights")
	}
}
