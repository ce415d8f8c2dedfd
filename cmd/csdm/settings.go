package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"csdm/internal/setting"
	"csdm/recipe"
)

// setFlag adds the flag --set for single settings.
func setFlag(cmd *cobra.Command, set *[]string, example string) {
	cmd.Flags().StringArrayVar(set, "set", nil,
		"one setting, as NAME=VALUE, such as "+example+" (may be repeated)")
}

// assign gives the setting that an assignment of --set names its value, and
// returns the setting's name.
func assign(r *recipe.Recipe, assignment string) (name string, err error) {
	name, value, ok := strings.Cut(assignment, "=")
	if name = strings.TrimSpace(name); !ok || name == "" {
		return "", fmt.Errorf("--set %q: NAME=VALUE is expected", assignment)
	}
	if err := r.Set(name, strings.TrimSpace(value)); err != nil {
		return "", fmt.Errorf("--set %s: %w", assignment, err)
	}
	return recipe.NameNow(name), nil
}

// settingsHelp lists settings whose names begin as said, without those that are
// for experts, for the help text of a verb.
func settingsHelp(title, prefix string) string {
	var out strings.Builder
	out.WriteString(title)
	for _, s := range setting.Of(&recipe.Recipe{}) {
		if strings.HasPrefix(s.Name, prefix) && !s.Expert {
			fmt.Fprintf(&out, "\n  %-26s %s", s.Name, s.Describe())
		}
	}
	return out.String()
}

// former lets a flag also go by the name that it had in earlier versions, which
// help texts no longer show.
func former(cmd *cobra.Command, was, is string) {
	flags := cmd.Flags()
	before := flags.GetNormalizeFunc()
	flags.SetNormalizeFunc(func(f *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == was {
			name = is
		}
		return before(f, name)
	})
}
