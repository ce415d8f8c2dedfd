package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/internal/shard"
	"csdm/internal/slurm"
	"csdm/problems/builtin"
	"csdm/recipe"
	"csdm/run"
)

// submission holds the flags of csdm slurm.
type submission struct {
	cpus, shards    int
	memory, program string
	limit           time.Duration

	maxFailed []string // flags of data, for the pairs of a run
}

func (a *app) slurmCommand() *cobra.Command {
	var s submission
	var show printer[*scriptResult]
	cmd := &cobra.Command{
		Use:   "slurm [flags] VERB [flags of the verb]",
		Short: "Print Slurm job scripts for a command",
		Long: `slurm prints a script for sbatch that starts another verb of csdm. Two minutes before
the time limit Slurm sends a signal, csdm saves its work, and the job is requeued and resumes. When
csdm has finished, the state of the job is COMPLETED. slurm checks the command, and submits
nothing.

With --shards M the job is an array of M tasks, each with its shard. For run, which has no
shards, an array makes the pairs, and a second job, which waits for it, does the rest. The script
for several jobs is run by bash. For run, --mem and --time default to a forecast that is measured
on this machine.

Set partition and account by SBATCH_PARTITION and SBATCH_ACCOUNT, or with the options of sbatch.`,
		Example: "  csdm slurm --cpus 16 --mem 8G --time 4h run --problem quasistatic -o run",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			jobs, err := a.jobs(cmd.Context(), s, args)
			if err != nil {
				return err
			}
			var text strings.Builder
			if err := slurm.Write(&text, jobs...); err != nil {
				return err
			}
			return show.print(&scriptResult{text.String()}, func(w io.Writer) {
				fmt.Fprint(w, text.String())
			})
		},
	}
	f := cmd.Flags()
	f.SetInterspersed(false) // flags after the verb are the verb's
	f.IntVar(&s.cpus, "cpus", 16, "cores of a job")
	f.StringVar(&s.memory, "mem", "",
		"memory of a job, such as 8G (default: the forecast of run; other verbs need it)")
	f.DurationVar(&s.limit, "time", 0, "time limit of a job, after which it is requeued, such as "+
		"4h (0: 1.5 times the forecast of run, at most a day; other verbs need it)")
	f.IntVar(&s.shards, "shards", 0, "number of tasks of an array (0: no array)")
	f.StringVar(&s.program, "program", "csdm", "csdm on the nodes, by name or path")
	show.of(a, cmd, "")
	return cmd
}

// jobs returns the jobs of a command line, which it checks first.
func (a *app) jobs(ctx context.Context, s submission, args []string) ([]slurm.JobScript, error) {
	var jobs []slurm.JobScript
	switch {
	case s.cpus < 1 || s.shards < 0:
		return nil, cli.Usage(fmt.Errorf("--cpus is %d and --shards is %d; at least one core and "+
			"no negative number of tasks are needed", s.cpus, s.shards))
	case s.limit != 0 && s.limit < time.Minute:
		return nil, cli.Usage(fmt.Errorf("--time is %v; Slurm's shortest limit is a minute",
			s.limit))
	}
	var refused error
	planned := &app{stdout: io.Discard, console: newConsole(io.Discard), getenv: a.getenv}
	planned.instead = func(cmd *cobra.Command, folder string, c *recipe.Recipe) error {
		if c != nil {
			if f := cmd.Flags().Lookup("max-failed"); f.Changed {
				s.maxFailed = []string{"--set", "max_failed=" + f.Value.String()}
			}
			jobs, refused = a.runJobs(ctx, s, args, folder, c)
		} else {
			jobs, refused = s.verbJobs(cmd, args)
		}
		return nil
	}
	root := planned.root()
	root.SetArgs(args)
	if err := root.ExecuteContext(ctx); err != nil {
		return nil, err
	}
	if refused == nil && jobs == nil {
		refused = cli.Usage(fmt.Errorf("%q starts no work; give a verb such as run", args[0]))
	}
	return jobs, refused
}

// verbJobs returns the job of a verb other than run.
func (s submission) verbJobs(cmd *cobra.Command, args []string) ([]slurm.JobScript, error) {
	switch {
	case cmd.HasSubCommands() && len(args) == 1, cmd.Name() == "slurm":
		return nil, nil
	case s.limit == 0 || s.memory == "":
		return nil, cli.Usage(fmt.Errorf("%s has no forecast: give --time and --mem",
			cmd.CommandPath()))
	case s.shards == 0:
	case cmd.Flags().Lookup("shard") == nil:
		return nil, cli.Usage(fmt.Errorf("%s has no --shard: leave --shards out",
			cmd.CommandPath()))
	default:
		args = append(args, "--shard", s.auto())
	}
	return []slurm.JobScript{s.job(cmd.Name(), s.shards, args)}, nil
}

// auto returns the shard of a task: auto with the number of tasks, so that a
// task can also be submitted alone.
func (s submission) auto() string { return fmt.Sprintf("%s/%d", shard.Auto, s.shards) }

// job returns the job of one command.
func (s submission) job(verb string, tasks int, args []string) slurm.JobScript {
	return slurm.JobScript{Name: "csdm-" + verb, Tasks: tasks, CPUs: s.cpus, Memory: s.memory,
		TimeLimit: s.limit, Command: append([]string{s.program}, args...)}
}

// runJobs returns the jobs of csdm run.
func (a *app) runJobs(ctx context.Context, s submission, args []string, folder string,
	c *recipe.Recipe) ([]slurm.JobScript, error) {
	pairs := s
	if s.limit == 0 || s.memory == "" {
		env, err := a.env()
		if err != nil {
			return nil, err
		}
		plan, err := run.DryRun(ctx, folder, c, env)
		if err != nil {
			return nil, err
		}
		memory, err := plan.Memory(s.cpus)
		if err != nil {
			return nil, err
		}
		first, rest := hours(plan, s)
		pairs.fill(first, memory)
		s.fill(rest, memory)
	}
	if s.shards == 0 {
		return []slurm.JobScript{s.job("run", 0, args)}, nil
	}
	data := []string{"data", "--problem", c.Problem}
	if c.Grid != 0 && !builtin.IsFile(c.Problem) {
		data = append(data, "--grid", strconv.Itoa(c.Grid))
	}
	data = append(data, "--pairs", strconv.Itoa(c.Data.Pairs), "--seed",
		strconv.FormatUint(c.Seed, 10), "--shard", s.auto(), "-o", run.PairsFolder(folder))
	data = append(data, s.maxFailed...)
	return []slurm.JobScript{pairs.job("data", s.shards, data), s.job("run", 0, args)}, nil
}

// fill sets time limit and memory where no flag gives them: half more than the
// forecast needs.
func (s *submission) fill(seconds, bytes float64) {
	const least, most, step = 10 * time.Minute, 24 * time.Hour, 5 * time.Minute
	if s.limit == 0 {
		need := time.Duration(1.5 * min(seconds, most.Seconds()) * float64(time.Second))
		s.limit = min(max(least, (need+step-1).Truncate(step)), most)
	}
	if s.memory == "" {
		s.memory = fmt.Sprintf("%.0fG", math.Ceil(1.5*bytes/(1<<30)))
	}
}

// hours returns the seconds that an array for the pairs, if there is one, and
// the job for the rest take on the cores of s. plan was measured with fewer
// cores or more; a training uses at most one for each sample of a batch.
func hours(plan *run.Plan, s submission) (pairs, rest float64) {
	f, cores := plan.Forecast, float64(s.cpus)
	had, most := float64(f.Threads), float64(max(1, f.MostThreads))
	rest = f.Steps.Seconds*min(had, most)/min(cores, most) +
		(f.Draws.Seconds+f.References.Seconds)*had/cores
	pairs = f.Pairs.Seconds * had / cores
	if s.shards == 0 {
		return 0, rest + pairs
	}
	return pairs / float64(s.shards), rest
}
