package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"csdm/internal/setting"
	"csdm/recipe"
)

// demotedFlags is the annotation under which a command keeps the names that
// --set has for hidden flags, as "map.pixel_size=pixel-size".
const demotedFlags = "csdm_demoted"

// setFlag adds the flag --set for single settings. Those that are not hidden
// flags (demote) go to set; where set is nil there are no others.
func setFlag(cmd *cobra.Command, set *[]string, example string) {
	cmd.Flags().Func("set", "one setting, as `NAME=VALUE`, such as "+example+
		" (may be repeated)", func(text string) error {
		name, value, ok := strings.Cut(text, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return errors.New("NAME=VALUE is expected")
		}
		var known []string
		for _, pair := range annotated(cmd, demotedFlags) {
			setting, flag, _ := strings.Cut(pair, "=")
			if setting == name {
				return cmd.Flags().Set(flag, strings.TrimSpace(value))
			}
			known = append(known, setting)
		}
		if set == nil {
			return fmt.Errorf("there is no setting %s; there are: %s", name,
				strings.Join(known, ", "))
		}
		*set = append(*set, text)
		return nil
	})
}

// demote hides flags that are given seldom: they become settings of --set, in a
// section unless that is empty. The flags still work.
func demote(cmd *cobra.Command, section string, names ...string) {
	if section != "" {
		section += "."
	}
	for _, flag := range names {
		name := section + strings.ReplaceAll(flag, "-", "_")
		annotate(cmd, demotedFlags, name+"="+flag)
		f := cmd.Flags().Lookup(flag)
		f.Hidden = true
		usage := f.Usage
		if f.DefValue != "" && f.DefValue != "0" && f.DefValue != "false" {
			usage += " (default " + f.DefValue + ")"
		}
		explainSetting(cmd, name, usage)
	}
}

// explainSetting adds a setting to the list in the help text of a verb.
func explainSetting(cmd *cobra.Command, name, help string) {
	const title = "\n\nSettings that --set takes:"
	if !strings.Contains(cmd.Long, title) {
		cmd.Long += title
	}
	cmd.Long += fmt.Sprintf("\n  %-26s %s", name, help)
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

// explainSettings adds the settings of a recipe whose names begin with prefix
// to the help text of a verb, except the settings for experts.
func explainSettings(cmd *cobra.Command, prefix string) {
	for _, s := range setting.Of(&recipe.Recipe{}) {
		if strings.HasPrefix(s.Name, prefix) && !s.Expert {
			explainSetting(cmd, s.Name, s.Describe())
		}
	}
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
