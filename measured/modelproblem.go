package measured

import (
	"fmt"

	"csdm/internal/cli"
	"csdm/nn"
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
	if s := p.Spec(); s.Rows != m.Rows || s.Cols != m.Cols ||
		s.YChannels != model.Net.Arch().YChannels || s.XChannels() != model.Net.Arch().Fields() {
		return nil, nil
	}
	return p, nil
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
	channels := model.Net.Arch().YChannels
	if spec.YRows != m.YRows || spec.YCols != m.YCols {
		return cli.Data(fmt.Errorf("the model was trained for y on a grid of its own of %d×%d "+
			"points, and %s has %d×%d (0: y has the grid of x)", m.YRows, m.YCols, spec.Name,
			spec.YRows, spec.YCols))
	}
	if spec.Name != m.Problem || builtin.IsFile(name) &&
		(spec.Rows != m.Rows || spec.Cols != m.Cols || spec.YChannels != channels ||
			spec.XChannels() != model.Net.Arch().Fields()) {
		return cli.Data(
			fmt.Errorf("the model was trained for %s with %d channels of %d×%d, not for %s with "+
				"%d of %d×%d, and for %d fields of x, not %d",
				m.Problem, channels, m.Rows, m.Cols, spec.Name, spec.YChannels, spec.Rows,
				spec.Cols, model.Net.Arch().Fields(), spec.XChannels()))
	}
	return nil
}
