package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/run"
)

func (a *app) compareCommand() *cobra.Command {
	var ka, kb string
	cmd := &cobra.Command{
		Use:   "compare A.npz B.npz",
		Short: "RMSE of mean and std of two posteriors, with their own errors",
		Long: `compare prints the root mean square difference, over pixels, of mean and standard deviation in normalized units, and the
error that each file states of itself: below it a difference says nothing. Files hold mean and std (H,W).`,
		Example: "  csdm compare post.npz models/measurements/quasistatic-28-n5.npz --case-b 1",
		Args:    cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			x, err := run.ReadSummary(args[0], "--case-a", ka)
			if err != nil {
				return err
			}
			y, err := run.ReadSummary(args[1], "--case-b", kb)
			if err != nil {
				return err
			}
			if x.Rows != y.Rows || x.Cols != y.Cols {
				return cli.Data(fmt.Errorf("%s is %d×%d, %s is %d×%d", args[0], x.Rows, x.Cols, args[1], y.Rows, y.Cols))
			}
			s := run.NewScore(args[0], x.Normalized(), args[1], y.Normalized(), 0)
			return a.result(s, func(w io.Writer) {
				t := cli.NewTable(w, "", "RMSE", "error of A", "error of B")
				t.Row("mean", s.Mean, s.FloorMean, s.ReferenceMean)
				t.Row("std", s.Std, s.FloorStd, s.ReferenceStd)
				t.Flush()
			})
		},
	}
	cmd.Flags().StringVar(&ka, "case-a", "", "which posterior of an array of several in A, counted from 0")
	cmd.Flags().StringVar(&kb, "case-b", "", "which posterior of an array of several in B, counted from 0")
	return cmd
}
