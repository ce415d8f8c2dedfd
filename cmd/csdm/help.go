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
	// name with all verbs before it, as "csdm bench conv"
	Name string `json:"name"`
	// line of usage
	Use string `json:"use"`
	// one line on what the verb does
	Short string `json:"short"`
	// full text
	Long string `json:"long,omitempty"`
	// command lines that work
	Example string `json:"example,omitempty"`
	// flags of the verb; every verb also has the flags of csdm itself
	Flags []flagHelp `json:"flags,omitempty"`
	// what the verb prints with --json, in its forms; absent for a verb that
	// only groups others
	Outputs []outputHelp `json:"outputs,omitempty"`
	// verbs below this one
	Verbs []verbHelp `json:"verbs,omitempty"`
}

// flagHelp is the help of a flag.
type flagHelp struct {
	// name without the two hyphens
	Name string `json:"name"`
	// one letter that is as good as the name
	Shorthand string `json:"shorthand,omitempty"`
	// type of the value
	Type string `json:"type"`
	// value if the flag is not given
	Default string `json:"default"`
	// meaning of the value
	Usage string `json:"usage"`
	// whether the flag must be given
	Required bool `json:"required,omitempty"`
	// name under which --set takes the flag; absent: none
	SettingName string `json:"setting,omitempty"`
}

// helpCommand is csdm help, which prints text, or with --json the help of the
// verb and of all verbs below it.
func (a *app) helpCommand(root *cobra.Command) *cobra.Command {
	var show printer[verbHelp]
	cmd := &cobra.Command{
		Use:   "help [VERB]",
		Short: "Help of a verb, with --json for tools",
		Long: `help prints the help of a verb. With --json it prints one JSON object: names, flags,
defaults and output fields of the verb and of all verbs below it. The output fields are those that
the verb prints with --json, each with its type and its unit.`,
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
			return show.print(a.helpOf(verb), nil)
		},
	}
	show.of(a, cmd, "")
	return cmd
}

// helpOf returns the help of a verb and of the verbs below it.
func (a *app) helpOf(verb *cobra.Command) verbHelp {
	h := verbHelp{Name: verb.CommandPath(), Use: verb.UseLine(), Short: verb.Short,
		Long: strings.TrimSpace(verb.Long), Example: strings.TrimSpace(verb.Example),
		Outputs: a.outputsOf(verb)}
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
			h.Verbs = append(h.Verbs, a.helpOf(child))
		}
	}
	return h
}
