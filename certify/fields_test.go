package certify

import (
	"testing"

	"csdm/explain"
	"csdm/problems"
)

// TestCountFields counts fields of the prior with little noise, and fields of
// which some pixels are moved by a fifth of the range, which no field of the
// prior matches.
//
// Noise below the tolerance must not cost a match.
func TestCountFields(t *testing.T) {
	for _, name := range []string{"quasistatic", "phantom"} {
		p, theta, x, _ := pair(t, name, 3)
		const n, spoiled = 24, 8
		draws := around(p, theta, 0.05, 0.02, n)
		for i := range spoiled {
			spoil(draws[i*len(x):(i+1)*len(x)], p)
		}
		got, err := CountFields(ctx, p, draws, nil, explain.Search{Seed: 5, Threads: 2})
		if err != nil {
			t.Fatal(err)
		}
		if got != n-spoiled {
			t.Errorf("%s: %d of %d draws are fields of the prior, want %d", name, got, n, n-spoiled)
		}
		// Fields that are tried first find the same without a search.
		exact := around(p, theta, 0, 0, 1)
		if got, err = CountFields(ctx, p, exact, theta,
			explain.Search{Seed: 5, Threads: 1}); err != nil || got != 1 {
			t.Errorf("%s: the field itself is counted %d times (%v)", name, got, err)
		}
	}
}

// spoil moves one pixel in ten up or down by a fifth of the range.
func spoil(x []float64, p problems.Parametric) {
	for k := 0; k < len(x); k += 10 {
		x[k] += 0.2 * p.Spec().XRange.Width() * float64(1-2*(k/10%2))
	}
}
