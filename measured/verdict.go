package measured

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"csdm/dataset"
	"csdm/nn"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// Likeness reports whether a measurement resembles the measurements that a
// model was trained on, and the size of each difference.
//
// The tests are about y alone. A right measurement of another specimen passes;
// a map in millimeters instead of centimeters, or one that is upside down, does
// not.
type Likeness struct {
	// whether all tests passed
	In bool `json:"in_distribution"`
	// the verdict in one sentence
	Text string `json:"verdict"`
	// number of typical measurements that it was compared with; 0: none known
	Against int `json:"against"`
	// the tests, with their limits
	Tests []LikenessTest `json:"tests"`
	// what could not be judged, and findings that are not out of distribution
	Remarks []string `json:"remarks,omitempty"`
}

// A LikenessTest compares one number of a measurement with typical
// measurements.
type LikenessTest struct {
	Name string `json:"name"` // range, distance, noise, outlier or edge
	// number of this measurement
	Value   float64 `json:"value"`
	Typical float64 `json:"typical"` // mean of typical measurements
	Std     float64 `json:"std"`     // standard deviation of typical measurements
	Limit   float64 `json:"limit"`   // out of distribution above it
	// whether the value is within the limit
	In bool `json:"in"`
}

// Limits of the tests. A number is in distribution up to the largest number of
// a typical measurement, and up to wideSpread standard deviations above their
// mean, widestSpread for the outlier, whose distribution has a long tail where
// tissues meet. The limit of the range is larger by moreRange, and the limit of
// the noise by noiseFactor, because the maximum of a hundred typical
// measurements is itself uncertain.
//
// The largest of n typical numbers is exceeded by a further one with the
// probability 1/(n + 1), which for n = 128 would be a false alarm in every 129
// measurements per test. The margins lower this rate.
const (
	wideSpread   = 4
	widestSpread = 5
	moreRange    = 0.05
	noiseFactor  = 1.25
	lessNoise    = 0.5 // of the mean; a remark is made below it

	// For a model without data on typical measurements: the RMS of standardized
	// y, which is 1 over the training set, and the distance beyond the range in
	// widths of the range.
	roughDistance = 2
	roughBeyond   = 1
)

// typicalPairs is the largest number of measurements behind nn.Typical.
const typicalPairs = 128

// look returns the three numbers of nn.Typical for one normalized measurement,
// (C, H, W).
//
// beyond is the largest distance outside of [0, 1], in widths of the range; if
// all values are inside, minus the smallest distance from its ends. distance is
// the root mean square of y standardized by the mean and the spread of the
// training measurements at each value. noise is the root mean square over
// channels of NoiseStd, in the same unit.
func look(model *nn.Model, y []float64) (beyond, distance, noise float64) {
	m := &model.Meta
	n := m.Rows * m.Cols
	z := make([]float64, n)
	var square, variance float64
	least, most := math.Inf(1), math.Inf(-1)
	channels := len(y) / n
	for c := range channels {
		copy(z, y[c*n:(c+1)*n])
		for _, v := range z {
			if !priors.Missing(v) {
				beyond, least, most = max(beyond, -v, v-1), min(least, v), max(most, v)
			}
		}
		model.Parameterization.Standardize(z, c, m.Rows, m.Cols)
		for _, v := range z {
			if !priors.Missing(v) {
				square += v * v
			}
		}
		std := NoiseStd(z, m.Rows, m.Cols)
		variance += std * std
	}
	if beyond == 0 { // all inside: the distance from the range's ends
		beyond = -min(least, 1-most)
	}
	return beyond, math.Sqrt(square / float64(priors.Present(y))),
		math.Sqrt(variance / float64(channels))
}

// NoiseStd estimates the standard deviation of white noise on a smooth map of
// at least 3×3 values. The second difference along rows of that along columns,
//
//	 1 −2  1
//	−2  4 −2
//	 1 −2  1
//
// removes everything that is linear along either axis and multiplies the noise
// by 6 (Immerkær 1996, "Fast noise variance estimation"). Its median absolute
// value, divided by Φ⁻¹(¾) = 0.6745, is robust to edges. NoiseStd returns 0 for
// smaller maps, and where no 3×3 values without a missing one are together.
//
// With e white noise of variance s² the nine weights have the sum of squares
// 4·1 + 4·4 + 16 = 36, so that the result has the standard deviation 6s. Half
// of the magnitudes of a normal variable lie below 0.6745 standard deviations.
func NoiseStd(v []float64, rows, cols int) float64 {
	if rows < 3 || cols < 3 {
		return 0
	}
	residual := make([]float64, 0, (rows-2)*(cols-2))
	row := func(r, c int) float64 { return v[r*cols+c-1] - 2*v[r*cols+c] + v[r*cols+c+1] }
	for r := 1; r < rows-1; r++ {
		for c := 1; c < cols-1; c++ {
			d := math.Abs(row(r-1, c) - 2*row(r, c) + row(r+1, c))
			if !priors.Missing(d) {
				residual = append(residual, d)
			}
		}
	}
	if len(residual) == 0 {
		return 0
	}
	slices.Sort(residual)
	return residual[len(residual)/2] / (6 * 0.6744897501960817)
}

// spreads collects the numbers of measurements for nn.Typical.
type spreads struct{ beyond, distance, noise, outlier, edge []float64 }

// add appends the numbers of a normalized measurement. Outliers and edges are
// judged in physical units, because normalization moves the value 0 of a place
// without signal.
func (s *spreads) add(model *nn.Model, y []float64) {
	beyond, distance, noise := look(model, y)
	s.beyond, s.distance, s.noise = append(s.beyond, beyond), append(s.distance, distance),
		append(s.noise, noise)
	m, physical := &model.Meta, make([]float64, len(y))
	m.Normalization.PhysicalY(physical, y) // where 0 is no signal
	s.outlier = append(s.outlier, outlier(physical, m.Rows, m.Cols))
	s.edge = append(s.edge, filledEdge(physical, m.Rows, m.Cols))
}

// typical returns mean, standard deviation and maximum of each number. The
// standard deviation has n in its denominator.
func (s *spreads) typical() nn.Typical {
	spread := func(v []float64) nn.Spread {
		var mean, square float64
		for _, x := range v {
			mean += x / float64(len(v))
		}
		for _, x := range v {
			square += (x - mean) * (x - mean) / float64(len(v))
		}
		return nn.Spread{Mean: mean, Std: math.Sqrt(square), Max: slices.Max(v)}
	}
	return nn.Typical{Count: len(s.beyond), Beyond: spread(s.beyond), Distance: spread(s.distance),
		Noise: spread(s.noise), Outlier: spread(s.outlier), Edge: spread(s.edge)}
}

// TypicalOf returns the spread of the numbers of held-out measurements. If none
// are held out, it takes the first ones of the training set.
//
// Held-out measurements are preferred: a network never saw them.
func TypicalOf(model *nn.Model, source *dataset.Source) (nn.Typical, error) {
	n := model.Meta.Rows * model.Meta.Cols
	x := make([]float32, model.Meta.XLen())
	y := make([]float32, n*model.Net.Arch().YChannels)
	count := min(typicalPairs, source.HeldOutLen())
	fetch := source.HeldOut
	if count == 0 {
		count = min(typicalPairs, source.TrainingLen())
		fetch = func(x, y []float32, i uint64) error { return source.Training(x, y, ^uint64(0), i) }
	}
	wide := make([]float64, len(y))
	return TypicalIn(model, count, func(i int) ([]float64, error) {
		err := fetch(x, y, uint64(i))
		for k, v := range y {
			wide[k] = float64(v)
		}
		return wide, err
	})
}

// TypicalIn returns the spread of the numbers of count normalized measurements.
// The slice that measurement returns is used until the next call.
func TypicalIn(model *nn.Model, count int, measurement func(i int) ([]float64, error)) (nn.Typical,
	error) {
	var s spreads
	for i := range count {
		y, err := measurement(i)
		if err != nil {
			return nn.Typical{}, err
		}
		s.add(model, y)
	}
	return s.typical(), nil
}

// simulatedPairs is the number of measurements that are simulated for a model
// without data on typical ones. cheapPixels is the largest grid of a problem
// with one channel for which this takes little time.
const (
	simulatedPairs = 32
	cheapPixels    = 64 * 64
)

// simulateTypical returns the spread of the numbers of simulated measurements
// of a problem.
//
// The seed is fixed, so that the verdict on a measurement is always the same.
func simulateTypical(model *nn.Model, problem problems.Problem) (nn.Typical, error) {
	spec := problem.Spec()
	generator, err := problem.NewGenerator()
	if err != nil {
		return nn.Typical{}, err
	}
	x, y := make([]float64, spec.XLen()), make([]float64, spec.YLen())
	var s spreads
	const seed = 0x7E57
	for i := range uint64(simulatedPairs) {
		if err := generator.Pair(x, y, seed, i); err != nil {
			return nn.Typical{}, err
		}
		problem.Measurement().Sample(y, y, rng.New(seed, rng.Noise, i, 0))
		model.Meta.Normalization.NormalizeY(y, y)
		s.add(model, y)
	}
	t := s.typical()
	t.Outlier, t.Edge = nn.Spread{}, nn.Spread{} // their largest values are uncertain after so few
	return t, nil
}

// Judge compares a measurement in physical units with the measurements that the
// model was trained on: its range, its distance from the mean measurement, and
// its noise, and values that their neighbors do not support. The model stores
// their typical values. For older models of small built-in problems Judge
// simulates them; for other older models it uses rough limits. problem may be
// nil.
//
// The verdict is about the whole measurement: one test that fails suffices.
// Remarks point out the opposite mistake, a map with too little noise, which
// the limits do not catch since they have no lower end.
func Judge(model *nn.Model, problem problems.Problem, y []float64) (*Likeness, error) {
	m := &model.Meta
	typical := m.Typical
	if typical.Count == 0 && problem != nil && problem.Spec().YChannels == 1 &&
		problem.Spec().XLen() <= cheapPixels && IsBuiltin(problem) {
		var err error
		if typical, err = simulateTypical(model, problem); err != nil {
			return nil, err
		}
	}
	normalized := make([]float64, len(y))
	m.Normalization.NormalizeY(normalized, y)
	beyond, distance, noise := look(model, normalized)
	there := slices.DeleteFunc(slices.Clone(y), priors.Missing)
	n := m.Normalization
	width := n.YMax - n.YMin
	v := &Likeness{In: true, Against: typical.Count}
	var out, in []string
	test := func(name string, value float64, s nn.Spread, limit float64, text, limitText string) {
		t := LikenessTest{Name: name, Value: value, Typical: s.Mean, Std: s.Std, Limit: limit,
			In: value <= limit}
		v.Tests = append(v.Tests, t)
		if t.In {
			in = append(in, text)
			return
		}
		v.In = false
		if s.Std > 0 {
			text += fmt.Sprintf(", %.0f standard deviations above the mean", (value-s.Mean)/s.Std)
		}
		out = append(out, text+" (limit: "+limitText+")")
	}
	limit := func(s nn.Spread) float64 { return max(s.Max, s.Mean+wideSpread*s.Std) }

	most := float64(roughBeyond)
	if typical.Count > 0 {
		most = max(0, limit(typical.Beyond)) + moreRange
	}
	hint := ""
	if beyond > roughBeyond {
		hint = ": is its unit right?"
	}
	test("range", beyond, typical.Beyond, most,
		fmt.Sprintf("its values run from %.4g to %.4g %s, in training from %.4g to %.4g without "+
			"noise%s", slices.Min(there), slices.Max(there), m.YUnit, n.YMin, n.YMax, hint),
		fmt.Sprintf("%.2g of that range beyond it", most))
	if typical.Count > 0 {
		test("distance", distance, typical.Distance, limit(typical.Distance),
			fmt.Sprintf("its distance from the mean measurement is %.3g, in training %.3g ± %.2g",
				distance, typical.Distance.Mean, typical.Distance.Std),
			fmt.Sprintf("%.3g", limit(typical.Distance)))
		unit, scale := "of a standard deviation of y", 1.0
		if len(y) == m.Rows*m.Cols {
			unit, scale = m.YUnit, width*model.Parameterization.YUnit(0)
		}
		test("noise", noise, typical.Noise, noiseFactor*limit(typical.Noise),
			fmt.Sprintf("its noise is about %.3g %s, in training %.3g ± %.2g", noise*scale, unit,
				typical.Noise.Mean*scale, typical.Noise.Std*scale),
			fmt.Sprintf("%.3g", noiseFactor*limit(typical.Noise)*scale))
		if s := typical.Outlier; s != (nn.Spread{}) {
			most, highest := outlier(y, m.Rows, m.Cols), max(s.Max, s.Mean+widestSpread*s.Std)
			test("outlier", most, s, highest, fmt.Sprintf("one value is %.2g standard deviations "+
				"of the noise beyond its neighbors, in training %.2g ± %.2g", most, s.Mean, s.Std),
				fmt.Sprintf("%.2g", highest))
		}
		if s := typical.Edge; s != (nn.Spread{}) {
			more := filledEdge(y, m.Rows, m.Cols)
			test("edge", more, s, limit(s), fmt.Sprintf("filled lines explain its edge better "+
				"than a slope by %.2g variances of the noise, in training %.2g ± %.2g (was the "+
				"map shifted?)", more, s.Mean, s.Std), fmt.Sprintf("%.2g", limit(s)))
		}
		if noise > 0 && noise < lessNoise*typical.Noise.Mean {
			v.Remarks = append(v.Remarks,
				"its noise at the scale of a pixel is less than half of the noise in training: "+
					"was the map smoothed, or are its errors correlated? Then the posterior is "+
					"too narrow")
		}
	} else {
		test("distance", distance, nn.Spread{Mean: 1}, roughDistance,
			fmt.Sprintf("its distance from the mean measurement is %.3g, where 1 is usual",
				distance), fmt.Sprint(roughDistance))
		v.Remarks = append(v.Remarks,
			"the model has no data on typical measurements: limits are rough, and the noise of "+
				"the measurement was not judged")
	}
	if v.In {
		v.Text = "in distribution: " + strings.Join(in, "; ")
	} else {
		v.Text = "out of distribution: " + strings.Join(append(out, in...), "; ")
	}
	for _, r := range v.Remarks {
		v.Text += "; " + r
	}
	return v, nil
}
