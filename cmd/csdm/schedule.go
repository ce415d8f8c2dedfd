package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/langevin"
)

// scheduleCommand has two verbs on the paper's Eqs. 17 and 18: check evaluates
// them for a given schedule, propose inverts them.
func (a *app) scheduleCommand() *cobra.Command {
	var (
		ladder langevin.Ladder
		target float64
		form   string
		show   printer[langevin.Check]
	)
	common := func(c *cobra.Command) {
		c.Flags().IntVar(&ladder.Dim, "dim", 56*56, "number of pixels of the field, n_X")
		number(c, &ladder.SigmaMax, "sigma-max", 20, "first noise level, σ₁")
		number(c, &ladder.SigmaMin, "sigma-min", 0.01, "last noise level, σ_L")
		c.Flags().IntVar(&ladder.StepsPerLevel, "steps-per-level", 5,
			"number T of Langevin steps at each level")
		c.Flags().StringVar(&form, "form", string(langevin.FormEq18),
			"form of the Langevin step that ε belongs to: eq18 or algorithm1")
		former(c, map[string]string{"sigma1": "sigma-max", "sigmaL": "sigma-min",
			"T": "steps-per-level"})
	}
	print := func(c langevin.Check) error {
		return show.print(c, func(w io.Writer) {
			fmt.Fprintf(w, "levels      %d from %g to %g (ratio %.5g) for %d pixels\n", c.Levels,
				c.SigmaMax, c.SigmaMin, c.Gamma, c.Dim)
			fmt.Fprintf(w, "Eq. 17      %.3g  (target about 0.5%s)\n", c.Eq17,
				verdict17(c.Eq17))
			fmt.Fprintf(w, "epsilon     %.4g  (%s)\n", c.Epsilon, c.Form)
			fmt.Fprintf(w, "Eq. 18      %.4g  (target close to 1)\n", c.Eq18)
			fmt.Fprintf(w,
				"evaluations annealed %d, heun %d, dpmpp2m %d, pc %d per draw with these levels\n",
				c.AnnealedEvaluations, c.HeunEvaluations, c.DPMSolverPP2MEvaluations,
				c.PredictorCorrectorEvaluations)
		})
	}
	check := &cobra.Command{
		Use:     "check",
		Short:   "Evaluate Eq. 17 and Eq. 18 for a geometric schedule",
		Example: "  csdm schedule check --dim 3136 --sigma-max 20 --levels 128",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			ladder.Form = langevin.Form(form)
			c, err := ladder.Check()
			if err != nil {
				return cli.Usage(err)
			}
			return print(c)
		},
	}
	common(check)
	show.of(a, check, "")
	check.Flags().IntVar(&ladder.Levels, "levels", 128, "number of noise levels, L")
	number(check, &ladder.Epsilon, "epsilon", 0,
		"base step size ε (0: the value that brings Eq. 18 closest to 1)")
	setFlag(check, nil, "form=algorithm1")
	demote(check, "", "sigma-min", "steps-per-level", "form", "epsilon", "dim")
	propose := &cobra.Command{
		Use:     "propose",
		Short:   "Propose the fewest levels that meet Eq. 17, and the ε of Eq. 18",
		Example: "  csdm schedule propose --dim 3136 --sigma-max 20",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			ladder.Form = langevin.Form(form)
			c, err := ladder.Propose(target)
			if err != nil {
				return cli.Usage(err)
			}
			return print(c)
		},
	}
	common(propose)
	show.of(a, propose, "")
	number(propose, &target, "target", 0.5, "value of Eq. 17 to reach")
	setFlag(propose, nil, "form=algorithm1")
	demote(propose, "", "target", "sigma-min", "steps-per-level", "form", "dim")
	return parent("schedule",
		"Check or propose noise levels by Eq. 17 and Eq. 18, with their network evaluations", check,
		propose)
}

// verdict17 remarks on a value of Eq. 17 far below its target of about 0.5:
// neighboring levels then hardly overlap, and a state that is right for one
// level is far off for the next.
func verdict17(v float64) string {
	if v < 0.4 {
		return ": levels too far apart"
	}
	return ""
}
