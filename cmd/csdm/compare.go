package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"csdm/infer"
	"csdm/internal/cli"
)

func (a *app) compareCommand() *cobra.Command {
	var cases, units [2]string
	var show printer[*infer.FileComparison]
	cmd := &cobra.Command{
		Use:   "compare A.npz B.npz",
		Short: "RMSE of mean and std of two posteriors, with their own errors",
		Long: `compare prints the root mean square difference over pixels of mean and standard
deviation, and the error that each posterior states for itself. Files of csdm and of other
programs are read. Both posteriors are compared in physical units. The numbers are in units of
B's range, x_min to x_max, or of A's range if B has none.`,
		Example: "  csdm compare post.npz models/measurements/quasistatic-28-n5.npz --set case_b=1",
		Args:    cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			var summaries [2]*infer.Summary
			for k, flag := range []string{"--case-a", "--case-b"} {
				s, err := infer.ReadSummary(args[k], flag, cases[k])
				if err != nil {
					return err
				}
				summaries[k] = s
			}
			c, err := infer.CompareFiles(
				infer.ComparedFile{Path: args[0], Summary: summaries[0], Units: units[0]},
				infer.ComparedFile{Path: args[1], Summary: summaries[1], Units: units[1]})
			if err != nil {
				return err
			}
			return show.print(c, func(w io.Writer) {
				t := cli.NewTable(w, "", "RMSE", "error of A", "error of B")
				t.Row("mean", c.Mean, c.FloorMean, c.ReferenceMean)
				t.Row("std", c.Std, c.FloorStd, c.ReferenceStd)
				t.Flush()
				if c.XMin != nil {
					fmt.Fprintf(w,
						"normalized fields: 0 and 1 are %g and %g in physical units\n",
						*c.XMin, *c.XMax)
				}
				fmt.Fprintf(w, "A: %s of %s\nB: %s of %s\n", strings.Join(c.ArraysA, ", "), args[0],
					strings.Join(c.ArraysB, ", "), args[1])
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&cases[0], "case-a", "",
		"index of the posterior in A, if A has several, from 0")
	f.StringVar(&cases[1], "case-b", "",
		"index of the posterior in B, if B has several, from 0")
	f.StringVar(&units[0], "units-a", "",
		"units of the numbers in A, if A does not state them: normalized or physical")
	f.StringVar(&units[1], "units-b", "",
		"units of the numbers in B, if B does not state them: normalized or physical")
	setFlag(cmd, nil, "case_b=1")
	demote(cmd, "", "case-a", "case-b", "units-a", "units-b")
	show.of(a, cmd, "")
	return cmd
}
