package tasks

import (
	"math"

	"csdm/internal/kernel"
	"csdm/rng"
)

// C2ST returns the accuracy of a classifier that separates rows of a from rows
// of b, the classifier two-sample test (Lopez-Paz and Oquab 2017). It follows
// the protocol of Lueckmann et al. (2021): a and b are standardized by a, the
// classifier has two hidden layers of 10·d rectified units, and the accuracy is
// the mean over five folds. Half is the best a posterior can have, and 1 the
// worst. Both hold rows of d numbers.
//
// With n rows of each set the share of right answers has a standard error of
// about 1/(2√(2n)): differences below 0.01 need 1,250 rows.
func C2ST(a, b []float64, d int, seed uint64) float64 {
	s := newScale(a, d)
	n := (len(a) + len(b)) / d
	rows, labels := make([]float32, 0, n*d), make([]float32, n)
	for k, set := range [][]float64{a, b} {
		for i := 0; i < len(set); i += d {
			labels[len(rows)/d] = float32(k)
			for j := range d {
				rows = append(rows, float32((set[i+j]-s.mean[j])/s.deviation[j]))
			}
		}
	}
	order := shuffled(n, rng.New(seed, rng.Order, 0, 0))
	const folds = 5
	sum := 0.0
	for fold := range folds {
		from, to := fold*n/folds, (fold+1)*n/folds
		training := append(append([]int(nil), order[:from]...), order[to:]...)
		c := newClassifier(d, rng.New(seed, rng.Init, uint64(fold), 0))
		c.train(rows, labels, training, rng.New(seed, rng.Order, 1, uint64(fold)))
		sum += c.accuracy(rows, labels, order[from:to]) / folds
	}
	return sum
}

// shuffled returns 0 … n−1 in random order.
//
// Each order has the same probability (Fisher and Yates, built up from the
// front).
func shuffled(n int, s *rng.Stream) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
		j := int(s.Uint64n(uint64(i + 1)))
		order[i], order[j] = order[j], order[i]
	}
	return order
}

// The training of a classifier, with the published protocol's numbers.
const (
	classifierBatch    = 200
	classifierRate     = 1e-3
	classifierPenalty  = 1e-4 // of the squares of the weights
	classifierPatience = 10   // epochs without a better loss
	classifierGain     = 1e-4 // that makes a loss better
	mostEpochs         = 50
	leastSteps         = 400 // before the limit of epochs ends the training of a small set
)

// classifier is a multilayer perceptron with two hidden layers of rectified
// units and one output, the logarithm of the odds of label 1.
//
// values[0] are the inputs of a batch, row by row, and values[3] the outputs.
type classifier struct {
	layers [3]dense
	values [4][]float32 // inputs, hidden units, and outputs of a batch
	slopes [4][]float32 // ∂loss/∂values
	adam   kernel.Adam
}

// dense is a layer with its weights, biases and optimizer.
//
// The layer is a convolution of size 1×1 over an image of one row with the
// batch as its columns, so that the kernels of the network serve it.
type dense struct {
	filter        *kernel.Filter[float32]
	in, out       int
	w, g, m, v, a []float32 // weights, then biases: values, gradient, Adam's means, average
	scratch       []float32
}

// newClassifier returns an untrained classifier of rows of d numbers. Weights
// are uniform within ±√(6/(in + out)), which keeps the variance of the
// activations from layer to layer.
func newClassifier(d int, s *rng.Stream) *classifier {
	c := &classifier{adam: kernel.Adam{Rate: classifierRate, Beta1: 0.9, Beta2: 0.999,
		Epsilon: 1e-8, Scale: 1}}
	sizes := [4]int{d, 10 * d, 10 * d, 1}
	for k := range c.layers {
		in, out := sizes[k], sizes[k+1]
		l := dense{filter: kernel.NewFilter[float32](in, out, 1, 1), in: in, out: out}
		n := in*out + out
		l.w, l.g, l.m, l.v, l.a = make([]float32, n), make([]float32, n), make([]float32, n),
			make([]float32, n), make([]float32, n)
		bound := math.Sqrt(6 / float64(in+out)) // Glorot and Bengio 2010
		for i := range l.w {
			l.w[i] = float32(s.Uniform(-bound, bound))
		}
		l.filter.Pack(l.w[:in*out])
		l.scratch = make([]float32, l.filter.Scratch(1, classifierBatch))
		c.layers[k] = l
	}
	for k, size := range sizes {
		c.values[k] = make([]float32, size*classifierBatch)
		c.slopes[k] = make([]float32, size*classifierBatch)
	}
	return c
}

// forward sets the values of a batch of n rows. The others keep old numbers.
func (c *classifier) forward(rows []float32, batch []int) {
	d := c.layers[0].in
	for j, i := range batch {
		copy(c.values[0][j*d:], rows[i*d:][:d])
	}
	for k := range c.layers {
		l := &c.layers[k]
		l.filter.Forward(c.values[k+1], c.values[k], l.w[l.in*l.out:], 1, classifierBatch,
			l.scratch)
		if k < len(c.layers)-1 {
			for i, v := range c.values[k+1] {
				if v < 0 {
					c.values[k+1][i] = 0
				}
			}
		}
	}
}

// train trains until the loss of an epoch gets no better.
//
// The patience counts epochs since the loss last fell by more than
// classifierGain.
func (c *classifier) train(rows, labels []float32, order []int, s *rng.Stream) {
	best, since := math.Inf(1), 0
	for range max(mostEpochs, leastSteps*classifierBatch/len(order)) {
		for i := len(order) - 1; i > 0; i-- {
			j := int(s.Uint64n(uint64(i + 1)))
			order[i], order[j] = order[j], order[i]
		}
		loss := 0.0
		for from := 0; from < len(order); from += classifierBatch {
			loss += c.step(rows, labels, order[from:min(from+classifierBatch, len(order))])
		}
		loss /= float64(len(order))
		if since++; loss < best-classifierGain {
			since = 0
		}
		if best = min(best, loss); since >= classifierPatience {
			return
		}
	}
}

// step makes a step of Adam on a batch and returns the sum of its losses.
//
// With o the odds and l the label the loss −ln p is ln(1 + e^o) − l o, written
// as max(o, 0) + ln(1 + e^−|o|) − l o, which does not overflow. Its derivative
// is 1/(1 + e^−o) − l. The derivative of a rectified unit is 0 where the unit
// is 0.
func (c *classifier) step(rows, labels []float32, batch []int) (loss float64) {
	c.forward(rows, batch)
	last, share := len(c.layers), 1/float64(len(batch))
	clear(c.slopes[last])
	for j, i := range batch {
		odds, label := float64(c.values[last][j]), float64(labels[i])
		// −ln p(label) = ln(1 + exp(odds)) − label·odds
		loss += max(odds, 0) + math.Log1p(math.Exp(-math.Abs(odds))) - label*odds
		c.slopes[last][j] = float32((1/(1+math.Exp(-odds)) - label) * share)
	}
	c.adam.Step++
	for k := last - 1; k >= 0; k-- {
		l := &c.layers[k]
		n := l.in * l.out
		clear(l.g)
		l.filter.GradWeights(l.g[:n], l.g[n:], c.values[k], c.slopes[k+1], 1, classifierBatch,
			l.scratch)
		if k > 0 {
			l.filter.SetGradInput(c.slopes[k], c.slopes[k+1], 1, classifierBatch, l.scratch)
			for i, v := range c.values[k] {
				if v <= 0 {
					c.slopes[k][i] = 0
				}
			}
		}
		for i, w := range l.w[:n] {
			l.g[i] += float32(classifierPenalty*share) * w
		}
		c.adam.Update(l.w, l.m, l.v, l.a, l.g)
		l.filter.Pack(l.w[:n])
	}
	return loss
}

// accuracy returns the share of rows whose label the classifier finds.
//
// Odds above 0 stand for label 1.
func (c *classifier) accuracy(rows, labels []float32, order []int) float64 {
	right := 0
	for from := 0; from < len(order); from += classifierBatch {
		batch := order[from:min(from+classifierBatch, len(order))]
		c.forward(rows, batch)
		for j, i := range batch {
			if (c.values[len(c.layers)][j] > 0) == (labels[i] > 0.5) {
				right++
			}
		}
	}
	return float64(right) / float64(len(order))
}
