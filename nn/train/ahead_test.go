package train

import (
	"runtime"
	"slices"
	"testing"

	"csdm/nn"
)

// TestDivide checks the division where the best is known.
func TestDivide(t *testing.T) {
	for _, c := range []struct {
		threads, batch, most int
		want                 Division
	}{
		{1, 8, 9, Division{1, 1, 0}},
		{8, 8, 9, Division{8, 1, 0}},  // a thread for each sample
		{9, 8, 9, Division{8, 1, 1}},  // the ninth only draws
		{16, 8, 9, Division{8, 2, 2}}, // two batches are drawn in one turn
		{64, 8, 9, Division{8, 8, 8}}, // eight batches
		{64, 16, 9, Division{16, 4, 4}},
		{64, 8, 3, Division{8, 3, 8}}, // no more than three can share, but all can draw
		{64, 8, 1, Division{8, 1, 8}},
		{12, 16, 9, Division{4, 3, 2}}, // four turns of a third are less than two
		{12, 16, 1, Division{12, 1, 0}},
		{6, 8, 9, Division{2, 3, 2}},
	} {
		if got := Divide(c.threads, c.batch, c.most); got != c.want {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}

// TestDrawnAhead trains with samples drawn ahead and on one thread, and
// compares the weights. The last steps have fewer samples than there is room
// for. It also checks the step that an error of a pair names.
func TestDrawnAhead(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(40))
	s := toySettings() // six samples
	s.Steps = 8
	weights := func(threads int) []float32 {
		s.Threads = threads
		st := newStepper(toyNetwork(), toyData(), s)
		defer st.crew.close()
		if threads > s.Batch && st.ahead == nil {
			t.Errorf("%d threads draw nothing ahead", threads)
		}
		for range s.Steps {
			if _, _, err := st.step(); err != nil {
				t.Fatal(err)
			}
		}
		return st.weights
	}
	want := weights(1)
	for _, threads := range []int{4, 7, 9, 18, 40} {
		if !slices.Equal(weights(threads), want) {
			t.Errorf("with %d threads the weights differ", threads)
		}
	}
	source := toyData()
	source.poison = func(step, slot uint64) bool { return step == 4 && slot == 2 }
	st := newStepper(toyNetwork(), source, s)
	defer st.crew.close()
	for step := range 5 {
		switch _, _, err := st.step(); e := err.(type) {
		case nil:
			if step == 4 {
				t.Error("a NaN in a pair is no error")
			}
		case *NonFiniteError:
			if step != 4 || e.Step != 4 || e.Slot != 2 || e.Layer != "x" {
				t.Errorf("after %d steps: %v", step, e)
			}
		default:
			t.Error(err)
		}
	}
}

// TestSharedGradientsKeepBytes trains a light network on images that threads
// share, and compares the weights with one thread's.
func TestSharedGradientsKeepBytes(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: threads without processors take long")
	}
	const size = 128
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	s := toySettings()
	s.Steps, s.Batch, s.HeldOutEvery = 2, 1, 0
	weights := func(threads int) ([]float32, Division) {
		par := &nn.Preconditioned{SigmaData: 0.25, YMean: []float64{0}, YStd: []float64{1},
			YPeriod: 1}
		net := nn.NewNet[float32](nn.Arch{NGF: 16, YChannels: 1, Extra: 1, Pool: nn.MaxPool,
			Variant: nn.Light4})
		net.Init(1)
		s.Threads = threads
		st := newStepper(ScoreNetwork(net, par, size, size), toySource{n: size}, s)
		defer st.crew.close()
		for range s.Steps {
			if _, _, err := st.step(); err != nil {
				t.Fatal(err)
			}
		}
		return st.weights, st.division
	}
	want, _ := weights(1)
	for _, threads := range []int{2, 4} {
		if got, d := weights(threads); !slices.Equal(got, want) || d.Share != threads {
			t.Errorf("%d threads, %+v: the weights differ", threads, d)
		}
	}
}
