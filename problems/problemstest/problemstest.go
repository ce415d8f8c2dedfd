package problemstest

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"reflect"
	"slices"
	"sync"
	"testing"

	"csdm/priors"
	"csdm/priors/priorstest"
	"csdm/problems"
	"csdm/rng"
)

// Case is a problem with the known facts about it.
type Case struct {
	// New returns the problem for the given options.
	New     func(problems.Options) (problems.Problem, error)
	Options problems.Options

	// NoiseStd returns the standard deviation of the measurement noise at a
	// value of y, given its noise-free value; nil if the noise is not additive.
	NoiseStd func(y float64) float64

	// References are results of the forward model from other programs.
	References []ReferencePair
	// ModelError states that the y of a pair is not Forward of its x.
	ModelError bool
}

// ReferencePair is a field with its noise-free measurement, computed by another
// program.
type ReferencePair struct {
	Name      string
	Options   problems.Options // options of the problem
	X, Y      []float64
	Tolerance float64 // largest allowed error, relative to the largest |Y|
}

// Seed and number of the pairs of all checks.
const (
	seed  = 11
	pairs = 12
)

// Problem runs all checks on c.
func Problem(t *testing.T, c Case) {
	t.Helper()
	p, err := c.New(c.Options)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("spec", func(t *testing.T) { spec(t, c, p) })
	t.Run("determinism", func(t *testing.T) { determinism(t, p) })
	t.Run("ranges", func(t *testing.T) { ranges(t, p) })
	t.Run("measurement", func(t *testing.T) { measurement(t, c, p) })
	t.Run("forward", func(t *testing.T) { forward(t, c, p) })
	if q, ok := p.(problems.Quantified); ok {
		t.Run("quantities", func(t *testing.T) { quantities(t, q) })
	}
	if q, ok := p.(problems.Parametric); ok {
		t.Run("parametric", func(t *testing.T) { parametric(t, q) })
	}
	if q, ok := p.(problems.Marginal); ok {
		t.Run("marginal", func(t *testing.T) { marginal(t, q) })
	}
	if q, ok := p.(problems.Redrawable); ok {
		t.Run("redraw", func(t *testing.T) { redraw(t, c, q) })
	}
}

// pair holds a pair in its own memory.
type pair struct{ x, y []float64 }

// newPair returns a pair filled with NaN, which reveals values that are not
// set.
func newPair(s *problems.Spec) pair {
	p := pair{make([]float64, s.XLen()), make([]float64, s.YLen())}
	for i := range p.x {
		p.x[i] = math.NaN()
	}
	for i := range p.y {
		p.y[i] = math.NaN()
	}
	return p
}

func (p pair) equal(q pair) bool { return slices.Equal(p.x, q.x) && slices.Equal(p.y, q.y) }

func generator(t *testing.T, p problems.Problem) problems.Generator {
	t.Helper()
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := g.(io.Closer); ok {
		t.Cleanup(func() {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	return g
}

// draw returns pairs 0 … n−1.
func draw(t *testing.T, p problems.Problem, n int) []pair {
	t.Helper()
	g := generator(t, p)
	all := make([]pair, n)
	for i := range all {
		all[i] = newPair(p.Spec())
		if err := g.Pair(all[i].x, all[i].y, seed, uint64(i)); err != nil {
			t.Fatalf("pair %d: %v", i, err)
		}
	}
	return all
}

// spec checks that the description is complete, is unchanged by JSON, and gives
// the same problem again.
func spec(t *testing.T, c Case, p problems.Problem) {
	s := p.Spec()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"title": s.Title,
		"x name": s.XName, "y name": s.YName, "y unit": s.YUnit, "length unit": s.LengthUnit} {
		if text == "" {
			t.Errorf("no %s", name)
		}
	}
	for _, f := range s.Fields() {
		if f.Name == "" || f.Unit == "" || !(f.Range.Width() > 0) {
			t.Errorf("field %q has the unit %q and the range %+v", f.Name, f.Unit, f.Range)
		}
	}
	channels := make(map[string]bool)
	for ch := range s.YChannels {
		channels[s.ChannelName(ch)] = true
	}
	if len(channels) != s.YChannels || channels[""] {
		t.Errorf("the names of the channels of y are not distinct: %q", s.YChannelNames)
	}
	if !(s.Width > 0 && s.Height > 0 && s.XRange.Width() > 0) {
		t.Errorf("extent %v × %v, range of x %+v", s.Width, s.Height, s.XRange)
	}
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var back problems.Spec
	err = dec.Decode(&back)
	// Names for figures are not stored in files.
	back.YChannelNames, back.XLabel = s.YChannelNames, s.XLabel
	if err != nil || !reflect.DeepEqual(back, *s) {
		t.Errorf("the spec comes back from JSON as %+v, %v", back, err)
	}
	again, err := c.New(s.Options)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again.Spec(), s) ||
		again.Measurement().String() != p.Measurement().String() {
		t.Errorf("the resolved options give %+v, %v", again.Spec(), again.Measurement())
	}
	for _, o := range []problems.Options{{Grid: -1}, {Grid: 1 << 30}, {NoisePercent: -1},
		{NoisePercent: math.NaN()}, {NoisePercent: math.Inf(1)}} {
		if _, err := c.New(o); err == nil {
			t.Errorf("options %+v are accepted", o)
		}
	}
}

// determinism checks that pair i is a function of seed and i, for every
// generator, in every order, and in parallel.
func determinism(t *testing.T, p problems.Problem) {
	want := draw(t, p, pairs)
	g := generator(t, p)
	got := newPair(p.Spec())
	for _, i := range []int{pairs - 1, 0, 5, 5, 3, pairs - 2} {
		if err := g.Pair(got.x, got.y, seed, uint64(i)); err != nil {
			t.Fatal(err)
		}
		if !got.equal(want[i]) {
			t.Errorf("pair %d depends on the pairs made before it", i)
		}
	}
	if err := g.Pair(got.x, got.y, seed+1, 0); err != nil {
		t.Fatal(err)
	}
	if slices.Equal(got.x, want[0].x) {
		t.Error("the seed has no effect")
	}
	for i := 1; i < pairs; i++ {
		if want[i].equal(want[0]) {
			t.Errorf("pairs 0 and %d are the same", i)
		}
	}
	var wg sync.WaitGroup
	for range 3 {
		g := generator(t, p)
		wg.Go(func() {
			got := newPair(p.Spec())
			for i := range pairs {
				if err := g.Pair(got.x, got.y, seed, uint64(i)); err != nil || !got.equal(want[i]) {
					t.Errorf("pair %d differs when several generators run: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
}

// ranges checks that all values are set, in range and representable in float32,
// and that normalization maps to [0, 1] and back.
func ranges(t *testing.T, p problems.Problem) {
	s := p.Spec()
	all := draw(t, p, pairs)
	n := problems.Normalization{X: problems.Range{Min: math.Inf(1), Max: math.Inf(-1)},
		Y: problems.Range{Min: math.Inf(1), Max: math.Inf(-1)}}
	for i, q := range all {
		for k, v := range q.x {
			if !s.RangeAt(k).Contains(v) {
				t.Fatalf("pair %d: x[%d] = %v is not in %+v", i, k, v, s.RangeAt(k))
			}
		}
		for k, v := range q.y {
			if !(math.Abs(v) < math.MaxFloat32) || v != 0 && math.Abs(v) < 0x1p-126 {
				t.Fatalf("pair %d: y[%d] = %v", i, k, v)
			}
		}
		n.X.Min, n.X.Max = min(n.X.Min, slices.Min(q.x)), max(n.X.Max, slices.Max(q.x))
		n.Y.Min, n.Y.Max = min(n.Y.Min, slices.Min(q.y)), max(n.Y.Max, slices.Max(q.y))
	}
	for _, a := range []struct {
		name string
		r    problems.Range
		of   func(pair) []float64
	}{{"x", n.X, func(q pair) []float64 {
		return q.x
	}}, {"y", n.Y, func(q pair) []float64 { return q.y }}} {
		if !(a.r.Width() > 0) {
			t.Fatalf("all values of %s are the same", a.name)
		}
		// Subtraction, division, product and sum each round once, at the size
		// of the largest value.
		tolerance := 4 * 0x1p-53 * 2 * max(math.Abs(a.r.Min), math.Abs(a.r.Max), a.r.Width())
		v, back := make([]float64, len(a.of(all[0]))), make([]float64, len(a.of(all[0])))
		for _, q := range all {
			a.r.Apply(v, a.of(q))
			a.r.Invert(back, v)
			for k, value := range a.of(q) {
				if !(v[k] >= 0 && v[k] <= 1) || math.Abs(back[k]-value) > tolerance {
					t.Fatalf("%s = %v is normalized to %v and comes back as %v", a.name, value,
						v[k], back[k])
				}
			}
		}
	}
}

// measurement checks the distribution of the noise on the y of a pair.
func measurement(t *testing.T, c Case, p problems.Problem) {
	y := draw(t, p, 1)[0].y
	m := priorstest.MeasurementCase{Measurement: p.Measurement(), Prediction: y}
	if c.NoiseStd != nil {
		m.Mean = func(i int) float64 { return y[i] }
		m.Std = func(i int) float64 { return c.NoiseStd(y[i]) }
	}
	priorstest.Measurement(t, m)

	a, b, again := make([]float64, len(y)), make([]float64, len(y)), make([]float64, len(y))
	problems.Measure(p.Measurement(), a, y, seed, 0)
	problems.Measure(p.Measurement(), b, y, seed, 1)
	problems.Measure(p.Measurement(), again, y, seed, 0)
	if !priorstest.Equal(a, again) || priorstest.Equal(a, b) {
		t.Error("the noise of a pair is not a function of its index")
	}
}

// forward compares with the references and with the pairs, and checks that an
// invalid field is an error without side effects.
func forward(t *testing.T, c Case, p problems.Problem) {
	for _, r := range c.References {
		q, err := c.New(r.Options)
		if err != nil {
			t.Fatal(err)
		}
		g, ok := generator(t, q).(problems.Forwarder)
		if !ok {
			t.Fatal("a reference for a problem that has no Forwarder")
		}
		y := newPair(q.Spec()).y
		if len(r.X) != q.Spec().XLen() || len(r.Y) != len(y) {
			t.Fatalf("%s: reference of %d and %d values", r.Name, len(r.X), len(r.Y))
		}
		if err := g.Forward(y, r.X); err != nil {
			t.Fatalf("%s: %v", r.Name, err)
		}
		worst, scale := 0.0, 0.0
		for i, v := range r.Y {
			worst, scale = max(worst, math.Abs(y[i]-v)), max(scale, math.Abs(v))
		}
		if !(worst <= r.Tolerance*scale) {
			t.Errorf("%s: y is off by %.2e of its largest value, limit %.2e", r.Name, worst/scale,
				r.Tolerance)
		}
	}
	g, ok := generator(t, p).(problems.Forwarder)
	if !ok {
		return
	}
	q := draw(t, p, 1)[0]
	y := newPair(p.Spec()).y
	x := slices.Clone(q.x)
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		x[len(x)/2] = bad
		if g.Forward(y, x) == nil {
			t.Errorf("a field with a %v in it is accepted", bad)
		}
	}
	if err := g.Forward(y, q.x); err != nil {
		t.Fatal(err)
	}
	if !c.ModelError && !problems.IsSubgrid(p) && !slices.Equal(y, q.y) {
		t.Error("Forward of a pair's x is not its y, or an error before spoiled the generator")
	}
}

// relative is a prior of several fields, each mapped from its range to [0, 1].
type relative struct{ problems.Parametric }

// Field maps x to [0, 1] by the range of each field.
func (p relative) Field(x, theta []float64) {
	p.Parametric.Field(x, theta)
	for i, v := range x {
		r := p.Spec().RangeAt(i)
		x[i] = (v - r.Min) / r.Width()
	}
}

// parametric checks the prior's variables.
func parametric(t *testing.T, p problems.Parametric) {
	s := p.Spec()
	lo, hi := p.Box()
	if len(lo) != len(s.Variables) {
		t.Fatalf("%d variables, %d names", len(lo), len(s.Variables))
	}
	// XRange holds for the prior; rounding in a product may exceed its end by
	// an ulp.
	slack := 0x1p-52 * max(math.Abs(s.XRange.Min), math.Abs(s.XRange.Max))
	if len(s.XFields) > 0 {
		priorstest.Field(t, relative{p}, s.XLen(), -4*slack, 1+4*slack)
	} else {
		priorstest.Field(t, p, s.XLen(), s.XRange.Min-slack, s.XRange.Max+slack)
	}

	const draws = 4000
	values := make([][]float64, len(lo))
	theta := make([]float64, len(lo))
	for i := range draws {
		p.Latent(theta, seed, uint64(i*s.ImagesPerSimulation))
		for k, v := range theta {
			if v < lo[k] || v > hi[k] {
				t.Fatalf("pair %d: %s is %v, outside [%v, %v]", i, s.Variables[k].Name, v, lo[k],
					hi[k])
			}
			values[k] = append(values[k], v)
		}
	}
	for a := range values {
		for b := range a {
			if r := correlation(values[a], values[b]); math.Abs(r) > 5/math.Sqrt(draws) {
				t.Errorf("%s and %s are correlated: %v", s.Variables[a].Name, s.Variables[b].Name,
					r)
			}
		}
	}
	for k, v := range values {
		if d := priorstest.KolmogorovUniform(v, lo[k], hi[k]); d > 2.3 {
			t.Errorf("%s is not uniform on [%v, %v]: Kolmogorov's statistic is %v",
				s.Variables[k].Name, lo[k], hi[k], d)
		}
	}

	g, ok := generator(t, p).(problems.Simulator)
	if !ok {
		t.Fatal("a Parametric problem whose generators are not Simulators")
	}
	got, field := newPair(s), newPair(s).x
	for i, want := range draw(t, p, 3) {
		p.Latent(theta, seed, uint64(i))
		p.Field(field, theta)
		if err := g.Simulate(got.x, got.y, theta); err != nil {
			t.Fatal(err)
		}
		if !got.equal(want) || !slices.Equal(field, want.x) {
			t.Errorf("pair %d is not the simulation of its variables", i)
		}
	}
	priors.Draw(theta, lo, hi, rng.New(seed, rng.Test, 0, 0))
	if err := g.Simulate(got.x, got.y, theta); err != nil {
		t.Errorf("θ = %v: %v", theta, err)
	}
}

func correlation(a, b []float64) float64 {
	var ma, mb, ab, aa, bb float64
	n := float64(len(a))
	for i := range a {
		ma += a[i] / n
		mb += b[i] / n
	}
	for i := range a {
		ab += (a[i] - ma) * (b[i] - mb)
		aa += (a[i] - ma) * (a[i] - ma)
		bb += (b[i] - mb) * (b[i] - mb)
	}
	return ab / math.Sqrt(aa*bb)
}

// quantities checks that quantities have names, and are finite for fields of
// the prior; for other fields they may be NaN.
func quantities(t *testing.T, p problems.Quantified) {
	names := p.Quantities()
	seen := make(map[string]bool)
	for _, v := range names {
		if v.Name == "" || seen[v.Name] {
			t.Errorf("quantity %q is unnamed or listed twice", v.Name)
		}
		seen[v.Name] = true
	}
	all := draw(t, p, pairs)
	s := p.Spec()
	noise, uniform := rng.New(seed, rng.Test, 1, 0), make([]float64, s.XLen())
	noisy := slices.Clone(all[0].x)
	for k := range noisy {
		uniform[k] = s.RangeAt(k).Min
		noisy[k] += s.RangeAt(k).Width() * noise.Normal()
	}
	dst := make([]float64, len(names))
	distinct := make(map[float64]bool)
	for i, x := range append([][]float64{uniform, noisy}, fields(all)...) {
		for k := range dst {
			dst[k] = math.NaN()
		}
		before := slices.Clone(x)
		p.Quantify(dst, x)
		for k, v := range dst {
			// A field that is not from the prior may lack the quantity.
			if math.IsNaN(v) && i >= 2 || math.IsInf(v, 0) {
				t.Errorf("field %d: %s is %v", i, names[k].Name, v)
			}
		}
		if !slices.Equal(before, x) {
			t.Error("Quantify changes its field")
		}
		distinct[dst[0]] = true
	}
	if len(distinct) < pairs/2 {
		t.Errorf("%s takes %d values over %d fields", names[0].Name, len(distinct), pairs)
	}
}

func fields(all []pair) (x [][]float64) {
	for _, q := range all {
		x = append(x, q.x)
	}
	return x
}
