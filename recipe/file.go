package recipe

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"csdm/internal/cli"
	"csdm/internal/setting"
)

// formerly maps the names of settings in earlier versions to their present
// names.
var formerly = map[string]string{
	"training.clip":       "training.clip_norm",
	"training.neighbours": "data.neighbors",
	"sampling.steps":      "sampling.levels",
	"sampling.cases":      "cases",
	"reference.draws":     "", // as the method has it
}

// dropped lists the settings of earlier versions that have no successor. Files
// may have them, with any value.
var dropped = []string{"training.groups"}

// Read returns the recipe in a file. Settings that the file leaves out have
// their defaults. Errors come from cli.ReadConfig.
func Read(path string) (*Recipe, error) {
	r := &Recipe{}
	setting.Defaults(r)
	return r, r.Overlay(path)
}

// Overlay sets the settings that a file names and keeps the others. It also
// accepts the names of earlier versions.
func (r *Recipe) Overlay(path string) error {
	if err := cli.ReadConfig(path, r, slices.AppendSeq(slices.Clone(dropped),
		maps.Keys(formerly))...); err != nil {
		return err
	}
	var all map[string]any
	if err := cli.ReadConfig(path, &all); err != nil {
		return err
	}
	for was := range formerly {
		section, key, _ := strings.Cut(was, ".")
		in, _ := all[section].(map[string]any)
		value, named := in[key]
		if !named {
			continue
		}
		if err := r.Set(was, fmt.Sprint(value)); err != nil {
			return cli.Config(fmt.Errorf("%s: %w", path, err))
		}
	}
	return nil
}

// Encode returns the recipe as a file, with comments, that Read reads back to
// the same values.
func (r *Recipe) Encode() ([]byte, error) { return setting.TOML(r) }

// Settings lists all settings in the order of the file.
func (r *Recipe) Settings() []setting.Setting { return setting.Of(r) }

// Set sets the setting name to the value of text. The error names an unknown
// setting or a value that is out of range.
func (r *Recipe) Set(name, text string) error {
	is, former := formerly[name]
	switch {
	case !former:
		is = name
	case is != "":
	case text == "0": // earlier versions wrote it for a missing value
		return nil
	case r.Reference.Method == MethodImportance:
		is = "reference.prior_draws"
	default:
		is = "reference.max_solves"
	}
	s, err := setting.Find(r, is)
	if err != nil {
		return err
	}
	return s.Set(text)
}

// NameNow returns the present name of a setting. name may be a name of an
// earlier version.
func NameNow(name string) string {
	if is := formerly[name]; is != "" {
		return is
	}
	return name
}

// Differences lists the settings in which the recipe of a call differs from r,
// the recipe of a run folder.
func (r *Recipe) Differences(asked *Recipe) (out []string) {
	theirs := asked.Settings()
	for i, s := range r.Settings() {
		if s.Value() != theirs[i].Value() {
			out = append(out, fmt.Sprintf("%s: %v in config.toml, %v in this "+
				"call", s.Name, s.Value(),
				theirs[i].Value()))
		}
	}
	return out
}
