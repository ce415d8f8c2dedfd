package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"csdm/internal/cli"
)

// verbHelp is the help of a verb for tools and notebooks.
type verbHelp struct {
	Name    string     `json:"name"` // with all verbs before it, as "csdm bench conv"
	Use     string     `json:"use"`
	Short   string     `json:"short"`
	Long    string     `json:"long,omitempty"`
	Example string     `json:"example,omitempty"`
	Flags   []flagHelp `json:"flags,omitempty"`
	Verbs   []verbHelp `json:"verbs,omitempty"`
}

// flagHelp is the help of a flag. Every verb also has the flags of csdm itself.
type flagHelp struct {
	Name      string `json:"name"`
	Shorthand string `json:"shorthand,omitempty"`
	Type      string `json:"type"`
	Default   string `json:"default"`
	Usage     string `json:"usage"`
	Required  bool   `json:"required,omitempty"`
	// SettingName is the name under which --set takes the flag; empty: none.
	SettingName string `json:"setting,omitempty"`
}

// helpCommand is csdm help, which prints text, or with --json the help of the
// verb and of all verbs below it.
func (a *app) helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [VERB]",
		Short: "Help of a verb, with --json for tools",
		Long: `help prints the help of a verb. With --json it prints the names, flags and defaults
of the verb and of all verbs below it as one JSON object.`,
		Example: "  csdm help --json",
		RunE: func(_ *cobra.Command, args []string) error {
			verb, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return cli.Usage(fmt.Errorf("there is no verb %q (see csdm --help)",
					strings.Join(args, " ")))
			}
			if !a.json {
				verb.InitDefaultHelpFlag()
				return verb.Help()
			}
			return a.result(helpOf(verb), nil)
		},
	}
}

// helpOf returns the help of a verb and of the verbs below it.
func helpOf(verb *cobra.Command) verbHelp {
	h := verbHelp{Name: verb.CommandPath(), Use: verb.UseLine(), Short: verb.Short,
		Long: strings.TrimSpace(verb.Long), Example: strings.TrimSpace(verb.Example)}
	settings := map[string]string{}
	for _, pair := range annotated(verb, demotedFlags) {
		name, flag, _ := strings.Cut(pair, "=")
		settings[flag] = name
	}
	flags := verb.LocalFlags()
	if !verb.HasParent() {
		flags = verb.PersistentFlags()
	}
	flags.VisitAll(func(f *pflag.Flag) {
		name, demoted := settings[f.Name]
		if f.Name == "help" || f.Hidden && !demoted {
			return // a hidden flag is of an earlier version
		}
		kind, usage := pflag.UnquoteUsage(f)
		if kind == "" {
			kind = f.Value.Type()
		}
		h.Flags = append(h.Flags, flagHelp{Name: f.Name, Shorthand: f.Shorthand, Type: kind,
			Default: f.DefValue, Usage: usage, SettingName: name,
			Required: slices.Contains(annotated(verb, requiredFlags), f.Name)})
	})
	for _, child := range verb.Commands() {
		if child.IsAvailableCommand() {
			h.Verbs = append(h.Verbs, helpOf(child))
		}
	}
	return h
}
