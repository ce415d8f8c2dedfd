// Package builtin lists the inverse problems that come with csdm, by name.
package builtin

import (
	"fmt"
	"strings"

	"csdm/internal/cli"
	"csdm/problems"
	"csdm/problems/duallayer"
	"csdm/problems/external"
	"csdm/problems/lineargaussian"
	"csdm/problems/mirror"
	"csdm/problems/opticnerve"
	"csdm/problems/phantom"
	"csdm/problems/quasistatic"
	"csdm/problems/specimen"
	"csdm/problems/spheroid"
)

// Entry is a problem in the list.
type Entry struct {
	Name string
	New  func(problems.Options) (problems.Problem, error)
}

// List returns the problems of the paper in its order, then the problems that
// test methods.
func List() []Entry {
	return []Entry{
		{quasistatic.Name, anyProblem(quasistatic.New)},
		{opticnerve.Name, anyProblem(opticnerve.New)},
		{phantom.Name, anyProblem(phantom.New)},
		{duallayer.Name, anyProblem(duallayer.New)},
		{spheroid.Name, anyProblem(spheroid.New)},
		{lineargaussian.Name, anyProblem(lineargaussian.New)},
		{mirror.Name, anyProblem(mirror.New)},
		{mirror.UnevenName, anyProblem(mirror.NewUneven)},
	}
}

// anyProblem wraps a constructor of a concrete problem type as a constructor of
// Problem; type assertions recover the further methods.
func anyProblem[P problems.Problem](
	construct func(problems.Options) (P, error),
) func(problems.Options) (problems.Problem, error) {
	return func(o problems.Options) (problems.Problem, error) {
		p, err := construct(o)
		if err != nil {
			return nil, err
		}
		return p, nil
	}
}

// UnknownError reports that a name is not in a list, and gives the names in the
// list.
type UnknownError struct {
	Kind, Name string // "problem" or "preset"
	Known      []string
}

// Error lists the known names.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("no %s is called %q; the names are: %s", e.Kind, e.Name,
		strings.Join(e.Known, ", "))
}

// Find returns the entry called name, or an *UnknownError. A name that ends in
// .toml is the path of a file that describes a specimen (package specimen) or a
// problem with an external program (package external); its errors are those
// that their functions Read return.
func Find(name string) (Entry, error) {
	if IsFile(name) {
		return fromFile(name)
	}
	var known []string
	for _, e := range List() {
		if e.Name == name {
			return e, nil
		}
		known = append(known, e.Name)
	}
	return Entry{}, &UnknownError{"problem", name, known}
}

// IsFile reports whether a name is the path of a file with a definition. Names
// in models and datasets never are.
func IsFile(name string) bool { return strings.HasSuffix(name, ".toml") }

// fromFile returns the entry for the definition in a file.
func fromFile(path string) (Entry, error) {
	var name string
	var construct func(problems.Options) (problems.Problem, error)
	if specimen.Describes(path) {
		d, err := specimen.Read(path)
		if err != nil {
			return Entry{}, err
		}
		name, construct = d.Name, func(o problems.Options) (problems.Problem, error) {
			return specimen.New(d, o)
		}
	} else {
		d, err := external.Read(path)
		if err != nil {
			return Entry{}, err
		}
		name, construct = d.Name, func(o problems.Options) (problems.Problem, error) {
			return external.New(d, o)
		}
	}
	for _, e := range List() {
		if e.Name == name {
			return Entry{}, cli.Config(fmt.Errorf("%s: name is %q, which is a built-in problem; "+
				"choose another name", path, name))
		}
	}
	return Entry{path, construct}, nil
}

// Lookup returns the problem called name with the given options. Errors are
// *UnknownError and *problems.OptionError.
func Lookup(name string, o problems.Options) (problems.Problem, error) {
	e, err := Find(name)
	if err != nil {
		return nil, err
	}
	return e.New(o)
}
