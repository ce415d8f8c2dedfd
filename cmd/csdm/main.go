// Command csdm draws the posterior of a stiffness field from a noisy measurement with a conditional score-based
// diffusion model, and does all that leads up to it: pairs, training, sampling, references, reports.
//
// This package parses and calls. Each verb is a file: its flags, the call, what it prints.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/internal/kernel"
	"csdm/run"
)

func main() {
	ctx, release := cli.WithSignals(context.Background(), os.Stderr)
	err := newRoot(os.Stdout, os.Stderr, os.Getenv).ExecuteContext(ctx)
	release()
	os.Exit(cli.Exit(os.Stderr, "csdm", err))
}

// app is what all verbs share: the streams and the global flags.
type app struct {
	stdout, stderr io.Writer
	getenv         func(string) string

	json, quiet, overwrite bool
	threads                int
	seed                   uint64
}

func newRoot(stdout, stderr io.Writer, getenv func(string) string) *cobra.Command {
	a := &app{stdout: stdout, stderr: stderr, getenv: getenv}
	provenance := cli.NewProvenance(kernel.Implementation(), time.Now())
	root := &cobra.Command{
		Use:   "csdm",
		Short: "Posterior of a stiffness field from a noisy measurement, by conditional score-based diffusion",
		Long: `csdm solves inverse problems of mechanics with conditional score-based diffusion models:
from a prior over stiffness fields and a forward model it draws training pairs, trains a score
network, and then draws the posterior of the field for any new measurement, with its mean and
standard deviation, beside the exact or Monte Carlo posterior where that can be had.

Start with "csdm demo".`,
		Version:       provenance.VersionLine(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("csdm {{.Version}}\n")
	root.SetOut(stdout)
	root.SetErr(stderr)
	flags := root.PersistentFlags()
	flags.BoolVar(&a.json, "json", false, "print the result as one JSON object")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "no progress and no remarks on stderr")
	flags.IntVar(&a.threads, "threads", 0, "threads to compute on (0: as many as affinity, cgroup and SLURM_CPUS_PER_TASK allow)")
	flags.Uint64Var(&a.seed, "seed", 1, "seed of everything random")
	flags.BoolVar(&a.overwrite, "overwrite", false, "replace output files that exist")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return cli.Usage(fmt.Errorf("%w (see %s --help)", err, cmd.CommandPath()))
	})
	root.AddCommand(
		a.demoCommand(), a.problemsCommand(), a.runCommand(), a.dataCommand(), a.trainCommand(), a.sampleCommand(),
		a.referenceCommand(), a.compareCommand(), a.forwardCommand(), a.scheduleCommand(), a.infoCommand(),
		a.femCommand(), a.netCommand(), a.benchCommand(),
	)
	usageErrors(root)
	return root
}

// usageErrors marks what the command library itself complains of (arguments, unknown verbs) as wrong usage, and
// checks for missing flags.
func usageErrors(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(c *cobra.Command, args []string) error { return cli.Usage(check(c, args)) }
	}
	if runE := cmd.RunE; runE != nil {
		cmd.RunE = func(c *cobra.Command, args []string) error {
			if err := checkRequired(c); err != nil {
				return err
			}
			return runE(c, args)
		}
	}
	for _, child := range cmd.Commands() {
		usageErrors(child)
	}
}

// env resolves the threads and says which were chosen; it is the start of every verb that computes.
func (a *app) env(cmd *cobra.Command) (run.Env, error) {
	threads, why, err := cli.Threads(a.threads, a.getenv)
	if err != nil {
		return run.Env{}, err
	}
	provenance := cli.NewProvenance(kernel.Implementation(), time.Now())
	a.note(fmt.Sprintf("%d threads (%s), kernel %s", threads, why, provenance.Kernel))
	return run.Env{
		Threads: threads, Version: provenance.Version, Command: commandLine(),
		Machine:  fmt.Sprintf("%s, %d cores, %s", provenance.CPU, provenance.Cores, provenance.Platform),
		Progress: a.progress(), Note: a.note,
	}, nil
}

func (a *app) call(env run.Env) run.Call {
	return run.Call{Command: env.Command, Threads: env.Threads, Provenance: cli.NewProvenance(kernel.Implementation(), time.Now())}
}

func commandLine() string { return strings.Join(append([]string{"csdm"}, os.Args[1:]...), " ") }

func (a *app) note(line string) {
	if !a.quiet {
		fmt.Fprintln(a.stderr, line)
	}
}

// progress returns a reporter that shows one bar a stage.
func (a *app) progress() func(stage string, done, total int, note string) {
	var current cli.Progress
	var name string
	return func(stage string, done, total int, note string) {
		if current == nil || stage != name {
			current, name = cli.NewProgress(a.stderr, stage, a.quiet), stage
		}
		current.Set(done, total, note)
		if done == total {
			current.Done()
			current = nil
		}
	}
}

// result prints v as JSON if that was asked for, else what table writes.
func (a *app) result(v any, table func(w io.Writer)) error {
	if a.json {
		return cli.WriteJSON(a.stdout, v)
	}
	table(a.stdout)
	return nil
}

func version() string { return cli.NewProvenance(kernel.Implementation(), time.Now()).Version }
