package langevin_test

import (
	"math"
	"testing"

	"csdm/langevin"
)

// TestTable2 compares with the numbers of the paper's Table 2, and with its
// Eqs. 17 and 18 evaluated independently of this program.
func TestTable2(t *testing.T) {
	for _, c := range []struct {
		name          string
		dim, levels   int
		sigma1, eq17  float64
		enough        int // levels needed to meet Eq. 17
		evaluations   int
		wantEvaluated int
	}{
		{"quasistatic", 56 * 56, 128, 20, 0.045, 198, 641, 198*5 + 1},
		{"opticnerve", 64 * 64, 256, 50, 0.511, 254, 1281, 254*5 + 1},
		{"spheroid", 256 * 256, 680, 120, 0.023, 1130, 3401, 1130*5 + 1},
	} {
		ladder := langevin.Ladder{Dim: c.dim, SigmaMax: c.sigma1, SigmaMin: 0.01,
			Levels: c.levels, StepsPerLevel: 5, Form: langevin.FormEq18}
		check, err := ladder.Check()
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(check.Eq17-c.eq17) > 5e-4 || check.AnnealedEvaluations != c.evaluations {
			t.Errorf("%s: Eq. 17 is %v, %d evaluations; want %v, %d", c.name, check.Eq17,
				check.AnnealedEvaluations, c.eq17, c.evaluations)
		}
		proposal, err := ladder.Propose(0.5)
		if err != nil {
			t.Fatal(err)
		}
		if proposal.Levels != c.enough || proposal.Eq17 < 0.5 ||
			proposal.AnnealedEvaluations != c.wantEvaluated {
			t.Errorf("%s: %d levels proposed with Eq. 17 at %v, want %d", c.name, proposal.Levels,
				proposal.Eq17, c.enough)
		}
		if fewer := langevin.Eq17(c.dim, math.Pow(c.sigma1/0.01,
			1/float64(c.enough-2))); fewer >= 0.5 {
			t.Errorf("%s: one level less meets Eq. 17 too (%v)", c.name, fewer)
		}
	}
}

func TestEq17AtItsLimit(t *testing.T) {
	// At γ = 1, Eq. 17 is the probability of three standard deviations.
	if got, want := langevin.Eq17(784, 1), math.Erf(3/math.Sqrt2); math.Abs(got-want) > 1e-15 {
		t.Errorf("Eq. 17 is %v for equal levels, want %v", got, want)
	}
	if _, err := (langevin.Ladder{Dim: 784, SigmaMax: 20, SigmaMin: 0.01, StepsPerLevel: 5,
		Form: langevin.FormEq18}).Propose(0.999); err == nil {
		t.Error("a schedule beyond the limit of Eq. 17 was proposed")
	}
}

func TestProposeEpsilon(t *testing.T) {
	gamma := math.Pow(50/0.01, 1./255)
	epsilon := langevin.ProposeEpsilon(0.01, gamma, 5, langevin.FormEq18)
	if math.Abs(epsilon-5.69e-6) > 0.005e-6 {
		t.Errorf("epsilon is %v for sigma1 = 50, L = 256; want 5.69e-6", epsilon)
	}
	if got := langevin.ProposeEpsilon(0.01, gamma, 5, langevin.FormAlgorithm1); got != 2*epsilon {
		t.Errorf("epsilon of Algorithm 1 is %v, want twice %v", got, epsilon)
	}
	// The derivative of Eq. 18 changes sign at the proposal, and the value
	// never goes below 1.
	at := func(e float64) float64 { return langevin.Eq18(e, 0.01, gamma, 5) }
	if value := at(epsilon); value < 1 || value > at(epsilon*1.001) || value > at(epsilon/1.001) {
		t.Errorf("Eq. 18 is %v at the proposal, %v and %v next to it", value, at(epsilon/1.001),
			at(epsilon*1.001))
	}
}

// TestEq18IsTheVarianceOfAChain runs the recursion whose solution is Eq. 18.
// For data at one point the score is −x/σ², and a step x + α s + √(2α) z turns
// variance v into (1 − α/σ²)² v + 2α.
func TestEq18IsTheVarianceOfAChain(t *testing.T) {
	const gamma, sigmaL, steps = 1.3, 0.02, 7
	for _, r := range []float64{1e-3, 0.05, 0.4, 0.9} {
		sigma := 3.0
		alpha := r * sigma * sigma
		v := gamma * gamma * sigma * sigma
		for range steps {
			v = (1-alpha/(sigma*sigma))*(1-alpha/(sigma*sigma))*v + 2*alpha
		}
		if got := langevin.Eq18(r*sigmaL*sigmaL, sigmaL, gamma,
			steps); math.Abs(got-v/(sigma*sigma)) > 1e-13*got {
			t.Errorf("r = %v: Eq. 18 gives %v, the chain %v", r, got, v/(sigma*sigma))
		}
	}
}

func TestSchedules(t *testing.T) {
	s, err := langevin.Geometric(20, 0.01, 128)
	if err != nil || s.Validate() != nil || s[0] != 20 || s[127] != 0.01 {
		t.Fatal(s, err)
	}
	for i := 1; i < len(s); i++ {
		if gamma := s[i-1] / s[i]; math.Abs(gamma-math.Pow(2000, 1./127)) > 1e-13 {
			t.Errorf("ratio %d is %v", i, gamma)
		}
	}
	nan := math.NaN()
	for _, bad := range [][3]float64{{1, 2, 5}, {1, 0, 5}, {nan, 1, 5}, {1, nan, 5},
		{math.Inf(1), 1, 5}, {2, 1, 0}, {2, 1, 1}, {1, 1, 2}} {
		if _, err := langevin.Geometric(bad[0], bad[1], int(bad[2])); err == nil {
			t.Errorf("Geometric took %v", bad)
		}
	}
}
