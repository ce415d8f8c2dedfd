package nn

import (
	"fmt"
	"math"
	"testing"

	"csdm/internal/kernel"
	"csdm/rng"
)

// sample fills x, y, z with numbers of the size of normalized data, as a
// function of key alone.
func sample[F kernel.Float](a Arch, rows, cols int, key uint64) (x, y, z []F) {
	s := rng.New(7, rng.Test, key, 0)
	x, y = make([]F, a.Fields()*rows*cols), make([]F, a.YChannels*rows*cols)
	z = make([]F, len(x))
	for i := range x {
		x[i] = F(s.Float64())
	}
	for i := range y {
		y[i] = F(s.Float64())
	}
	for i := range y {
		if a.Masked && i%3 == 0 {
			y[i] = F(math.NaN())
		}
	}
	for i := range z {
		z[i] = F(s.Normal())
	}
	return x, y, z
}

// preconditioned returns parameters for the given number of measurement
// channels.
func preconditioned(channels int) *Preconditioned {
	p := &Preconditioned{SigmaData: 0.2}
	for c := range channels {
		p.YMean = append(p.YMean, 0.5+0.1*float64(c))
		p.YStd = append(p.YStd, 0.3/float64(c+1))
	}
	return p
}

// fillZeros gives small random values to all parameters that are zero, so that
// no branch of the network is switched off.
func (n *Net[F]) fillZeros(key uint64) {
	s := rng.New(9, rng.Test, key, 0)
	for i, v := range n.Flat() {
		if v == 0 {
			n.Flat()[i] = F(0.1 * s.Normal())
		}
	}
	n.Repack()
}

// parameterizationFor returns the parameterization that fits an architecture.
func parameterizationFor(a Arch) Parameterization {
	if a.Extra == 1 {
		return preconditioned(a.YChannels)
	}
	return Paper{}
}

// TestGradient compares the gradient of the loss of whole networks with central
// differences: along random directions of all parameters, and for one
// coordinate of every parameter.
func TestGradient(t *testing.T) {
	for _, c := range []struct {
		arch       Arch
		rows, cols int
		sigma      float64
	}{
		{Arch{3, 2, 0, AvgPool, Base, false, 0, false}, 7, 10, 0.5},
		{Arch{2, 1, 1, MaxPool, Base, false, 0, false}, 9, 5, 0.05},
		{Arch{2, 3, 1, AvgPool, Deeper, false, 0, false}, 5, 11, 20},
		{Arch{2, 1, 0, MaxPool, Deepest, false, 0, false}, 8, 9, 3},
		{Arch{8, 2, 1, MaxPool, Light, false, 0, false}, 10, 8, 0.3},
		{Arch{8, 1, 1, MaxPool, Light4, false, 0, false}, 32, 32, 2},
		{Arch{2, 2, 1, MaxPool, Base, true, 0, false}, 8, 7, 0.3},
		{Arch{8, 1, 1, MaxPool, Light, true, 0, false}, 10, 8, 0.3},
		{Arch{2, 1, 1, MaxPool, Base, false, 2, false}, 8, 7, 0.3},
		{Arch{8, 1, 1, MaxPool, Light, false, 2, false}, 8, 10, 0.3},
	} {
		t.Run(fmt.Sprintf("%s/%s/%dx%d", c.arch.Variant, c.arch.Pool, c.rows, c.cols),
			func(t *testing.T) {
				n := NewNet[float64](c.arch)
				n.Init(3)
				n.fillZeros(4)
				par := parameterizationFor(c.arch)
				w := n.NewWorker(par, c.rows, c.cols)
				x, y, z := sample[float64](c.arch, c.rows, c.cols, 1)
				grads := make([]float64, len(n.Flat()))
				w.LossGrad(grads, x, y, z, c.sigma)
				norm := math.Sqrt(kernel.SumSquares(grads))

				// With steps of h along a unit direction, truncation is of
				// order h²·φ''' and rounding of order eps·φ/h. Here they are
				// about 1e-12 and 1e-10·φ, and φ is of the order of the
				// gradient's norm or smaller.
				const h = 1e-6
				difference := func(v func(i int) float64) float64 {
					keep := append([]float64(nil), n.Flat()...)
					var loss [2]float64
					for k, by := range [2]float64{h, -h} {
						for i := range keep {
							n.Flat()[i] = keep[i] + by*v(i)
						}
						n.Repack()
						loss[k] = w.Loss(x, y, z, c.sigma)
					}
					copy(n.Flat(), keep)
					n.Repack()
					return (loss[0] - loss[1]) / (2 * h)
				}
				tol := 1e-7 * norm
				for _, e := range n.Entries() {
					at := e.Offset + e.Size()/2
					d := difference(func(i int) float64 {
						if i == at {
							return 1
						}
						return 0
					})
					if math.Abs(d-grads[at]) > tol {
						t.Errorf("%s: difference %v, gradient %v", e.Name, d, grads[at])
					}
				}
				for key := range uint64(3) {
					s := rng.New(8, rng.Test, key, 0)
					v := make([]float64, len(grads))
					for i := range v {
						v[i] = s.Normal() / math.Sqrt(float64(len(v)))
					}
					want := kernel.Dot(v, grads)
					if d := difference(func(i int) float64 {
						return v[i]
					}); math.Abs(d-want) > tol {
						t.Errorf("direction %d: difference %v, gradient %v", key, d, want)
					}
				}
			})
	}
}
