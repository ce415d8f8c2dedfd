package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// commonFlags have one meaning in all verbs that take them. Help and manual
// pages list them between a verb's own flags and the flags of every verb.
var commonFlags = []string{"grid", "out", "problem", "set"}

// commonTitle stands above the common flags of a verb.
const commonTitle = "Flags that many verbs have"

func init() {
	cobra.AddTemplateFunc("csdmFlags", flagsText)
}

// sections returns the flags of a verb that are its own, and its common flags.
func sections(verb *cobra.Command) (own, common *pflag.FlagSet) {
	own = pflag.NewFlagSet("own", pflag.ContinueOnError)
	common = pflag.NewFlagSet("common", pflag.ContinueOnError)
	verb.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
		if slices.Contains(commonFlags, f.Name) {
			common.AddFlag(f)
		} else {
			own.AddFlag(f)
		}
	})
	return own, common
}

// flagsText returns the flags that the help of a verb shows above the flags of
// every verb, without a line feed at its end.
func flagsText(verb *cobra.Command) string {
	own, common := sections(verb)
	text := "Flags:\n" + own.FlagUsages()
	if common.HasAvailableFlags() {
		text += "\n" + commonTitle + ":\n" + common.FlagUsages()
	}
	return strings.TrimRight(text, " \n")
}

// usageTemplate is the command library's, with the common flags apart.
func usageTemplate(libraries string) string {
	const flags = "Flags:\n{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}"
	return strings.Replace(libraries, flags, "{{csdmFlags .}}", 1)
}
