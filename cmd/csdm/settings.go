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

// assign applies an assignment of --set to r, and returns the setting's name.
func assign(r *recipe.Recipe, assignment string) (name string, err error) {
	name, value, ok := strings.Cut(assignment, "=")
	if name = strings.TrimSpace(name); !ok || name == "" {
		return "", fmt.Errorf("--set is %q; it must be NAME=VALUE", assignment)
	}
	if err := r.Set(name, strings.TrimSpace(value)); err != nil {
		return "", fmt.Errorf("--set %s: %w", assignment, err)
	}
	return recipe.NameNow(name), nil
}

// settingsHelp returns a list of the settings whose names begin with prefix for
// a help text. It leaves out expert settings.
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

// former makes the names that flags had in earlier versions work as hidden
// aliases.
func former(cmd *cobra.Command, names map[string]string) {
	cmd.Flags().SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if is, ok := names[name]; ok {
			name = is
		}
		return pflag.NormalizedName(name)
	})
}

// formerFlags adds hidden flags for settings that --set now gives, with their
// names in earlier versions: --sigma-max for sampling.sigma_max. Each flag
// appends an assignment to set.
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
