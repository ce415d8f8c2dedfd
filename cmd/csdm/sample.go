package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

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

Draw j is a function of (seed, measurement, j) alone. A job that is stopped goes on when the same command is given.`,
		Example: "  csdm sample --model builtin:quasistatic-28-n5 --y models/measurements/quasistatic-28-n5.npz:y --case 1 --n 64 -o post.npz",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := readModel(model)
			if err != nil {
				return err
			}
			if !m.Meta.Known() {
				return cli.Data(fmt.Errorf("%s says nothing of grid, units and noise levels: sampling needs a model file of csdm", model))
			}
			if s.Draws < 2 {
				return cli.Usage(fmt.Errorf("--n %d: at least two draws are needed for a standard deviation", s.Draws))
			}
			if err := a.mayWrite(out); err != nil {
				return err
			}
			measurement, err := run.ReadMeasurement(y, m.Net.Arch().YChannels, m.Meta.Rows, m.Meta.Cols, k)
			if err != nil {
				return err
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
			env, err := a.env(cmd)
			if err != nil {
				return err
			}
			partial := out + ".partial"
			p, err := run.Sample(cmd.Context(), m, measurement, s, a.seed, partial, anyRange, env)
			if err != nil {
				return measurementError(err)
			}
			p.Origin.Model = model
			if err := p.WriteFile(out, a.overwrite); err != nil {
				return err
			}
			if err := os.Remove(partial); err != nil && !errors.Is(err, fs.ErrNotExist) {
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
	f.Float64Var(&s.SigmaMax, "sigma-max", 0, "first noise level (default: the model's)")
	f.Float64Var(&s.SigmaMin, "sigma-min", 0, "last noise level (default: the model's)")
	f.IntVar(&s.StepsPerLevel, "T", 0, "Langevin steps a level of annealed (0: 5), corrections a level of pc")
	f.Float64Var(&s.Epsilon, "epsilon", 0, "step size of annealed (0: by Eq. 18)")
	f.StringVar(&s.Form, "form", "", "form of the step of annealed: eq18 (default) or algorithm1")
	f.BoolVar(&anyRange, "allow-extrapolation", false, "accept a measurement far from the training range")
	f.StringVarP(&out, "out", "o", "", "result, .npz")
	required(cmd, "model", "y", "out")
	return cmd
}

// mayWrite refuses an output that exists before any work is done for it.
func (a *app) mayWrite(path string) error {
	if _, err := os.Stat(path); err == nil && !a.overwrite {
		return cli.Exists(fmt.Errorf("%s is there already: give another name, or --overwrite", path))
	}
	return nil
}

// measurementError gives measurements that do not fit their exit code.
func measurementError(err error) error {
	var m *run.MeasurementError
	if errors.As(err, &m) {
		return cli.Data(err)
	}
	return err
}

func (a *app) referenceCommand() *cobra.Command {
	var (
		problem problemFlags
		y, out  string
		k, n    int
		method  string
	)
	cmd := &cobra.Command{
		Use:   "reference",
		Short: "Compute the true posterior of a measurement: exact by quadrature, or Monte Carlo",
		Long: `reference computes the posterior without a network, for problems whose prior has few variables: by quadrature over them,
refined until it no longer changes, or by importance sampling, as in the paper. It writes mean and std with the error of
each, and ess.`,
		Example: "  csdm reference --problem quasistatic --grid 28 --y models/measurements/quasistatic-28-n5.npz:y --case 1 --method quadrature -o ref.npz",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := problem.resolve()
			if err != nil {
				return err
			}
			if method == run.MethodImportance && n < 2 {
				return cli.Usage(fmt.Errorf("--n %d: at least two draws are needed", n))
			}
			if err := a.mayWrite(out); err != nil {
				return err
			}
			spec := p.Spec()
			measurement, err := run.ReadMeasurement(y, spec.YChannels, spec.Rows, spec.Cols, k)
			if err != nil {
				return err
			}
			env, err := a.env(cmd)
			if err != nil {
				return err
			}
			partial := out + ".partial"
			t, err := run.ReferencePosterior(cmd.Context(), p, measurement, run.TruthOptions{Method: method, Draws: n, Seed: a.seed, Partial: partial}, env)
			if err != nil {
				return measurementError(err)
			}
			if err := t.WriteFile(out, a.overwrite); err != nil {
				return err
			}
			if err := os.Remove(partial); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			result := map[string]any{
				"out": out, "method": method, "ess": t.ESS, "error_mean": t.ErrorMean, "error_std": t.ErrorStd, "seconds": t.Origin.Seconds, "solves": t.Origin.Solves,
			}
			return a.result(result, func(w io.Writer) {
				fmt.Fprintf(w, "%s: %s\nRMS error of mean %.2g, of std %.2g (normalized); effective sample size %.0f; %.1f s\n",
					out, t.Note, t.ErrorMean, t.ErrorStd, t.ESS, t.Origin.Seconds)
			})
		},
	}
	problem.add(cmd, true)
	f := cmd.Flags()
	f.StringVar(&y, "y", "", "measurement in physical units: .npy, .npz[:name] or .csv")
	f.IntVar(&k, "case", 0, "which measurement of an array of several")
	f.StringVar(&method, "method", run.MethodQuadrature, "quadrature or importance")
	f.IntVar(&n, "n", 500_000, "prior draws of importance sampling")
	f.StringVarP(&out, "out", "o", "", "result, .npz")
	required(cmd, "y", "out")
	return cmd
}

func (a *app) compareCommand() *cobra.Command {
	var ka, kb int
	cmd := &cobra.Command{
		Use:   "compare A.npz B.npz",
		Short: "RMSE of mean and std of two posteriors, with their own errors",
		Long: `compare prints the root mean square difference, over pixels, of mean and standard deviation in normalized units, and the
error that each file states of itself: below it a difference says nothing. Files hold mean and std (H,W).`,
		Example: "  csdm compare post.npz models/measurements/quasistatic-28-n5.npz --case-b 1",
		Args:    cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			x, err := run.ReadSummary(args[0], ka)
			if err != nil {
				return err
			}
			y, err := run.ReadSummary(args[1], kb)
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
	cmd.Flags().IntVar(&ka, "case-a", 0, "which posterior of an array of several in A")
	cmd.Flags().IntVar(&kb, "case-b", 0, "which posterior of an array of several in B")
	return cmd
}

func (a *app) forwardCommand() *cobra.Command {
	var (
		problem problemFlags
		x, out  string
		k       int
	)
	cmd := &cobra.Command{
		Use:     "forward",
		Short:   "Compute the noise-free measurement of a field, physical units",
		Example: "  csdm forward --problem quasistatic --x fem/testdata/plane_stress_56.npz:mu -o y.npy",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := problem.resolve()
			if err != nil {
				return err
			}
			spec := p.Spec()
			field, err := run.ReadField(x, spec.Rows, spec.Cols, k)
			if err != nil {
				return err
			}
			y, err := run.Forward(p, field)
			if err != nil {
				return cli.Data(err)
			}
			if err := a.writeNPY(out, y, spec.YChannels, spec.Rows, spec.Cols); err != nil {
				return err
			}
			return a.result(map[string]any{"out": out, "unit": spec.YUnit}, func(w io.Writer) {
				fmt.Fprintf(w, "%s: %s in %s, %d×%d×%d\n", out, spec.YName, spec.YUnit, spec.YChannels, spec.Rows, spec.Cols)
			})
		},
	}
	problem.add(cmd, true)
	cmd.Flags().StringVar(&x, "x", "", "field (H,W) in physical units: .npy, .npz[:name] or .csv")
	cmd.Flags().IntVar(&k, "case", 0, "which field of an array of several")
	cmd.Flags().StringVarP(&out, "out", "o", "", "measurement (C,H,W), .npy")
	required(cmd, "x", "out")
	return cmd
}
