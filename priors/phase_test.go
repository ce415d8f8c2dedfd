package priors_test

import (
	"math"
	"strings"
	"testing"

	"csdm/priors"
	"csdm/priors/priorstest"
	"csdm/rng"
)

// simpson integrates f over [lo, hi] by Simpson's rule in n steps, n even.
func simpson(f func(float64) float64, lo, hi float64, n int) float64 {
	h := (hi - lo) / float64(n)
	sum := f(lo) + f(hi)
	for i := 1; i < n; i++ {
		sum += float64(2+2*(i%2)) * f(lo+float64(i)*h)
	}
	return sum * h / 3
}

// printed is Eq. 26 as printed in the paper.
func printed(k, phi float64) float64 {
	sin, cos := math.Sincos(phi)
	return math.Exp(-k*k/2)/(2*math.Pi) +
		math.Sqrt(1/(8*math.Pi))*k*math.Exp(-k*k/2*sin*sin)*cos*(1+math.Erf(k*cos/math.Sqrt2))
}

// polar is the density by its definition: the logarithm of the density of k +
// n₁ + i n₂ in polar coordinates, integrated over the radius, ∫ r/(2π)
// exp(−½(r² − 2rk cos φ + k²)) dr.
func polar(k, phi float64) float64 {
	sin, cos := math.Sincos(phi)
	a := k * cos
	if a >= 0 {
		return -0.5*k*k*sin*sin + math.Log(simpson(func(r float64) float64 {
			return r / (2 * math.Pi) * math.Exp(-0.5*(r-a)*(r-a))
		}, max(0, a-9), a+9, 2000))
	}
	far := min(9, 40/-a)
	return -0.5*k*k + math.Log(simpson(func(r float64) float64 {
		return r / (2 * math.Pi) * math.Exp(-0.5*r*r+a*r)
	}, 0, far, 2000))
}

// TestPhaseDensity compares the density with its definition by quadrature, down
// to densities of 1e-200, with the printed Eq. 26 where that does not cancel,
// and its integral with 1.
func TestPhaseDensity(t *testing.T) {
	for _, k := range []float64{0, 0.3, 1, 3, 19.9, 20.3, 45} {
		for phi := -3.14; phi < 3.2; phi += 0.0628 {
			got := priors.LogPhaseDensity(k, phi)
			if want := polar(k, phi); math.Abs(got-want) > 1e-8 {
				t.Errorf("k = %v, φ = %v: log density %v, by its definition %v", k, phi, got, want)
			}
			if want := printed(k, phi); k <= 3 && math.Abs(math.Exp(got)-want) > 1e-15 {
				t.Errorf("k = %v, φ = %v: density %v, Eq. 26 gives %v", k, phi, math.Exp(got), want)
			}
			if again := priors.LogPhaseDensity(k, phi+2*math.Pi); math.Abs(got-again) > 1e-12*(1+
				k*k) {
				t.Errorf("k = %v, φ = %v: not periodic", k, phi)
			}
		}
		if total := simpson(func(phi float64) float64 {
			return math.Exp(priors.LogPhaseDensity(k, phi))
		}, -math.Pi, math.Pi, 2000); math.Abs(total-1) > 1e-9 {
			t.Errorf("k = %v: the density integrates to %v", k, total)
		}
	}
}

// TestPhaseNoiseFits is a chi-square test of draws against Eq. 26, in 24 bins
// over the whole circle or, for strong signals, over four deviations. The outer
// bins then extend further.
func TestPhaseNoiseFits(t *testing.T) {
	const draws, bins = 20_000, 24
	y, phase := make([]float64, draws), make([]float64, draws)
	for i, k := range []float64{0.5, 1.5, 20} {
		noise := priors.PhaseNoise{Rows: 1, Cols: draws, Pixel: 2,
			Signal: priors.ConfocalProfile{Peak: k, Focus: 1, Rayleigh: 1}}
		noise.Sample(phase, y, rng.New(6, rng.Test, uint64(i), 0))
		reach := min(math.Pi, 4/k)
		var count [bins]float64
		for _, v := range phase {
			if math.Abs(v) > math.Pi {
				t.Fatalf("k = %v: a phase of %v", k, v)
			}
			count[min(max(int((v+reach)/(2*reach)*bins), 0), bins-1)]++
		}
		chi2 := 0.0
		for b, n := range count {
			lo, hi := -reach+2*reach*float64(b)/bins, -reach+2*reach*float64(b+1)/bins
			if b == 0 {
				lo = -math.Pi
			}
			if b == bins-1 {
				hi = math.Pi
			}
			want := draws * simpson(func(phi float64) float64 {
				return printed(k, phi)
			}, lo, hi, 400)
			chi2 += (n - want) * (n - want) / want
		}
		if chi2 > 57 { // the 99.99 % quantile at 23 degrees of freedom
			t.Errorf("k = %v: chi-square %v", k, chi2)
		}
	}
}

// TestPhaseNoiseByDepth checks the spread of each row, starting at a depth of
// half a pixel, and the likelihood.
func TestPhaseNoiseByDepth(t *testing.T) {
	noise := priors.PhaseNoise{Rows: 4, Cols: 3, Pixel: 10,
		Signal: priors.ConfocalProfile{Peak: 9, Focus: 20, Rayleigh: 15, Attenuation: 0.02}}
	y := make([]float64, 12)
	for i := range y {
		y[i] = float64(7 * i)
	}
	var k, std [4]float64
	for row := range k {
		z := 35 - 10*float64(row) // depth of the middle of the row
		k[row] = 9 * math.Exp(-0.02*(z-20)) / math.Sqrt(1+(z-20)*(z-20)/225)
		std[row] = math.Sqrt(simpson(func(phi float64) float64 {
			return phi * phi * printed(k[row], phi)
		}, -math.Pi, math.Pi, 2000))
	}
	priorstest.Measurement(t, priorstest.MeasurementCase{
		Measurement: noise, Prediction: y, Mean: func(i int) float64 {
			return y[i]
		}, Std: func(i int) float64 { return std[i/3] },
		Shift: math.Pi / 64, // 128 shifts are a period
	})
	y[1], y[10] = y[1]+0.2, y[10]-0.1+6*math.Pi
	want := 0.0
	for i := range y {
		r := map[int]float64{1: 0.2, 10: -0.1}[i]
		want += math.Log(printed(k[i/3], r))
	}
	clean := make([]float64, 12)
	for i := range clean {
		clean[i] = float64(7 * i)
	}
	if got := noise.LogLikelihood(y, clean); math.Abs(got-want) > 1e-9 {
		t.Errorf("log-likelihood %v, want %v", got, want)
	}
}

func TestWrap(t *testing.T) {
	pi := math.Pi
	v := []float64{0, pi, -pi, 3 * pi, -3 * pi, math.Nextafter(pi, 4), 1e6, -1e6, -0.5, 100}
	w := make([]float64, len(v))
	priors.Wrap{}.Sample(w, v, nil)
	for i, got := range w {
		turns := (v[i] - got) / (2 * pi)
		if !(got > -pi && got <= pi) || math.Abs(turns-math.Round(turns)) > 1e-10 {
			t.Errorf("%v is wrapped to %v", v[i], got)
		}
	}
	if w[1] != pi || w[2] != pi || w[8] != -0.5 {
		t.Errorf("π, −π and −0.5 are wrapped to %v, %v and %v", w[1], w[2], w[8])
	}
	priorstest.Measurement(t, priorstest.MeasurementCase{Measurement: priors.Wrap{}, Prediction: v,
		Mean: func(i int) float64 {
			return w[i]
		}, Std: func(int) float64 { return 0 }})
}

func TestBounds(t *testing.T) {
	noise := priors.Sequence{priors.PhaseNoise{Rows: 1, Cols: 1, Pixel: 1,
		Signal: priors.ConfocalProfile{Peak: 3, Rayleigh: 1}}, priors.Wrap{}}
	if lo, hi, ok := priors.Bounds(noise); !ok || lo != -math.Pi || hi != math.Pi {
		t.Errorf("a wrapped phase lies in [%v, %v], %v", lo, hi, ok)
	}
	if period := priors.Period(noise); period != 2*math.Pi {
		t.Errorf("its period is %v", period)
	}
	if !strings.HasSuffix(noise.String(), "then wrapped to (−π, π]") {
		t.Error(noise)
	}
	for _, free := range []priors.Measurement{priors.Gaussian{Std: 1}, priors.Sequence{},
		priors.Sequence{priors.Wrap{}, priors.Gaussian{Std: 1}}} {
		if _, _, ok := priors.Bounds(free); ok {
			t.Errorf("%v has bounds", free)
		}
		if period := priors.Period(free); period != 0 {
			t.Errorf("%v has a period of %v", free, period)
		}
	}
}
