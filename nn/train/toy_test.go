package train

import (
	"math"
	"os"
	"testing"

	"csdm/nn"
	"csdm/rng"
)

// toySource provides pairs on n×n pixels that a network can learn: x is a
// smooth pattern of random amplitude, y is that pattern with noise. It puts a
// NaN into x where poison returns true.
type toySource struct {
	n       int
	heldOut int
	poison  func(step, slot uint64) bool
}

func (s toySource) fill(x, y []float32, stream *rng.Stream) {
	a, b := stream.Uniform(-1, 1), stream.Uniform(-1, 1)
	for k := range x {
		r, c := float64(k/s.n)/float64(s.n), float64(k%s.n)/float64(s.n)
		v := 0.5 + 0.3*a*math.Sin(3*r) + 0.3*b*math.Cos(4*c)
		x[k] = float32(v)
		y[k] = float32(v + 0.05*stream.Normal())
	}
}

func (s toySource) Training(x, y []float32, step, slot uint64) error {
	var stream rng.Stream
	stream.Reset(5, rng.Order, step, slot)
	s.fill(x, y, &stream)
	if s.poison != nil && s.poison(step, slot) {
		x[3] = float32(math.NaN())
	}
	return nil
}

func (s toySource) HeldOut(x, y []float32, i uint64) error {
	var stream rng.Stream
	stream.Reset(5, rng.HeldOut, i, 0)
	s.fill(x, y, &stream)
	return nil
}

func (s toySource) HeldOutLen() int { return s.heldOut }

func (s toySource) Pair(step, slot uint64) uint64 { return 1000*step + slot }

const toySize = 8

// toyNetwork is the real network at its smallest useful size.
func toyNetwork() Network {
	par := &nn.Preconditioned{SigmaData: 0.25, YMean: []float64{0.5}, YStd: []float64{0.25}}
	net := nn.NewNet[float32](nn.Arch{NGF: 4, YChannels: 1, Extra: par.Extra(), Pool: nn.MaxPool,
		Variant: nn.Base})
	net.Init(3)
	return ScoreNetwork(net, par, toySize, toySize)
}

func toyData() toySource { return toySource{n: toySize, heldOut: 3} }

// toySettings returns valid settings that use every part of the package and
// take a fraction of a second.
func toySettings() Settings {
	s := Default()
	s.Steps, s.Batch = 24, 6
	s.LearningRate, s.WarmUp, s.Decay, s.ClipNorm = 2e-3, 5, 0.5, 20
	s.Muon = 0.9
	s.SigmaMin, s.SigmaMax, s.Seed = 0.02, 5, 11
	s.HeldOutEvery, s.HeldOutLevels = 7, 3
	s.CheckpointEvery, s.CheckpointMinutes = 5, 0
	return s
}

// quadratic is a network with known gradients: its loss is ½ Σ curvature_k
// (weight_k − x_k − σz_k/100)², with curvatures from 1 to 4.
type quadratic struct{ weights []float32 }

func newQuadratic(n int) *quadratic {
	q := &quadratic{make([]float32, n)}
	for k := range q.weights {
		q.weights[k] = float32(2 + math.Sin(float64(k)))
	}
	return q
}

func (q *quadratic) Weights() []float32     { return q.weights }
func (q *quadratic) Update(int)             {}
func (q *quadratic) Updates() int           { return 0 }
func (q *quadratic) Updated(int) (int, int) { return 0, 0 }
func (q *quadratic) Hidden() []Matrix       { return nil }
func (q *quadratic) Sizes() (x, y int)      { return len(q.weights), len(q.weights) }
func (q *quadratic) NewWorker() Worker      { return q }
func (q *quadratic) NewEvaluator() Worker   { return q }
func (q *quadratic) Parameter(int) string   { return "w" }

func (q *quadratic) curvature(k int) float64 { return 1 + 3*float64(k)/float64(len(q.weights)) }

func (q *quadratic) LossGrad(grads, x, y, z []float32, sigma float64) float64 {
	loss := 0.0
	for k, w := range q.weights {
		d := float64(w) - float64(x[k]) - sigma*float64(z[k])/100
		loss += q.curvature(k) * d * d / 2
		if grads != nil {
			grads[k] += float32(q.curvature(k) * d)
		}
	}
	return loss
}

func (q *quadratic) Loss(x, y, z []float32, sigma float64) float64 {
	return q.LossGrad(nil, x, y, z, sigma)
}

func (q *quadratic) Diagnose() error { return nil }

// mustRun trains to the end, or fails the test.
func mustRun(t *testing.T, network Network, source Source, s Settings, o Options) *Result {
	t.Helper()
	r, err := Run(t.Context(), network, source, s, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wantSameCheckpoint fails unless the newest checkpoints of two runs hold the
// same bits, step and held-out losses.
func wantSameCheckpoint(t *testing.T, folder, want string) {
	t.Helper()
	a, _, err := Latest(folder)
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := Latest(want)
	if err != nil {
		t.Fatal(err)
	}
	if a == nil || b == nil {
		t.Fatal("no checkpoint")
	}
	// Only times may differ, and the path, which is the place of the file.
	a.Elapsed, a.Path = b.Elapsed, b.Path
	ma, _ := a.metadata()
	mb, _ := b.metadata()
	if a.digest(ma) != b.digest(mb) {
		for k, ta := range a.tensors() {
			tb := b.tensors()[k]
			for i := range *ta.data {
				if math.Float32bits((*ta.data)[i]) != math.Float32bits((*tb.data)[i]) {
					t.Errorf("%s[%d] is %v, want %v", ta.name, i, (*ta.data)[i], (*tb.data)[i])
					break
				}
			}
		}
		t.Errorf("checkpoints differ; metadata %v, want %v", ma, mb)
	}
}

// TestMain lets the test binary be the process that TestKill kills.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == killedChild {
		trainAndTell(os.Args[2])
		return
	}
	os.Exit(m.Run())
}
