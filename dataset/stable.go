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
)

// sketchSide is the number of blocks along each axis of an image that a
// measurement is summed over to tell its neighbours.
const sketchSide = 4

// maxLogWeightLag is how far, in nats, a pair may fall behind the sample's own by its
// field before its measurement is not looked at: what is left of it is below
// e⁻⁴⁰ times the ratio of two likelihoods, of which the sample's own is nearly
// the largest.
const maxLogWeightLag = 40

// neighbours finds the pairs whose measurement is like that of a given one.
// Pairs go by their number among those trained on.
type neighbours struct {
	law priors.Likelihood
	// 1/(2 Std²) where the noise is white and normal; 0: ask the law
	precision float64
	count     int // with the pair itself
	size      int // of a sketch
	// of the noise-free measurement of each training pair, in order: sums over
	// sketchSide² blocks of each channel
	sketch []float32
	key    int     // the number of a sketch that differs most
	order  []int32 // training pairs by that number
	place  []int32 // of each in order
	// squared norms of field and of measurement of each training pair
	squares []float64
	// field and measurement of each training pair; nil: too many, they are read
	// when asked for
	pairs []float32
	// what of has found for each training pair so far; nil: too many to keep
	found []atomic.Pointer[[]int32]
}

// What is kept in memory for Stabilize, in bytes, if all fit in.
var ( // changed by tests
	residentPairs = 2 << 30
	residentLists = 1 << 30 // of neighbours
)

// newNeighbours reads the measurements of all training pairs. The law must have
// a density.
func (s *Source) newNeighbours(ctx context.Context, count, threads int) (*neighbours, error) {
	law, ok := s.law.(priors.Likelihood)
	if !ok {
		return nil, fmt.Errorf("dataset: the density of a measurement (%v) is not known, so that "+
			"neighbours have no weights", s.law)
	}
	spec := s.store.Spec()
	rows, cols := min(sketchSide, spec.Rows), min(sketchSide, spec.Cols)
	n := &neighbours{law: law, count: min(count, s.count), size: spec.YChannels * rows * cols}
	switch l := law.(type) {
	case priors.Gaussian:
		n.precision = 1 / (2 * l.Std * l.Std)
	case priors.TruncatedGaussian: // whose density is that of the former
		n.precision = 1 / (2 * l.Std * l.Std)
	}
	n.sketch, n.squares = make([]float32, s.count*n.size), make([]float64, 2*s.count)
	nx, ny := spec.XLen(), spec.YLen()
	if s.count <= residentPairs/4/(nx+ny) {
		n.pairs = kernel.HugeFloats(n, s.count*(nx+ny))
	}
	if s.count <= residentLists/4/n.count {
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
		n.squares[2*i], n.squares[2*i+1] = kernel.SumSquares(f.x), kernel.SumSquares(f.y)
		sketch := n.sketch[i*n.size : (i+1)*n.size]
		for v, y := range f.y {
			c, p := v/spec.XLen(), v%spec.XLen()
			sketch[(c*rows+p/spec.Cols*rows/spec.Rows)*cols+p%spec.Cols*cols/spec.Cols] += y
		}
		return nil
	})
	if err == nil {
		n.sort()
	}
	return n, err
}

// sort puts the training pairs in order.
func (n *neighbours) sort() {
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

// of returns the pairs nearest to pair i by their sketches, i itself first, the
// farthest last. They are searched for once, if there is room to keep them.
func (n *neighbours) of(i int, near *nearest) []int32 {
	if n.found == nil {
		near.list = n.search(i, near, near.list[:0])
		return near.list
	}
	if list := n.found[i].Load(); list != nil {
		return *list
	}
	list := n.search(i, near, make([]int32, 0, n.count))
	n.found[i].Store(&list) // another thread may have been as far: its list is the same
	return list
}

// search finds what of returns, and appends it to list. It goes outward from i
// in the order of one number, until that alone is too far.
func (n *neighbours) search(i int, near *nearest, list []int32) []int32 {
	at := func(place int) []float32 { return n.sketch[place*n.size:][:n.size] }
	own := at(int(n.place[i]))
	gap := func(place int) float32 { // by that number
		if place < 0 || place >= len(n.order) {
			return float32(math.Inf(1))
		}
		d := at(place)[n.key] - own[n.key]
		return d * d
	}
	near.kept = near.kept[:0]
	farthest := float32(math.Inf(1)) // of those kept, once they are enough
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

// candidate is a pair and how far its measurement is.
type candidate struct {
	pair     int
	distance float32
}

// nearest is a heap with the farthest candidate on top.
type nearest struct {
	kept []candidate
	list []int32 // room for what comes of it
}

func (h *nearest) Len() int           { return len(h.kept) }
func (h *nearest) Less(a, b int) bool { return h.kept[a].distance > h.kept[b].distance }
func (h *nearest) Swap(a, b int)      { h.kept[a], h.kept[b] = h.kept[b], h.kept[a] }
func (h *nearest) Push(c any)         { h.kept = append(h.kept, c.(candidate)) }
func (h *nearest) Pop() any           { panic("dataset: nothing is taken from nearest") }

// Stabilize replaces the target of a training sample. A network that sees x̃ =
// x + σz and the measurement y is asked for x, but learns E[x | x̃, y]: what x
// scatters about that is noise in the gradient. For pairs of the dataset the
// expectation can be had: given x̃ and y, and that the sample is one of the
// training pairs i, which each is with the same chance, it is pair i with
// probability
//
//	w_i ∝ p(y | y_i) exp(−‖x̃ − x_i‖²/2σ²)
//
// so that Σ w_i x_i, over all of them, has the same expectation as x, given x̃
// and y, and less scatter (Rao and Blackwell). This is the stable target of Xu,
// Tong and Jaakkola (2023, "Stable target fields for reduced variance score
// estimation in diffusion models", Eq. 6) with a measurement, and with the
// neighbours of the sample in place of a random part of the set.
//
// The expectation is kept as far as two things hold. Pairs that are not among
// the neighbours must have next to no weight: what they have goes to the
// others. And LogLikelihood must be the density that y was drawn from: under a
// priors.TruncatedGaussian, which leaves the truncation out, the network learns
// the posterior of the law without it, which is also what references have.
//
// x and y are as Training left them for that slot, z is the diffusion noise. x
// becomes the mean, and z what leaves x + σz as it was. Without
// SourceSettings.Neighbours nothing is done.
func (s *Source) Stabilize(x, y, z []float32, sigma float64, step, slot uint64) error {
	n := s.near
	if n == nil {
		return nil
	}
	defer runtime.KeepAlive(n) // and with it the memory of its pairs
	f := s.scratch.Get().(*fetch)
	defer s.scratch.Put(f)
	if f.mean == nil {
		f.diffused, f.prediction = make([]float64, len(x)), make([]float64, len(y))
		f.mean, f.diffused32, f.noisy32 = make([]float32, len(x)), make([]float32, len(x)),
			make([]float32, len(y))
	}
	norm := &s.scaling.Normalization
	for k, v := range y {
		f.noisy[k] = norm.Y.Min + float64(v)*norm.Y.Width()
		f.noisy32[k] = float32(f.noisy[k])
	}
	for k, v := range x { // x̃, in units of x: the pairs are not normalized
		f.diffused[k] = norm.X.Min + (float64(v)+sigma*float64(z[k]))*norm.X.Width()
		f.diffused32[k] = float32(f.diffused[k])
	}
	clear(f.mean) // an earlier call may have ended in an error
	// Weighted mean in one pass: mean and total are in units of exp(most), the
	// largest weight so far.
	most, total, own := math.Inf(-1), 0.0, 0.0
	precision := 1 / (2 * sigma * sigma * norm.X.Width() * norm.X.Width())
	for c, neighbour := range n.of(s.number(&f.stream, step, slot), &f.near) {
		field, response := f.x, f.y
		if n.pairs != nil { // read where they are
			pair := n.pairs[int(neighbour)*(len(f.x)+len(f.y)):][:len(f.x)+len(f.y)]
			field, response = pair[:len(f.x)], pair[len(f.x):]
		} else if err := s.store.Pair(s.store.index(0, int(neighbour)), field, nil); err != nil {
			return err
		}
		squares := n.squares[2*neighbour:][:2]
		// its logarithm, as ‖x̃‖² is common to all
		weight := precision * (2*kernel.Dot(f.diffused32, field) - squares[0])
		if c == 0 {
			own = weight
		} else if weight < own-maxLogWeightLag {
			continue
		}
		if n.pairs == nil {
			if err := s.store.Pair(s.store.index(0, int(neighbour)), nil, response); err != nil {
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
		m := (float64(sum)/total - norm.X.Min) / norm.X.Width()
		x[k] = float32(m)
		z[k] = float32(((f.diffused[k]-norm.X.Min)/norm.X.Width() - m) / sigma)
	}
	return nil
}

// logLikelihood returns ln p(f.noisy | y), of that squared norm, up to a number
// that is the same for all y.
func (n *neighbours) logLikelihood(f *fetch, y []float32, square float64) float64 {
	if n.precision > 0 { // ‖f.noisy‖² is common to all
		return n.precision * (2*kernel.Dot(f.noisy32, y) - square)
	}
	for k, v := range y {
		f.prediction[k] = float64(v)
	}
	return n.law.LogLikelihood(f.noisy, f.prediction)
}
