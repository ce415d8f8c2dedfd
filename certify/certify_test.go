package certify

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"csdm/bench"
	"csdm/explain"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/rng"
)

var ctx = context.Background()

// pair returns a problem at 28×28 with the variables, field and measurement of
// one of its pairs.
func pair(t *testing.T, name string, i uint64) (p problems.Parametric, theta, x, y []float64) {
	t.Helper()
	made, err := builtin.Lookup(name, problems.Options{Grid: 28})
	if err != nil {
		t.Fatal(err)
	}
	p = made.(problems.Parametric)
	g, err := p.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	lo, _ := p.Box()
	theta, x, y = make([]float64, len(lo)), make([]float64, p.Spec().XLen()),
		make([]float64, p.Spec().YLen())
	p.Latent(theta, 77, i)
	if err := g.Pair(x, y, 77, i); err != nil {
		t.Fatal(err)
	}
	problems.Measure(p.Measurement(), y, y, 77, i)
	return p, theta, x, y
}

// around returns n fields of variables around θ. share is the standard
// deviation of the variables as a fraction of the box, and noise the pixel
// noise as a fraction of the prior's range.
func around(p problems.Parametric, theta []float64, share, noise float64, n int) []float64 {
	lo, hi := p.Box()
	s, size := rng.New(5, rng.Test, 0, 0), p.Spec().XLen()
	draws := make([]float64, n*size)
	moved := make([]float64, len(theta))
	for i := range n {
		for c, v := range theta {
			moved[c] = min(max(v+share*(hi[c]-lo[c])*s.Normal(), lo[c]), hi[c])
		}
		x := draws[i*size : (i+1)*size]
		p.Field(x, moved)
		for k := range x {
			x[k] += noise * p.Spec().XRange.Width() * s.Normal()
		}
	}
	return draws
}

// TestInvert checks that the variables fitted to a noisy field give the same
// field, except for single pixels at the rim.
//
// A field determines the variables only up to the pixels that the rim crosses.
func TestInvert(t *testing.T) {
	for _, name := range []string{"quasistatic", "phantom"} {
		for i := range uint64(6) {
			p, theta, x, _ := pair(t, name, i)
			draws := around(p, theta, 0, 0.02, 1)
			got, err := Invert(ctx, p, draws, 1, 0)
			if err != nil {
				t.Fatal(err)
			}
			field := make([]float64, len(x))
			p.Field(field, got)
			wrong := 0
			for k := range x {
				if math.Abs(field[k]-x[k]) > 0.1*p.Spec().XRange.Width() {
					wrong++
				}
			}
			lo, hi := p.Box()
			for c := range theta {
				if d := math.Abs(got[c]-theta[c]) / (hi[c] - lo[c]); d > 0.05 {
					t.Errorf("%s %d: variable %d is %v, true %v", name, i, c, got[c], theta[c])
				}
			}
			if wrong > 4 {
				t.Errorf("%s %d: %d pixels are wrong", name, i, wrong)
			}
		}
	}
}

// TestCertify compares the certified posterior with quadrature. The search
// starts from good draws, from narrow draws, from draws elsewhere, and from
// draws that are spread over the prior.
//
// The distance from quadrature must be within the errors of both. A search that
// followed its first proposal would end at the narrow or the misplaced
// posterior.
func TestCertify(t *testing.T) {
	p, theta, _, y := pair(t, "quasistatic", 1)
	exact, err := bench.Quadrature(ctx, p, y, bench.QuadratureSettings{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	unit := p.Spec().XRange.Width()
	elsewhere := []float64{1 - theta[0], 1 - theta[1]}
	for name, draws := range map[string][]float64{
		"good":      around(p, theta, 0.03, 0.03, 64),
		"narrow":    around(p, theta, 0.002, 0.01, 64),
		"elsewhere": around(p, elsewhere, 0.02, 0.02, 64),
		"spread":    around(p, theta, 0.5, 0.1, 64),
	} {
		r, err := Certify(ctx, p, y, draws, Settings{Seed: 2, Threads: 2})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		c := bench.Compare(&r.Posterior, &exact.Posterior)
		t.Logf("%s: RMSE %.5f / %.5f, %+v", name, c.Mean/unit, c.Std/unit, r.Certificate)
		if !r.Certificate.Certified {
			t.Errorf("%s: not certified: %v", name, r.Certificate.Reasons)
		}
		if floor := c.MeanErrorA + c.MeanErrorB; c.Mean > 3*floor ||
			c.Std > 3*(c.StdErrorA+c.StdErrorB) {
			t.Errorf("%s: errors %v and %v, stated %v and %v", name, c.Mean, c.Std, floor,
				c.StdErrorA+c.StdErrorB)
		}
		again, err := Certify(ctx, p, y, draws, Settings{Seed: 2, Threads: 1})
		if err != nil || !slices.Equal(again.Samples, r.Samples) ||
			!slices.Equal(again.Mean, r.Mean) {
			t.Errorf("%s: another result on one thread (%v)", name, err)
		}
	}
}

// TestCertifyRefuses checks that a small budget gives no certificate but
// reasons, and that a target below LeastESS is an error.
//
// Reasons must not be empty where Certified is false.
func TestCertifyRefuses(t *testing.T) {
	p, theta, _, y := pair(t, "phantom", 2)
	r, err := Certify(ctx, p, y, around(p, theta, 0.2, 0.05, 64),
		Settings{Seed: 1, Threads: 2, MaxSolves: 300})
	if err != nil {
		t.Fatal(err)
	}
	if r.Certificate.Certified || len(r.Certificate.Reasons) == 0 {
		t.Errorf("certified with 300 solves: %+v", r.Certificate)
	}
	if _, err := Certify(ctx, p, y, nil, Settings{ESS: 100, Threads: 1}); err == nil {
		t.Error("a target of 100 for the effective sample size is accepted")
	}
}

// TestCertifyJudgesTheMisfit checks the third requirement. A measurement with a
// wave on it has a posterior with good weights, but no certificate. The same
// holds if an earlier test of the measurement failed.
func TestCertifyJudgesTheMisfit(t *testing.T) {
	p, theta, _, y := pair(t, "quasistatic", 1)
	judge := explain.NewJudge(p)
	draws := around(p, theta, 0.03, 0.03, 64)
	certificate := func(y []float64, v *explain.Verdict) Certificate {
		t.Helper()
		r, err := Certify(ctx, p, y, draws, Settings{Seed: 2, Threads: 2, ESS: 400,
			Judge: judge, Verdict: v})
		if err != nil {
			t.Fatal(err)
		}
		c := r.Certificate
		if c.ESS < LeastESS || c.KHat >= MaxKHat || c.Certified != r.Verdict.Explained {
			t.Errorf("%+v", c)
		}
		return c
	}
	if c := certificate(y, nil); !c.Certified || c.Chi2 < 0.8 || c.Chi2 > 1.2 ||
		c.CPUSeconds < 0 {
		t.Errorf("a right measurement: %+v", c)
	}
	failed := &explain.Verdict{Tests: []explain.Test{{Name: "x", By: explain.ByMeasurement}}}
	if c := certificate(y, failed); c.Certified || len(c.Reasons) != 1 {
		t.Errorf("a test failed before: %+v", c)
	}
	wave := slices.Clone(y)
	for k := range wave {
		wave[k] += 4e-4 * math.Sin(float64(k%28)/4)
	}
	if c := certificate(wave, nil); c.Certified || len(c.Reasons) != 1 ||
		!strings.Contains(c.Reasons[0], "does not explain the measurement") {
		t.Errorf("a wave: %+v", c)
	}
}

// TestInvertStops checks that fits end with their context.
func TestInvertStops(t *testing.T) {
	p, theta, _, _ := pair(t, "quasistatic", 1)
	stopped, stop := context.WithCancel(ctx)
	stop()
	f := fit{problem: p, draw: make([]float64, p.Spec().XLen()), best: theta,
		field: make([]float64, p.Spec().XLen()), theta: make([]float64, len(theta)),
		bestSquares: math.Inf(1)}
	f.lo, f.hi = p.Box()
	if f.descend(stopped, theta); !math.IsInf(f.bestSquares, 1) {
		t.Error("a fit evaluates a field after its context ended")
	}
	if _, err := Invert(stopped, p, make([]float64, p.Spec().XLen()), 1,
		0); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestResample checks that the count of each row agrees with its weight, up to
// one.
//
// Independent draws would scatter about it by the root of the count.
func TestResample(t *testing.T) {
	theta, logW := []float64{0, 1, 2, 3},
		[]float64{math.Log(1), math.Log(2), math.Inf(-1), math.Log(5)}
	var count [4]int
	for _, v := range resample(theta, logW, 400, 3) {
		count[int(v)]++
	}
	for k, want := range []int{50, 100, 0, 250} {
		if d := count[k] - want; d < -1 || d > 1 {
			t.Errorf("row %d occurs %d times, want %d", k, count[k], want)
		}
	}
}
