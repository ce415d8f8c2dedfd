package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"csdm/accuracy"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/measured"
	"csdm/recipe"
)

func (a *app) benchAccuracyCommand() *cobra.Command {
	var (
		s        accuracy.Settings
		names    []string
		options  problemFlags
		sampling samplingFlags
		foreign  []string
		out      string
		show     printer[*accuracy.Result]
		judged   printer[*judgedShard]
	)
	s.Reference = recipe.NewReference("")
	cmd := &cobra.Command{
		Use:   "accuracy",
		Short: "Errors and cost of posteriors by a network and by other methods, in tidy tables",
		Long: `accuracy makes fresh measurements of each problem, computes the posterior of each by
each method, and compares it with a reference posterior and with the true field. The cost is the CPU
time of the process, the forward solves and the evaluations of the network.

The folder then holds accuracy.csv (a row per problem, measurement, method, budget and seed),
quantities.csv (physical quantities and whether intervals hold the true values), summary.csv
(figures over the measurements), cost.csv (the methods at equal cost, the training divided over 1,
10, 100 and 1000 measurements), and all of it as accuracy.json. The reference of a measurement is
computed once for all methods. A stopped call resumes after the last posterior that was judged.

The methods are network and certified, which need a model, and importance, adaptive, random-walk
and pcn, which need a prior of few variables and a noise of known density. --posterior adds
posteriors of another program. With --shard a call judges a part of the measurements; when all
parts are judged, csdm merge DIR -o DIR, or the same call without --shard, writes the tables. csdm
bench truth writes the measurements for other programs.`,
		Example: "  csdm bench accuracy --problem builtin:quasistatic-28-n5 --cases 2 " +
			"--methods network,certified,adaptive --set budgets=2000 -o accuracy",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s.Seed, s.Overwrite = a.seed, a.overwrite
			if !cmd.Flags().Changed("seed") {
				s.Seed = accuracy.Seed
			}
			part, err := a.shard(cmd)
			if err != nil {
				return err
			}
			if divided(cmd) {
				call, err := a.shardCall(cmd, part)
				if err != nil {
					return err
				}
				s.Part = &call
			}
			var targets []*accuracy.Subject
			for _, name := range names {
				t, err := a.accuracyTarget(name, options, &sampling)
				if err != nil {
					return err
				}
				targets = append(targets, t)
			}
			if err := addForeign(targets, foreign); err != nil {
				return err
			}
			env, err := a.env()
			if err != nil {
				return err
			}
			r, err := accuracy.Run(cmd.Context(), out, targets, s, env)
			if err != nil {
				return err
			}
			if divided(cmd) {
				v := &judgedShard{out, part.String(), len(r.Rows)}
				return judged.print(v, func(w io.Writer) {
					fmt.Fprintf(w, "%s: %d posteriors of shard %v are judged; the same call "+
						"without --shard writes the tables when all are\n", out, len(r.Rows),
						part)
				})
			}
			return show.print(r, func(w io.Writer) { printAccuracy(w, r) })
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&names, "problem", nil, "models (files or builtin:NAME) with their problems, "+
		"or problems (csdm problems lists them), separated by commas")
	f.StringSliceVar(&s.Methods, "methods", nil,
		strings.Join(accuracy.Methods(), ", ")+" (default: all that apply but "+
			"independence, mala and exact-score)")
	f.IntSliceVar(&s.Budgets, "budgets", []int{20_000},
		"forward solves of the methods without a network; each number gives a row")
	f.IntVar(&s.Seeds, "seeds", 1, "seeds of each method: --seed and the next ones")
	f.StringArrayVar(&foreign, "posterior", nil,
		"NAME=FILE.npz: posteriors of another program, judged as method NAME (repeat as needed)")
	sampling.add(cmd, 256)
	referenceFlags(cmd, &s, &options)
	number(cmd, &s.TrainingCPUSeconds, "training-cpu-seconds", 0,
		"CPU time of training and data for cost.csv (0: the training's, if the model stores it)")
	demote(cmd, "", "methods", "budgets", "draws", "seeds", "training-cpu-seconds")
	sampling.hide(cmd)
	addShard(cmd)
	f.StringVarP(&out, "out", "o", "",
		"folder for the tables; a study begun there with the same settings resumes")
	required(cmd, "problem", "out")
	show.of(a, cmd, "")
	judged.of(a, cmd, withShard)
	return cmd
}

// addForeign adds the posteriors of other programs, given as NAME=FILE, to the
// only target.
func addForeign(targets []*accuracy.Subject, foreign []string) error {
	if len(foreign) > 0 && len(targets) != 1 {
		return cli.Usage(errors.New("--posterior is for the measurements of one problem: give " +
			"one --problem"))
	}
	for _, text := range foreign {
		name, path, ok := strings.Cut(text, "=")
		if !ok {
			return cli.Usage(fmt.Errorf("--posterior %q must be NAME=FILE.npz", text))
		}
		f, err := accuracy.ReadForeign(name, path)
		if err != nil {
			return err
		}
		targets[0].Foreign = append(targets[0].Foreign, f)
	}
	return nil
}

// accuracyTarget returns the problem of a name, with its model if the name is
// one of a model. sampling is nil if nothing is sampled.
func (a *app) accuracyTarget(name string, options problemFlags,
	sampling *samplingFlags) (*accuracy.Subject, error) {
	t := &accuracy.Subject{Name: name}
	if !isModel(name) {
		if sampling == nil {
		} else if set := sampling.assigned(); len(set) > 0 {
			return nil, cli.Usage(fmt.Errorf("--set %s: %s is a problem without a model, and has "+
				"no settings of sampling", set[0], name))
		}
		options.problem = name
		var err error
		t.Problem, err = options.resolve()
		return t, err
	}
	var err error
	if t.Model, err = a.openModel(name); err != nil {
		return nil, err
	}
	if options.grid != 0 || options.noise != 0 {
		return nil, cli.Usage(errors.New("--grid and --noise are for problems without a model; a " +
			"model has its own"))
	}
	if t.Problem, err = measured.ProblemOf(t.Model, ""); err != nil {
		return nil, err
	}
	if t.Problem == nil {
		return nil, cli.Data(fmt.Errorf("%s was trained for %q, which is no built-in problem "+
			"(csdm problems lists them), so that no measurements can be made", name,
			t.Model.Meta.Problem))
	}
	if sampling != nil {
		t.Sampling, err = sampling.resolve(t.Model)
	}
	return t, err
}

// printAccuracy prints means over the measurements, and the methods at equal
// cost.
func printAccuracy(w io.Writer, r *accuracy.Result) {
	if r.AlreadyThere {
		fmt.Fprintln(w, "already there:", r.Folder)
	}
	columns := []string{"rmse_mean", "rmse_std", "rmse_true", "rmse_true_physical", "std_ratio",
		"certified", "cpu_seconds", "solves"}
	t := cli.NewTable(w, append([]string{"problem", "method", "budget", "cases"}, columns...)...)
	for _, key := range r.Keys() {
		count := 0
		if s := r.Figure(key, "rmse_true"); s != nil {
			count = s.Count
		}
		cells := []any{fmt.Sprintf("%s %d %g %%", key.Problem, key.Grid, key.NoisePercent),
			key.Method, key.Budget, count}
		for _, figure := range columns {
			cells = append(cells, figureMean(r.Figure(key, figure)))
		}
		t.Row(cells...)
	}
	t.Flush()
	if len(r.Costs) > 0 {
		fmt.Fprintln(w, "\nErrors at equal CPU time per measurement:")
		t := cli.NewTable(w, "network", "training over", "CPU seconds", "method", "rmse_mean",
			"rmse_std", "basis", "seconds to equal", "break-even")
		for _, c := range r.Costs {
			over := fmt.Sprint(c.Measurements)
			if c.Measurements == 0 {
				over = "not counted"
			}
			t.Row(c.Model, over, fmt.Sprintf("%.3g", c.CPUSeconds), c.Method,
				fmt.Sprintf("%.2g", c.RMSEMean), fmt.Sprintf("%.2g", c.RMSEStd), c.Basis,
				dashed(c.SecondsToEqual), dashed(c.BreakEven))
		}
		t.Flush()
	}
	fmt.Fprintln(w, "\ntables:", r.Folder)
}

// figureMean returns the mean of a figure for a table.
func figureMean(s *accuracy.SummaryRow) string {
	if s == nil {
		return "–"
	}
	return fmt.Sprintf("%.4g", s.Mean)
}

// dashed returns a number for a table, or a dash if it is not stated.
func dashed(v infer.StatedError) string {
	if math.IsNaN(float64(v)) {
		return "–"
	}
	return fmt.Sprintf("%.3g", float64(v))
}
