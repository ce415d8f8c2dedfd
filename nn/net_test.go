package nn

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// TestInit checks the distributions of the initial values by their moments and
// bounds, and that they are a function of the seed.
func TestInit(t *testing.T) {
	n := NewNet[float32](Arch{24, 1, 0, MaxPool, Base, false, 0, false})
	n.Init(5)
	var gain, count float64
	for _, e := range n.Entries() {
		values := n.params.Values(e)
		sum, sum2 := 0.0, 0.0
		for _, v := range values {
			sum += float64(v)
			sum2 += float64(v) * float64(v)
		}
		size := float64(len(values))
		switch {
		case e.FanIn > 0:
			// Uniform on ±b: |v| ≤ b, mean square b²/3 with deviation
			// b²·√(4/45)/√size.
			b := 1 / math.Sqrt(float64(e.FanIn))
			if v := slices.MaxFunc(values, func(a, b float32) int {
				return int(math.Copysign(1, math.Abs(float64(a))-math.Abs(float64(b))))
			}); math.Abs(float64(v)) > b*(1+1e-7) {
				t.Errorf("%s: %v beyond %v", e.Name, v, b)
			}
			if z := (sum2/size/(b*b) - 1.0/3) / math.Sqrt(4.0/45/size); math.Abs(z) > 5 {
				t.Errorf("%s: mean square is %.1f deviations off", e.Name, z)
			}
		case strings.HasSuffix(e.Name, ".beta"):
			if sum2 != 0 {
				t.Errorf("%s is not zero", e.Name)
			}
		default:
			gain += sum2 - 2*sum + size // Σ (v-1)²
			count += size
		}
	}
	if z := (gain/count/(0.02*0.02) - 1) / math.Sqrt(2/count); math.Abs(z) > 5 {
		t.Errorf("variance of γ and α is %.1f deviations off", z)
	}

	again, other := NewNet[float32](n.arch), NewNet[float64](n.arch)
	again.Init(5)
	other.Init(6)
	if !slices.Equal(n.Flat(), again.Flat()) {
		t.Error("the same seed gives other values")
	}
	if float64(n.Flat()[0]) == other.Flat()[0] {
		t.Error("another seed gives the same values")
	}
	c := n.Clone()
	c.Flat()[0]++
	if n.Flat()[0] == c.Flat()[0] {
		t.Error("a clone shares its parameters")
	}
}
