package nn

import (
	"math"
	"testing"

	"csdm/rng"
)

// even is the log-uniform distribution of noise levels.
type even struct{ lo, hi float64 }

func (e even) LevelShare(sigma float64) float64 {
	return math.Log(sigma/e.lo) / math.Log(e.hi/e.lo)
}
func (e even) Level(share float64) float64 { return e.lo * math.Pow(e.hi/e.lo, share) }

// TestMLPGradient compares the gradient of a block's loss with central
// differences, for one noise level per vector.
func TestMLPGradient(t *testing.T) {
	n := NewMLP[float64](MLPArch{X: 3, Y: 2, Width: 8, Blocks: 2})
	s := rng.New(1, rng.Test, 0, 0)
	for i := range n.Flat() {
		n.Flat()[i] = 0.4 * s.Normal()
	}
	n.params.Repack()
	const vectors = 5
	normal := func(d int) []float64 {
		v := make([]float64, vectors*d)
		for i := range v {
			v[i] = s.Normal()
		}
		return v
	}
	x, y, z := normal(3), normal(2), normal(3)
	w := n.NewWorker(vectors, even{0.01, 10})
	grads := make([]float64, len(n.Flat()))
	w.LossGrad(grads, x, y, z, 0.3)
	scratch := make([]float64, len(grads))
	loss := func() float64 {
		n.params.Repack()
		return w.LossGrad(scratch, x, y, z, 0.3)
	}
	for k := 0; k < len(grads); k += 7 {
		h, at := 1e-5, n.Flat()[k]
		n.Flat()[k] = at + h
		up := loss()
		n.Flat()[k] = at - h
		d := (up - loss()) / (2 * h)
		n.Flat()[k] = at
		if math.Abs(d-grads[k]) > 1e-7*(1+math.Abs(d)) {
			t.Errorf("%s: gradient %v, difference %v", n.NameAt(k), grads[k], d)
		}
	}
}

// TestMLPLevels checks that a block's noise levels divide the range evenly, by
// a network whose output is zero: its loss is then a known function of them.
func TestMLPLevels(t *testing.T) {
	n := NewMLP[float64](MLPArch{X: 1, Y: 1, Width: 2, Blocks: 1})
	const vectors, lo, hi = 4, 0.01, 100.0
	w := n.NewWorker(vectors, even{lo, hi})
	x, z, y := []float64{2, 2, 2, 2}, []float64{-1, -1, -1, -1}, make([]float64, vectors)
	got, want := w.LossGrad(make([]float64, len(n.Flat())), x, y, z, 1), 0.0
	for _, sigma := range []float64{0.01, 0.1, 1, 10} { // 1 and on, in steps of a decade
		// F is 0, and the target (x − c_skip·(x+σz))/c_out.
		skip, out := 1/(1+sigma*sigma), sigma/math.Sqrt(1+sigma*sigma)
		target := (2 - skip*(2-sigma)) / out
		want += target * target / 2 / vectors
	}
	if math.Abs(got/want-1) > 1e-9 {
		t.Errorf("loss %v, want %v", got, want)
	}
}

// TestMLPScore checks that each vector of a block has its own score, as the
// formula gives it, and that a second call with another state is right too.
func TestMLPScore(t *testing.T) {
	n := NewMLP[float32](MLPArch{X: 2, Y: 3, Width: 16, Blocks: 2})
	n.Init(7)
	y := []float64{0.3, -1, 2}
	one, block := NewMLPScorer(n, y, 1), NewMLPScorer(n, y, 3)
	for _, sigma := range []float64{0.1, 2} {
		x := []float64{1, -2, 0.5, 0.1, -3, sigma}
		all, each := make([]float64, 6), make([]float64, 2)
		if err := block.Score(all, x, sigma); err != nil {
			t.Fatal(err)
		}
		for j := 0; j < 6; j += 2 {
			if err := one.Score(each, x[j:j+2], sigma); err != nil {
				t.Fatal(err)
			}
			for i, v := range each {
				if math.Abs(all[j+i]-v) > 1e-5*(1+math.Abs(v)) {
					t.Errorf("σ %g, vector %d: %v in a block, %v alone", sigma, j/2, all[j+i], v)
				}
			}
		}
	}
	// The loss belongs to the denoiser D = x + σ²s.
	w := n.NewEvaluator(1)
	x, z := []float32{0.4, -0.7}, []float32{1, 0.5}
	const sigma = 0.5
	loss := w.Loss(x, []float32{0.3, -1, 2}, z, sigma)
	noisy, score := []float64{0.4 + sigma, -0.7 + sigma/2}, make([]float64, 2)
	if err := one.Score(score, noisy, sigma); err != nil {
		t.Fatal(err)
	}
	out, want := sigma/math.Sqrt(1+sigma*sigma), 0.0
	for i, v := range score {
		d := (noisy[i] + sigma*sigma*v - float64(x[i])) / out
		want += d * d / 2
	}
	if math.Abs(loss-want) > 1e-4*want {
		t.Errorf("loss %v, by the score %v", loss, want)
	}
}
