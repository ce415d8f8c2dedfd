package lineargaussian_test

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"csdm/problems"
	"csdm/problems/lineargaussian"
	"csdm/problems/problemstest"
)

func construct(o problems.Options) (problems.Problem, error) { return lineargaussian.New(o) }

func TestProblem(t *testing.T) {
	problemstest.Problem(t, problemstest.Case{New: construct,
		Options:  problems.Options{Grid: 12, NoisePercent: 20},
		NoiseStd: func(float64) float64 { return 0.2 }})
}

// TestPrior checks that all values of x have a standard deviation of 1 and that
// the correlation of two values depends on their distance alone. Both are sums
// over the terms of the variables.
func TestPrior(t *testing.T) {
	p, err := lineargaussian.New(problems.Options{Grid: 9})
	if err != nil {
		t.Fatal(err)
	}
	terms := columns(p.Field, len(p.Variables()), 81)
	covariance := func(a, b int) (sum float64) {
		for _, c := range terms {
			sum += c[a] * c[b]
		}
		return sum
	}
	for i := range 81 {
		if v := covariance(i, i); math.Abs(v-1) > 1e-12 {
			t.Fatalf("value %d has a variance of %v", i, v)
		}
	}
	// A step of (1, 2) nodes at two places, and of (2, 1) by symmetry.
	if a, b, c := covariance(0, 11), covariance(40, 51), covariance(0, 19); !(a > 0.1) || a > 0.9 ||
		math.Abs(a-b) > 1e-12 || math.Abs(a-c) > 1e-12 {
		t.Errorf("covariances %v, %v and %v of one distance", a, b, c)
	}
}

// columns returns the images of the unit vectors of n variables under a linear
// map to size values.
func columns(f func(x, theta []float64), n, size int) (out [][]float64) {
	for v := range n {
		theta, x := make([]float64, n), make([]float64, size)
		theta[v] = 1
		f(x, theta)
		out = append(out, x)
	}
	return out
}

// TestPosterior compares the closed form, which works on the variables, with
// conditioning of the joint normal distribution of x and y as dense matrices:
// for a whole measurement, for 16 sensors, and for a single value.
func TestPosterior(t *testing.T) {
	var all, sensors []int
	for i := range 100 {
		all = append(all, i)
		if i/10%3 == 0 && i%3 == 0 {
			sensors = append(sensors, i)
		}
	}
	if len(sensors) != 16 {
		t.Fatalf("%d sensors", len(sensors))
	}
	for _, present := range [][]int{all, sensors, {37}} {
		checkPosterior(t, present)
	}
}

// checkPosterior is TestPosterior for the values of y that are present.
func checkPosterior(t *testing.T, present []int) {
	t.Helper()
	const side, n, noise = 10, 100, 0.15
	p, err := lineargaussian.New(problems.Options{Grid: side, NoisePercent: 100 * noise})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	forward := func(y, x []float64) {
		if err := g.(problems.Forwarder).Forward(y, x); err != nil {
			t.Fatal(err)
		}
	}
	dense := func(columns [][]float64) *mat.Dense {
		m := mat.NewDense(len(columns[0]), len(columns), nil)
		for k, c := range columns {
			m.SetCol(k, c)
		}
		return m
	}
	terms, whole := dense(columns(p.Field, len(p.Variables()), n)), dense(columns(forward, n, n))
	m := len(present)
	a := mat.NewDense(m, n, nil)
	for k, i := range present {
		a.SetRow(k, whole.RawRowView(i))
	}
	var c, cross, data mat.Dense
	c.Mul(terms, terms.T())
	cross.Mul(a, &c) // covariance of A x and x
	data.Mul(&cross, a.T())
	s := mat.NewSymDense(m, nil)
	for i := range m {
		for j := range m {
			s.SetSym(i, j, (data.At(i, j)+data.At(j, i))/2)
		}
		s.SetSym(i, i, s.At(i, i)+noise*noise)
	}
	var factor mat.Cholesky
	if !factor.Factorize(s) {
		t.Fatal("the covariance of y is not positive")
	}
	_, y, err := problems.MeasuredPair(p, 3, 4)
	if err != nil {
		t.Fatal(err)
	}
	seen := make([]float64, m)
	for k := range y {
		if at := slices.Index(present, k); at >= 0 {
			seen[at] = y[k]
		} else {
			y[k] = math.NaN()
		}
	}
	mean, std, evidence, err := p.Posterior(y)
	if err != nil {
		t.Fatal(err)
	}
	var gain, solved mat.Dense
	if err := factor.SolveTo(&gain, &cross); err != nil {
		t.Fatal(err)
	}
	v := mat.NewDense(m, 1, seen)
	if err := factor.SolveTo(&solved, v); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		want, variance := 0.0, c.At(i, i)
		for k := range m {
			want += gain.At(k, i) * seen[k]
			variance -= gain.At(k, i) * cross.At(k, i)
		}
		if math.Abs(mean[i]-want) > 1e-9 || math.Abs(std[i]-math.Sqrt(variance)) > 1e-9 {
			t.Fatalf("value %d: mean %v and std %v, want %v and %v", i, mean[i], std[i], want,
				math.Sqrt(variance))
		}
	}
	square := 0.0
	for i, w := range seen {
		square += w * solved.At(i, 0)
	}
	if want := -0.5 * (square + factor.LogDet() + float64(m)*math.Log(2*math.Pi)); math.Abs(
		evidence-want) > 1e-8 {
		t.Errorf("ln p(y) is %v, want %v", evidence, want)
	}
	if _, _, _, err := p.Posterior(y[1:]); err == nil {
		t.Error("a short measurement is accepted")
	}
}

// TestCalibration checks that the true field lies around the posterior's mean
// with the posterior's standard deviation, on a grid where the two are not
// compared otherwise. The mean of z² over 200 measurements has a standard error
// of about 0.02.
func TestCalibration(t *testing.T) {
	p, err := lineargaussian.New(problems.Options{Grid: 24})
	if err != nil {
		t.Fatal(err)
	}
	sum, count := 0.0, 0.0
	for i := range uint64(200) {
		x, y, err := problems.MeasuredPair(p, 9, i)
		if err != nil {
			t.Fatal(err)
		}
		mean, std, _, err := p.Posterior(y)
		if err != nil {
			t.Fatal(err)
		}
		for k := range x {
			z := (x[k] - mean[k]) / std[k]
			sum, count = sum+z*z, count+1
		}
	}
	if math.Abs(sum/count-1) > 0.08 {
		t.Errorf("the mean square of (x − mean)/std is %v", sum/count)
	}
}
