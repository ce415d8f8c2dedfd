package dataset

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync/atomic"

	"csdm/internal/kernel"
	"csdm/internal/parallel"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// sketchSide is the number of blocks along each axis of an image. A measurement
// is summed over these blocks to find its neighbors.
//
// The sums over blocks are linear in y and average its noise-free values, so
// that close measurements have close sketches. Sixteen numbers per channel are
// compared instead of thousands.
const sketchSide = 4

// maxLogWeightLag is the lag in nats, from the distance of its field, from
// which a pair is skipped without reading its measurement. The remaining weight
// is below e⁻⁴⁰ times the ratio of two likelihoods, and the sample's own
// likelihood is close to the largest.
const maxLogWeightLag = 40

// neighbors finds the pairs whose measurement is close to a given one. Pairs
// are identified by their number among the training pairs.
//
// All slices are read-only after newNeighbors, except for found, whose entries
// are set atomically.
type neighbors struct {
	noise priors.Likelihood
	// 1/(2 Std²) for white normal noise; 0: use the LogLikelihood of noise.
	precision float64
	count     int // number of neighbors, including the pair itself
	size      int // length of a sketch
	// Noise-free measurement of each training pair, in order: sums over
	// sketchSide² blocks of each channel.
	sketch []float32
	key    int     // index of the sketch element with the largest spread
	order  []int32 // training pairs sorted by that element
	place  []int32 // position of each training pair in order
	// Squared norms of field and measurement of each training pair.
	squares []float64
	// Field and measurement of each training pair; nil: too many, they are read
	// when needed.
	pairs []float32
	// Results of method of for each training pair so far; nil: too many to
	// keep.
	found []atomic.Pointer[[]int32]
}

// Limits in bytes for data of Stabilize that are kept in memory, if all of them
// fit.
var ( // changed by tests
	residentPairs int64 = 2 << 30
	residentLists int64 = 1 << 30 // for lists of neighbors
)

// NeighborBytes returns the memory that training takes for the given numbers of
// pairs and of neighbors of each.
//
// The forecast of a run uses it.
func NeighborBytes(spec *problems.Spec, pairs, neighbors int) int64 {
	size := spec.YChannels * min(sketchSide, spec.Rows) * min(sketchSide, spec.Cols)
	bytes := int64(pairs) * int64(4*size+16)
	if all := 4 * int64(pairs) * int64(spec.XLen()+spec.YLen()); all <= residentPairs {
		bytes += all
	}
	if lists := 4 * int64(pairs) * int64(neighbors); lists <= residentLists {
		bytes += lists
	}
	return bytes
}

// newNeighbors reads the measurements of all training pairs. The measurement's
// distribution must have a density.
//
// ‖x_i‖² and ‖y_i‖² are stored, since a squared distance is then one inner
// product: ‖a − b‖² = ‖a‖² − 2⟨a, b⟩ + ‖b‖².
func (s *Source) newNeighbors(ctx context.Context, count, threads int) (*neighbors, error) {
	noise, ok := s.noise.(priors.Likelihood)
	if !ok {
		return nil, fmt.Errorf("dataset: the density of a measurement (%v) is not known, so "+
			"neighbors have no weights: set neighbors to 0", s.noise)
	}
	spec := s.store.Spec()
	rows, cols := min(sketchSide, spec.Rows), min(sketchSide, spec.Cols)
	n := &neighbors{noise: noise, count: min(count, s.count), size: spec.YChannels * rows * cols}
	switch l := noise.(type) {
	case priors.Gaussian:
		n.precision = 1 / (2 * l.Std * l.Std)
	case priors.TruncatedGaussian: // it has the density of the case above
		n.precision = 1 / (2 * l.Std * l.Std)
	}
	n.sketch, n.squares = make([]float32, s.count*n.size), make([]float64, 2*s.count)
	nx, ny := spec.XLen(), spec.YLen()
	if int64(s.count) <= residentPairs/4/int64(nx+ny) {
		n.pairs = kernel.HugeFloats(n, s.count*(nx+ny))
	}
	if int64(s.count) <= residentLists/4/int64(n.count) {
		n.found = make([]atomic.Pointer[[]int32], s.count)
	}
	err := parallel.For(ctx, threads, s.count, func(_, i int) error {
		f := s.scratch.Get().(*fetch)
		defer s.scratch.Put(f)
		if err := s.store.Pair(s.store.index(0, i), f.x, f.y); err != nil {
			return err
		}
		if n.pairs != nil {
			pair := n.pairs[i*(nx+ny) : (i+1)*(nx+ny)]
			copy(pair[:nx], f.x)
			copy(pair[nx:], f.y)
		}
		n.squares[2*i], n.squares[2*i+1] = s.product(f.x, f.x), kernel.SumSquares(f.y)
		sketch := n.sketch[i*n.size : (i+1)*n.size]
		for v, y := range f.y {
			c, p := v/spec.Plane(), v%spec.Plane()
			sketch[(c*rows+p/spec.Cols*rows/spec.Rows)*cols+p%spec.Cols*cols/spec.Cols] += y
		}
		return nil
	})
	if err == nil {
		n.sort()
	}
	return n, err
}

// sort sorts the training pairs by one element of their sketches.
//
// Sorting by the element with the largest variance lets the search stop early:
// a gap in this element alone is a lower bound of the distance.
func (n *neighbors) sort() {
	pairs := len(n.sketch) / n.size
	most := -1.0
	for k := range n.size {
		var sum, squares float64
		for i := range pairs {
			v := float64(n.sketch[i*n.size+k])
			sum, squares = sum+v, squares+v*v
		}
		if variance := squares - sum*sum/float64(pairs); variance > most {
			n.key, most = k, variance
		}
	}
	n.order, n.place = make([]int32, pairs), make([]int32, pairs)
	for i := range n.order {
		n.order[i] = int32(i)
	}
	slices.SortStableFunc(n.order, func(a, b int32) int {
		return cmp.Compare(n.sketch[int(a)*n.size+n.key], n.sketch[int(b)*n.size+n.key])
	})
	ordered := make([]float32, 0, len(n.sketch))
	for place, i := range n.order {
		n.place[i] = int32(place)
		ordered = append(ordered, n.sketch[int(i)*n.size:][:n.size]...)
	}
	n.sketch = ordered
}

// of returns the pairs nearest to pair i by their sketches: i first, the
// farthest last. It searches for them only once, if there is room to keep the
// lists.
func (n *neighbors) of(i int, near *nearest) []int32 {
	if n.found == nil {
		near.list = n.search(i, near, near.list[:0])
		return near.list
	}
	if list := n.found[i].Load(); list != nil {
		return *list
	}
	list := n.search(i, near, make([]int32, 0, n.count))
	n.found[i].Store(&list) // another thread may have stored its list, which is the same
	return list
}

// search finds the neighbors of i and appends them to list. It proceeds outward
// from i in the order of one sketch element, until the distance in that element
// alone is too large.
//
// The heap keeps the count − 1 nearest so far with the farthest on top; d ends
// early when it exceeds it. Ties are broken by the order of the search, which
// is fixed.
func (n *neighbors) search(i int, near *nearest, list []int32) []int32 {
	at := func(place int) []float32 { return n.sketch[place*n.size:][:n.size] }
	own := at(int(n.place[i]))
	gap := func(place int) float32 { // distance in that element
		if place < 0 || place >= len(n.order) {
			return float32(math.Inf(1))
		}
		d := at(place)[n.key] - own[n.key]
		return d * d
	}
	near.kept = near.kept[:0]
	farthest := float32(math.Inf(1)) // largest distance of the candidates, once there are enough
	below, above := int(n.place[i])-1, int(n.place[i])+1
	for down, up := gap(below), gap(above); min(down, up) < farthest; {
		var place int
		if down <= up {
			place = below
			below--
			down = gap(below)
		} else {
			place = above
			above++
			up = gap(above)
		}
		d := float32(0)
		for k, v := range at(place) {
			d += (v - own[k]) * (v - own[k])
			if d >= farthest {
				break
			}
		}
		switch pair := int(n.order[place]); {
		case len(near.kept) < n.count-1:
			heap.Push(near, candidate{pair, d})
			if len(near.kept) == n.count-1 {
				farthest = near.kept[0].distance
			}
		case d < farthest:
			near.kept[0] = candidate{pair, d}
			heap.Fix(near, 0)
			farthest = near.kept[0].distance
		}
	}
	list = append(list, int32(i))
	if len(near.kept) == 0 {
		return list
	}
	for _, c := range near.kept[1:] {
		list = append(list, int32(c.pair))
	}
	return append(list, int32(near.kept[0].pair))
}

// candidate is a pair and the distance of its measurement.
type candidate struct {
	pair     int
	distance float32
}

// nearest is a heap with the farthest candidate on top.
//
// It belongs to one call and is used again.
type nearest struct {
	kept []candidate
	list []int32 // memory for the result
}

// Len, Less, Swap, Push and Pop implement container/heap. The farthest
// candidate is at the root, where a nearer one replaces it.
func (h *nearest) Len() int { return len(h.kept) }

// Less reports whether a is farther than b: the farthest candidate is the root.
func (h *nearest) Less(a, b int) bool { return h.kept[a].distance > h.kept[b].distance }

// Swap exchanges two candidates.
func (h *nearest) Swap(a, b int) { h.kept[a], h.kept[b] = h.kept[b], h.kept[a] }

// Push appends a candidate.
func (h *nearest) Push(c any) { h.kept = append(h.kept, c.(candidate)) }

// Pop panics: the root is replaced, and never removed.
func (h *nearest) Pop() any { panic("dataset: nearest has no Pop") }

// Stabilize replaces the target of a training sample. A network that sees x̃ =
// x + σz and the measurement y is trained to predict x, but learns E[x | x̃,
// y]: the scatter of x about this expectation is noise in the gradient. For
// pairs of the dataset the expectation can be computed. The sample is one of
// the training pairs i, with equal probabilities. Given x̃ and y, it is pair i
// with probability
//
//	w_i ∝ p(y | y_i) exp(−‖x̃ − x_i‖²/2σ²)
//
// So Σ w_i x_i, over all pairs, has the same expectation as x, given x̃ and y,
// and less scatter (Rao and Blackwell). This is the stable target of Xu, Tong
// and Jaakkola (2023, "Stable target fields for reduced variance score
// estimation in diffusion models", Eq. 6), with a measurement, and with the
// sample's neighbors instead of a random part of the set.
//
// The expectation is preserved under two conditions. First, pairs that are not
// neighbors must have negligible weight, because their weight goes to the
// others. Second, LogLikelihood must be the density that y was drawn from. A
// priors.TruncatedGaussian ignores the truncation in its density; the network
// then learns the posterior without truncation, which the reference posteriors
// also use.
//
// With Settings.Redraw the sample is a redraw of pair i. Given the stream that
// turned it, it is one of the pairs turned in the same way. So a
// problems.Symmetric sample is turned back, and its target is turned again. (A
// neighbor that its own prior keeps from turning is treated like the sample.)
// For a problems.Averaged the target is the mean over the redraws of pair i.
//
// x and y are the results of Training for the same slot, and z is the diffusion
// noise. x becomes the mean, and z changes so that x + σz stays the same.
// Without Settings.Neighbors and a problems.Averaged, Stabilize does nothing.
//
// Derivation: the index I of the sample is uniform, y has the density p(y |
// y_I) and x̃ is N(x_I, σ²). By Bayes' rule P(I = i | x̃, y) ∝ p(y | y_i)
// exp(−‖x̃ − x_i‖²/(2σ²)), hence E[x_I | x̃, y] = Σ w_i x_i. The variance
// divides into Var x_I = Var E[x_I | x̃, y] + E Var[x_I | x̃, y], and the
// target loses the second part.
func (s *Source) Stabilize(x, y, z []float32, sigma float64, step, slot uint64) error {
	averaged := s.redraws.averaged
	if s.near == nil && averaged == nil {
		return nil
	}
	f := s.scratch.Get().(*fetch)
	defer s.scratch.Put(f)
	if f.mean == nil {
		f.diffused, f.prediction = make([]float64, len(x)), make([]float64, len(y))
		f.mean, f.diffused32, f.noisy32 = make([]float32, len(x)), make([]float32, len(x)),
			make([]float32, len(y))
	}
	norm := &s.scaling.Normalization
	for k, v := range x { // x̃ in physical units, because the pairs are not normalized
		r := norm.RangeX(k, len(x))
		f.diffused[k] = r.Min + (float64(v)+sigma*float64(z[k]))*r.Width()
	}
	number := s.number(&f.stream, step, slot)
	if averaged != nil {
		averaged.Average(f.field, f.diffused, sigma*norm.X.Width(), s.redraws.seed,
			uint64(s.store.index(0, number)))
	} else {
		for k, v := range y {
			f.noisy[k] = norm.Y.Min + float64(v)*norm.Y.Width()
		}
		if err := s.neighborMean(f, number, sigma, step, slot); err != nil {
			return err
		}
	}
	for k, v := range f.field {
		r := norm.RangeX(k, len(x))
		m := (v - r.Min) / r.Width()
		x[k] = float32(m)
		z[k] = float32(((f.diffused[k]-r.Min)/r.Width() - m) / sigma)
	}
	return nil
}

// neighborMean sets f.field to the weighted mean of the neighbors of the
// training pair of the given number, for the field with noise f.diffused and
// the measurement f.noisy. sigma is relative to the range of x.
//
// With precision 1/(2σ²w²) in physical units, w the width of the range, the
// logarithm of the field's factor is precision · (2⟨x̃, x_i⟩ − ‖x_i‖²) up to
// ‖x̃‖². The sums keep the largest exponent so far as their scale, so that
// neither overflow nor a second pass is needed.
func (s *Source) neighborMean(f *fetch, number int, sigma float64, step, slot uint64) error {
	n, symmetric := s.near, s.redraws.symmetric
	defer runtime.KeepAlive(n) // keeps the memory of its pairs alive
	copy(f.field, f.diffused)
	if symmetric != nil {
		f.stream.Reset(s.seed, rng.Redraw, step, slot)
		symmetric.Restore(f.field, f.noisy, s.redraws.seed, uint64(s.store.index(0, number)),
			&f.stream)
	}
	for k, v := range f.noisy {
		f.noisy32[k] = float32(v)
	}
	for k, v := range f.field {
		f.diffused32[k] = float32(v)
	}
	clear(f.mean) // an earlier call may have ended in an error
	// Weighted mean in one pass: mean and total are relative to exp(most), the
	// largest weight so far.
	most, total, own := math.Inf(-1), 0.0, 0.0
	width := s.scaling.Normalization.X.Width()
	precision := 1 / (2 * sigma * sigma * width * width)
	for c, neighbor := range n.of(number, &f.near) {
		field, response := f.x, f.y
		if n.pairs != nil { // read without copying
			pair := n.pairs[int(neighbor)*(len(f.x)+len(f.y)):][:len(f.x)+len(f.y)]
			field, response = pair[:len(f.x)], pair[len(f.x):]
		} else if err := s.store.Pair(s.store.index(0, int(neighbor)), field, nil); err != nil {
			return err
		}
		squares := n.squares[2*neighbor:][:2]
		// Logarithm of the weight without ‖x̃‖², which is common to all pairs.
		weight := precision * (2*s.product(f.diffused32, field) - squares[0])
		if c == 0 {
			own = weight
		} else if weight < own-maxLogWeightLag {
			continue
		}
		if n.pairs == nil {
			if err := s.store.Pair(s.store.index(0, int(neighbor)), nil, response); err != nil {
				return err
			}
		}
		weight += n.logLikelihood(f, response, squares[1])
		if weight > most {
			shrink := math.Exp(most - weight)
			kernel.Scale(f.mean, float32(shrink))
			total *= shrink
			most = weight
		}
		if e := float32(math.Exp(weight - most)); e > 1e-9 {
			total += float64(e)
			kernel.Axpy(f.mean, e, field)
		}
	}
	for k, sum := range f.mean {
		f.field[k] = float64(sum) / total
	}
	if symmetric != nil {
		f.stream.Reset(s.seed, rng.Redraw, step, slot)
		symmetric.Redraw(f.field, f.noisy, s.redraws.seed, uint64(s.store.index(0, number)),
			&f.stream)
	}
	return nil
}

// product returns ⟨a, b⟩ of two fields, or the sum over several fields, each in
// units of the width of its range.
func (s *Source) product(a, b []float32) (sum float64) {
	ranges := s.scaling.Normalization.Fields
	if len(ranges) == 0 {
		return kernel.Dot(a, b)
	}
	plane := len(a) / len(ranges)
	for k, r := range ranges {
		sum += kernel.Dot(a[k*plane:][:plane], b[k*plane:][:plane]) / (r.Width() * r.Width())
	}
	return sum
}

// logLikelihood returns ln p(f.noisy | y) up to a number that is the same for
// all y. square is ‖y‖².
//
// For white normal noise the density depends on y through ⟨y, y_i⟩ and ‖y_i‖²
// only.
func (n *neighbors) logLikelihood(f *fetch, y []float32, square float64) float64 {
	if n.precision > 0 { // ‖f.noisy‖² is common to all
		return n.precision * (2*kernel.Dot(f.noisy32, y) - square)
	}
	for k, v := range y {
		f.prediction[k] = float64(v)
	}
	return n.noise.LogLikelihood(f.noisy, f.prediction)
}
