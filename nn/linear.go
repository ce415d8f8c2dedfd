package nn

import (
	"errors"
	"fmt"
	"math"

	"csdm/internal/format"
)

// Linear is the best estimate of x by the covariances of x and of a few values
// of a measurement alone. It stands below a network with Arch.Linear. It has
// the estimate
//
//	x̂ᵢ = offsetᵢ + Σₖ weightᵢₖ v(placeₖ)
//
// from the measurement v as the network sees it, after Standardize, and the
// covariance of the error,
//
//	C = Σₖ λₖ uₖuₖᵀ + ρ (I − Σₖ uₖuₖᵀ)
//
// The best linear denoiser of x̃ = x + σz is then (normal distributions have no
// better one)
//
//	D₀ = x̂ + C (C + σ²)⁻¹ (x̃ − x̂) = x̃ − σ² H (x̃ − x̂),  H = (C + σ²)⁻¹
//
// and the network adds c_out F to it, with c_out² the mean variance of x given
// x̃ and v, tr(C σ² H)/n. With no estimate and C = σ_d² these are c_skip and
// c_out of Karras et al. (2022). The network reads x̂ in one more channel for
// each field. All values of x are normalized. Package dataset finds the
// estimate from the training pairs.
type Linear struct {
	Places     []int     // indices in y, (C, H, W), ascending
	Weights    []float32 // (values of x, len(Places)), row by row
	Offset     []float32 // (values of x)
	Components []float32 // (K, values of x), row by row: the orthonormal uₖ
	Variances  []float32 // (K + 1): the λₖ, and ρ
}

// The names of the tensors of Linear in a model file.
const (
	keyLinear        = "linear"
	linearPlaces     = keyLinear + ".places"
	linearWeights    = keyLinear + ".weights"
	linearOffset     = keyLinear + ".offset"
	linearComponents = keyLinear + ".components"
	linearVariances  = keyLinear + ".variances"
)

// FromNormalized returns a copy of l, whose weights are for normalized
// measurements, for measurements that p has standardized, of planes of
// rows×cols.
func (l *Linear) FromNormalized(p *Preconditioned, rows, cols int) *Linear {
	out := *l
	n, plane := len(l.Places), rows*cols
	out.Weights, out.Offset = make([]float32, len(l.Weights)), make([]float32, len(l.Offset))
	// Standardize is affine: v = zero + y/unit.
	zero, unit := make([]float64, n), make([]float64, n)
	zeros := make([]float64, plane)
	for k, place := range l.Places {
		clear(zeros)
		p.Standardize(zeros, place/plane, rows, cols)
		zero[k], unit[k] = zeros[place%plane], p.YUnit(place/plane)
	}
	for i := range l.Offset {
		offset := float64(l.Offset[i])
		for k, w := range l.Weights[i*n:][:n] {
			offset -= float64(w) * zero[k] * unit[k]
			out.Weights[i*n+k] = float32(float64(w) * unit[k])
		}
		out.Offset[i] = float32(offset)
	}
	return &out
}

// estimate sets dst to x̂ for the measurement whose values at the places are v.
func (l *Linear) estimate(dst, v []float64) {
	for i := range dst {
		dst[i] = float64(l.Offset[i])
		for k, w := range l.Weights[i*len(v):][:len(v)] {
			dst[i] += float64(w) * v[k]
		}
	}
}

// center returns the mean of the offsets, about the mean of all values of x.
func (l *Linear) center() float64 {
	sum := 0.0
	for _, v := range l.Offset {
		sum += float64(v)
	}
	return sum / float64(len(l.Offset))
}

// out returns c_out at noise level sigma.
func (l *Linear) out(sigma float64) float64 {
	k, s := len(l.Variances)-1, sigma*sigma
	rest := float64(l.Variances[k])
	n := float64(len(l.Offset))
	sum := (n - float64(k)) * rest / (rest + s)
	for _, v := range l.Variances[:k] {
		sum += float64(v) / (float64(v) + s)
	}
	return sigma * math.Sqrt(sum/n)
}

// shrink sets dst to H r at noise level sigma. The two must not overlap.
func (l *Linear) shrink(dst, r []float64, sigma float64) {
	k, s := len(l.Variances)-1, sigma*sigma
	rest := 1 / (float64(l.Variances[k]) + s)
	for i, v := range r {
		dst[i] = rest * v
	}
	for j, variance := range l.Variances[:k] {
		u, along := l.Components[j*len(r):][:len(r)], 0.0
		for i, v := range u {
			along += float64(v) * r[i]
		}
		along *= 1/(float64(variance)+s) - rest
		for i, v := range u {
			dst[i] += along * float64(v)
		}
	}
}

// Missing returns the number of places at which y, in any units, has no value.
func (l *Linear) Missing(y []float64) int {
	n := 0
	for _, place := range l.Places {
		if y[place] != y[place] {
			n++
		}
	}
	return n
}

// check returns an error if l is not an estimate of x from y, with the given
// numbers of values.
func (l *Linear) check(y, x int) error {
	k := len(l.Variances) - 1
	if len(l.Places) == 0 || len(l.Offset) != x || len(l.Weights) != x*len(l.Places) || k < 0 ||
		len(l.Components) != k*x {
		return fmt.Errorf("%d weights, %d offsets and %d values of %d components, for %d of %d "+
			"values of y and %d of x", len(l.Weights), len(l.Offset), len(l.Components), k,
			len(l.Places), y, x)
	}
	for i, place := range l.Places {
		if place < 0 || place >= y || i > 0 && place <= l.Places[i-1] {
			return fmt.Errorf("place %d is %d of %d values of y", i, place, y)
		}
	}
	for i, v := range l.Variances {
		if !(v > 0) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("variance %d is %v", i, v)
		}
	}
	return nil
}

// write adds the tensors of l to arrays.
func (l *Linear) write(arrays map[string]*format.Array) {
	places := make([]float64, len(l.Places)) // float64, which no file rounds
	for k, place := range l.Places {
		places[k] = float64(place)
	}
	x := len(l.Offset)
	arrays[linearPlaces] = format.Array64(places, len(places))
	arrays[linearWeights] = format.Array32(l.Weights, x, len(places))
	arrays[linearOffset] = format.Array32(l.Offset, x)
	arrays[linearComponents] = format.Array32(l.Components, len(l.Components)/x, x)
	variances := make([]float64, len(l.Variances))
	for k, v := range l.Variances {
		variances[k] = float64(v)
	}
	arrays[linearVariances] = format.Array64(variances, len(variances))
}

// rounded returns a copy in half precision. Places and variances keep their
// digits: the smallest variances are below the range of half precision, and
// c_out depends on them at low noise.
func (l *Linear) rounded() *Linear {
	out := *l
	for _, v := range []*[]float32{&out.Weights, &out.Offset, &out.Components} {
		half := make([]float32, len(*v))
		format.RoundHalf(half, *v)
		*v = half
	}
	return &out
}

// readLinear removes the linear estimate of a network of architecture a from a
// file's tensors and adds it to the parameterization.
func (m *Model) readLinear(t *format.Tensors, a Arch) error {
	if !a.Linear {
		return nil
	}
	bad := func(err error) error {
		return &format.Error{Offset: -1, What: "has a linear estimate that cannot be used",
			Err: err}
	}
	p, ok := m.Parameterization.(*Preconditioned)
	if !ok {
		return bad(errors.New("its parameterization is not preconditioned"))
	}
	places, err := take(t, linearPlaces, -1)
	if err != nil {
		return err
	}
	plane := m.Meta.Rows * m.Meta.Cols
	x := a.Fields() * plane
	l := &Linear{Places: make([]int, len(places))}
	for k, v := range places {
		if l.Places[k] = int(v); float32(l.Places[k]) != v || v >= 1<<24 {
			return bad(fmt.Errorf("place %d is %v", k, v))
		}
	}
	for _, part := range []struct {
		to    *[]float32
		name  string
		shape []int
	}{{&l.Weights, linearWeights, []int{x, len(places)}}, {&l.Offset, linearOffset, []int{x}},
		{&l.Components, linearComponents, []int{-1, x}},
		{&l.Variances, linearVariances, []int{-1}}} {
		if *part.to, err = take(t, part.name, part.shape...); err != nil {
			return err
		}
	}
	if err := l.check(a.YChannels*plane, x); err != nil {
		return bad(err)
	}
	p.Linear = l
	return nil
}

// take removes a tensor from a file's tensors and returns its values. A size of
// −1 is any.
func take(t *format.Tensors, name string, shape ...int) ([]float32, error) {
	a, ok := t.Arrays[name]
	if !ok {
		return nil, &format.Error{Entry: name, Offset: -1, What: "is missing"}
	}
	delete(t.Arrays, name) // the other tensors belong to the network
	if err := errors.Join(a.CheckShape(shape...), a.CheckFinite()); err != nil {
		return nil, entryError(name, err)
	}
	out := make([]float32, a.Len())
	for k, v := range a.Float64() {
		out[k] = float32(v)
	}
	return out, nil
}

// linearWork is the memory of a worker for a linear estimate.
type linearWork struct {
	*Linear
	// the values of y at the places, x̂, x̃ − x̂, and H(x̃ − x̂)
	v, x, r, base []float64
	// map of x̂ to the channels that the network reads
	mean, scale float64
}

// newLinearWork returns the memory for l. The network reads x̂ times scale.
func newLinearWork(l *Linear, scale float64) *linearWork {
	n := len(l.Offset)
	return &linearWork{l, make([]float64, len(l.Places)), make([]float64, n), make([]float64, n),
		make([]float64, n), l.center(), scale}
}
