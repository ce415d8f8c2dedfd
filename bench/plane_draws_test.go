package bench

import (
	"math"
	"testing"

	"csdm/rng"
)

// The kernel estimate from weighted draws has the mean of the weighted draws,
// and their deviation widened by the bandwidth. The draws here come from a wide
// Gaussian and their weights turn it into a narrow one.
func TestPlaneOfDraws(t *testing.T) {
	const n, wide = 4000, 2.0
	r := rng.New(3, rng.Test, 0, 0)
	theta, logW := make([]float64, 3*n), make([]float64, n)
	for i := range n {
		for k := range 3 {
			theta[3*i+k] = wide * r.Normal()
		}
		for k, narrow := range []float64{1, 0.5} {
			z := theta[3*i+k]
			logW[i] += -z*z/(2*narrow*narrow) + z*z/(2*wide*wide)
		}
	}
	p := planeOfDraws(theta, logW, 3, []float64{-9, -9, -9}, []float64{9, 9, 9})
	sum := 0.0
	var mean, square [2]float64
	for k, w := range p.Density {
		sum += w
		for i, v := range []float64{
			p.X0 + (float64(k%p.Cols)+0.5)*(p.X1-p.X0)/float64(p.Cols),
			p.Y0 + (float64(k/p.Cols)+0.5)*(p.Y1-p.Y0)/float64(p.Rows)} {
			mean[i] += w * v
			square[i] += w * v * v
		}
	}
	if math.Abs(sum-1) > 1e-12 {
		t.Errorf("the sum is %v", sum)
	}
	// The effective sample size is about n/10, so Scott's factor is about 0.37.
	for i, std := range []float64{1, 0.5} {
		want := std * math.Hypot(1, 0.37)
		if got := math.Sqrt(square[i] - mean[i]*mean[i]); math.Abs(got-want) > 0.08*want ||
			math.Abs(mean[i]) > 0.15*std {
			t.Errorf("variable %d: %v ± %v, want 0 ± %v", i, mean[i], got, want)
		}
	}
	if planeOfDraws(theta, logW, 1, nil, nil) != nil {
		t.Error("a single variable has a plane")
	}
}

// The shares of an interval in the parts that cover the interval sum to 1.
func TestOverlap(t *testing.T) {
	shares := make([]float64, 7)
	overlap(shares, 0, 7, 1.5, 3.25)
	sum := 0.0
	for _, v := range shares {
		sum += v
	}
	if math.Abs(sum-1) > 1e-15 || math.Abs(shares[1]-0.5/1.75) > 1e-15 ||
		math.Abs(shares[2]-1/1.75) > 1e-15 || shares[0] != 0 || shares[4] != 0 {
		t.Errorf("shares %v", shares)
	}
}
