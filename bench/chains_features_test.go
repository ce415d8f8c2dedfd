package bench

import (
	"math"
	"slices"
	"testing"

	"csdm/rng"
)

// jumping returns variables, fields of three nodes and one measured value of n
// points. The second node has two tissues, with an edge that crosses it, and
// the value depends on it.
func jumping(n int, seed uint64) (p *points, field []float64) {
	s := rng.New(seed, rng.Prior, 0, 0)
	p = new(points)
	for range n {
		a, b := s.Normal(), s.Normal()
		tissue := 1.0
		if a+b/2 > 0.2 {
			tissue = 2
		}
		p.Z = append(p.Z, a, b)
		field = append(field, 3+0.1*a, tissue, 2)
		p.Y = append(p.Y, float32(a+0.3*a*b+4*tissue))
	}
	return p, field
}

// TestEmulatorSeesJumps checks that an emulator with the values of nodes
// predicts a measurement that jumps with them, that smooth features cannot, and
// that the features are the same when they are flattened.
func TestEmulatorSeesJumps(t *testing.T) {
	const d, size = 2, 3
	train, field := jumping(400, 1)
	fresh, freshField := jumping(200, 2)
	smooth := curvedFeatures(train.Z, d, []float64{1, 1})
	sharp := smooth.withPlaces(train.Z, d, field, size)
	if !slices.Equal(sharp.places, []int{1}) {
		t.Fatalf("the values of nodes %v are features, want node 1 alone", sharp.places)
	}
	predict := func(f *features, flat bool) (most float64) {
		e := &emulator{features: f, y: []float64{0}, weight: []float64{1}, size: size,
			base: []float64{0}, slopes: make([]float64, f.n)}
		if err := e.fitPoints(t.Context(), train, field, 1); err != nil {
			t.Fatal(err)
		}
		if flat {
			e.flatten()
		}
		v, scratch := make([]float64, e.features.n), make([]float64, len(f.mean))
		for i := range fresh.Y {
			var values []float64
			for _, k := range f.places {
				values = append(values, freshField[i*size+k])
			}
			f.of(v, fresh.Z[i*d:(i+1)*d], values, scratch)
			y := e.base[0]
			for j, s := range e.slopes {
				y += s * v[j]
			}
			most = max(most, math.Abs(y-float64(fresh.Y[i])))
		}
		return most
	}
	if e := predict(smooth, false); e < 0.5 {
		t.Errorf("smooth features miss the measurement by %v at most; the test shows nothing", e)
	}
	for _, flat := range []bool{false, true} {
		if e := predict(sharp, flat); e > 0.05 {
			t.Errorf("flattened %v: the emulator misses the measurement by %v", flat, e)
		}
	}
	// Four points for each feature leave no room for a node.
	if few := curvedFeatures(train.Z[:2*d*10], d, []float64{1, 1}).withPlaces(train.Z[:2*d*10], d,
		field[:2*10*size], size); len(few.places) > 0 {
		t.Errorf("20 points have features at nodes %v", few.places)
	}
}
