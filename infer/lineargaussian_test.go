package infer

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"

	"gonum.org/v1/gonum/mat"

	"csdm/langevin"
	"csdm/problems"
	"csdm/recipe"
	"csdm/rng"
)

const blurredField = `name = "blurred"
rows = 16
cols = 16
width = 1.0
height = 1.0
length_unit = "m"
[x]
name = "field"
unit = "1"
min = -8.0
max = 8.0
[y]
name = "blurred field"
unit = "1"
[noise]
law = "gaussian"
std = 0.1
scale = 2.0
`

// modes is the score of independent normal components with given means and
// variances.
//
// Component k of the smoothed posterior is N(m_k, v_k + σ²), whose score is
// (m_k − x)/(v_k + σ²).
type modes struct{ mean, variance []float64 }

func (m modes) Score(dst, x []float64, sigma float64) error {
	for k, v := range x {
		dst[k] = (m.mean[k] - v) / (m.variance[k] + sigma*sigma)
	}
	return nil
}

// TestDefaultsOnALinearGaussianProblem samples an external problem with a known
// posterior by the exact score and a preset's default settings: a field with
// Matérn correlation on 16×16, blurred, with noise. The standard deviation of
// pixels must be right within 3 %, and the standard deviations of the field's
// mean and of the leading modes within 10 %. A unit of the range of 20,000
// pairs, with a last noise level of 0.01 of this unit, would make them 7 to 10
// % too small. Samplers depend only on distances, so the test draws modes and
// computes the pixels from them.
//
// A pixel p of the field is Σ_k V_pk z_k with the eigenvectors V and
// independent modes z_k, so that its variance is Σ_k V_pk² Var z_k. The field's
// mean weights mode k with Σ_p V_pk. The test thus needs no 3000 × 256 array of
// pixels.
func TestDefaultsOnALinearGaussianProblem(t *testing.T) {
	file := filepath.Join(t.TempDir(), "blurred.toml")
	if err := os.WriteFile(file, []byte(blurredField), 0o666); err != nil {
		t.Fatal(err)
	}
	c, err := recipe.Resolve(file, "tiny", problems.Options{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Data.Spread {
		t.Fatal("an external problem is normalized by its extremes")
	}
	const side, n, noise = 16, 256, 0.1
	vectors, variance := posteriorModes(side, noise)
	// Normalized x has a standard deviation of a quarter, and the prior of 1.
	m := modes{make([]float64, n), variance}
	s := rng.New(5, rng.Test, 0, 0)
	for k := range variance {
		variance[k] /= 16
		m.mean[k] = 0.2 * s.Normal()
	}
	const draws = 3000
	sampling := c.Sampling
	sampling.Draws = draws
	settings, err := sampling.ForMeasurement(3, 0, 2)
	if err != nil {
		t.Fatal(err)
	}
	second := make([]float64, n)
	if _, err := langevin.Sample(context.Background(), func() langevin.Scorer {
		return m
	}, n, settings, func(_ int, x []float64) error {
		for k, v := range x {
			second[k] += (v - m.mean[k]) * (v - m.mean[k]) / draws
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	ratio := func(weight func(k int) float64) float64 {
		var got, want float64
		for k := range n {
			w := weight(k) * weight(k)
			got, want = got+w*second[k], want+w*variance[k]
		}
		return math.Sqrt(got / want)
	}
	pixels := 0.0
	for p := range n {
		pixels += ratio(func(k int) float64 { return vectors.At(p, k) }) / n
	}
	mean := ratio(func(k int) float64 {
		sum := 0.0
		for p := range n {
			sum += vectors.At(p, k)
		}
		return sum
	})
	t.Logf("ratio of standard deviations: pixels %.3f, mean of the field %.3f, first mode %.3f",
		pixels, mean, math.Sqrt(second[n-1]/variance[n-1]))
	if math.Abs(pixels-1) > 0.03 {
		t.Errorf("standard deviation of pixels: %.3f of the exact one, want 1 ± 0.03", pixels)
	}
	if math.Abs(mean-1) > 0.1 {
		t.Errorf("standard deviation of the field's mean: %.3f of the exact one, want 1 ± 0.1",
			mean)
	}
	for k := n - 1; k >= n-20; k-- {
		if r := math.Sqrt(second[k] / variance[k]); math.Abs(r-1) > 0.1 {
			t.Errorf("mode %d: %.3f of the exact standard deviation, want 1 ± 0.1", n-1-k, r)
		}
	}
}

// posteriorModes returns the eigenvectors, as columns, and the ascending
// eigenvalues of the posterior's covariance C − C Bᵀ (B C Bᵀ + s²)⁻¹ B C.
//
// C is the Matérn covariance with smoothness 3/2, (1 + r) e^−r with r = √3
// d/0.25, plus 10⁻⁶ on the diagonal for the solve. Row p of B averages with
// weights exp(−d²/(2 · 0.08²)). The formula is the Schur complement of the
// covariance of (x, Bx + η). The symmetric part is taken before the
// factorization, as rounding leaves the product asymmetric.
func posteriorModes(side int, noise float64) (*mat.Dense, []float64) {
	n := side * side
	at := func(p int) (x, y float64) {
		return (float64(p%side) + 0.5) / float64(side), (float64(p/side) + 0.5) / float64(side)
	}
	prior, blur := mat.NewDense(n, n, nil), mat.NewDense(n, n, nil)
	for p := range n {
		px, py := at(p)
		sum := 0.0
		for q := range n {
			qx, qy := at(q)
			d := math.Hypot(px-qx, py-qy)
			r := math.Sqrt(3) * d / 0.25
			prior.Set(p, q, (1+r)*math.Exp(-r))
			blur.Set(p, q, math.Exp(-d*d/(2*0.08*0.08)))
			sum += blur.At(p, q)
		}
		prior.Set(p, p, prior.At(p, p)+1e-6)
		for q := range n {
			blur.Set(p, q, blur.At(p, q)/sum)
		}
	}
	var bc, data, gain, taken mat.Dense
	bc.Mul(blur, prior)
	data.Mul(&bc, blur.T())
	for p := range n {
		data.Set(p, p, data.At(p, p)+noise*noise)
	}
	if err := gain.Solve(&data, &bc); err != nil {
		panic(err)
	}
	taken.Mul(bc.T(), &gain)
	covariance := mat.NewSymDense(n, nil)
	for p := range n {
		for q := p; q < n; q++ {
			covariance.SetSym(p, q, prior.At(p, q)-(taken.At(p, q)+taken.At(q, p))/2)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(covariance, true) {
		panic("no eigenvalues")
	}
	vectors := new(mat.Dense)
	eigen.VectorsTo(vectors)
	return vectors, eigen.Values(nil)
}
