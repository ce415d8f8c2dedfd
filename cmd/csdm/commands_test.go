package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var updateCommands = flag.Bool("update-commands", false, "write docs/reference/commands.md")

const commandsPage = "../../docs/reference/commands.md"

// TestCommandsPage compares docs/reference/commands.md with the help texts.
func TestCommandsPage(t *testing.T) {
	want := commandsText(silent())
	if *updateCommands {
		if err := os.WriteFile(commandsPage, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(commandsPage)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from the help texts: run go test ./cmd/csdm -run CommandsPage "+
			"-update-commands", commandsPage)
	}
}

// commandsText returns the page: the flags of all verbs, then each verb.
func commandsText(a *app, root *cobra.Command) []byte {
	var b bytes.Buffer
	fmt.Fprint(&b,
		"# Commands\n\nGenerated from the help texts; a test compares them. `csdm VERB --help` "+
			"prints the same. `csdm help VERB --json` also describes the fields of the output, "+
			"and the fields in them.\n\n")
	fmt.Fprint(&b, "## Flags of every verb\n\n")
	writeFlags(&b, root.PersistentFlags())
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, verb := range c.Commands() {
			if !verb.IsAvailableCommand() || verb.Name() == "help" || verb.Name() == "completion" {
				continue
			}
			writeVerb(&b, verb)
			writeOutputs(&b, a.outputsOf(verb))
			walk(verb)
		}
	}
	walk(root)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func writeVerb(b *bytes.Buffer, verb *cobra.Command) {
	fmt.Fprintf(b, "## %s\n\n%s.\n\n", verb.CommandPath(), strings.TrimSuffix(verb.Short, "."))
	if verb.Runnable() {
		fmt.Fprintf(b, "```text\n%s\n```\n\n", strings.TrimSpace(verb.UseLine()))
	}
	if verb.Long != "" {
		fmt.Fprintf(b, "```text\n%s\n```\n\n", strings.TrimSpace(verb.Long))
	}
	if verb.Example != "" {
		fmt.Fprintf(b, "Example:\n\n```text\n%s\n```\n\n", strings.TrimSpace(verb.Example))
	}
	if verb.LocalFlags().HasAvailableFlags() {
		writeFlags(b, verb.LocalFlags())
	}
}

// writeOutputs writes the names of the fields that a verb prints with --json, a
// line for each form of the output.
func writeOutputs(b *bytes.Buffer, forms []outputHelp) {
	if forms == nil {
		return
	}
	fmt.Fprint(b, "Output with `--json`:\n\n")
	for _, form := range forms {
		var names []string
		for _, f := range form.Fields {
			names = append(names, "`"+f.Name+"`")
		}
		line := strings.Join(names, ", ")
		switch {
		case names == nil:
			line = form.When
		case form.When != "":
			line = form.When + ": " + line
		}
		fmt.Fprintf(b, "- %s\n", line)
	}
	fmt.Fprintln(b)
}

// writeFlags writes a table of the flags that --help shows.
func writeFlags(b *bytes.Buffer, flags *pflag.FlagSet) {
	var rows bytes.Buffer
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" || f.Name == "version" {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		if value != "" {
			name += " " + value
		}
		if d := f.DefValue; d != "" && d != "0" && d != "false" && d != "[]" &&
			!strings.Contains(usage, "default") {
			usage += " (default " + d + ")"
		}
		fmt.Fprintf(&rows, "| `%s` | %s |\n", name, strings.ReplaceAll(usage, "|", `\|`))
	})
	if rows.Len() > 0 {
		fmt.Fprintf(b, "| flag | meaning |\n|---|---|\n%s\n", rows.String())
	}
}
