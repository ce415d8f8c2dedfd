package recipe

import (
	_ "embed"
	"fmt"

	"csdm/bench"
	"csdm/internal/setting"
	"csdm/priors"
	"csdm/problems"
)

// Methods of a reference posterior.
const (
	MethodAuto       = "auto"
	MethodQuadrature = "quadrature"
	MethodImportance = "importance"
	MethodAdaptive   = "adaptive"
	MethodChains     = "chains"
	MethodClosedForm = "closed-form"
	MethodNone       = "none"
)

// Reference holds the settings of the reference posterior.
type Reference struct {
	// method of the reference posterior; none leaves it out
	Method string `toml:"method" default:"auto" range:"auto|closed-form|quadrature|importance|adaptive|chains|none"`
	// number of prior draws of importance sampling
	PriorDraws int `toml:"prior_draws" default:"500000" range:"[2, inf)"`
	// largest number of forward solves of adaptive importance sampling and of
	// chains
	MaxSolves int `toml:"max_solves" default:"50000" range:"[2, inf)"`
	// largest error of mean and of std that quadrature may state, as a share of
	// the range of x; 0: a halving of its cells changes both by at most 0.0005
	MaxError float64 `toml:"max_error" range:"[0, 1)" identity:"omitzero"`
}

//go:embed reference.go
var referenceSource string

// Source returns the file whose comments describe the settings.
func (*Reference) Source() string { return referenceSource }

// NewReference returns default settings with the given method.
func NewReference(method string) Reference {
	var r Reference
	setting.Defaults(&r)
	r.Method = method
	return r
}

// Work returns the number that bounds the work of the method: prior draws or
// forward solves. Quadrature has none.
func (r Reference) Work() int {
	switch r.Method {
	case MethodImportance:
		return r.PriorDraws
	case MethodAuto, MethodAdaptive, MethodChains:
		return r.MaxSolves
	}
	return 0
}

// For returns an error if a setting is out of range or is not used, or if the
// method does not fit the problem.
func (r Reference) For(problem problems.Problem) error {
	if err := setting.Check(&r); err != nil {
		return setting.In("reference", err)
	}
	if r.MaxError > 0 && r.Method != MethodAuto && r.Method != MethodQuadrature &&
		r.Method != MethodNone {
		return fmt.Errorf("reference.max_error is %v, and method %s does not use it: it is for %s",
			r.MaxError, r.Method, MethodQuadrature)
	}
	return r.Fits(problem)
}

// ExactVariables is the largest number of the prior's variables for which
// method auto takes quadrature. With more variables quadrature reaches its
// limits for precise measurements.
const ExactVariables = 2

// adaptiveVariables is the largest number of variables for which presets take
// adaptive importance sampling. It works for more, but the two layers with six
// variables have a forward model of a tenth of a second, so that a reference
// takes minutes. Their preset full names the method itself.
const adaptiveVariables = 4

// MethodFor returns the method that the presets take for a problem.
func MethodFor(problem problems.Problem) string {
	_, parametric := problem.(problems.Parametric)
	_, known := problem.Measurement().(priors.Likelihood)
	_, closed := problem.(problems.ClosedForm)
	switch n := len(problem.Spec().Variables); {
	case closed:
		return MethodClosedForm
	case !parametric || !known || n > adaptiveVariables:
		return MethodNone
	case n <= ExactVariables:
		return MethodQuadrature
	}
	return MethodAdaptive
}

// Fits returns an error if the method does not fit the problem.
func (r Reference) Fits(problem problems.Problem) error {
	spec := problem.Spec()
	if _, closed := problem.(problems.ClosedForm); closed && (r.Method == MethodAuto ||
		r.Method == MethodClosedForm) {
		return nil
	} else if r.Method == MethodClosedForm {
		return fmt.Errorf("the posterior of %s has no closed form; use %s", spec.Name, MethodAuto)
	}
	_, box := problem.(problems.Parametric)
	_, many := problem.(problems.Structured)
	if !box && !many {
		return fmt.Errorf("%s has no reference posterior: its prior is not known as a map from a "+
			"few variables",
			spec.Name)
	}
	if _, ok := problem.Measurement().(priors.Likelihood); !ok {
		return fmt.Errorf("%s has no reference posterior: its noise model (%v) has no known "+
			"density", spec.Name,
			problem.Measurement())
	}
	if !box && r.Method != MethodAuto && r.Method != MethodChains && r.Method != MethodNone {
		return fmt.Errorf("the prior of %s has many variables, which method %q does not serve; "+
			"use %s", spec.Name, r.Method, MethodChains)
	}
	if n := len(spec.Variables); r.Method == MethodQuadrature && n > bench.MaxQuadratureDim {
		return fmt.Errorf("the prior of %s has %d variables; quadrature takes at most %d, %s and "+
			"%s any number",
			spec.Name, n, bench.MaxQuadratureDim, MethodAdaptive, MethodImportance)
	}
	return nil
}
