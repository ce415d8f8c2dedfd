package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"csdm/accuracy"
	"csdm/internal/cli"
	"csdm/recipe"
)

// benchTruthCommand writes measurements with their reference posteriors for
// other programs. It takes the seed of studies unless a seed is given, so that
// bench accuracy in the same folder finds the same measurements.
func (a *app) benchTruthCommand() *cobra.Command {
	var (
		s       = accuracy.Settings{Seeds: 1, Budgets: []int{20_000}}
		options problemFlags
		name    string
		out     string
		show    printer[*accuracy.References]
	)
	s.Reference = recipe.NewReference("")
	cmd := &cobra.Command{
		Use:   "truth",
		Short: "Measurements with their reference posteriors, in a file for other programs",
		Long: `truth writes fresh measurements of a problem, their true fields and their reference
posteriors with stated errors to one .npz file: x and y, mean, std, mean_error and std_error, all in
physical units, and log_evidence. A measurement whose error no method can state has NaN. Another
program infers y, and csdm bench accuracy --posterior judges its result. In the same folder
bench accuracy uses the same references.`,
		Example: "  csdm bench truth --problem quasistatic --grid 16 --set cases=3 -o study",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s.Seed, s.Overwrite = a.seed, a.overwrite
			if !cmd.Flags().Changed("seed") {
				s.Seed = accuracy.Seed
			}
			target, err := a.accuracyTarget(name, options, nil)
			if err != nil {
				return err
			}
			env, err := a.env()
			if err != nil {
				return err
			}
			r, err := accuracy.WriteReferences(cmd.Context(), out, target, s, env)
			if err != nil {
				return err
			}
			return show.print(r, func(w io.Writer) {
				fmt.Fprintf(w, "%s: %s with reference by %s, error of the mean at most %.2g of "+
					"the prior's range\n", r.File, cli.Plural(r.Cases, "measurement"), r.Reference,
					r.ErrorMean)
				for _, m := range r.Missing {
					fmt.Fprintln(w, "no reference of measurement", m)
				}
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&name, "problem", "",
		"model (file or builtin:NAME) with its problem, or a problem (csdm problems lists them)")
	setFlag(cmd, nil, "cases=50")
	referenceFlags(cmd, &s, &options)
	f.StringVarP(&out, "out", "o", "", "folder for the file and the references")
	required(cmd, "problem", "out")
	show.of(a, cmd, "")
	return cmd
}

// referenceFlags adds the flags of a study's measurements and of their
// references.
func referenceFlags(cmd *cobra.Command, s *accuracy.Settings, options *problemFlags) {
	f := cmd.Flags()
	f.IntVar(&s.Cases, "cases", 20, "fresh measurements of each problem, drawn by --seed (here "+
		"with the default 56)")
	f.IntVar(&options.grid, "grid", 0,
		"nodes along the shorter side of a problem without a model (0: the problem's)")
	noiseFlag(cmd, &options.noise,
		"measurement noise in percent of a problem without a model (default: the problem's)")
	f.StringVar(&s.Reference.Method, "reference", "", "method of the reference posteriors: auto, "+
		"closed-form, quadrature, importance, adaptive, chains or none (default: as the presets)")
	number(cmd, &s.ReferenceESS, "reference-ess", 4000,
		"effective sample size at which an adaptive reference ends")
	f.IntVar(&s.Reference.MaxSolves, "max-solves", s.Reference.MaxSolves,
		"largest number of forward solves of an adaptive reference")
	f.IntVar(&s.Reference.PriorDraws, "prior-draws", s.Reference.PriorDraws,
		"prior draws of a reference by importance sampling")
	number(cmd, &s.Reference.MaxError, "max-error", 0, maxErrorHelp)
	measuredFlag(cmd, &s.Measured)
	demote(cmd, "", "cases", "grid", "noise", "reference", "reference-ess", "measured")
	demote(cmd, "reference", "max-solves", "prior-draws", "max-error")
}

// maxErrorHelp describes the setting that lets quadrature end early.
const maxErrorHelp = "largest error of mean and of std that quadrature may state, as a share of " +
	"the range of x (0: a halving of its cells changes both by at most 0.0005)"
