package infer

import (
	"math"
	"testing"

	"csdm/problems"
)

// TestQuantity checks moments and quantiles of known numbers.
//
// The 101 integers 0 … 100 in disorder: the q-quantile is 100 q exactly, and
// the variance has a closed form. A missing sort or the denominator N would
// show.
func TestQuantity(t *testing.T) {
	draws := make([]float64, 101)
	for i := range draws {
		draws[i] = float64((i * 37) % 101) // 0 … 100 in disorder
	}
	q := quantity(problems.Variable{Name: "n", Unit: "mm"}, draws)
	// The variance of 0 … n is n(n+2)/12, over n rather than n+1: times
	// (n+1)/n.
	if want := math.Sqrt(100 * 102 / 12. * 101 / 100); q.Mean != 50 ||
		math.Abs(q.Std-want) > 1e-12 || q.Q05 != 5 || q.Q50 != 50 || q.Q95 != 95 {
		t.Errorf("%+v", q)
	}
}

// TestQuantityOfSomeDraws checks that draws without the quantity count only for
// ShareDefined.
//
// Of {1, 5, 3} the quantile 0.95 lies at the position 1.9 between 3 and 5: 3 +
// 0.9 · 2 = 4.8. One value has a mean and no standard deviation.
func TestQuantityOfSomeDraws(t *testing.T) {
	nan := math.NaN()
	q := quantity(problems.Variable{Name: "a"}, []float64{nan, 3, nan})
	if q.Mean != 3 || !math.IsNaN(q.Std) || q.Q05 != 3 || q.Q95 != 3 ||
		math.Abs(q.ShareDefined-1./3) > 1e-15 {
		t.Errorf("%+v", q)
	}
	q = quantity(problems.Variable{}, []float64{1, nan, 5, 3})
	if q.Mean != 3 || q.Std != 2 || q.Q50 != 3 || math.Abs(q.Q95-4.8) > 1e-12 {
		t.Errorf("%+v", q)
	}
}
