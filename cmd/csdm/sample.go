package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/langevin"
	"csdm/run"
)

func (a *app) sampleCommand() *cobra.Command {
	var (
		model, y, out string
		k             int
		s             run.Sampling
		anyRange      bool
	)
	cmd := &cobra.Command{
		Use:   "sample",
		Short: "Draw from the posterior of a measurement with a trained model",
		Long: `sample writes posterior draws of the field and their pixelwise mean, std, q05, q50 and q95, in normalized units and, with
_physical behind the name, in physical ones. The measurement is given in physical units: (C,H,W), or (H,W) where C = 1;
of an array of several measurements --case picks one. Arrays of .npz files are named behind a colon.

Draw j is a function of (seed, measurement, j) alone. A job that is stopped goes on when the same command is given, and one that is
asked for more draws, with --overwrite, goes on from those in the file.`,
		Example: "  csdm sample --model builtin:quasistatic-28-n5 --y models/measurements/quasistatic-28-n5.npz:y --case 1 --n 64 -o post.npz",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := run.OpenModel(model)
			if err != nil {
				return err
			}
			if !m.Meta.Known() {
				return cli.Data(fmt.Errorf("%s says nothing of grid, units and noise levels: sampling needs a model file of csdm", model))
			}
			for flag, samplers := range map[string][]langevin.Sampler{
				"T": {langevin.SamplerAnnealed, langevin.SamplerPredictorCorrector}, "epsilon": {langevin.SamplerAnnealed}, "form": {langevin.SamplerAnnealed},
			} {
				if cmd.Flags().Changed(flag) && !slices.Contains(samplers, langevin.Sampler(s.Sampler)) {
					return cli.Usage(fmt.Errorf("--%s is a setting of %v, not of %s", flag, samplers, s.Sampler))
				}
			}
			if s.Draws < 2 {
				return cli.Usage(fmt.Errorf("--n %d: at least two draws are needed for a standard deviation", s.Draws))
			}
			measurement, err := run.ReadMeasurement(y, m.Net.Arch().YChannels, m.Meta.Rows, m.Meta.Cols, k)
			if err != nil {
				return err
			}
			if !anyRange {
				if err := run.CheckRange(m, measurement); err != nil {
					return fmt.Errorf("%w (--allow-extrapolation accepts it)", err)
				}
			}
			d := run.DefaultSampling(m, s.Draws)
			if !cmd.Flags().Changed("sigma-max") {
				s.SigmaMax = d.SigmaMax
			}
			if !cmd.Flags().Changed("sigma-min") {
				s.SigmaMin = d.SigmaMin
			}
			if s.Steps == 0 {
				if s.Steps = d.Steps; s.Sampler == string(langevin.SamplerAnnealed) {
					check, err := langevin.ProposeSchedule(m.Meta.Rows*m.Meta.Cols, s.SigmaMax, s.SigmaMin, 5, langevin.FormEq18, 0.5)
					if err != nil {
						return cli.Usage(err)
					}
					s.Steps = check.Levels
				}
			}
			if err := s.Validate(); err != nil {
				return cli.Usage(err)
			}
			env, err := a.env()
			if err != nil {
				return err
			}
			job := run.Job{Seed: a.seed, Partial: out + ".partial", Earlier: out}
			p, err := run.Sample(cmd.Context(), m, measurement, s, job, env)
			if err != nil {
				return err
			}
			p.Origin.Model = model
			if err := p.WriteFile(out, a.overwrite); err != nil {
				return err
			}
			if err := run.RemovePartial(job.Partial); err != nil {
				return err
			}
			result := map[string]any{
				"out": out, "draws": p.Draws, "sampler": s.Sampler, "steps": s.Steps,
				"evaluations_per_draw": p.Evidence.Evaluations / max(1, p.Evidence.Draws),
				"seconds":              p.Evidence.Wall.Seconds(),
			}
			return a.result(result, func(w io.Writer) {
				fmt.Fprintf(w, "%d draws by %s, %d evaluations each, in %.1f s: %s\n", p.Draws, s.Sampler, result["evaluations_per_draw"], p.Evidence.Wall.Seconds(), out)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&model, "model", "", "model file, or builtin:NAME (csdm problems lists them)")
	f.StringVar(&y, "y", "", "measurement: .npy, .npz[:name] or .csv")
	f.IntVar(&k, "case", 0, "which measurement of an array of several")
	f.IntVar(&s.Draws, "n", 256, "number of draws")
	f.StringVar(&s.Sampler, "sampler", string(langevin.SamplerDPMSolverPP2M), "annealed, heun, dpmpp2m or pc")
	f.IntVar(&s.Steps, "steps", 0, "noise levels (0: 20; for annealed as many as Eq. 17 asks for)")
	number(cmd, &s.SigmaMax, "sigma-max", 0, "first noise level (default: the model's)")
	number(cmd, &s.SigmaMin, "sigma-min", 0, "last noise level (default: the model's)")
	f.IntVar(&s.StepsPerLevel, "T", 0, "Langevin steps a level of annealed (0: 5), corrections a level of pc")
	number(cmd, &s.Epsilon, "epsilon", 0, "step size of annealed (0: by Eq. 18)")
	f.StringVar(&s.Form, "form", "", "form of the step of annealed: eq18 (default) or algorithm1")
	f.BoolVar(&anyRange, "allow-extrapolation", false, "accept a measurement far from the training range")
	output(cmd, &out, "result, .npz")
	required(cmd, "model", "y")
	timeLimit(cmd)
	return cmd
}
