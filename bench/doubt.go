package bench

import (
	"fmt"
	"math"

	"csdm/problems"
)

// DoubtError is the reason why a posterior made from weights states no error.
// Such an error would come from the same weights, and would be small because
// the weights have failed.
type DoubtError struct {
	Method string // such as "importance sampling with 2000 prior draws"
	// requirement that failed, with its number
	Reason string
}

// Error names the method and the requirement that its posterior fails.
func (e *DoubtError) Error() string { return "bench: " + e.Method + ": " + e.Reason }

// Diagnostics shows whether weights can be trusted, and where the posterior of
// the variables meets the ends of the prior's ranges.
type Diagnostics struct {
	// LogEvidence is ln p(y). It includes the constants of the noise's density,
	// so that methods and noise levels can be compared.
	LogEvidence float64

	KHat float64 // Pareto k̂ of the weights (PSIS); −Inf: no tail

	// EndMass holds for each variable the posterior probabilities of the lowest
	// and the highest hundredth of its prior's range.
	EndMass [][2]float64

	// Plane is the density of the first two variables; nil: not computed.
	Plane *Plane

	// Doubt is not nil if no error is stated. MeanError and StdError are then
	// NaN.
	Doubt *DoubtError
}

// judge sets Doubt by the rules for weights, unless it is set. If there is
// doubt, it sets the errors of the posterior to NaN.
//
// NaN spreads into every table, where a number could be believed.
func (e *Diagnostics) judge(p *Posterior, method string) {
	if e.Doubt == nil {
		e.Doubt = Weights(p.ESS, e.KHat, method)
	}
	if e.Doubt == nil {
		return
	}
	for k := range p.MeanError {
		p.MeanError[k], p.StdError[k] = math.NaN(), math.NaN()
	}
}

// Weights returns the reason why weights with the given effective sample size
// and Pareto k̂ cannot be trusted, or nil if they can. A k̂ of NaN means
// unknown.
//
// Both requirements concern the error of the error: with few effective weights,
// or with a tail of infinite variance, the estimated error is itself too small.
func Weights(ess, khat float64, method string) *DoubtError {
	switch {
	case !(ess >= MinESS):
		return &DoubtError{method,
			fmt.Sprintf("the effective sample size is %.3g; it must be at least %d for a stated "+
				"error", ess, MinESS)}
	case khat > MaxKHat:
		return &DoubtError{method,
			fmt.Sprintf("Pareto k̂ of the weights is %.2f; it must be at most %.1f for a stated "+
				"error", khat, MaxKHat)}
	}
	return nil
}

// End is a variable whose posterior has weight at an end of its prior's range.
type End struct {
	// name of the variable
	Variable string
	High     bool    // at the upper end
	Mass     float64 // posterior probability of the last hundredth of the range
}

// endMass is the threshold for the posterior probability of the last hundredth
// of a range: above it, a variable counts as sitting at the end. Without a
// measurement the probability is 0.01.
const endMass = 0.1

// Ends returns the variables that sit at an end of their range, in the order of
// the problem's variables.
func (e *Diagnostics) Ends(spec *problems.Spec) (out []End) {
	for k, mass := range e.EndMass {
		name := fmt.Sprintf("variable %d", k+1)
		if k < len(spec.Variables) {
			name = spec.Variables[k].Name
		}
		for side, m := range mass {
			if m > endMass {
				out = append(out, End{name, side == 1, m})
			}
		}
	}
	return out
}

// endShare is the part of a range that is its end.
const endShare = 0.01

// ends sums weights at both ends of each variable's range.
type ends [][2]logSum

// newEnds returns sums of no weight, whose logarithm is −∞.
func newEnds(d int) ends {
	e := make(ends, d)
	for k := range e {
		e[k] = [2]logSum{{math.Inf(-1), 0}, {math.Inf(-1), 0}}
	}
	return e
}

// add adds a point of weight exp(logW).
func (e ends) add(theta, lo, hi []float64, logW float64) {
	for k, v := range theta {
		switch at := (v - lo[k]) / (hi[k] - lo[k]); {
		case at < endShare:
			e[k][0].add(logW)
		case at > 1-endShare:
			e[k][1].add(logW)
		}
	}
}

// masses returns the shares of a total weight of exp(logTotal).
func (e ends) masses(logTotal float64) [][2]float64 {
	out := make([][2]float64, len(e))
	for k := range e {
		for side, sum := range e[k] {
			if sum.rest > 0 {
				out[k][side] = math.Exp(sum.value() - logTotal)
			}
		}
	}
	return out
}

// isPiecewise reports whether the field is constant near theta. The fields of
// inclusions on nodes are, and a posterior is then a sum over fields.
func (l *likelihood) isPiecewise(theta []float64) bool {
	near, x, y := make([]float64, len(theta)), make([]float64, l.problem.Spec().XLen()),
		make([]float64, l.problem.Spec().XLen())
	for k, v := range theta {
		step := 1e-9 * (l.hi[k] - l.lo[k])
		if v+step >= l.hi[k] {
			step = -step
		}
		near[k] = v + step
	}
	l.problem.Field(x, theta)
	l.problem.Field(y, near)
	for k, v := range x {
		if v != y[k] {
			return false
		}
	}
	return true
}

// addUnseen adds to the errors of a Monte Carlo posterior over piecewise
// constant fields the effect of a field that is too rare to be drawn. Such a
// field has probability 1/ESS and differs by the whole range in one pixel,
// which may be any pixel. Without this term a pixel that was the same in all
// draws would state an error of zero.
func (p *Posterior) addUnseen(u units) {
	pixels := float64(len(p.Mean))
	for k := range p.MeanError {
		unit := u.at(k)
		mean, std := unit*unit/(p.ESS*p.ESS*pixels), unit*unit/(4*p.ESS*pixels)
		p.MeanError[k] = math.Sqrt(p.MeanError[k]*p.MeanError[k] + mean)
		p.StdError[k] = math.Sqrt(p.StdError[k]*p.StdError[k] + std)
	}
}
