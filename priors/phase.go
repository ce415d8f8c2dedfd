package priors

import (
	"fmt"
	"math"

	"csdm/rng"
)

// ConfocalProfile is the ratio k of signal to noise in one of the two parts of
// a complex image, by depth:
//
//	k(z) = k₀ e^{−a(z−z_f)} / √(1 + ((z−z_f)/z_R)²)
//
// Light fades with depth, and the optics collect most light at the focus. All
// lengths are in one unit.
type ConfocalProfile struct {
	Peak        float64 // k₀, at the focus
	Focus       float64 // z_f
	Rayleigh    float64 // z_R
	Attenuation float64 // a, per length
}

// At returns k at depth z.
func (c ConfocalProfile) At(z float64) float64 {
	d := z - c.Focus
	return c.Peak * math.Exp(-c.Attenuation*d) / math.Sqrt(1+d*d/(c.Rayleigh*c.Rayleigh))
}

// PhaseNoise adds arg(k + n₁ + i n₂) to each phase, where n₁ and n₂ are
// standard normal: the phase noise of a complex signal of amplitude k (Eq. 26
// of the paper). k depends on the depth below the top row. Values are in
// radians, in planes of Rows × Cols with row 0 at the bottom. The last plane
// may be incomplete.
type PhaseNoise struct {
	// size of a plane of y
	Rows, Cols int
	Pixel      float64 // height of a row; the middle of the top row is at a depth of Pixel/2
	// amplitude of the signal over depth
	Signal ConfocalProfile
}

// k returns k at value i.
func (p PhaseNoise) k(i int) float64 {
	row := i / p.Cols % p.Rows
	return p.Signal.At((float64(p.Rows-row) - 0.5) * p.Pixel)
}

// Sample implements Measurement.
func (p PhaseNoise) Sample(dst, y []float64, s *rng.Stream) {
	checkLengths(dst, y)
	for from := 0; from < len(y); from += p.Cols {
		k := p.k(from)
		for i := from; i < min(from+p.Cols, len(y)); i++ {
			re := k + s.Normal()
			dst[i] = y[i] + math.Atan2(s.Normal(), re)
		}
	}
}

// LogLikelihood implements Likelihood. The density of the noise has period 2π,
// so y may be wrapped or not. The density is normalized over one period.
func (p PhaseNoise) LogLikelihood(y, prediction []float64) float64 {
	checkLengths(y, prediction)
	sum := 0.0
	for from := 0; from < len(y); from += p.Cols {
		k := p.k(from)
		for i := from; i < min(from+p.Cols, len(y)); i++ {
			if !Missing(y[i]) {
				sum += LogPhaseDensity(k, y[i]-prediction[i])
			}
		}
	}
	return sum
}

// String gives the amplitude over depth, the signal's focus, attenuation and
// Rayleigh length.
func (p PhaseNoise) String() string {
	c := p.Signal
	return fmt.Sprintf("phase of a signal in complex Gaussian noise, of amplitude %g e^{−%g "+
		"(z−%g)}/√(1+((z−%g)/%g)²) deviations "+
		"at depth z", c.Peak, c.Attenuation, c.Focus, c.Focus, c.Rayleigh)
}

// LogPhaseDensity returns the logarithm of the density of φ = arg(k + n₁ + i
// n₂), n₁ and n₂ standard normal and k ≥ 0, over (−π, π]. In polar coordinates
// the density of the sum is r/(2π) exp(−½(r² − 2rk cos φ + k²)); integrated
// over r it gives
//
//	p(φ) = e^{−k²/2}/(2π) + e^{−½k² sin²φ} a Φ(a)/√(2π),  a = k cos φ
//
// where Φ is the normal distribution function: Eq. 26 of the paper, as printed.
// The result is also finite far from the signal, where the two terms nearly
// cancel.
func LogPhaseDensity(k, phi float64) float64 {
	sin, cos := math.Sincos(phi)
	a := k * cos
	if a >= 0 {
		return -0.5*k*k*sin*sin + math.Log(math.Exp(-0.5*a*a)/(2*math.Pi)+
			a*math.Erfc(-a/math.Sqrt2)/(2*math.Sqrt(2*math.Pi)))
	}
	return -0.5*k*k - math.Log(2*math.Pi) + math.Log(remainderOfMills(-a))
}

// remainderOfMills returns 1 − b Q(b)/φ(b) for b > 0, where φ is the normal
// density and Q = 1 − Φ. It is the relative difference of Mills' ratio from
// 1/b.
func remainderOfMills(b float64) float64 {
	if b < 20 { // the rounding error grows as b²
		return 1 - b*math.Sqrt(math.Pi/2)*math.Exp(0.5*b*b)*math.Erfc(b/math.Sqrt2)
	}
	// The asymptotic series 1/b² − 3/b⁴ + 15/b⁶ − … (Abramowitz and Stegun
	// 26.2.12).
	sum, term := 0.0, 1.0
	for n := 1.0; n < 40 && math.Abs(term) > 1e-17*sum; n += 2 {
		term *= -n / (b * b)
		sum -= term
	}
	return sum
}
