package fidelity

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"csdm/rng"
)

// TestLeaveOneOut compares the sum of squared leave-one-out errors with
// predictions of each pair from all others.
func TestLeaveOneOut(t *testing.T) {
	const n, size = 12, 5
	s := rng.New(3, rng.Test, 0, 0)
	features, difference := mat.NewDense(n, 2, nil), mat.NewDense(n, size, nil)
	for _, m := range []*mat.Dense{features, difference} {
		for i := range m.RawMatrix().Data {
			m.RawMatrix().Data[i] = s.Normal()
		}
	}
	settings := Settings{Components: 2, Length: 1, Ridge: 0.1}
	want := 0.0
	for out := range n {
		c := Correction{Settings: settings, features: mat.NewDense(n-1, 2, nil)}
		others := mat.NewDense(n-1, size, nil)
		for k := range n - 1 {
			i := k
			if k >= out {
				i++
			}
			c.features.SetRow(k, features.RawRowView(i))
			others.SetRow(k, difference.RawRowView(i))
		}
		var factor mat.Cholesky
		if !factor.Factorize(c.covariance(c.features)) {
			t.Fatal("no factor")
		}
		c.weights = new(mat.Dense)
		if err := factor.SolveTo(c.weights, others); err != nil {
			t.Fatal(err)
		}
		for v := range size {
			got := difference.At(out, v)
			for k := range n - 1 {
				got -= c.kernel(features.RawRowView(out), c.features.RawRowView(k)) *
					c.weights.At(k, v)
			}
			want += got * got
		}
	}
	var products mat.SymDense
	products.SymOuterK(1, difference)
	if got := leaveOneOut(settings.covariance(features), &products); math.Abs(got-want) >
		1e-9*want {
		t.Errorf("%v, want %v", got, want)
	}
}
