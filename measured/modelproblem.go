package measured

import (
	"fmt"
	"slices"

	"csdm/internal/cli"
	"csdm/nn"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/builtin"
)

// ProblemOf returns the problem for which a model was trained, with the model's
// noise. It is the problem of a definition file if file is not empty, else the
// built-in problem with the name in the model. It is nil if no built-in problem
// has this name and size.
//
// A model file has the name and the size of its problem, not the problem. A
// name that this version knows with another size, channels or fields is not the
// model's problem: nil stands for unknown, which costs a verdict but gives no
// wrong one.
func ProblemOf(model *nn.Model, file string) (problems.Problem, error) {
	m := &model.Meta
	if file != "" {
		if err := IsFor(model, file); err != nil {
			return nil, err
		}
		if builtin.IsFile(file) {
			return builtin.Lookup(file, problems.Options{NoisePercent: m.NoisePercent})
		}
	}
	if _, err := builtin.Find(m.Problem); err != nil || builtin.IsFile(m.Problem) {
		return nil, nil
	}
	p, err := builtin.Lookup(m.Problem, problems.Options{Grid: min(m.Rows, m.Cols),
		NoisePercent: m.NoisePercent})
	if err != nil {
		return nil, nil // trained with options that this version lacks
	}
	if p.Spec().Sizes() != sizes(model) {
		return nil, nil
	}
	return p, nil
}

// sizes returns the sizes of a model's fields and measurements.
func sizes(model *nn.Model) problems.Sizes {
	m, arch := &model.Meta, model.Net.Arch()
	return problems.Sizes{Fields: arch.Fields(), Rows: m.Rows, Cols: m.Cols,
		YChannels: arch.YChannels, YRows: m.YRows, YCols: m.YCols}
}

// Fits returns an error unless fields and measurements of a problem have the
// sizes and the sensors of the model's. Everything that takes a model with a
// problem calls it. Equal numbers of values do not suffice: inside, y on a grid
// of its own has a value for each node of x.
func Fits(model *nn.Model, spec *problems.Spec) error {
	if there := sizes(model); there != spec.Sizes() {
		return cli.Data(fmt.Errorf("the model was trained for %v; %s has %v", there, spec.Name,
			spec.Sizes()))
	}
	if s := model.Meta.Sensors; len(s) > 0 && !slices.Equal(s, spec.Sensors) {
		return cli.Data(fmt.Errorf("the model was trained for %d sensors, and %s has %d or at "+
			"other nodes", len(s), spec.Name, len(spec.Sensors)))
	}
	return nil
}

// FitsMeasurement returns an error unless y, of planes on the nodes of x, has
// the size of the model's measurements, and values only where the model takes
// them: next to its sensors, or to the points of y's own grid.
func FitsMeasurement(model *nn.Model, y []float64) error {
	m := &model.Meta
	if n := model.Net.Arch().YChannels; len(y) != n*m.Rows*m.Cols {
		return &Error{Reason: fmt.Sprintf("the measurement has %d values; the model needs %d "+
			"channels of %d×%d", len(y), n, m.Rows, m.Cols)}
	}
	nodes := ownNodes(m)
	if nodes == nil {
		return nil
	}
	for i, v := range y {
		if !priors.Missing(v) && !slices.Contains(nodes, i%(m.Rows*m.Cols)) {
			return &Error{Reason: fmt.Sprintf("value %d of the measurement is at none of the %d "+
				"places that the model takes (its grid of y: %d×%d); it must be NaN", i,
				len(nodes), m.YRows, m.YCols)}
		}
	}
	return nil
}

// ownNodes returns the nodes next to a model's sensors, or to the points of its
// own grid of y, row by row; nil: y has the grid of x.
func ownNodes(m *nn.Metadata) []int {
	if len(m.Sensors) > 0 {
		return m.Sensors
	}
	s := problems.Spec{Name: m.Problem, Rows: m.Rows, Cols: m.Cols}
	if m.YRows == 0 || s.SetYGrid(m.YRows, m.YCols) != nil {
		return nil
	}
	return s.Sensors
}

// IsBuiltin reports whether a problem is a built-in problem of csdm.
func IsBuiltin(p problems.Problem) bool {
	name := p.Spec().Name
	_, err := builtin.Find(name)
	return err == nil && !builtin.IsFile(name)
}

// IsFor returns an error unless the model was trained for the named problem.
// name is a built-in problem or a definition file.
//
// The names must agree; for a file also sizes, channels and fields, because a
// file can change under its name.
func IsFor(model *nn.Model, name string) error {
	p, err := builtin.Lookup(name, problems.Options{})
	if err != nil {
		return err
	}
	m, spec := &model.Meta, p.Spec()
	if spec.Name != m.Problem {
		return cli.Data(fmt.Errorf("the model was trained for %s, not for %s", m.Problem,
			spec.Name))
	}
	if builtin.IsFile(name) { // a built-in problem takes the grid of the model
		return Fits(model, spec)
	}
	return nil
}
