package train

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"csdm/autodiff"
	"csdm/nn"
)

// TestOrthogonalize checks that the singular values of X = U S Vᵀ move close to
// 1 and the singular vectors do not change.
func TestOrthogonalize(t *testing.T) {
	for _, c := range []struct{ rows, cols int }{{9, 4}, {144, 16}, {16, 32}, {5, 5}, {7, 1},
		{1, 6}} {
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
		s.Mul(&left, &v) // diagonal if the vectors are the same
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

// TestOrthogonalizeNothing checks that a matrix that is too small to be scaled
// does not change.
func TestOrthogonalizeNothing(t *testing.T) {
	x := []float32{1e-42, 0}
	if newMuonScratch([]Matrix{{Rows: 2, Cols: 1}}).orthogonalize(x, 1); x[0] != 1e-42 ||
		x[1] != 0 {
		t.Errorf("becomes %v", x)
	}
}

// TestMuonUpdate compares two steps with the definition: Nesterov momentum,
// size of the step, average.
func TestMuonUpdate(t *testing.T) {
	const rate, beta, scale, decay = 1e-3, 0.95, 0.5, 0.75
	for _, c := range []struct{ rows, cols int }{{18, 4}, {4, 18}} {
		n := c.rows * c.cols
		r := rand.New(rand.NewPCG(1, 2))
		s := newMuonScratch([]Matrix{{Rows: c.rows, Cols: c.cols}})
		w, m, avg, g := make([]float32, n), make([]float32, n), make([]float32, n),
			make([]float32, n)
		wantW, wantM, wantAvg, x := make([]float64, n), make([]float64, n), make([]float64, n),
			make([]float32, n)
		for step := range 2 {
			for k := range g {
				g[k] = float32(r.NormFloat64())
				wantM[k] = beta*wantM[k] + (1-beta)*scale*float64(g[k])
				x[k] = float32(beta*wantM[k] + (1-beta)*scale*float64(g[k]))
			}
			s.orthogonalize(x, c.cols)
			muon{rate: rate, momentum: beta, scale: scale, decay: decay}.update(w, m, avg, g,
				c.cols, s)
			for k := range w {
				wantW[k] -= 0.2 * rate * math.Sqrt(18) * float64(x[k])
				wantAvg[k] = decay*wantAvg[k] + (1-decay)*wantW[k]
				if math.Abs(float64(w[k])-wantW[k]) > 1e-7 ||
					math.Abs(float64(m[k])-wantM[k]) > 1e-7 ||
					math.Abs(float64(avg[k])-wantAvg[k]) > 1e-7 {
					t.Fatalf("%d×%d, step %d, weight %d: %v, %v, %v; want %v, %v, %v", c.rows,
						c.cols, step, k, w[k], m[k], avg[k], wantW[k], wantM[k], wantAvg[k])
				}
			}
		}
	}
}

// TestHidden checks that the matrices are all convolutions except the first and
// the last, inputs by outputs.
func TestHidden(t *testing.T) {
	net := nn.NewNet[float32](nn.Arch{NGF: 2, YChannels: 1, Pool: nn.MaxPool, Variant: nn.Base})
	hidden := ScoreNetwork(net, nn.Paper{}, 8, 8).Hidden()
	if len(hidden) != net.Convs()-2 {
		t.Errorf("%d matrices of %d convolutions", len(hidden), net.Convs())
	}
	at := 0
	for _, m := range hidden {
		var entry autodiff.Parameter
		for _, e := range net.Entries() {
			if e.Offset == m.Offset {
				entry = e
			}
		}
		k := len(entry.Shape)
		if m.Offset < at || k != 4 || m.Cols != entry.Shape[3] || m.Rows != entry.FanIn ||
			m.Rows*m.Cols != entry.Size() || strings.HasPrefix(entry.Name, "begin") ||
			strings.HasPrefix(entry.Name, "end") {
			t.Errorf("%+v of %+v", m, entry)
		}
		at = m.Offset + m.Rows*m.Cols
	}
}

// layered is a network of layers at given ranges of the weights. It calls
// update with the range of each layer to use.
type layered struct {
	Network
	ranges [][2]int
	update func(from, to int)
}

func (n layered) Update(i int)                 { n.update(n.Updated(i)) }
func (n layered) Updates() int                 { return len(n.ranges) }
func (n layered) Updated(i int) (from, to int) { return n.ranges[i][0], n.ranges[i][1] }

// TestCut checks that the pieces cover the weights once and do not divide
// matrices, and that a layer is used once in each step, after its last piece.
func TestCut(t *testing.T) {
	matrices := []Matrix{{Offset: 7, Rows: 4, Cols: 5}, {Offset: 27, Rows: 2, Cols: 3},
		{Offset: 2 * chunkLen, Rows: chunkLen / 8, Cols: 8}}
	ranges := [][2]int{{0, 3}, {7, 27}, {27, 33}, {40, chunkLen + 100},
		{2 * chunkLen, 3 * chunkLen}}
	for _, momentum := range []float64{0, 0.9} {
		moved, used := make([]bool, 3*chunkLen), 0
		s := stepper{state: state{weights: make([]float32, 3*chunkLen)},
			settings: Settings{Muon: momentum, Threads: 1},
			network: layered{ranges: ranges, update: func(from, to int) {
				used++
				if slices.Contains(moved[from:to], false) {
					t.Errorf("momentum %v: weights %d to %d are used early", momentum, from, to)
				}
			}}}
		s.cut(matrices)
		for step := range 3 {
			clear(moved)
			for _, p := range s.pieces {
				for k := p.from; k < p.to; k++ {
					moved[k] = true
				}
				s.updated(p)
			}
			if want := (step + 1) * len(ranges); used != want {
				t.Errorf("momentum %v: %d layers are used in %d steps, want %d", momentum, used,
					step+1, want)
			}
		}
		slices.SortFunc(s.pieces, func(a, b piece) int { return a.from - b.from })
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
