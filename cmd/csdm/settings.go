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

// former lets flags also go by the names that they had in earlier versions,
// which help texts no longer show.
func former(cmd *cobra.Command, names map[string]string) {
	cmd.Flags().SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if is, ok := names[name]; ok {
			name = is
		}
		return pflag.NormalizedName(name)
	})
}

// formerFlags adds hidden flags for settings that are given by --set, under the
// names that earlier versions had for them: --sigma-max for sampling.sigma_max.
// Each appends an assignment to set.
func formerFlags(cmd *cobra.Command, settings any, section string, set *[]string) {
	for _, s := range setting.Of(settings) {
		name := strings.ReplaceAll(s.Name, "_", "-")
		if cmd.Flags().Lookup(name) != nil {
			continue
		}
		cmd.Flags().Func(name, s.Describe(), func(text string) error {
			*set = append(*set, section+s.Name+"="+text)
			return nil
		})
		if err := cmd.Flags().MarkHidden(name); err != nil {
			panic(err)
		}
	}
}
