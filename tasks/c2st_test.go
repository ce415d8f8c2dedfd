package tasks

import (
	"math"
	"testing"

	"csdm/rng"
)

// TestC2ST checks the accuracy for two normal distributions whose means differ
// by δ: the best classifier is right with probability Φ(δ/2).
//
// For N(0, 1) against N(δ, 1) the best threshold is δ/2 and is right with
// probability Φ(δ/2): 0.5 and 0.69. Four standard errors of a share of 3,000
// rows are allowed.
func TestC2ST(t *testing.T) {
	const n, d = 1500, 2
	for _, delta := range []float64{0, 1} {
		a, b, s := make([]float64, n*d), make([]float64, n*d), rng.New(1, rng.Test, 0, 0)
		for i := range a {
			a[i], b[i] = 3+2*s.Normal(), 3+2*s.Normal()
			if i%d == 0 {
				b[i] += 2 * delta
			}
		}
		want := (1 + math.Erf(delta/2/math.Sqrt2)) / 2
		// Standard error of the share of right answers among all rows.
		error := math.Sqrt(want * (1 - want) / (2 * n))
		if v := C2ST(a, b, d, 1); math.Abs(v-want) > 4*error {
			t.Errorf("δ = %g: C2ST %.3f, want %.3f ± %.3f", delta, v, want, error)
		}
	}
}

// TestCertify checks that weights turn draws of a wrong distribution into draws
// of the posterior, that draws far away are repaired or refused, and that a
// posterior out of reach is refused.
//
// The wrong draws are shifted by 0.3 and wider; weights must restore the
// posterior to a C2ST of 0.5 ± 0.04. Draws far from the posterior may be
// refused or repaired, but not passed on. A likelihood that is zero everywhere
// except at one point has no certificate.
func TestCertify(t *testing.T) {
	task := gaussianMixture()
	y, s := []float64{1, -2}, rng.New(2, rng.Test, 0, 0)
	const n = 1500
	wrong, exact := make([]float64, 2*n), make([]float64, 2*n)
	unknown := func(p float64) float64 { return math.Sqrt2 * math.Erfinv(p/10) }
	for i := range wrong {
		wrong[i] = unknown(y[i%2] + 0.3 + 0.6*s.Normal())
	}
	for i := 0; i < len(exact); i += 2 {
		task.exact(exact[i:i+2], y, s)
	}
	if c := C2ST(exact, task.parameters(wrong), 2, 1); c < 0.6 {
		t.Fatalf("C2ST of the wrong draws is only %.3f", c)
	}
	d, err := task.Certify(wrong, y, n, 3)
	if err != nil {
		t.Fatal(err)
	}
	if c := C2ST(exact, d.P, 2, 1); math.Abs(c-0.5) > 0.04 {
		t.Errorf("C2ST of the certified draws is %.3f (ESS %.0f, k̂ %.2f)", c, d.ESS, d.KHat)
	}
	for i := range wrong {
		wrong[i] = unknown(9 + 0.01*s.Normal())
	}
	if d, err := task.Certify(wrong, y, n, 3); err == nil {
		if c := C2ST(exact, d.P, 2, 1); math.Abs(c-0.5) > 0.04 {
			t.Errorf("draws far from the posterior are certified with a C2ST of %.3f", c)
		}
	}
	needle := gaussianMixture()
	needle.logLikelihood = func(u, y []float64) float64 {
		if u[0] == y[0] {
			return 0
		}
		return math.Inf(-1)
	}
	if _, err := needle.Certify(wrong, y, n, 3); err == nil {
		t.Error("draws are certified for a posterior that no proposal can reach")
	}
}
