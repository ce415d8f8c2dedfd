package priors

import (
	"math"
	"slices"

	"csdm/rng"
)

// Standardizer is a Measurement whose noise has a known standard deviation at
// each value.
type Standardizer interface {
	Measurement

	// Standardize sets dst to y − prediction in units of the standard deviation
	// of the noise at each value. The slices have equal lengths; dst may be y
	// or prediction. A Missing value stays NaN.
	Standardize(dst, y, prediction []float64)
}

// Standardize implements Standardizer.
func (g Gaussian) Standardize(dst, y, prediction []float64) {
	checkLengths(y, prediction)
	for i, v := range y {
		dst[i] = (v - prediction[i]) / g.Std
	}
}

// Standardize implements Standardizer. The unit is the standard deviation after
// truncation at ±a: Std √(1 − 2a φ(a)/(2Φ(a) − 1)).
func (g TruncatedGaussian) Standardize(dst, y, prediction []float64) {
	a := g.Limit
	density := math.Exp(-a*a/2) / math.Sqrt(2*math.Pi)
	share := math.Sqrt(1 - 2*a*density/math.Erf(a/math.Sqrt2))
	Gaussian{g.Std * share}.Standardize(dst, y, prediction)
}

// Varying is a Standardizer whose unit depends on the measurement, because the
// amplitude of its errors is random.
type Varying interface {
	Standardizer

	// Excess returns 2 ln of the ratio of volumes, of the unit in which
	// Standardize measures y to the smallest unit. It is not negative. With the
	// squares of the standardized residual it is −2 ln of the density, up to a
	// constant.
	Excess(y, prediction []float64) float64

	// Least returns the distribution with the smallest errors.
	Least() Standardizer
}

// RandomStd is a Measurement whose noise may have a random standard deviation.
type RandomStd interface {
	Measurement

	// HasRandomStd reports whether that is so.
	HasRandomStd() bool

	// DrawStd returns a draw of the standard deviation of the noise from its
	// distribution given a measurement y of a known prediction.
	DrawStd(y, prediction []float64, s *rng.Stream) float64
}

// phaseSteps is the number of intervals on (−π, π) of the midpoint rule for the
// variance of a phase. The integrand is periodic except for its factor φ²,
// which is multiplied by a density below e^{−k²/2} at the ends.
const phaseSteps = 512

// phaseStd returns the standard deviation of arg(k + n₁ + i n₂).
func phaseStd(k float64) float64 {
	variance := 0.0
	for i := range phaseSteps {
		phi := math.Pi * (2*(float64(i)+0.5)/phaseSteps - 1)
		variance += phi * phi * math.Exp(LogPhaseDensity(k, phi)) * 2 * math.Pi / phaseSteps
	}
	return math.Sqrt(variance)
}

// Standardize implements Standardizer. Differences of phases are wrapped to
// (−π, π].
func (p PhaseNoise) Standardize(dst, y, prediction []float64) {
	checkLengths(y, prediction)
	for from := 0; from < len(y); from += p.Cols {
		std := phaseStd(p.k(from))
		for i := from; i < min(from+p.Cols, len(y)); i++ {
			dst[i] = wrap(y[i]-prediction[i]) / std
		}
	}
}

// Standardize sets dst to y − prediction in units of the noise of a
// measurement, and reports whether the noise is known. A Sequence may have only
// one part with noise. Blurs before that part are applied to the prediction. If
// a Wrap follows the noise, the difference is wrapped as well. The slices have
// equal lengths; dst may be y.
func Standardize(measurement Measurement, dst, y, prediction []float64) bool {
	parts, ok := measurement.(Sequence)
	if !ok {
		parts = Sequence{measurement}
	}
	var noise Standardizer
	at := prediction
	wrapped := false
	for _, part := range parts {
		switch m := part.(type) {
		case Blur:
			if noise != nil { // a blur would correlate the noise
				return false
			}
			at = slices.Clone(at)
			m.Apply(at, at)
		case Wrap:
			wrapped = true
		case Standardizer:
			if noise != nil || wrapped {
				return false
			}
			noise = m
		default:
			return false
		}
	}
	if noise == nil {
		return false
	}
	if wrapped {
		folded := make([]float64, len(y))
		for i, v := range y {
			folded[i] = at[i] + wrap(v-at[i])
		}
		y = folded
	}
	noise.Standardize(dst, y, at)
	return true
}
