package bench_test

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// linear is a problem with a posterior in closed form: x = a + Bθ, y = x plus
// Gaussian noise, and θ uniform on a box that is wide compared with the noise.
// Given y, θ is normal with covariance Std²(BᵀB)⁻¹, and so is x. The box cuts
// off a negligible part.
type linear struct {
	a, b   []float64 // of n pixels; n×2
	lo, hi []float64
	law    priors.Gaussian
	paired bool // generators offer only Simulate, as if y were not a function of x
}

const pixels = 12

// newLinear returns a problem whose pixel k is a_k + b_k0·θ_0 + b_k1·θ_1 with
// normal numbers a and b, and θ is uniform on a box far wider than the
// posterior: mean, covariance and evidence then have the closed form of linear
// regression.
func newLinear() *linear {
	l := &linear{a: make([]float64, pixels), b: make([]float64, 2*pixels), lo: []float64{-1, 2},
		hi: []float64{1, 5}, law: priors.Gaussian{Std: 0.25}}
	s := rng.New(4, rng.Test, 0, 0)
	for k := range l.a {
		l.a[k] = s.Normal()
	}
	for k := range l.b {
		l.b[k] = s.Normal()
	}
	return l
}

func (l *linear) Spec() *problems.Spec {
	return &problems.Spec{Name: "linear", Rows: 3, Cols: 4, YChannels: 1, ImagesPerSimulation: 1,
		XRange: problems.Range{Min: -5, Max: 10}}
}
func (l *linear) Measurement() priors.Measurement { return l.law }
func (l *linear) Box() (lo, hi []float64) {
	return append([]float64(nil), l.lo...), append([]float64(nil), l.hi...)
}
func (l *linear) Latent(theta []float64, seed, i uint64) {
	priors.Draw(theta, l.lo, l.hi, rng.New(seed, rng.Prior, i, 0))
}
func (l *linear) Field(x, theta []float64) {
	for k := range x {
		x[k] = l.a[k] + l.b[2*k]*theta[0] + l.b[2*k+1]*theta[1]
	}
}
func (l *linear) NewGenerator() (problems.Generator, error) {
	if l.paired {
		return simulator{l}, nil
	}
	return forwarder{simulator{l}}, nil
}

type simulator struct{ l *linear }

func (s simulator) Pair(x, y []float64, seed, i uint64) error {
	theta := make([]float64, 2)
	s.l.Latent(theta, seed, i)
	return s.Simulate(x, y, theta)
}
func (s simulator) Simulate(x, y, theta []float64) error {
	s.l.Field(x, theta)
	copy(y, x)
	return nil
}

type forwarder struct{ simulator }

func (forwarder) Forward(y, x []float64) error { copy(y, x); return nil }
func (forwarder) Adjoint(gx, gy []float64)     { copy(gx, gy) }

// measure returns the measurement of a draw in the middle of the box.
func (l *linear) measure() []float64 {
	y := make([]float64, pixels)
	l.Field(y, []float64{0.1, 3.4})
	l.law.Sample(y, y, rng.New(4, rng.Test, 1, 0))
	return y
}

// exact returns mean and standard deviation of each pixel and of θ, and ln
// p(y). A value that is missing has no row in BᵀB.
func (l *linear) exact(y []float64) (m, std, thetaMean, thetaStd []float64, logEvidence float64) {
	b, seen := mat.NewDense(pixels, 2, l.b), mat.NewDense(pixels, 2, nil)
	r := mat.NewVecDense(pixels, nil)
	for k := range y {
		if !priors.Missing(y[k]) {
			r.SetVec(k, y[k]-l.a[k])
			seen.SetRow(k, l.b[2*k:2*k+2])
		}
	}
	var precision, covariance mat.Dense
	precision.Mul(seen.T(), seen)
	if err := covariance.Inverse(&precision); err != nil {
		panic(err)
	}
	var bt, theta, fit mat.VecDense
	bt.MulVec(seen.T(), r)
	theta.MulVec(&covariance, &bt)
	fit.MulVec(b, &theta)
	v := l.law.Std * l.law.Std
	rss := 0.0
	for k := range y {
		m = append(m, l.a[k]+fit.AtVec(k))
		row := b.RowView(k)
		std = append(std, l.law.Std*math.Sqrt(mat.Inner(row, &covariance, row)))
		if !priors.Missing(y[k]) {
			rss += (y[k] - m[k]) * (y[k] - m[k])
		}
	}
	for k := range 2 {
		thetaMean, thetaStd = append(thetaMean, theta.AtVec(k)),
			append(thetaStd, l.law.Std*math.Sqrt(covariance.At(k, k)))
	}
	box := (l.hi[0] - l.lo[0]) * (l.hi[1] - l.lo[1])
	logEvidence = -rss/(2*v) - float64(priors.Present(y))/2*math.Log(2*math.Pi*v) +
		math.Log(2*math.Pi*v) - math.Log(mat.Det(&precision))/2 - math.Log(box)
	return m, std, thetaMean, thetaStd, logEvidence
}
