// Command csdm draws the posterior of a stiffness field from a noisy
// measurement with a conditional score-based diffusion model. It also makes
// training pairs, trains, computes reference posteriors and writes reports.
//
// This package parses flags, calls other packages and prints results. Each verb
// has a file. Shared parts are in verb.go (checks before a verb, exit codes
// after), console.go (stderr), errors.go (exit codes of errors), problem.go and
// config.go (flags).
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"csdm/env"
	"csdm/internal/cli"
	"csdm/internal/kernel"
	"csdm/internal/shard"
	"csdm/nn"
	"csdm/recipe"
	"csdm/run"
)

func main() {
	cli.IgnoreWriteSignals()
	stderr := cli.Log(os.Stderr, cli.Place(os.Getenv))
	console := newConsole(stderr)
	ctx, release := cli.WithSignals(context.Background(), console)
	err := execute(ctx, os.Args[1:], os.Stdout, console, os.Getenv)
	release()
	os.Exit(cli.Exit(stderr, "csdm", err))
}

// execute runs one command line. Errors carry their exit code.
func execute(ctx context.Context, args []string, stdout io.Writer, console *console,
	getenv func(string) string) error {
	out := &checkedWriter{w: stdout}
	root := newRoot(out, console, getenv)
	root.SetArgs(args)
	err := root.ExecuteContext(context.WithValue(ctx, argumentsKey{}, args))
	console.end()
	return errors.Join(err, out.err)
}

// checkedWriter keeps the first error of writing, because the callers of
// fmt.Fprint ignore it.
type checkedWriter struct {
	w   io.Writer
	err error
}

// Write writes p and keeps the first error, with the exit code of a failed disk
// or pipe.
func (c *checkedWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if err != nil && c.err == nil {
		c.err = cli.IO(fmt.Errorf("printing the result: %w", err))
	}
	return n, err
}

// app holds the streams and the global flags that all verbs share.
type app struct {
	saved atomic.Int64 // number of times that the verb saved work to resume from

	stdout  io.Writer
	console *console
	getenv  func(string) string

	// instead, if not nil, is called instead of each verb, after the checks of
	// its flags. Only run has a folder and a recipe.
	instead   func(cmd *cobra.Command, folder string, c *recipe.Recipe) error
	model     *nn.Model // opened last
	modelName string

	forms  map[*cobra.Command][]outputForm // of the output of each verb
	needed printer[*run.Needs]             // with --dry-run
	parts  printer[*shard.Made]            // with --shard
	solved printer[femResult]
	sized  printer[*sampleSize] // of sample, with --dry-run

	recorded bool  // the call for a shard has recorded how it ended
	made     []any // the results of a range of cases, printed together; nil for one result
	sketched bool  // a map was shown

	json, overwrite bool
	threads         int
	seed            uint64
	maxFailed       float64       // percent
	jobLimit        time.Duration // time limit by the scheduler, if no flag gives one
}

func newRoot(stdout io.Writer, console *console, getenv func(string) string) *cobra.Command {
	return (&app{stdout: stdout, console: console, getenv: getenv}).root()
}

// root returns the command line with all verbs.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use: "csdm",
		Short: "Posterior of a stiffness field from a noisy measurement, by conditional " +
			"score-based diffusion",
		Long: `csdm infers stiffness fields from noisy measurements with conditional score-based
diffusion models. From a prior over stiffness fields and a forward model it draws training
pairs and trains a score network. The network then draws the posterior of the field for any new
measurement, with mean and standard deviation. Where the exact or a Monte Carlo posterior is
available, csdm compares the two.

Start with "csdm demo".`,
		Version:       provenance().VersionLine(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	cobra.EnableCommandSorting = false // within a group, verbs stand in the order of the work
	root.SetVersionTemplate("csdm {{.Version}}\n")
	root.SetUsageTemplate(usageTemplate(root.UsageTemplate()))
	root.SetOut(a.stdout)
	root.SetErr(a.console)
	flags := root.PersistentFlags()
	flags.BoolVar(&a.json, "json", false, "print the result as one JSON object")
	flags.BoolVarP(&a.console.quiet, "quiet", "q", false, "print no progress and no remarks")
	flags.IntVar(&a.threads, "threads", 0,
		"number of threads (0: as many as affinity, cgroup and Slurm allow)")
	flags.Uint64Var(&a.seed, "seed", 1, "seed of all random numbers")
	flags.BoolVar(&a.overwrite, "overwrite", false, "replace output files that exist")
	flags.Duration(timeLimitFlag, 0, "time within which the call ends, such as 50m or 3h: exit 75 "+
		"if work was saved that the same command resumes from, else 124 (0: a little less than "+
		"SLURM_JOB_END_TIME leaves, if it is set, else none)")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return cli.Usage(fmt.Errorf("%w (see %s --help)", err, cmd.CommandPath()))
	})
	for _, group := range []struct {
		title string
		verbs []*cobra.Command
	}{
		{"To begin with:", []*cobra.Command{a.demoCommand(), a.labCommand(), a.problemsCommand(),
			a.runCommand()}},
		{"From a map of your own:", []*cobra.Command{a.specimenCommand(),
			a.inferCommand()}},
		{"One step at a time:", []*cobra.Command{
			a.priorCommand(), a.dataCommand(), a.trainCommand(), a.sampleCommand(),
			a.referenceCommand(), a.compareCommand(), a.checkCommand(), a.mergeCommand(),
			a.statusCommand(),
		}},
		{"Tools:", []*cobra.Command{
			a.infoCommand(), a.verifyCommand(), a.forwardCommand(), a.exportCommand(),
			a.meshCommand(), a.scheduleCommand(), a.femCommand(), a.netCommand(), a.benchCommand(),
			a.slurmCommand(), a.manCommand(), a.docsCommand(), a.licensesCommand(),
			a.versionCommand(),
		}},
	} {
		root.AddGroup(&cobra.Group{ID: group.title, Title: group.title})
		for _, verb := range group.verbs {
			verb.GroupID = group.title
			root.AddCommand(verb)
		}
	}
	root.SetHelpCommand(a.helpCommand(root))
	a.finish(root)
	return root
}

// env resolves the number of threads, prints it, and returns the environment of
// the call. Each verb that computes calls it first.
func (a *app) env() (env.Env, error) {
	threads, why, err := cli.Threads(a.threads, a.getenv)
	if err != nil {
		return env.Env{}, err
	}
	if threads > maxThreads {
		return env.Env{}, cli.Usage(fmt.Errorf("--threads is %d; it must be at most %d", threads,
			maxThreads))
	}
	if a.maxFailed < 0 || a.maxFailed > 100 {
		return env.Env{},
			cli.Usage(fmt.Errorf("--max-failed is %v; it must be 0 to 100 percent", a.maxFailed))
	}
	call := env.Call{Command: commandLine(), Threads: threads, Provenance: provenance()}
	a.console.note(fmt.Sprintf("%d threads (%s), kernel %s", threads, why, call.Kernel))
	a.noteJob()
	return env.Env{Call: call, MaxFailed: a.maxFailed, Progress: a.console.progress,
		Note: a.console.note, Saved: func() {
			a.saved.Add(1)
		}}, nil
}

// noteJob prints what the Slurm job of this call, if there is one, changes.
func (a *app) noteJob() {
	if cli.OutsideStep(a.getenv) {
		a.console.note("not under srun: a signal ahead of the job's time limit will not reach " +
			"csdm; start it by srun csdm …")
	}
	if a.jobLimit > 0 {
		a.console.note(fmt.Sprintf("--%s %v, from SLURM_JOB_END_TIME", timeLimitFlag, a.jobLimit))
	}
}

// openModel opens a model file or an embedded model, and prints a remark if it
// has no checksum.
func (a *app) openModel(name string) (*nn.Model, error) {
	if a.model != nil && a.modelName == name {
		return a.model, nil // by the first measurement of a range
	}
	m, err := run.OpenModel(name)
	if err == nil && !m.Sealed {
		a.console.note(name +
			" has no checksum, because another program or an earlier version wrote it; damage " +
			"would not be noticed")
	}
	a.model, a.modelName = m, name
	return m, err
}

// maxThreads is the largest accepted number of threads. Each thread has its own
// memory, so that a typing error could exhaust the machine.
const maxThreads = 4096

func provenance() cli.Provenance { return cli.NewProvenance(kernel.Implementation(), time.Now()) }

func commandLine() string { return strings.Join(append([]string{"csdm"}, os.Args[1:]...), " ") }
