package langevin

import (
	"fmt"
	"math"
)

// Eq17 is the left side of the paper's Eq. 17,
//
//	Φ(√(2n)(γ−1) + 3γ) − Φ(√(2n)(γ−1) − 3γ),
//
// the fraction of p_σ(i)'s shell that level i−1 reaches, for n = dim components
// and γ = σ_{i−1}/σ_i. Song and Ermon (2020, technique 2) recommend about 0.5.
// The limit γ → 1 is 0.9973.
//
// Two schedules of the paper's own Table 2 are below 0.5. The quasi-static
// problem (n = 56², σ₁ = 20, L = 128) has 0.045 and would need L = 198. The
// spheroid (n = 256², σ₁ = 120, L = 680) has 0.023 and would need L = 1,130.
func Eq17(dim int, gamma float64) float64 {
	shift := math.Sqrt(2*float64(dim)) * (gamma - 1)
	return normalCDF(shift+3*gamma) - normalCDF(shift-3*gamma)
}

// Eq18 is the left side of the paper's Eq. 18, with the squares that are
// missing in print (Song and Ermon 2020, proposition 3 and technique 4),
//
//	(1 − ε/σ_L²)^{2T} (γ² − C) + C,   C = 2ε / (σ_L² − σ_L²(1 − ε/σ_L²)²),
//
// the variance, divided by σ_i², of a chain that entered level i in equilibrium
// with level i−1 and took T steps x + α s + √(2α) z there, when the data are a
// single point. The value 1 is equilibrium; Eq18 is never below 1. epsilon
// belongs to FormEq18: for FormAlgorithm1 pass half of that form's ε.
func Eq18(epsilon, sigmaL, gamma float64, stepsPerLevel int) float64 {
	r := epsilon / (sigmaL * sigmaL)
	c := 2 / (2 - r) // 2r / (1 − (1−r)²), without the cancellation at small r
	return math.Pow(1-r, 2*float64(stepsPerLevel))*(gamma*gamma-c) + c
}

// AnnealedStd returns the standard deviation of AnnealedLangevin's draws
// divided by the true one, for a normal distribution of the given deviation v^½
// and its exact score. A step turns variance w into (1 − α/(v+σ²))² w + 2α; the
// denoising step turns it into v²/(v+σ_L²)² w. The ratio measures the error of
// finite steps in a case that can be computed. Eq. 18 cannot show this error,
// because it assumes that the data are a single point. With Table 2's schedule
// of the quasi-static problem the ratio is 1.126 for a deviation of 0.2: draws
// spread 13 % too widely.
func AnnealedStd(
	sigmas Schedule, stepsPerLevel int, epsilon float64, form Form, deviation float64,
) float64 {
	v, w := deviation*deviation, 1./12 // the start is U(0, 1)
	sigmaL := sigmas[len(sigmas)-1]
	for _, sigma := range sigmas {
		drift, noise := form.coefficients(epsilon * sigma * sigma / (sigmaL * sigmaL))
		a := 1 - drift/(v+sigma*sigma)
		for range stepsPerLevel {
			w = a*a*w + noise*noise
		}
	}
	return v / (v + sigmaL*sigmaL) * math.Sqrt(w/v)
}

// normalCDF is Φ(x) = erfc(−x/√2)/2, which keeps its relative accuracy in the
// lower tail, where 1 + erf(x/√2) cancels.
func normalCDF(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

// A Ladder is a geometric schedule of noise levels with a step size, for
// annealed Langevin dynamics on x.
type Ladder struct {
	Dim                int     // components of x
	SigmaMax, SigmaMin float64 // first and last noise level
	Levels             int     // L
	StepsPerLevel      int     // T of annealed Langevin
	Form               Form    // form that Epsilon belongs to
	Epsilon            float64 // base step size, in Form; 0: of ProposeEpsilon
}

// Check holds the figures of merit of a ladder.
type Check struct {
	Ladder

	Gamma float64 // γ = σ_{i−1}/σ_i, the ratio of neighboring noise levels
	Eq17  float64 // overlap of neighboring levels; about 0.5 is recommended
	Eq18  float64 // variance ratio after T steps; the best ε brings it closest to 1

	// GaussianStd is AnnealedStd for a deviation of 0.2, a typical deviation of
	// a pixel in normalized units.
	GaussianStd float64

	AnnealedEvaluations           int // score evaluations per draw of annealed
	HeunEvaluations               int // score evaluations per draw of heun
	DPMSolverPP2MEvaluations      int // score evaluations per draw of dpmpp2m
	PredictorCorrectorEvaluations int // score evaluations per draw of pc
}

// Check evaluates Eq. 17, Eq. 18 and the cost of the ladder. The evaluations of
// predictor–corrector are counted for one correction per level.
func (l Ladder) Check() (Check, error) {
	if err := checkEnds(l.SigmaMax, l.SigmaMin, l.Levels); err != nil {
		return Check{}, err
	}
	if err := l.Form.validate(); err != nil {
		return Check{}, err
	}
	switch {
	case l.Dim < 1:
		return Check{}, fmt.Errorf("langevin: %d components; at least 1 is needed", l.Dim)
	case l.Levels < 2:
		return Check{}, fmt.Errorf("langevin: 1 level has no ratio to check; at least 2 levels " +
			"are needed")
	case l.StepsPerLevel < 1:
		return Check{}, fmt.Errorf("langevin: %d steps per level; at least 1 is needed",
			l.StepsPerLevel)
	case !(l.Epsilon >= 0) || math.IsInf(l.Epsilon, 0):
		return Check{}, fmt.Errorf("langevin: epsilon is %v; it must be positive and finite, or 0 "+
			"for the best value", l.Epsilon)
	}
	gamma := ratio(l.SigmaMax, l.SigmaMin, l.Levels)
	if l.Epsilon == 0 {
		l.Epsilon = ProposeEpsilon(l.SigmaMin, gamma, l.StepsPerLevel, l.Form)
	}
	alpha, _ := l.Form.coefficients(l.Epsilon) // the step size in the form of Eq. 18
	sigmas, err := Geometric(l.SigmaMax, l.SigmaMin, l.Levels)
	if err != nil {
		return Check{}, err
	}
	return Check{
		Ladder: l, Gamma: gamma, Eq17: Eq17(l.Dim, gamma),
		Eq18:                          Eq18(alpha, l.SigmaMin, gamma, l.StepsPerLevel),
		GaussianStd:                   AnnealedStd(sigmas, l.StepsPerLevel, l.Epsilon, l.Form, 0.2),
		AnnealedEvaluations:           Evaluations(SamplerAnnealed, l.Levels, l.StepsPerLevel),
		HeunEvaluations:               Evaluations(SamplerHeun, l.Levels, 0),
		DPMSolverPP2MEvaluations:      Evaluations(SamplerDPMSolverPP2M, l.Levels, 0),
		PredictorCorrectorEvaluations: Evaluations(SamplerPredictorCorrector, l.Levels, 1),
	}, nil
}

// Propose returns the check of the ladder with the fewest levels whose Eq. 17
// reaches target (0.5 in the paper), with the ε that brings Eq. 18 closest to
// 1. It does not read Levels and Epsilon.
func (l Ladder) Propose(target float64) (Check, error) {
	dim := l.Dim
	if err := checkEnds(l.SigmaMax, l.SigmaMin, 2); err != nil {
		return Check{}, err
	}
	if dim < 1 {
		return Check{}, fmt.Errorf("langevin: %d components; at least 1 is needed", dim)
	}
	meets := func(levels int) bool {
		return Eq17(dim, ratio(l.SigmaMax, l.SigmaMin, levels)) >= target
	}
	hi := 2
	for !meets(hi) {
		if hi *= 2; hi > maxLevels {
			return Check{}, fmt.Errorf("langevin: no schedule of up to %d levels brings Eq. 17 to "+
				"%v; the target must be below its limit of %.4f", maxLevels, target, Eq17(dim, 1))
		}
	}
	lo := hi / 2 // does not reach the target, or is 1
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; meets(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	l.Levels, l.Epsilon = hi, 0
	return l.Check()
}

// ProposeEpsilon returns the ε, in the given form, that brings Eq. 18 closest
// to 1: the least value, as it is never below 1. For σ₁ = 50, σ_L = 0.01, L =
// 256, T = 5 and FormEq18 it is 5.69e-6, the 5.7e-6 of the paper's Table 2; Eq.
// 18 is 1.051 there.
func ProposeEpsilon(sigmaL, gamma float64, stepsPerLevel int, form Form) float64 {
	value := func(logR float64) float64 {
		return Eq18(math.Exp(logR)*sigmaL*sigmaL, sigmaL, gamma, stepsPerLevel)
	}
	// r = ε/σ_L² lies in (0, 1): beyond 1 a step overshoots. A coarse search,
	// then golden section.
	const points = 400
	lo, hi := math.Log(1e-9), 0.0
	step := (hi - lo) / points
	best := lo
	for k := 1; k <= points; k++ {
		if x := lo + float64(k)*step; value(x) < value(best) {
			best = x
		}
	}
	a, b := best-step, min(best+step, hi)
	golden := (math.Sqrt(5) - 1) / 2
	for range 60 {
		c, d := b-golden*(b-a), a+golden*(b-a)
		if value(c) < value(d) {
			b = d
		} else {
			a = c
		}
	}
	epsilon := math.Exp((a+b)/2) * sigmaL * sigmaL
	if form == FormAlgorithm1 {
		epsilon *= 2
	}
	return epsilon
}

// ratio is γ = (σ₁/σ_L)^{1/(L−1)}, the constant ratio of a geometric schedule.
func ratio(sigma1, sigmaL float64, levels int) float64 {
	return math.Pow(sigma1/sigmaL, 1/float64(levels-1))
}
