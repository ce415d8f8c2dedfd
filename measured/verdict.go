package measured

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"csdm/dataset"
	"csdm/nn"
	"csdm/problems"
	"csdm/rng"
)

// Verdict says whether a measurement is like those that a model was trained on,
// and by how much it is not.
type Verdict struct {
	In   bool   `json:"in_distribution"`
	Text string `json:"verdict"`
	// typical measurements it was compared with; 0: none were known
	Against int    `json:"against"`
	Tests   []Test `json:"tests"`
	// what could not be told, and what need not be out of distribution
	Remarks []string `json:"remarks,omitempty"`
}

// Test is one number of a measurement beside that of typical ones.
type Test struct {
	Name    string  `json:"name"` // range, distance or noise
	Value   float64 `json:"value"`
	Typical float64 `json:"typical"` // mean over typical measurements
	Std     float64 `json:"std"`     // and their standard deviation
	Limit   float64 `json:"limit"`   // beyond which the measurement is out of distribution
	In      bool    `json:"in"`
}

// What is still in distribution. A number may be as large as that of any
// typical measurement, or farther from their mean than wideSpread of their
// standard deviations; values may lie outside of the range by a little more,
// and noise be a little larger: of some hundred typical measurements not even
// their maximum is sharp.
const (
	wideSpread  = 4
	moreRange   = 0.05
	noiseFactor = 1.25
	lessNoise   = 0.5 // of the mean: below, a remark

	// Where a model says nothing of typical measurements: RMS of standardized
	// y, which is 1 over the training set, and the range's width.
	roughDistance = 2
	roughBeyond   = 1
)

// typicalPairs is how many measurements are looked at.
const typicalPairs = 128

// look returns what Typical is about for one measurement, normalized, (C, H,
// W).
func look(model *nn.Model, y []float64) (beyond, distance, noise float64) {
	m := &model.Meta
	n := m.Rows * m.Cols
	z := make([]float64, n)
	var square, variance float64
	channels := len(y) / n
	for c := range channels {
		copy(z, y[c*n:(c+1)*n])
		for _, v := range z {
			beyond = max(beyond, -v, v-1)
		}
		model.Parameterization.Standardize(z, c, m.Rows, m.Cols)
		for _, v := range z {
			square += v * v
		}
		std := NoiseStd(z, m.Rows, m.Cols)
		variance += std * std
	}
	if beyond == 0 { // all inside: how far
		beyond = -min(slices.Min(y), 1-slices.Max(y))
	}
	return beyond, math.Sqrt(square / float64(len(y))), math.Sqrt(variance / float64(channels))
}

// NoiseStd estimates the standard deviation of white noise on a smooth map of
// at least 3×3 values. The second difference along rows of that along columns,
//
//	 1 −2  1
//	−2  4 −2
//	 1 −2  1
//
// takes away all that is linear along either axis and leaves noise times 6
// (Immerkær 1996, "Fast noise variance estimation"); its median absolute value,
// over Φ⁻¹(¾) = 0.6745, does not mind edges. It is 0 for smaller maps.
func NoiseStd(v []float64, rows, cols int) float64 {
	if rows < 3 || cols < 3 {
		return 0
	}
	residual := make([]float64, 0, (rows-2)*(cols-2))
	row := func(r, c int) float64 { return v[r*cols+c-1] - 2*v[r*cols+c] + v[r*cols+c+1] }
	for r := 1; r < rows-1; r++ {
		for c := 1; c < cols-1; c++ {
			residual = append(residual, math.Abs(row(r-1, c)-2*row(r, c)+row(r+1, c)))
		}
	}
	slices.Sort(residual)
	return residual[len(residual)/2] / (6 * 0.6744897501960817)
}

// spreads collects Typical.
type spreads struct{ beyond, distance, noise []float64 }

func (s *spreads) add(model *nn.Model, y []float64) {
	beyond, distance, noise := look(model, y)
	s.beyond, s.distance, s.noise = append(s.beyond, beyond), append(s.distance, distance),
		append(s.noise, noise)
}

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
		Noise: spread(s.noise)}
}

// TypicalOf measures held-out measurements, or the first ones of the training
// set where none are held out.
func TypicalOf(model *nn.Model, source *dataset.Source) (nn.Typical, error) {
	n := model.Meta.Rows * model.Meta.Cols
	x, y := make([]float32, n), make([]float32, n*model.Net.Arch().YChannels)
	wide := make([]float64, len(y))
	count := min(typicalPairs, source.HeldOutLen())
	fetch := source.HeldOut
	if count == 0 {
		count = min(typicalPairs, source.TrainingLen())
		fetch = func(x, y []float32, i uint64) error { return source.Training(x, y, ^uint64(0), i) }
	}
	var s spreads
	for i := range count {
		if err := fetch(x, y, uint64(i)); err != nil {
			return nn.Typical{}, err
		}
		for k, v := range y {
			wide[k] = float64(v)
		}
		s.add(model, wide)
	}
	return s.typical(), nil
}

// simulated is how many measurements are made for a model that says nothing of
// typical ones, and cheapPixels up to which size of a problem with one channel
// that takes no time to speak of.
const (
	simulatedPairs = 32
	cheapPixels    = 64 * 64
)

// simulateTypical makes measurements of a parametric problem as the model was
// trained on.
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
	return s.typical(), nil
}

// Judge compares a measurement, in physical units, with those that the model
// was trained on: its range, its distance from the mean measurement and its
// noise. What they come to stands in the model; of older models of small
// built-in problems it is simulated, of others only rough limits are known.
// problem may be nil.
func Judge(model *nn.Model, problem problems.Problem, y []float64) (*Verdict, error) {
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
	n := m.Normalization
	width := n.YMax - n.YMin
	v := &Verdict{In: true, Against: typical.Count}
	var out, in []string
	test := func(name string, value float64, s nn.Spread, limit float64, text, limitText string) {
		t := Test{Name: name, Value: value, Typical: s.Mean, Std: s.Std, Limit: limit,
			In: value <= limit}
		v.Tests = append(v.Tests, t)
		if t.In {
			in = append(in, text)
			return
		}
		v.In = false
		if s.Std > 0 {
			text += fmt.Sprintf(", off by %.0f of their standard deviations", (value-s.Mean)/s.Std)
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
			"noise%s", slices.Min(y), slices.Max(y), m.YUnit, n.YMin, n.YMax, hint),
		fmt.Sprintf("%.2g of that range beyond it", most))
	if typical.Count > 0 {
		test("distance", distance, typical.Distance, limit(typical.Distance),
			fmt.Sprintf("its distance from the mean measurement is %.3g, theirs %.3g ± %.2g",
				distance, typical.Distance.Mean, typical.Distance.Std),
			fmt.Sprintf("%.3g", limit(typical.Distance)))
		unit, scale := "of a standard deviation of y", 1.0
		if len(y) == m.Rows*m.Cols {
			unit, scale = m.YUnit, width*model.Parameterization.YUnit(0)
		}
		test("noise", noise, typical.Noise, noiseFactor*limit(typical.Noise),
			fmt.Sprintf("its noise is about %.3g %s, theirs %.3g ± %.2g", noise*scale, unit,
				typical.Noise.Mean*scale, typical.Noise.Std*scale),
			fmt.Sprintf("%.3g", noiseFactor*limit(typical.Noise)*scale))
		if noise < lessNoise*typical.Noise.Mean {
			v.Remarks = append(v.Remarks,
				"its noise is small at the scale of a pixel, less than half of theirs: was the "+
					"map smoothed, or are its errors correlated? Then the posterior is too narrow")
		}
	} else {
		test("distance", distance, nn.Spread{Mean: 1}, roughDistance,
			fmt.Sprintf("its distance from the mean measurement is %.3g, where 1 is usual",
				distance), fmt.Sprint(roughDistance))
		v.Remarks = append(v.Remarks,
			"the model does not say what typical measurements are like: limits are rough, and "+
				"whether its noise is theirs cannot be told")
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
