package langevin

import (
	"fmt"
	"math"
)

// Eq17 is the left side of the paper's Eq. 17,
//
//	Φ(√(2n)(γ−1) + 3γ) − Φ(√(2n)(γ−1) − 3γ),
//
// the share of p_σ(i)'s shell that level i−1 reaches, for n = dim components
// and γ = σ_{i−1}/σ_i. Song and Ermon (2020, technique 2) ask for about 0.5; γ
// → 1 gives 0.9973.
//
// The paper's own Table 2 does not meet it everywhere: 0.045 for its
// quasi-static problem (n = 56², σ₁ = 20, L = 128; L = 198 would) and 0.023 for
// its spheroid (n = 256², σ₁ = 120, L = 680; L = 1,130 would).
func Eq17(dim int, gamma float64) float64 {
	shift := math.Sqrt(2*float64(dim)) * (gamma - 1)
	return normalCDF(shift+3*gamma) - normalCDF(shift-3*gamma)
}

// Eq18 is the left side of the paper's Eq. 18 with the squares that its print
// lost restored (Song and Ermon 2020, proposition 3 and technique 4),
//
//	(1 − ε/σ_L²)^{2T} (γ² − C) + C,   C = 2ε / (σ_L² − σ_L²(1 − ε/σ_L²)²),
//
// the variance, over σ_i², of a chain that entered level i in equilibrium with
// level i−1 and took T steps x + α s + √(2α) z there, for data that are one
// point. 1 is equilibrium; the value is never below 1. epsilon belongs to
// FormEq18: for FormAlgorithm1 pass half of that form's ε.
func Eq18(epsilon, sigmaL, gamma float64, stepsPerLevel int) float64 {
	r := epsilon / (sigmaL * sigmaL)
	c := 2 / (2 - r) // 2r / (1 − (1−r)²), without the cancellation at small r
	return math.Pow(1-r, 2*float64(stepsPerLevel))*(gamma*gamma-c) + c
}

// AnnealedStd returns the standard deviation of AnnealedLangevin's draws over
// the true one, for a normal law of the given deviation v^½ and its exact
// score: a step turns variance w into (1 − α/(v+σ²))² w + 2α, the denoising
// step into v²/(v+σ_L²)² w. It is what finite steps cost in a case that can be
// computed, and Eq. 18 cannot see it, which asks for data that are one point.
// With the quasi-static problem's schedule of Table 2 it is 1.126 for a
// deviation of 0.2: draws spread 13 % too widely.
func AnnealedStd(sigmas Schedule, stepsPerLevel int, epsilon float64, form Form,
	deviation float64) float64 {
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

func normalCDF(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

// Check is what a geometric schedule and a step size amount to.
type Check struct {
	Dim            int     // components of x
	Sigma1, SigmaL float64 // first and last noise level
	Levels         int     // L
	StepsPerLevel  int     // T of annealed Langevin
	Form           Form    // form that Epsilon belongs to
	Epsilon        float64 // base step size

	Gamma float64 // σ_{i−1}/σ_i
	Eq17  float64 // overlap of neighbouring levels: about 0.5 is asked for
	Eq18  float64 // variance ratio after T steps: as close to 1 as ε can make it

	// GaussianStd is AnnealedStd for a deviation of 0.2, that of a pixel in
	// normalized units.
	GaussianStd float64

	// Network evaluations a draw costs with these levels, by sampler.
	AnnealedEvaluations, HeunEvaluations, DPMSolverPP2MEvaluations,
	PredictorCorrectorEvaluations int
}

// CheckSchedule evaluates Eq. 17, Eq. 18 and the cost of a geometric schedule
// for x of dim components. epsilon = 0 takes the best one, as ProposeEpsilon
// does. The evaluations of predictor–corrector are those of one correction a
// level.
func CheckSchedule(dim int, sigma1, sigmaL float64, levels, stepsPerLevel int, form Form,
	epsilon float64) (Check, error) {
	if err := checkEnds(sigma1, sigmaL, levels); err != nil {
		return Check{}, err
	}
	if err := form.validate(); err != nil {
		return Check{}, err
	}
	switch {
	case dim < 1:
		return Check{}, fmt.Errorf("langevin: %d components; at least 1 is needed", dim)
	case levels < 2:
		return Check{}, fmt.Errorf("langevin: a schedule of one level has no ratio to check")
	case stepsPerLevel < 1:
		return Check{}, fmt.Errorf("langevin: %d steps per level; at least 1 is needed",
			stepsPerLevel)
	case !(epsilon >= 0) || math.IsInf(epsilon, 0):
		return Check{},
			fmt.Errorf("langevin: epsilon %v must be positive and finite, or 0 for the best",
				epsilon)
	}
	gamma := ratio(sigma1, sigmaL, levels)
	if epsilon == 0 {
		epsilon = ProposeEpsilon(sigmaL, gamma, stepsPerLevel, form)
	}
	alpha, _ := form.coefficients(epsilon) // the step size in the form of Eq. 18
	sigmas, err := Geometric(sigma1, sigmaL, levels)
	if err != nil {
		return Check{}, err
	}
	return Check{
		Dim: dim, Sigma1: sigma1, SigmaL: sigmaL, Levels: levels, StepsPerLevel: stepsPerLevel,
		Form: form, Epsilon: epsilon,
		Gamma: gamma, Eq17: Eq17(dim, gamma), Eq18: Eq18(alpha, sigmaL, gamma, stepsPerLevel),
		GaussianStd:                   AnnealedStd(sigmas, stepsPerLevel, epsilon, form, 0.2),
		AnnealedEvaluations:           Evaluations(SamplerAnnealed, levels, stepsPerLevel),
		HeunEvaluations:               Evaluations(SamplerHeun, levels, 0),
		DPMSolverPP2MEvaluations:      Evaluations(SamplerDPMSolverPP2M, levels, 0),
		PredictorCorrectorEvaluations: Evaluations(SamplerPredictorCorrector, levels, 1),
	}, nil
}

// ProposeSchedule returns the check of the geometric schedule with the fewest
// levels whose Eq. 17 reaches target (the paper: 0.5), with the ε that brings
// Eq. 18 closest to 1.
func ProposeSchedule(dim int, sigma1, sigmaL float64, stepsPerLevel int, form Form,
	target float64) (Check, error) {
	if err := checkEnds(sigma1, sigmaL, 2); err != nil {
		return Check{}, err
	}
	if dim < 1 {
		return Check{}, fmt.Errorf("langevin: %d components; at least 1 is needed", dim)
	}
	meets := func(levels int) bool { return Eq17(dim, ratio(sigma1, sigmaL, levels)) >= target }
	hi := 2
	for !meets(hi) {
		if hi *= 2; hi > maxLevels {
			return Check{},
				fmt.Errorf("langevin: no schedule of up to %d levels brings Eq. 17 to %v; its "+
					"limit is %.4f", maxLevels, target, Eq17(dim, 1))
		}
	}
	lo := hi / 2 // does not meet it, or is 1
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; meets(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return CheckSchedule(dim, sigma1, sigmaL, hi, stepsPerLevel, form, 0)
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

func ratio(sigma1, sigmaL float64, levels int) float64 {
	return math.Pow(sigma1/sigmaL, 1/float64(levels-1))
}
