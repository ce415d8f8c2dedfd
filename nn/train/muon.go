package train

import (
	"math"

	"csdm/internal/kernel"
)

// Matrix is the weight of a layer within Network.Weights: inputs by outputs,
// row by row.
type Matrix struct{ Offset, Rows, Cols int }

// muon moves the weight matrix of a hidden layer by Muon (Jordan et al. 2024,
// "Muon: an optimizer for hidden layers in neural networks"): gradient descent
// with momentum whose every step is replaced by its polar factor, the nearest
// matrix with orthonormal columns or rows. With the singular value
// decomposition U S Vᵀ of the averaged gradient, the step is U Vᵀ. So
// directions with small gradients move as far as the others.
//
// In a convolution, rows are the taps and channels that an output sums over.
// For the score network of the quasi-static problem on 28×28 pixels, 1,000
// steps of Muon reached the loss of 3,000 to 4,000 steps of Adam.
type muon struct {
	// step size, and fraction of the averaged gradient that is kept
	rate, momentum float64
	scale          float32 // of the gradient: one over the batch size, times a clipping factor
	decay          float64 // of the running average of the weights
}

// muonScratch is the memory of one worker. Products of matrices are computed as
// 1×1 convolutions: the rows of the left matrix are pixels with channels as
// entries, and the right matrix is the filter.
type muonScratch struct {
	x, result                   []float32                       // as large as the largest matrix
	gram, poly, product, factor []float32                       // square
	filters                     map[int]*kernel.Filter[float32] // square, by the shorter side
	kernel                      []float32                       // scratch memory of the filters
}

// newMuonScratch returns enough scratch memory for the matrices.
func newMuonScratch(matrices []Matrix) *muonScratch {
	s := &muonScratch{filters: map[int]*kernel.Filter[float32]{}}
	size, most, scratch := 0, 0, 0
	for _, m := range matrices {
		n := min(m.Rows, m.Cols)
		f := s.filters[n]
		if f == nil {
			f = kernel.NewFilter[float32](n, n, 1, 1)
			s.filters[n] = f
		}
		size, most, scratch = max(size, m.Rows*m.Cols), max(most, n),
			max(scratch, f.Scratch(1, m.Rows), f.Scratch(1, m.Cols))
	}
	square := func() []float32 { return make([]float32, most*most) }
	s.x, s.result, s.kernel = make([]float32, size), make([]float32, size), make([]float32, scratch)
	s.gram, s.poly, s.product, s.factor = square(), square(), square(), square()
	return s
}

// update makes one step on the weights w with momentum m, and moves the running
// average avg towards the new weights. All are rows×cols, and g' = scale·g is
// the gradient:
//
//	m = βm + (1-β)g'
//	X = βm + (1-β)g'  (Nesterov)
//	w -= 0.2·rate·√max(rows, cols)·orthogonalized(X)
//	avg += (1-decay)·(w - avg)
//
// The factor makes the root mean square of the step 0.2·rate. Adam's steps are
// about as large, so both can use the same rate (Liu et al. 2025, "Muon is
// scalable for LLM training").
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

// The polynomial of the Newton–Schulz iteration of Jordan et al., p(s) = as +
// bs³ + cs⁵. Its iterates move singular values from (0, 1] towards 1: after
// newtonSchulz iterations, values from 0.01 on lie within 0.68 and 1.21. A more
// accurate result is not needed, and this polynomial grows fast near zero.
const (
	muonA, muonB, muonC = 3.4445, -4.7750, 2.0315
	newtonSchulz        = 5
)

// orthogonalize replaces x, rows of cols numbers, by an approximation of its
// polar factor U Vᵀ, where x = U S Vᵀ. It leaves a matrix close to zero
// unchanged. The factor of the transpose is the transpose of the factor, so
// that the iteration needs only squares of the shorter side.
func (s *muonScratch) orthogonalize(x []float32, cols int) {
	norm := math.Sqrt(kernel.SumSquares(x))
	if norm < 1e-30 { // the inverse would overflow float32; no step is made
		return
	}
	kernel.Scale(x, float32(1/norm)) // the largest singular value is at most the Frobenius norm
	result, rows := s.result[:len(x)], len(x)/cols
	if rows >= cols {
		s.polar(result, x, cols)
	} else {
		transpose(result, x, cols)
		s.polar(x, result, rows)
		transpose(result, x, rows)
	}
	copy(x, result)
}

// transpose sets dst to the transpose of x, rows of cols numbers.
func transpose(dst, x []float32, cols int) {
	rows := len(x) / cols
	for i := range rows {
		for j, v := range x[i*cols:][:cols] {
			dst[j*rows+i] = v
		}
	}
}

// polar sets dst to an approximation of the polar factor of x, rows of cols
// numbers, whose singular values are at most 1.
//
// X ← X p(XᵀX) multiplies X only from the right, by polynomials of its Gram
// matrix A = XᵀX. So the product P of these polynomials is computed in
// cols×cols alone: q = a + bA + cA², P ← Pq, A ← qAq. All these matrices are
// symmetric and commute.
func (s *muonScratch) polar(dst, x []float32, cols int) {
	n, rows := cols*cols, len(x)/cols
	gram, poly, product, factor := s.gram[:n], s.poly[:n], s.product[:n], s.factor[:n]
	f := s.filters[cols]
	// dst = a·(the matrix packed in f)
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
	times(dst, x, rows)
}
