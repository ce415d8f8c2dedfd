package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"csdm/run"
)

// addDryRun adds the flag --dry-run to a verb.
func addDryRun(cmd *cobra.Command, dry *bool) {
	cmd.Flags().BoolVar(dry, "dry-run", false,
		"only print the work and what it needs, such as memory and disk; write nothing")
}

// needs prints what a call needs of the machine.
func (a *app) needs(n *run.Needs, err error) error {
	if err != nil {
		return err
	}
	return a.needed.print(n, func(w io.Writer) { fmt.Fprintln(w, n) })
}
