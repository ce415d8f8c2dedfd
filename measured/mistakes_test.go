package measured

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"csdm/dataset"
	"csdm/explain"
	"csdm/nn"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/opticnerve"
	"csdm/rng"
)

// wave is a measurement of a shear wave in one specimen of opticnerve, as real
// and imaginary part.
type wave struct {
	n     int // nodes a side
	std   float64
	clean []float64
	s     *rng.Stream
}

func (w *wave) noisy(y []float64, scale float64) []float64 {
	out := slices.Clone(y)
	for k := range out {
		out[k] += scale * w.std * w.s.Normal()
	}
	return out
}

// each replaces the values of both parts of a noise-free measurement; x and up
// run from 0 to 1.
func (w *wave) each(f func(x, up, re, im float64) (float64, float64)) []float64 {
	out := slices.Clone(w.clean)
	half := w.n * w.n
	for k := range half {
		x, up := float64(k%w.n)/float64(w.n-1), float64(k/w.n)/float64(w.n-1)
		out[k], out[half+k] = f(x, up, out[k], out[half+k])
	}
	return out
}

// from replaces each value by the value of another node.
func (w *wave) from(f func(row, col int) (int, int)) []float64 {
	out := slices.Clone(w.clean)
	half := w.n * w.n
	for k := range out {
		r, c := f(k%half/w.n, k%w.n)
		out[k] = w.clean[k/half*half+min(max(r, 0), w.n-1)*w.n+min(max(c, 0), w.n-1)]
	}
	return out
}

func (w *wave) blurred(y []float64, pixels float64) []float64 {
	out := slices.Clone(y)
	blur := priors.Blur{Rows: w.n, Cols: w.n, FWHM: 2.3548 * pixels}
	for c := range 2 {
		plane := out[c*w.n*w.n : (c+1)*w.n*w.n]
		blur.Apply(plane, plane)
	}
	return out
}

// correlated returns the measurement with smoothed noise of the problem's size.
func (w *wave) correlated(pixels float64) []float64 {
	z := w.blurred(w.noisy(make([]float64, len(w.clean)), 1), pixels)
	square := 0.0
	for _, v := range z {
		square += v * v / float64(len(z))
	}
	for k, v := range w.clean {
		z[k] = v + z[k]*w.std/math.Sqrt(square)
	}
	return z
}

// with returns a right measurement in which the values at some nodes of both
// parts are replaced.
func (w *wave) with(value float64, at func(row, col int) bool) []float64 {
	y := w.noisy(w.clean, 1)
	for k := range y {
		if at(k%(w.n*w.n)/w.n, k%w.n) {
			y[k] = value
		}
	}
	return y
}

func scaled(f float64) func(x, up, re, im float64) (float64, float64) {
	return func(_, _, re, im float64) (float64, float64) { return f * re, f * im }
}

// turned shifts the phase of the wave by an angle in degrees.
func turned(degrees float64) func(x, up, re, im float64) (float64, float64) {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return func(_, _, re, im float64) (float64, float64) { return cos*re - sin*im, sin*re + cos*im }
}

func moved(dRe, dIm, tilt float64) func(x, up, re, im float64) (float64, float64) {
	return func(x, _, re, im float64) (float64, float64) {
		return re + opticnerve.UMax*(dRe+tilt*(x-0.5)), im + opticnerve.UMax*dIm
	}
}

// waveMistakes lists mistakes in a measurement of opticnerve. The first entry
// is a right measurement.
var waveMistakes = []struct {
	name string
	make func(w *wave) []float64
}{
	{"nothing is wrong", func(w *wave) []float64 { return w.noisy(w.clean, 1) }},
	{"mirrored left to right", func(w *wave) []float64 {
		return w.noisy(w.from(func(r, c int) (int, int) { return r, w.n - 1 - c }), 1)
	}},
	{"upside down", func(w *wave) []float64 {
		return w.noisy(w.from(func(r, c int) (int, int) { return w.n - 1 - r, c }), 1)
	}},
	{"transposed", func(w *wave) []float64 {
		return w.noisy(w.from(func(r, c int) (int, int) { return c, r }), 1)
	}},
	{"wrong sign", func(w *wave) []float64 { return w.noisy(w.each(scaled(-1)), 1) }},
	{"parts exchanged", func(w *wave) []float64 {
		return w.noisy(w.each(func(_, _, re, im float64) (float64, float64) { return im, re }), 1)
	}},
	{"conjugate: phase runs backward", func(w *wave) []float64 {
		return w.noisy(w.each(func(_, _, re, im float64) (float64, float64) { return re, -im }), 1)
	}},
	{"amplitude and phase for the parts", func(w *wave) []float64 {
		return w.noisy(w.each(func(_, _, re, im float64) (float64, float64) {
			return math.Hypot(re, im), math.Atan2(im, re)
		}), 1)
	}},
	{"imaginary part is not measured", func(w *wave) []float64 {
		return w.noisy(w.each(func(_, _, re, _ float64) (float64, float64) { return re, 0 }), 1)
	}},
	{"imaginary part is 0", func(w *wave) []float64 {
		y := w.noisy(w.clean, 1)
		clear(y[w.n*w.n:])
		return y
	}},
	{"unit wrong by 10", func(w *wave) []float64 { return w.noisy(w.each(scaled(10)), 10) }},
	{"unit wrong by 1/10", func(w *wave) []float64 { return w.noisy(w.each(scaled(0.1)), 0.1) }},
	{"unit wrong by 1000", func(w *wave) []float64 { return w.noisy(w.each(scaled(1000)), 1000) }},
	{"amplitude 20 % too large", func(w *wave) []float64 {
		return w.noisy(w.each(scaled(1.2)), 1)
	}},
	{"amplitude 10 % too large", func(w *wave) []float64 {
		return w.noisy(w.each(scaled(1.1)), 1)
	}},
	{"amplitude 10 % too small", func(w *wave) []float64 {
		return w.noisy(w.each(scaled(0.9)), 1)
	}},
	{"phase off by 90°", func(w *wave) []float64 { return w.noisy(w.each(turned(90)), 1) }},
	{"phase off by 30°", func(w *wave) []float64 { return w.noisy(w.each(turned(30)), 1) }},
	{"phase off by 10°", func(w *wave) []float64 { return w.noisy(w.each(turned(10)), 1) }},
	{"offset of 5 %", func(w *wave) []float64 { return w.noisy(w.each(moved(0.05, 0, 0)), 1) }},
	{"offset of 20 %", func(w *wave) []float64 { return w.noisy(w.each(moved(0.2, 0, 0)), 1) }},
	{"tilt of 10 %", func(w *wave) []float64 { return w.noisy(w.each(moved(0, 0, 0.1)), 1) }},
	{"tilt of 50 %", func(w *wave) []float64 { return w.noisy(w.each(moved(0, 0, 0.5)), 1) }},
	{"registration off by one pixel", func(w *wave) []float64 {
		return w.noisy(w.from(func(r, c int) (int, int) { return r, c - 1 }), 1)
	}},
	{"shift of two pixels", func(w *wave) []float64 {
		return w.noisy(w.from(func(r, c int) (int, int) { return r - 2, c }), 1)
	}},
	{"pixel size 10 % too large", func(w *wave) []float64 {
		return w.noisy(w.from(func(r, c int) (int, int) {
			return int(math.Round(float64(r) / 1.1)), int(math.Round(float64(c) / 1.1))
		}), 1)
	}},
	{"twice the noise", func(w *wave) []float64 { return w.noisy(w.clean, 2) }},
	{"correlated noise, 1 pixel", func(w *wave) []float64 { return w.correlated(1) }},
	{"correlated noise, 4 pixels", func(w *wave) []float64 { return w.correlated(4) }},
	{"map smoothed over 1 pixel", func(w *wave) []float64 {
		return w.blurred(w.noisy(w.clean, 1), 1)
	}},
	{"2 % dropouts as 0", func(w *wave) []float64 {
		return w.with(0, func(int, int) bool { return w.s.Float64() < 0.02 })
	}},
	{"3 × 3 dead samples", func(w *wave) []float64 {
		return w.with(0, func(r, c int) bool { return r/3 == 5 && c/3 == 4 })
	}},
	{"two columns are 0", func(w *wave) []float64 {
		return w.with(0, func(_, c int) bool { return c/2 == 4 })
	}},
	{"one outlier of 8 σ", func(w *wave) []float64 {
		y := w.noisy(w.clean, 1)
		y[13*w.n+20] += 8 * w.std
		return y
	}},
	{"all zeros", func(w *wave) []float64 { return make([]float64, len(w.clean)) }},
	{"1 % of the samples are −999", func(w *wave) []float64 {
		return w.with(-999, func(int, int) bool { return w.s.Float64() < 0.01 })
	}},
}

// waveModel returns a model with the data on measurements that a training would
// store. Its network is not trained.
//
// The tests of measurements need only the normalization and the statistics of
// training, not the weights.
func waveModel(t *testing.T, p problems.Problem) *nn.Model {
	t.Helper()
	dir := t.TempDir()
	if _, err := dataset.Generate(context.Background(), dir, p,
		dataset.Settings{Seed: 1, Pairs: 512, Threads: 2}); err != nil {
		t.Fatal(err)
	}
	store, err := dataset.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	source, err := dataset.NewSource(context.Background(), store, p.Measurement(),
		dataset.Settings{Seed: 1, HeldOut: typicalPairs, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	spec, scale := p.Spec(), source.Scaling()
	n := scale.Normalization
	model := &nn.Model{
		Net: nn.NewNet[float32](nn.Arch{NGF: 4, YChannels: spec.YChannels, Extra: 1,
			Pool: nn.MaxPool, Variant: nn.Base}),
		Parameterization: &nn.Preconditioned{SigmaData: scale.SigmaData, YMean: scale.YField,
			YStd: scale.YSpread},
		Meta: nn.Metadata{
			Problem: spec.Name, Rows: spec.Rows, Cols: spec.Cols, YUnit: spec.YUnit,
			Normalization: nn.Normalization{XMin: n.X.Min, XMax: n.X.Max, YMin: n.Y.Min,
				YMax: n.Y.Max},
		},
	}
	if model.Meta.Typical, err = TypicalOf(model, source); err != nil {
		t.Fatal(err)
	}
	return model
}

// TestWaveMistakes counts the mistakes that range, distance, noise, repeated
// values, the driven side and training pairs find, for a problem whose
// measurement is not a function of the field alone. With CSDM_MISTAKES set it
// prints the rows of docs/reference/mistakes.md. At most 2 % of 500 right
// measurements may be refused. The number of mistakes found is not tested.
//
// Limits of two tests were chosen on seed 77; the false alarms are counted on
// seed 78, so that the choice cannot flatter them.
func TestWaveMistakes(t *testing.T) {
	if os.Getenv("CSDM_MISTAKES") == "" {
		t.Skip("2,000 pairs of opticnerve take minutes: set CSDM_MISTAKES to make them")
	}
	p, err := opticnerve.New(problems.Options{Grid: 32})
	if err != nil {
		t.Fatal(err)
	}
	model, judge := waveModel(t, p), explain.NewJudge(p)
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float64, p.Spec().XLen())
	right := func(seed, i uint64) *wave {
		w := &wave{n: 32, std: p.Measurement().(priors.Gaussian).Std,
			clean: make([]float64, p.Spec().YLen()), s: rng.New(seed, rng.Test, i, 0)}
		if err := g.Pair(x, w.clean, seed, i); err != nil {
			t.Fatal(err)
		}
		return w
	}
	seen := func(seed uint64, count int) (rows [][]float64) { // as at the end of a training
		for i := range uint64(count) {
			w := right(seed, i)
			y := w.noisy(w.clean, 1)
			model.Meta.Normalization.NormalizeY(y, y)
			rows = append(rows, model.Seen(y, 1))
		}
		return rows
	}
	if model.Novelty, err = explain.NewNovelty(t.Context(), explain.ShapeOf(p.Spec()), 1,
		seen(500, 600), seen(501, 400), 2); err != nil {
		t.Fatal(err)
	}
	ask := func(seed, i uint64, mistake func(w *wave) []float64) (failed string, remark bool) {
		y := mistake(right(seed, i))
		v, err := Judge(model, p, y)
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range v.Tests {
			if !test.In && failed == "" {
				failed = test.Name
			}
		}
		for _, test := range judge.Start(y).Tests {
			if failed == "" && !test.Passed {
				failed = test.Name
			}
		}
		novelty := &explain.Verdict{}
		novelty.Training(model, y)
		for _, test := range novelty.Tests {
			if failed == "" && !test.Passed {
				failed = "training pairs: " + test.Name
			}
		}
		return failed, len(v.Remarks) > 0
	}
	caught, total := 0, 0
	const specimens = 3
	for m, c := range waveMistakes[1:] {
		told, by, remarks := 0, "", 0
		for i := range uint64(specimens) {
			failed, remark := ask(uint64(1000+m), i, c.make)
			if failed != "" {
				told, by = told+1, failed
			}
			if remark {
				remarks++
			}
		}
		caught, total = caught+told, total+specimens
		fmt.Printf("| %s | %d of %d | %s | %d of %d |\n", c.name, told, specimens, by, remarks,
			specimens)
	}
	const count = 500
	refused := 0
	// The limits of two tests were chosen by measurements of seed 77.
	for i := range uint64(count) {
		if failed, _ := ask(78, i, waveMistakes[0].make); failed != "" {
			refused++
			t.Logf("right measurement %d is refused: %s", i, failed)
		}
	}
	t.Logf("%d of %d mistakes caught, %d of %d right measurements refused", caught, total, refused,
		count)
	if refused > count/50 {
		t.Errorf("%d of %d right measurements are refused", refused, count)
	}
}
