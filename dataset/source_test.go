package dataset_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"csdm/dataset"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/quasistatic"
	"csdm/rng"
)

// TestSplit checks the number of training pairs for defaults, for none held
// out, and for simulations that must not be divided.
func TestSplit(t *testing.T) {
	for _, c := range []struct{ pairs, heldOut, images, want int }{
		{10_000, 0, 1, 9488}, {4000, 0, 1, 3600}, {100, 0, 3, 90}, {100, 7, 3, 93}, {100, 8, 3, 90},
		{100, -1, 3, 100}, {5, 0, 1, 5}, {5, 9, 1, 0},
	} {
		if got := dataset.Split(c.pairs, c.heldOut, c.images); got != c.want {
			t.Errorf("Split(%d, %d, %d) = %d, want %d", c.pairs, c.heldOut, c.images, got, c.want)
		}
	}
}

// all returns the first n pairs of a store in physical units.
func all(t *testing.T, store *dataset.Store, n int) (x, y [][]float64) {
	t.Helper()
	p := store.Spec()
	x32, y32 := make([]float32, p.XLen()), make([]float32, p.YLen())
	for i := range n {
		if err := store.Pair(i, x32, y32); err != nil {
			t.Fatal(err)
		}
		x = append(x, make([]float64, len(x32)))
		y = append(y, make([]float64, len(y32)))
		for k, v := range x32 {
			x[i][k] = float64(v)
		}
		for k, v := range y32 {
			y[i][k] = float64(v)
		}
	}
	return x, y
}

func extremes(v [][]float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, w := range v {
		lo, hi = min(lo, slices.Min(w)), max(hi, slices.Max(w))
	}
	return lo, hi
}

func close9(a, b float64) bool { return math.Abs(a-b) <= 1e-9*(math.Abs(a)+math.Abs(b)) }

// TestScaling compares the scaling with sums over all values, for a training
// set that ends within a block.
//
// The extremes of held-out pairs must not leak into the normalization.
func TestScaling(t *testing.T) {
	dir := t.TempDir()
	p := newStripes()
	s := settings()
	s.Pairs = 400
	generate(t, dir, p, s)
	store := open(t, dir)
	const training = 380 - 380%3
	x, y := all(t, store, training)
	xLo, xHi := extremes(x)
	yLo, yHi := extremes(y)
	var n, sum, square float64
	for _, v := range x {
		for _, value := range v {
			n++
			sum += (value - xLo) / (xHi - xLo)
			square += math.Pow((value-xLo)/(xHi-xLo), 2)
		}
	}
	sigma := math.Sqrt(square/n - sum/n*sum/n)

	var first dataset.Scaling
	for _, threads := range []int{1, 3} {
		source, err := dataset.NewSource(context.Background(), store, p.Measurement(),
			dataset.Settings{Seed: 4, HeldOut: 20, Threads: threads})
		if err != nil {
			t.Fatal(err)
		}
		if source.TrainingLen() != training || source.HeldOutLen() != 400-training ||
			source.HeldOutPair(1) != training+1 {
			t.Errorf("%d pairs to train on, %d held out", source.TrainingLen(), source.HeldOutLen())
		}
		got := source.Scaling()
		if norm := got.Normalization; norm.X.Min != xLo || norm.X.Max != xHi || norm.Y.Min != yLo ||
			norm.Y.Max != yHi {
			t.Errorf("%+v, want %v %v %v %v", norm, xLo, xHi, yLo, yHi)
		}
		if !close9(got.SigmaData, sigma) {
			t.Errorf("σ_data %v, want %v", got.SigmaData, sigma)
		}
		bySpread, err := dataset.NewSource(context.Background(), store, p.Measurement(),
			dataset.Settings{Seed: 4, HeldOut: 20, Threads: threads, Spread: true})
		if err != nil {
			t.Fatal(err)
		}
		s, width, mean := bySpread.Scaling(), xHi-xLo, sum/n
		if x := s.Normalization.X; !close9(s.SigmaData, 0.25) ||
			!close9(x.Width(), 4*sigma*width) || !close9(x.Min+x.Width()/2, xLo+mean*width) ||
			s.XExtremes != got.Normalization.X || s.Normalization.Y != got.Normalization.Y {
			t.Errorf("by spread: %+v of σ_data %v, extremes %+v", s.Normalization, s.SigmaData,
				s.XExtremes)
		}
		for c := range 2 {
			var n, sum, square float64
			for _, v := range y {
				for _, value := range v[c*15 : (c+1)*15] {
					n++
					sum += (value - yLo) / (yHi - yLo)
					square += math.Pow((value-yLo)/(yHi-yLo), 2)
				}
			}
			// The noise adds to the variance; the sampling error of the noise
			// is at most 1/√n of a deviation.
			noise := 60 / (yHi - yLo)
			mean, variance := sum/n, square/n-sum/n*sum/n+noise*noise
			if e := math.Abs(got.YMean[c] - mean); e > 5*noise/math.Sqrt(n) || e == 0 {
				t.Errorf("channel %d: mean %v, want %v", c, got.YMean[c], mean)
			}
			if e := math.Abs(got.YStd[c]*got.YStd[c] - variance); e >
				5*2*noise*math.Sqrt(variance/n) || e == 0 {
				t.Errorf("channel %d: deviation %v, want %v", c, got.YStd[c], math.Sqrt(variance))
			}
			// The same for single values: 15 per channel, each with its own
			// mean over the pairs.
			within := noise * noise
			for p := range 15 {
				var sum, square float64
				for _, v := range y {
					value := (v[c*15+p] - yLo) / (yHi - yLo)
					sum += value / float64(len(y))
					square += value * value / float64(len(y))
				}
				within += (square - sum*sum) / 15
				if e := math.Abs(got.YField[c*15+
					p] - sum); e > 6*noise/math.Sqrt(float64(len(y))) || e == 0 {
					t.Errorf("value %d of channel %d: mean %v, want %v", p, c, got.YField[c*15+p],
						sum)
				}
			}
			if e := math.Abs(got.YSpread[c]*got.YSpread[c] - within); e >
				5*2*noise*math.Sqrt(within/n) || e == 0 {
				t.Errorf("channel %d: spread %v, want %v", c, got.YSpread[c], math.Sqrt(within))
			}
		}
		if threads == 1 {
			first = got
		} else if !slices.Equal(first.YMean, got.YMean) || !slices.Equal(first.YStd, got.YStd) ||
			!slices.Equal(first.YField, got.YField) || !slices.Equal(first.YSpread, got.YSpread) ||
			first.SigmaData != got.SigmaData {
			t.Error("scaling depends on the number of threads")
		}
	}
}

// TestScalingOfPhases checks that the moments of wrapped phases equal the
// moments of unwrapped phases, counted from the mean of their plane.
func TestScalingOfPhases(t *testing.T) {
	dir := t.TempDir()
	p := newStripes()
	s := settings()
	s.Pairs = 60
	generate(t, dir, p, s)
	law := priors.Sequence{priors.Gaussian{Std: 0.01}, priors.Wrap{}}
	source, err := dataset.NewSource(context.Background(), open(t, dir), law,
		dataset.Settings{Seed: 4, HeldOut: 20, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	got := source.Scaling()
	if got.Normalization.Y.Width() != 2*math.Pi || got.YPeriod != 1 {
		t.Errorf("range %v, period %v", got.Normalization.Y, got.YPeriod)
	}
	for c, mean := range got.YMean {
		if math.Abs(mean) > 1e-12 {
			t.Errorf("channel %d has mean %v", c, mean)
		}
	}
}

// TestSourceFetches compares samples with the stored pair, the noise of its
// stream and the normalization, and checks that they depend on step and slot
// alone.
func TestSourceFetches(t *testing.T) {
	dir := t.TempDir()
	p := newStripes()
	generate(t, dir, p, settings())
	store := open(t, dir)
	law := p.Measurement().(priors.Gaussian)
	source, err := dataset.NewSource(context.Background(), store, law,
		dataset.Settings{Seed: 4, HeldOut: 10, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	norm := source.Scaling().Normalization
	xs, ys := all(t, store, 100)

	// which finds the pair whose field is x, and returns its number and the
	// standardized noise in y.
	which := func(x, y []float32) (pair int, noise []float64) {
		for i := range xs {
			same := true
			for k, v := range x {
				same = same && v == float32((xs[i][k]-norm.X.Min)/norm.X.Width())
			}
			if same {
				noise = make([]float64, len(y))
				for k, v := range y {
					noise[k] = (float64(v)*norm.Y.Width() + norm.Y.Min - ys[i][k]) / law.Std
				}
				return i, noise
			}
		}
		t.Fatal("the field belongs to no pair")
		return 0, nil
	}

	x, y, x2, y2 := make([]float32, 15), make([]float32, 30), make([]float32, 15),
		make([]float32, 30)
	counts := make([]int, 100)
	var sum, square, n float64
	for step := range uint64(300) {
		for slot := range uint64(4) {
			if err := source.Training(x, y, step, slot); err != nil {
				t.Fatal(err)
			}
			pair, noise := which(x, y)
			counts[pair]++
			if told := source.Pair(step, slot); told != uint64(pair) {
				t.Fatalf("step %d, slot %d: pair %d, told as %d", step, slot, pair, told)
			}
			for _, z := range noise {
				sum += z
				square += z * z
				n++
			}
			source.Training(x2, y2, step, slot)
			if !slices.Equal(x, x2) || !slices.Equal(y, y2) {
				t.Fatal("a slot is not a function of step and slot")
			}
		}
	}
	for pair, c := range counts {
		// P(a training pair never drawn) = 90·(1−1/90)^1200 = 1e-4
		if (c == 0) != (pair >= source.TrainingLen()) {
			t.Errorf("pair %d was trained on %d times", pair, c)
		}
	}
	if mean := sum / n; math.Abs(mean) > 5/math.Sqrt(n) {
		t.Errorf("mean of the noise is %v deviations", mean)
	}
	if v := square / n; math.Abs(v-1) > 5*math.Sqrt(2/n) {
		t.Errorf("variance of the noise is %v times what it should be", v)
	}

	seen := map[int]bool{}
	for i := range uint64(source.HeldOutLen()) {
		source.HeldOut(x, y, i)
		source.HeldOut(x2, y2, i)
		pair, noise := which(x, y)
		if pair != source.HeldOutPair(int(i)) || seen[pair] || !slices.Equal(y, y2) {
			t.Errorf("held-out pair %d is pair %d", i, pair)
		}
		if noise[0] == 0 || noise[0] == noise[1] {
			t.Error("held-out pairs have no noise")
		}
		seen[pair] = true
	}

	if n := testing.AllocsPerRun(50, func() {
		source.Training(x, y, 1, 2)
		source.HeldOut(x, y, 1)
	}); n > 0 && !raceEnabled {
		t.Errorf("fetching allocates %v times", n)
	}
}

// TestSourceRefuses checks datasets without training pairs and of constant
// pairs, from which nothing can be learned.
func TestSourceRefuses(t *testing.T) {
	dir := t.TempDir()
	p := newStripes()
	generate(t, dir, p, settings())
	store := open(t, dir)
	if _, err := dataset.NewSource(context.Background(), store, p.Measurement(),
		dataset.Settings{HeldOut: 100, Threads: 1}); err == nil {
		t.Error("a source of no pairs")
	}

	flat := t.TempDir()
	q := newStripes()
	generate(t, flat, &constant{q}, settings())
	if _, err := dataset.NewSource(context.Background(), open(t, flat), p.Measurement(),
		dataset.Settings{Threads: 1}); err == nil ||
		!strings.Contains(err.Error(), "nothing to learn") {
		t.Errorf("a constant dataset: %v", err)
	}
}

// TestManyBlocks reads from more blocks than a store keeps open, in random
// order: a count that rose with each reader would leave files open.
func TestManyBlocks(t *testing.T) {
	dir := t.TempDir()
	s := settings()
	s.Pairs, s.BlockPairs = 900, 3
	generate(t, dir, newStripes(), s)
	store := open(t, dir)
	x, y := make([]float32, 15), make([]float32, 30)
	stream := rng.New(1, rng.Test, 0, 0)
	for range 2000 {
		if err := store.Pair(int(stream.Uint64n(900)), x, y); err != nil {
			t.Fatal(err)
		}
	}
}

// TestInclusionScaling checks the deviation of normalized x for an inclusion
// that covers the fraction p = π·0.12² of the square. Normalized x is 0 or 1,
// so its deviation is √(p(1−p)). The fraction of nodes differs from the
// fraction of the area by a few percent on this grid.
func TestInclusionScaling(t *testing.T) {
	p, err := quasistatic.New(problems.Options{Grid: 28})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	generate(t, dir, p, dataset.Settings{Pairs: 200, Seed: 1, Threads: 2})
	source, err := dataset.NewSource(context.Background(), open(t, dir), p.Measurement(),
		dataset.Settings{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	s := source.Scaling()
	share := math.Pi * 0.12 * 0.12 * 27 * 27 / (28 * 28) // nodes per area
	if want := math.Sqrt(share * (1 - share)); math.Abs(s.SigmaData/want-1) > 0.02 {
		t.Errorf("σ_data %v, want %v", s.SigmaData, want)
	}
	if n := s.Normalization; n.X != (problems.Range{Min: float64(float32(0.1)), Max: 1.5}) ||
		n.Y != (problems.Range{Min: float64(float32(-0.01)), Max: 0}) {
		t.Errorf("%+v", n)
	}
	// y falls linearly from 1 at the bottom to 0 at the top, except at the
	// inclusion. Its noise is 5 % of the range.
	if want := math.Sqrt(1./12*29/27 + 0.05*0.05); math.Abs(s.YStd[0]/want-1) > 0.05 {
		t.Errorf("deviation of y %v, want about %v", s.YStd[0], want)
	}
}

// TestBoundedMeasurements checks that y is normalized by the bounds of its
// measurement's distribution, if there are any. Phases of many turns are
// measured within one turn.
func TestBoundedMeasurements(t *testing.T) {
	dir := t.TempDir()
	generate(t, dir, newStripes(), settings())
	law := priors.Sequence{priors.Gaussian{Std: 60}, priors.Wrap{}}
	src, err := dataset.NewSource(context.Background(), open(t, dir), law,
		dataset.Settings{Seed: 1, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	if n := src.Scaling().Normalization.Y; n.Min != -math.Pi || n.Max != math.Pi {
		t.Errorf("wrapped phases are normalized from %v to %v", n.Min, n.Max)
	}
	x, y := make([]float32, open(t, dir).Spec().XLen()), make([]float32, open(t, dir).Spec().YLen())
	if err := src.Training(x, y, 0, 0); err != nil {
		t.Fatal(err)
	}
	for k, v := range y {
		if v < 0 || v > 1 {
			t.Fatalf("value %d of a normalized measurement is %v", k, v)
		}
	}
}
