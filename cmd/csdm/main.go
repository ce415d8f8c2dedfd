// Command csdm draws the posterior of a stiffness field from a noisy
// measurement with a conditional score-based diffusion model, and does all that
// leads up to it: pairs, training, sampling, references, reports.
//
// This package parses and calls. Each verb is a file: its flags, the call, what
// it prints. What all verbs share is in verb.go (checks before, exit codes
// after), console.go (stderr), errors.go (which error has which exit code),
// problem.go and config.go (flags).
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
	"csdm/nn"
	"csdm/run"
)

func main() {
	cli.IgnoreWriteSignals()
	console := newConsole(os.Stderr)
	ctx, release := cli.WithSignals(context.Background(), console)
	err := execute(ctx, os.Args[1:], os.Stdout, console, os.Getenv)
	release()
	os.Exit(cli.Exit(os.Stderr, "csdm", err))
}

// execute runs one command line. Errors carry their exit code.
func execute(ctx context.Context, args []string, stdout io.Writer, console *console,
	getenv func(string) string) error {
	out := &checkedWriter{w: stdout}
	root := newRoot(out, console, getenv)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	console.end()
	return errors.Join(err, out.err)
}

// checkedWriter remembers the first error of writing, because printing does not
// tell.
type checkedWriter struct {
	w   io.Writer
	err error
}

func (c *checkedWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if err != nil && c.err == nil {
		c.err = cli.IO(fmt.Errorf("printing the result: %w", err))
	}
	return n, err
}

// app is what all verbs share: the streams and the global flags.
type app struct {
	saved atomic.Int64 // times that the verb has saved work to resume from

	stdout  io.Writer
	console *console
	getenv  func(string) string

	made     []any // the results of a range of cases, printed together; nil for one result
	sketched bool  // a map was shown

	json, overwrite bool
	threads         int
	seed            uint64
	maxFailed       float64 // percent
}

func newRoot(stdout io.Writer, console *console, getenv func(string) string) *cobra.Command {
	a := &app{stdout: stdout, console: console, getenv: getenv}
	root := &cobra.Command{
		Use: "csdm",
		Short: "Posterior of a stiffness field from a noisy measurement, by conditional " +
			"score-based diffusion",
		Long: `csdm solves inverse problems of mechanics with conditional score-based diffusion models:
from a prior over stiffness fields and a forward model it draws training pairs, trains a score
network, and then draws the posterior of the field for any new measurement, with its mean and
standard deviation, beside the exact or Monte Carlo posterior where that can be had.

Start with "csdm demo".`,
		Version:       provenance().VersionLine(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	cobra.EnableCommandSorting = false // within a group, verbs stand in the order of the work
	root.SetVersionTemplate("csdm {{.Version}}\n")
	root.SetOut(stdout)
	root.SetErr(console)
	flags := root.PersistentFlags()
	flags.BoolVar(&a.json, "json", false, "print the result as one JSON object")
	flags.BoolVarP(&console.quiet, "quiet", "q", false, "no progress and no remarks on stderr")
	flags.IntVar(&a.threads, "threads", 0,
		"threads to compute on (0: as many as affinity, cgroup and SLURM_CPUS_PER_TASK allow)")
	flags.Uint64Var(&a.seed, "seed", 1, "seed of everything random")
	flags.BoolVar(&a.overwrite, "overwrite", false, "replace output files that exist")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return cli.Usage(fmt.Errorf("%w (see %s --help)", err, cmd.CommandPath()))
	})
	for _, group := range []struct {
		title string
		verbs []*cobra.Command
	}{
		{"To begin with:", []*cobra.Command{a.demoCommand(), a.problemsCommand(), a.runCommand()}},
		{"One step at a time:", []*cobra.Command{
			a.priorCommand(), a.dataCommand(), a.trainCommand(), a.sampleCommand(),
			a.referenceCommand(), a.compareCommand(), a.checkCommand(),
		}},
		{"Tools:", []*cobra.Command{
			a.infoCommand(), a.verifyCommand(), a.forwardCommand(), a.exportCommand(), a.meshCommand(), a.scheduleCommand(),
			a.femCommand(), a.netCommand(), a.benchCommand(),
		}},
	} {
		root.AddGroup(&cobra.Group{ID: group.title, Title: group.title})
		for _, verb := range group.verbs {
			verb.GroupID = group.title
			root.AddCommand(verb)
		}
	}
	a.finish(root)
	return root
}

// env resolves the threads and says which were chosen; it is the start of every
// verb that computes.
func (a *app) env() (env.Env, error) {
	threads, why, err := cli.Threads(a.threads, a.getenv)
	if err != nil {
		return env.Env{}, err
	}
	if threads > maxThreads {
		return env.Env{}, cli.Usage(fmt.Errorf("--threads %d: at most %d", threads, maxThreads))
	}
	if a.maxFailed < 0 || a.maxFailed > 100 {
		return env.Env{},
			cli.Usage(fmt.Errorf("--max-failed %v: a share from 0 to 100 percent is expected",
				a.maxFailed))
	}
	call := env.Call{Command: commandLine(), Threads: threads, Provenance: provenance()}
	a.console.note(fmt.Sprintf("%d threads (%s), kernel %s", threads, why, call.Kernel))
	return env.Env{Call: call, MaxFailed: a.maxFailed, Progress: a.console.progress,
		Note: a.console.note, Saved: func() {
			a.saved.Add(1)
		}}, nil
}

// openModel opens a model file or an embedded model, and says if nothing shows
// whether it is as it was written.
func (a *app) openModel(name string) (*nn.Model, error) {
	m, err := run.OpenModel(name)
	if err == nil && !m.Sealed {
		a.console.note(name +
			" has no checksum, as it is from elsewhere or from an earlier version: damage would " +
			"not be noticed")
	}
	return m, err
}

// maxThreads is beyond any machine: each thread has memory of its own, so a
// slip of the finger should not be obeyed.
const maxThreads = 4096

func provenance() cli.Provenance { return cli.NewProvenance(kernel.Implementation(), time.Now()) }

func commandLine() string { return strings.Join(append([]string{"csdm"}, os.Args[1:]...), " ") }

// alreadyThere prints that the result of this very command is finished in out,
// and more of it, and removes what a killed call left.
func (a *app) alreadyThere(out string, v map[string]any, more func(w io.Writer)) error {
	if err := run.RemovePartial(out + ".partial"); err != nil {
		return err
	}
	v["out"], v["already_there"] = out, true
	return a.result(v, func(w io.Writer) {
		fmt.Fprintln(w, "already there:", out)
		more(w)
	})
}

// result prints v as JSON if that was asked for, else what table writes.
func (a *app) result(v any, table func(w io.Writer)) error {
	if a.json && a.made != nil {
		a.made = append(a.made, v)
		return nil
	}
	if a.json {
		return cli.WriteJSON(a.stdout, v)
	}
	table(a.stdout)
	return nil
}
