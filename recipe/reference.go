package recipe

import (
	_ "embed"
	"fmt"

	"csdm/bench"
	"csdm/internal/setting"
	"csdm/priors"
	"csdm/problems"
)

// The ways to a reference posterior.
const (
	MethodAuto       = "auto"
	MethodQuadrature = "quadrature"
	MethodImportance = "importance"
	MethodAdaptive   = "adaptive"
	MethodNone       = "none"
)

// Reference says how the reference posterior is computed.
type Reference struct {
	// method of the reference posterior; none leaves it out
	Method string `toml:"method" default:"auto" range:"auto|quadrature|importance|adaptive|none"`
	// number of prior draws of importance sampling
	PriorDraws int `toml:"prior_draws" default:"500000" range:"[2, inf)"`
	// most forward solves that adaptive importance sampling may take
	MaxSolves int `toml:"max_solves" default:"50000" range:"[2, inf)"`
}

//go:embed reference.go
var referenceSource string

// Source returns the file whose comments say what the settings are.
func (*Reference) Source() string { return referenceSource }

// NewReference returns the settings of a method, and the defaults of the rest.
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
	case MethodAuto, MethodAdaptive:
		return r.MaxSolves
	}
	return 0
}

// For returns an error if the settings make no sense, or do not go with a
// problem.
func (r Reference) For(problem problems.Problem) error {
	if err := setting.Check(&r); err != nil {
		return setting.In("reference", err)
	}
	return r.Fits(problem)
}

// ExactVariables is up to how many variables of the prior quadrature is tried
// unasked: beyond that it meets its limits where measurements are precise.
const ExactVariables = 2

// adaptiveVariables is up to how many variables adaptive importance sampling
// takes its place. It reaches posteriors of more, but the problems that have
// more, with the two layers' six, also have forward models of a tenth of a
// second, and a reference would take minutes.
const adaptiveVariables = 4

// methodFor returns the method that fits a problem.
func methodFor(problem problems.Problem) string {
	_, parametric := problem.(problems.Parametric)
	_, known := problem.Measurement().(priors.Likelihood)
	switch n := len(problem.Spec().Variables); {
	case !parametric || !known || n > adaptiveVariables:
		return MethodNone
	case n <= ExactVariables:
		return MethodQuadrature
	}
	return MethodAdaptive
}

// Fits returns an error if the method cannot have the problem.
func (r Reference) Fits(problem problems.Problem) error {
	spec := problem.Spec()
	if _, ok := problem.(problems.Parametric); !ok {
		return fmt.Errorf(
			"no reference posterior of %s: its prior is not known as a map from a few variables",
			spec.Name)
	}
	if _, ok := problem.Measurement().(priors.Likelihood); !ok {
		return fmt.Errorf(
			"the density of a measurement of %s (%v) is not known, and no reference posterior "+
				"without it", spec.Name, problem.Measurement())
	}
	if n := len(spec.Variables); r.Method == MethodQuadrature && n > bench.MaxQuadratureDim {
		return fmt.Errorf(
			"the prior of %s has %d variables, too many for quadrature; %s and %s take any number",
			spec.Name, n, MethodAdaptive, MethodImportance)
	}
	return nil
}
