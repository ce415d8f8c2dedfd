package specimen_test

import (
	"math"
	"strings"
	"testing"

	"csdm/priors"
	"csdm/problems"
)

// TestFactorsOfNoise checks the factors of the noise by component and by place:
// the second component is twice as noisy, and the noise rises from the bottom,
// and from left to right at the top, linearly.
//
// With [[1, 1], [2, 4]] from the bottom up, the bilinear factor at (right, up)
// in [0, 1]² is 1 + up (1 + 2 right). The three lengths are the median's times
// e^(±0.967 · stretch), whose product is the median squared.
func TestFactorsOfNoise(t *testing.T) {
	text := strings.Replace(lab, "correlation = 0.45", `correlation = 0.45
stretch = 0.5
channels = [1, 2]
places = [[1, 1], [2, 4]]`, 1)
	c := read(t, text, problems.Options{}).Measurement().(priors.Correlated)
	const rows, cols = 16, 12
	for k, got := range c.Factors {
		up, right := float64(k/cols%rows)/(rows-1), float64(k%cols)/(cols-1)
		want := 1 + up*(1+2*right)
		if k >= rows*cols {
			want *= 2
		}
		if math.Abs(got-want) > 1e-12 {
			t.Fatalf("the factor of value %d is %v, want %v", k, got, want)
		}
	}
	if len(c.Factors) != 2*rows*cols || len(c.Lengths) != 3 || c.Lengths[1] != 0.45 ||
		math.Abs(c.Lengths[0]*c.Lengths[2]-0.45*0.45) > 1e-12 {
		t.Errorf("%d factors, lengths %v", len(c.Factors), c.Lengths)
	}
}
