package train

import (
	"math"

	"csdm/internal/kernel"
)

// Matrix is a weight of a layer within Network.Weights: inputs by outputs, row
// by row.
type Matrix struct{ Offset, Rows, Cols int }

// muon moves the weight matrix of a hidden layer by Muon (Jordan et al. 2024,
// "Muon: an optimizer for hidden layers in neural networks"): gradient descent
// with momentum, whose every step is replaced by its polar factor, the nearest
// matrix with orthonormal columns, or rows. With the singular value
// decomposition of the averaged gradient, U S Vᵀ, that is U Vᵀ: directions that
// gradients hardly reach move as much as the others.
//
// In a convolution, rows are the taps and channels that an output sums over.
// Training of the score network for the quasi-static problem on 28×28 pixels
// came as far in 1,000 steps as in 3,000 to 4,000 of Adam.
type muon struct {
	rate, momentum float64
	scale          float32 // of the gradient: one over the batch size, times a clipping factor
	decay          float64 // of the running average of the weights
}

// muonScratch is the memory of one worker. Products of matrices are
// convolutions of 1×1: the rows of the one are pixels, their entries channels,
// and the other one is the filter.
type muonScratch struct {
	x, result                   []float32                       // as large as the largest matrix
	gram, poly, product, factor []float32                       // square
	filters                     map[int]*kernel.Filter[float32] // square, by the number of columns
	kernel                      []float32                       // what they need
}

// newMuonScratch returns what the matrices need.
func newMuonScratch(matrices []Matrix) *muonScratch {
	s := &muonScratch{filters: map[int]*kernel.Filter[float32]{}}
	size, cols, scratch := 0, 0, 0
	for _, m := range matrices {
		f := s.filters[m.Cols]
		if f == nil {
			f = kernel.NewFilter[float32](m.Cols, m.Cols, 1, 1)
			s.filters[m.Cols] = f
		}
		size, cols, scratch = max(size, m.Rows*m.Cols), max(cols, m.Cols),
			max(scratch, f.Scratch(1, m.Rows), f.Scratch(1, m.Cols))
	}
	square := func() []float32 { return make([]float32, cols*cols) }
	s.x, s.result, s.kernel = make([]float32, size), make([]float32, size), make([]float32, scratch)
	s.gram, s.poly, s.product, s.factor = square(), square(), square(), square()
	return s
}

// update makes the step on the weights w with momentum m, and moves the running
// average avg towards the new weights, for the gradient g' = scale·g, all of
// them rows×cols:
//
//	m = βm + (1-β)g';  X = βm + (1-β)g' (Nesterov);  w -= 0.2·rate·√max(rows, cols)·orthogonalized(X);  avg += (1-decay)·(w - avg)
//
// The factor makes the root mean square of the step 0.2·rate, about that of
// Adam, so that the two share a rate (Liu et al. 2025, "Muon is scalable for
// LLM training").
func (o muon) update(w, m, avg, g []float32, cols int, s *muonScratch) {
	beta, rest := float32(o.momentum), float32(1-o.momentum)
	x := s.x[:len(g)]
	for k, v := range g {
		v *= o.scale
		m[k] = beta*m[k] + rest*v
		x[k] = beta*m[k] + rest*v
	}
	s.orthogonalize(x, cols)
	step := float32(0.2 * o.rate * math.Sqrt(float64(max(len(g)/cols, cols))))
	move := float32(1 - o.decay)
	for k, v := range x {
		w[k] -= step * v
		avg[k] += move * (w[k] - avg[k])
	}
}

// The polynomial of Jordan et al.'s Newton–Schulz iteration, p(s) = as + bs³ +
// cs⁵, whose iterates take singular values from (0, 1] to near 1: within 0.68
// and 1.21 after newtonSchulz of them from 0.01 on. No sharper result is
// needed, and this one is quick to leave zero.
const (
	muonA, muonB, muonC = 3.4445, -4.7750, 2.0315
	newtonSchulz        = 5
)

// orthogonalize sets x, rows of cols numbers, to about its polar factor U Vᵀ,
// where x = U S Vᵀ; what is next to zero it leaves.
//
// As X ← X p(XᵀX) only ever multiplies X from the right, by polynomials of its
// Gram matrix A = XᵀX, their product P is found in cols×cols alone: q = a + bA
// + cA², P ← Pq, A ← qAq. All these matrices are symmetric and commute.
func (s *muonScratch) orthogonalize(x []float32, cols int) {
	norm := math.Sqrt(kernel.SumSquares(x))
	if norm < 1e-30 { // its inverse leaves the range of float32; such a step is none
		return
	}
	kernel.Scale(x, float32(1/norm)) // the largest singular value is at most the Frobenius norm
	n, rows := cols*cols, len(x)/cols
	gram, poly, product, factor := s.gram[:n], s.poly[:n], s.product[:n], s.factor[:n]
	f := s.filters[cols]
	// dst = a·(what f was packed with)
	times := func(dst, a []float32, rows int) { f.Forward(dst, a, nil, 1, rows, s.kernel) }
	clear(gram)
	f.GradWeights(gram, nil, x, x, 1, rows, s.kernel)
	clear(poly)
	for j := range cols {
		poly[j*cols+j] = 1
	}
	for range newtonSchulz {
		f.Pack(gram)
		times(factor, gram, cols)
		for k, v := range gram {
			factor[k] = muonB*v + muonC*factor[k]
		}
		for j := range cols {
			factor[j*cols+j] += muonA
		}
		f.Pack(factor)
		times(product, poly, cols)
		poly, product = product, poly
		times(product, gram, cols)
		times(gram, product, cols)
	}
	f.Pack(poly)
	result := s.result[:len(x)]
	times(result, x, rows)
	copy(x, result)
}
