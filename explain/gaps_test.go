package explain_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"csdm/explain"
	"csdm/priors"
	"csdm/rng"
)

// TestGaps judges measurements of which a tenth and a hundredth of the values
// are left. Right ones are explained, χ² per value counts the values that are
// left, and one that no field has caused is not explained by a tenth of them.
func TestGaps(t *testing.T) {
	p := quasistatic(t)
	judge := explain.NewJudge(p)
	right := noise(solve(t, p, disc(0.4, 0.55, 1.2)), 3)
	wrong := slices.Clone(right)
	for k := range wrong { // a ramp, as of a tilted specimen
		wrong[k] += 3 * sigma * float64(k%side) / side
	}
	for share, values := range map[int][]float64{10: {1, 0}, 100: {1}} {
		for i, explained := range values {
			y := slices.Clone([][]float64{right, wrong}[i])
			s := rng.New(uint64(share), rng.Test, 0, 0)
			for k := range y {
				if s.Uint64n(uint64(share)) != 0 {
					y[k] = math.NaN()
				}
			}
			v := judge.Start(y)
			done, err := judge.Prior(context.Background(), v, y, explain.ReferenceRate,
				explain.Search{Seed: 1, Threads: 1})
			if err != nil || !done {
				t.Fatal(done, err)
			}
			if v.Explained != (explained == 1) {
				t.Errorf("one value in %d: %s", share, v.Text)
			}
			r := v.Residual()
			if got, want := priors.Present(r.Values), priors.Present(y); got != want {
				t.Errorf("a residual of %d values, %d were measured", got, want)
			}
			squares := 0.0
			for _, e := range r.Values {
				if !priors.Missing(e) {
					squares += e * e
				}
			}
			if want := squares / float64(priors.Present(y)); math.Abs(r.Misfit[0]-want) > 1e-12 {
				t.Errorf("a misfit of %v, want %v", r.Misfit[0], want)
			}
		}
	}
}

// TestDrawsWithGaps checks that the residual of draws misses what the
// measurement does.
func TestDrawsWithGaps(t *testing.T) {
	p := quasistatic(t)
	x := disc(0.4, 0.55, 1.2)
	y := noise(solve(t, p, x), 3)
	y[9], y[700] = math.NaN(), math.NaN()
	var draws []float64
	for range 3 {
		draws = append(draws, x...)
	}
	r, err := explain.OfDraws(context.Background(), p, y, draws, 1)
	if err != nil {
		t.Fatal(err)
	}
	if priors.Present(r.Values) != len(y)-2 || !priors.Missing(r.Values[9]) ||
		!(math.Abs(r.Misfit[0]-1) < 0.2) {
		t.Errorf("%d values, misfit %v", priors.Present(r.Values), r.Misfit)
	}
}
