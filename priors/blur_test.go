package priors_test

import (
	"math"
	"slices"
	"testing"

	"csdm/priors"
	"csdm/priors/priorstest"
	"csdm/rng"
)

var blurs = []priors.Blur{
	{Rows: 64, Cols: 64, FWHM: 6}, {Rows: 32, Cols: 32, FWHM: 6 * 31. / 63},
	{Rows: 9, Cols: 21, FWHM: 4}, {Rows: 12, Cols: 7, FWHM: 0.5},
}

func randomPlanes(n int, stream uint64) []float64 {
	s := rng.New(1, rng.Test, stream, 0)
	v := make([]float64, n)
	for i := range v {
		v[i] = s.Normal()
	}
	return v
}

// TestBlurImpulse reads the kernel from a single bright pixel. It is
// 2^(−(2k/FWHM)²) of its center along both axes, so one half at half the width,
// and symmetric; its sum over the plane is 1.
func TestBlurImpulse(t *testing.T) {
	for _, fwhm := range []float64{2, 6, 2.952, 5} {
		const n, mid = 41, 20
		b := priors.Blur{Rows: n, Cols: n, FWHM: fwhm}
		v := make([]float64, n*n)
		v[mid*n+mid] = 1
		b.Apply(v, v)
		at := func(row, col int) float64 { return v[(mid+row)*n+mid+col] }
		sum := 0.0
		for _, w := range v {
			sum += w
		}
		if math.Abs(sum-1) > 1e-14 {
			t.Errorf("FWHM %v: the kernel sums to %v", fwhm, sum)
		}
		for k := range 3 {
			want := math.Exp2(-4*float64(k*k)/(fwhm*fwhm)) * at(0, 0)
			for _, got := range []float64{at(0, k), at(0, -k), at(k, 0), at(-k, 0)} {
				if math.Abs(got-want) > 1e-15 {
					t.Errorf("FWHM %v: %v at distance %d, want %v", fwhm, got, k, want)
				}
			}
		}
		if half := int(fwhm / 2); fwhm == 2*float64(half) &&
			math.Abs(at(0, half)-at(0, 0)/2) > 1e-16 {
			t.Errorf("FWHM %v: %v at half the width, %v at the center", fwhm, at(0, half), at(0, 0))
		}
	}
}

// TestBlurKeeps checks that a blur preserves constants, the integral by the
// trapezoidal rule, and orientation. It is self-adjoint with the weights of the
// trapezoidal rule.
func TestBlurKeeps(t *testing.T) {
	for _, b := range blurs {
		n := b.Rows * b.Cols
		v := slices.Repeat([]float64{2.5}, 2*n)
		b.Apply(v, v)
		for i, w := range v {
			if math.Abs(w-2.5) > 2.5*64*0x1p-53 {
				t.Fatalf("%v: a constant of 2.5 becomes %v at %d", b, w, i)
			}
		}
		weighted := func(p, q []float64) (sum float64) {
			for i := range p {
				w := 1.0
				if row := i / b.Cols; row == 0 || row == b.Rows-1 {
					w /= 2
				}
				if col := i % b.Cols; col == 0 || col == b.Cols-1 {
					w /= 2
				}
				sum += w * p[i] * q[i]
			}
			return sum
		}
		p, q := randomPlanes(n, 1), randomPlanes(n, 2)
		bp, bq, one := make([]float64, n), make([]float64, n), slices.Repeat([]float64{1}, n)
		b.Apply(bp, p)
		b.Apply(bq, q)
		tolerance := 1e-13 * math.Sqrt(weighted(p, p)*weighted(q, q))
		if d := weighted(p, bq) - weighted(bp, q); math.Abs(d) > tolerance {
			t.Errorf("%v: ⟨p, Bq⟩ and ⟨Bp, q⟩ differ by %v", b, d)
		}
		if d := weighted(one, bp) - weighted(one, p); math.Abs(d) > 1e-13*float64(n) {
			t.Errorf("%v: the integral changes by %v", b, d)
		}
		// Read from the other end, the array is mirrored in both directions:
		// the result must be bit-identical.
		slices.Reverse(p)
		b.Apply(p, p)
		slices.Reverse(p)
		if !slices.Equal(p, bp) {
			t.Errorf("%v: the blur of the mirror image is not the mirror image of the blur", b)
		}
	}
}

// TestBlurAxis checks that beyond an edge the plane is continued by its mirror
// image: the blur is the same when the image is present.
func TestBlurAxis(t *testing.T) {
	b := priors.Blur{Rows: 16, Cols: 16, FWHM: 4}
	double := priors.Blur{Rows: 16, Cols: 31, FWHM: 4}
	half, whole := randomPlanes(16*16, 3), make([]float64, 16*31)
	for i := range whole {
		row, col := i/31, i%31-15
		whole[i] = half[row*16+max(col, -col)]
	}
	b.Apply(half, half)
	double.Apply(whole, whole)
	for i, v := range half {
		if w := whole[i/16*31+15+i%16]; math.Abs(v-w) > 1e-15 {
			t.Fatalf("%v at %d, %v in the whole plane", v, i, w)
		}
	}
}

// TestBlurMeasurement runs the suite on the blur alone, which is deterministic,
// and on the blur before noise, on two planes that must not mix.
func TestBlurMeasurement(t *testing.T) {
	b := priors.Blur{Rows: 9, Cols: 21, FWHM: 4}
	n := b.Rows * b.Cols
	y := randomPlanes(2*n, 4)
	first, second := make([]float64, n), make([]float64, n)
	b.Apply(first, y[:n])
	b.Apply(second, y[n:])
	mean := slices.Concat(first, second)
	for std, noise := range map[float64]priors.Measurement{0: b,
		0.3: priors.Sequence{b, priors.Gaussian{Std: 0.3}}} {
		priorstest.Measurement(t, priorstest.MeasurementCase{
			Measurement: noise, Prediction: y, Mean: func(i int) float64 {
				return mean[i]
			}, Std: func(int) float64 { return std },
		})
	}
}

func TestBlurValidate(t *testing.T) {
	for _, b := range blurs {
		if err := b.Validate(); err != nil {
			t.Error(err)
		}
	}
	for _, b := range []priors.Blur{
		{Rows: 1, Cols: 8, FWHM: 1}, {Rows: 8, Cols: 1 << 20, FWHM: 1}, {Rows: 8, Cols: 8},
		{Rows: 8, Cols: 8, FWHM: math.NaN()},
		{Rows: 8, Cols: 8, FWHM: math.Inf(1)}, {Rows: 32, Cols: 8, FWHM: 6},
	} {
		if b.Validate() == nil {
			t.Errorf("%+v is accepted", b)
		}
	}
}
