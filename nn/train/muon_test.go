package train

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// TestOrthogonalize: of X = U S Vᵀ the singular values go to near 1, the singular vectors stay.
func TestOrthogonalize(t *testing.T) {
	for _, c := range []struct{ rows, cols int }{{9, 4}, {144, 16}, {16, 32}, {5, 5}, {7, 1}, {1, 6}} {
		r := rand.New(rand.NewPCG(uint64(c.rows), uint64(c.cols)))
		before := mat.NewDense(c.rows, c.cols, nil)
		x := make([]float32, c.rows*c.cols)
		for k := range x {
			x[k] = float32(r.NormFloat64())
			before.Set(k/c.cols, k%c.cols, float64(x[k]))
		}
		newMuonScratch([]Matrix{{Rows: c.rows, Cols: c.cols}}).orthogonalize(x, c.cols)
		after := mat.NewDense(c.rows, c.cols, nil)
		for k, v := range x {
			after.Set(k/c.cols, k%c.cols, float64(v))
		}
		var svd mat.SVD
		if !svd.Factorize(before, mat.SVDThin) {
			t.Fatal("no singular values")
		}
		var u, v, left, s mat.Dense
		svd.UTo(&u)
		svd.VTo(&v)
		left.Mul(u.T(), after)
		s.Mul(&left, &v) // diagonal, if the vectors are the same
		for i := range min(c.rows, c.cols) {
			for j := range min(c.rows, c.cols) {
				got := s.At(i, j)
				if i == j && (got < 0.65 || got > 1.25) || i != j && math.Abs(got) > 1e-4 {
					t.Errorf("%d×%d: entry %d, %d of UᵀYV is %v", c.rows, c.cols, i, j, got)
				}
			}
		}
	}
}

// TestMuonUpdate: the step is against the gradient and as large as promised, a gradient's size has no say in it, and the average follows.
func TestMuonUpdate(t *testing.T) {
	const rows, cols = 18, 4
	r := rand.New(rand.NewPCG(1, 2))
	g := make([]float32, rows*cols)
	for k := range g {
		g[k] = float32(r.NormFloat64())
	}
	step := func(scale float32) (w, avg []float32) {
		w, avg = make([]float32, len(g)), make([]float32, len(g))
		muon{rate: 1e-3, momentum: 0.95, scale: scale, decay: 0.75}.update(w, make([]float32, len(g)), avg, g, cols, newMuonScratch([]Matrix{{Rows: rows, Cols: cols}}))
		return w, avg
	}
	w, avg := step(1)
	var square, along float64
	for k := range w {
		square += float64(w[k]) * float64(w[k])
		along += float64(w[k]) * float64(g[k])
		if math.Abs(float64(avg[k]-w[k]/4)) > 1e-9 {
			t.Errorf("average %v after a step to %v", avg[k], w[k])
		}
	}
	if rms := math.Sqrt(square / float64(len(w))); along >= 0 || rms < 0.65*2e-4 || rms > 1.25*2e-4 {
		t.Errorf("a step of root mean square %v, %v along the gradient", rms, along)
	}
	other, _ := step(1000)
	for k := range w {
		if math.Abs(float64(w[k]-other[k])) > 1e-4*2e-4 {
			t.Errorf("weight %d: %v, and %v for a thousand times the gradient", k, w[k], other[k])
		}
	}
}

// TestCut: pieces cover the weights once, matrices whole.
func TestCut(t *testing.T) {
	for _, momentum := range []float64{0, 0.9} {
		s := stepper{state: state{weights: make([]float32, 3*chunkLen)}, settings: Settings{Muon: momentum, Threads: 1}}
		s.cut([]Matrix{{Offset: 7, Rows: 4, Cols: 5}, {Offset: 27, Rows: 2, Cols: 3}, {Offset: 2 * chunkLen, Rows: chunkLen / 8, Cols: 8}})
		at := 0
		var cols []int
		for _, p := range s.pieces {
			if p.from != at || p.to <= p.from || p.to-p.from > chunkLen {
				t.Errorf("momentum %v: piece %+v after %d", momentum, p, at)
			}
			at = p.to
			if p.cols > 0 {
				cols = append(cols, p.cols)
			}
		}
		want := []int{5, 3, 8}
		if momentum == 0 {
			want = nil
		}
		if at != len(s.weights) || !slices.Equal(cols, want) {
			t.Errorf("momentum %v: pieces end at %d, matrices %v", momentum, at, cols)
		}
	}
}
