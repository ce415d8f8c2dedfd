//go:build course

package ex10

import (
	"math"
	"testing"

	"csdm/langevin"
)

func TestLevels(t *testing.T) {
	for _, n := range []int{2, 12, 128} {
		want, err := langevin.Geometric(20, 0.01, n)
		if err != nil {
			t.Fatal(err)
		}
		got := Levels(20, 0.01, n)
		if len(got) != n {
			t.Fatalf("%d levels, want %d", len(got), n)
		}
		for i := range got {
			if math.Abs(got[i]/want[i]-1) > 1e-9 {
				t.Fatalf("%d levels: level %d is %v, want %v", n, i, got[i], want[i])
			}
			relative := math.Sqrt(2*Alpha(5.7e-6, got[i], 0.01)) / got[i]
			if math.Abs(relative-math.Sqrt(2*5.7e-6)/0.01) > 1e-9 {
				t.Fatalf("the noise of a step is %v of level %v", relative, got[i])
			}
		}
	}
}
