package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"csdm/internal/disk"
)

func (a *app) manCommand() *cobra.Command {
	var show printer[*manResult]
	cmd := &cobra.Command{
		Use:   "man FOLDER",
		Short: "Write the manual pages of all verbs",
		Long: `man writes a page of section 1 for each verb into FOLDER. Programs find them if the
folder is man1 in a folder of MANPATH.`,
		Example: "  csdm man man1",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := disk.MkdirAll(args[0]); err != nil {
				return err
			}
			pages, err := 0, error(nil)
			eachVerb(cmd.Root(), func(verb *cobra.Command) {
				if err == nil {
					pages++
					err = a.write(filepath.Join(args[0], manName(verb)+".1"),
						func(w io.Writer) error { return writeMan(w, verb) })
				}
			})
			if err != nil {
				return err
			}
			return show.print(&manResult{args[0], pages}, func(w io.Writer) {
				fmt.Fprintf(w, "%s: %d pages\n", args[0], pages)
			})
		},
	}
	show.of(a, cmd, "")
	return cmd
}

// eachVerb calls do for cmd and all verbs below it that --help shows.
func eachVerb(cmd *cobra.Command, do func(*cobra.Command)) {
	do(cmd)
	for _, verb := range cmd.Commands() {
		if verb.IsAvailableCommand() && verb.Name() != "help" {
			eachVerb(verb, do)
		}
	}
}

// manName returns the name of the page of a verb, such as csdm-data-verify.
func manName(verb *cobra.Command) string {
	return strings.ReplaceAll(verb.CommandPath(), " ", "-")
}

// roff escapes text for the man macros: a backslash, and a period or quote that
// begins a line. Hyphens begin options.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(strings.TrimSpace(text))
	lines := strings.Split(text, "\n")
	for k, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[k] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}

// writeMan writes the page of a verb. The text of a long help keeps its lines.
func writeMan(w io.Writer, verb *cobra.Command) error {
	var b strings.Builder
	section := func(title, format string, args ...any) {
		fmt.Fprintf(&b, ".SH "+title+"\n"+format+"\n", args...)
	}
	name := manName(verb)
	fmt.Fprintf(&b, ".TH %q 1 \"\" \"csdm %s\" \"csdm manual\"\n", strings.ToUpper(name),
		provenance().Version)
	section("NAME", `%s \- %s`, roff(name), roff(verb.Short))
	section("SYNOPSIS", `\fB%s\fP`, roff(verb.UseLine()))
	if verb.Long != "" {
		section("DESCRIPTION", ".nf\n%s\n.fi", roff(verb.Long))
	}
	own, common := sections(verb)
	manFlags(&b, "OPTIONS", own)
	manFlags(&b, strings.ToUpper(strings.Replace(commonTitle, "Flags", "Options", 1)), common)
	manFlags(&b, "OPTIONS OF EVERY VERB", verb.InheritedFlags())
	if verb.Example != "" {
		section("EXAMPLE", ".nf\n%s\n.fi", roff(verb.Example))
	}
	var others []string
	if verb.HasParent() {
		others = append(others, `\fB`+roff(manName(verb.Parent()))+`\fP(1)`)
	}
	for _, child := range verb.Commands() {
		if child.IsAvailableCommand() && child.Name() != "help" {
			others = append(others, `\fB`+roff(manName(child))+`\fP(1)`)
		}
	}
	if others != nil {
		section("SEE ALSO", "%s", strings.Join(others, ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// manFlags writes the flags that --help shows, if there are any.
func manFlags(b *strings.Builder, title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	fmt.Fprintln(b, ".SH "+title)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		names := `\fB` + roff("--"+f.Name) + `\fP`
		if f.Shorthand != "" {
			names = `\fB` + roff("-"+f.Shorthand) + `\fP, ` + names
		}
		fmt.Fprintf(b, ".TP\n%s %s\n%s\n", names, roff(value), roff(usage))
	})
}
