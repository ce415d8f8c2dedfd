package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"csdm/dataset"
	"csdm/internal/cli"
	"csdm/problems/builtin"
	"csdm/run"
)

func (a *app) dataCommand() *cobra.Command {
	var (
		problem problemFlags
		n       int
		out     string
		block   int
		dry     bool
		show    printer[*dataResult]
	)
	cmd := &cobra.Command{
		Use:   "data",
		Short: "Draw training pairs (field, noise-free measurement) into a folder",
		Long: `data draws pairs 0 … N−1 of a problem. Pair i depends only on the seed and i, so that
any number of threads, any split into shards and any interruption give the same files. The same
command resumes a stopped call.

--shard divides the blocks of the dataset over processes that share the folder. A slow forward
model needs small blocks, so that every process has work: --set block_pairs=16.

--problem FILE.toml uses an external program as the forward model. The file describes the pairs and
how to start the program. Each thread starts one program and requests one pair at a time by a line
of JSON. (go doc csdm/problems/external describes file and protocol.)

A pair at which the forward model fails, by an error, a crash or a time-out, does not stop the
others. If at most max_failed percent of the pairs fail, they are recorded, and every reader of
the dataset leaves them out. If more fail, csdm names the first and ends with exit code 65, and
keeps all pairs made. The same command tries the failed pairs again; with a larger
--set max_failed= it leaves them out. Failed pairs of a finished block stay failed. After a repair
of the program, remove the record block-NNNNN.json of that block: the same command then makes all
its pairs again.`,
		Example: "  csdm data --problem quasistatic --grid 28 --pairs 1000 -o pairs",
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := problem.resolve()
			if err != nil {
				return err
			}
			part, err := a.shard(cmd)
			if err != nil {
				return err
			}
			s := dataset.Settings{Pairs: n, Seed: a.seed, BlockPairs: block, Shard: part}
			if _, err := dataset.NewManifest(p.Spec(), s); err != nil {
				return cli.Usage(fmt.Errorf("--pairs %d: %w", n, err))
			}
			env, err := a.env()
			if err != nil {
				return err
			}
			if dry {
				s.Threads = env.Threads
				return a.needs(run.DataNeeds(p, s))
			}
			made, err := run.Generate(cmd.Context(), out, p, s, env)
			if err != nil {
				return err
			}
			v := &dataResult{Dir: out, Pairs: n, Found: made.Found, Made: made.Made,
				Failed: made.Failed}
			return show.print(v, func(w io.Writer) {
				fmt.Fprintf(w, "%s: %d pairs made, %d already there", out, made.Made, made.Found)
				if made.Failed > 0 {
					fmt.Fprintf(w, ", %d failed and left out", made.Failed)
				}
				fmt.Fprintln(w)
			})
		},
	}
	problem.add(cmd)
	cmd.Flags().IntVar(&n, "pairs", 0, "number of pairs of the whole dataset")
	former(cmd, map[string]string{"n": "pairs"})
	cmd.Flags().StringVarP(&out, "out", "o", "", "folder")
	addShard(cmd)
	addDryRun(cmd, &dry)
	required(cmd, "pairs", "out")
	a.maxFailedFlag(cmd)
	cmd.Flags().IntVar(&block, "block-pairs", 0, "pairs of a block, the unit that shards divide; "+
		"0: at most 256, by the size of a pair")
	setFlag(cmd, nil, "max_failed=5")
	demote(cmd, "", "max-failed", "block-pairs", "noise")
	show.of(a, cmd, "")
	a.needed.of(a, cmd, withDryRun)
	cmd.AddCommand(a.dataExportCommand(), a.dataImportCommand(), a.dataCorrectCommand(),
		a.dataVerifyCommand())
	return cmd
}

// maxFailedFlag adds the flag for the largest share of pairs that may fail.
func (a *app) maxFailedFlag(cmd *cobra.Command) {
	number(cmd, &a.maxFailed, "max-failed", 2,
		"largest share of pairs, in percent, at which the forward model may fail; failed pairs "+
			"are recorded and left out")
}

func (a *app) dataExportCommand() *cobra.Command {
	var (
		out      string
		noisy    bool
		noise    percent
		from, to int
		problem  string
		show     printer[*dataExportResult]
	)
	cmd := &cobra.Command{
		Use:     "export DIR",
		Short:   "Write pairs of a dataset to .npz: x (N,H,W), y (N,C,H,W), physical units",
		Example: "  csdm data export pairs -o pairs.npz --set to=100",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !noisy && (noise != 0 || problem != "") {
				return cli.Usage(errors.New("--noise and --problem need noisy measurements; give " +
					"--noisy, too"))
			}
			store, err := dataset.Open(args[0])
			if err != nil {
				return err
			}
			defer store.Close()
			if !cmd.Flags().Changed("to") {
				to = store.Len()
			}
			if from < 0 || to > store.Len() || from >= to {
				return cli.Usage(fmt.Errorf("--from %d --to %d: %s holds pairs 0 to %d; --to is "+
					"one past the last", from, to, args[0], store.Len()-1))
			}
			s := dataset.ExportSettings{Pairs: dataset.Span{From: from, To: to},
				Overwrite: a.overwrite}
			if noisy {
				options := store.Spec().Options
				options.NoisePercent = float64(noise)
				if problem == "" {
					problem = store.Spec().Name
				}
				p, err := builtin.Lookup(problem, options)
				if err != nil {
					return err
				}
				if err := store.Check(p.Spec()); err != nil {
					return err
				}
				s.Noise, s.NoiseSeed = p.Measurement(), a.seed
			}
			if err := dataset.Export(cmd.Context(), store, out, s); err != nil {
				return err
			}
			failed := to - from - store.Count(s.Pairs)
			v := &dataExportResult{out, from, to, noisy, failed}
			return show.print(v, func(w io.Writer) {
				fmt.Fprintf(w, "pairs %d to %d written to %s", from, to-1, out)
				if failed > 0 {
					fmt.Fprintf(w,
						" without %d that failed; its array index says which pairs these are",
						failed)
				}
				fmt.Fprintln(w)
			})
		},
	}
	f := cmd.Flags()
	output(cmd, &out, "file, .npz")
	f.BoolVar(&noisy, "noisy", false, "whether y has one draw of the measurement noise")
	noiseFlag(cmd, &noise, "measurement noise in percent, with --noisy (default: the problem's)")
	f.StringVar(&problem, "problem", "",
		"FILE.toml of an external problem, for --noisy")
	f.IntVar(&from, "from", 0, "first pair")
	f.IntVar(&to, "to", 0, "one past the last pair (default: all)")
	setFlag(cmd, nil, "to=100")
	demote(cmd, "", "from", "to", "noise", "problem")
	show.of(a, cmd, "")
	return cmd
}

func (a *app) dataImportCommand() *cobra.Command {
	var (
		problem problemFlags
		out     string
		noisy   bool
		show    printer[*dataImportResult]
	)
	cmd := &cobra.Command{
		Use:   "import FILE.npz|FOLDER …",
		Short: "Make a dataset of pairs from files: x (N,H,W), y (N,C,H,W), physical units",
		Long: `import makes a dataset from the pairs of another program. It reads .npz files with
arrays x (N,H,W) and y (N,C,H,W), folders with x.npy and y.npy of these shapes, and folders
with x_000.npy, y_000.npy, x_001.npy, … of these shapes or with one pair each, in the order of
their names. C may be left out if it is 1. Values are in the units of the problem, and rows go
from the bottom up. --problem names a built-in problem, or FILE.toml of an external one, which
needs no program here (go doc csdm/problems/external).`,
		Example: "  csdm data import pairs.npz --problem quasistatic --grid 28 -o imported",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := problem.resolve()
			if err != nil {
				return err
			}
			s := dataset.ImportSettings{Problem: *p.Spec(), Noisy: noisy,
				Version: provenance().Version, Note: a.console.note}
			if err := dataset.Import(cmd.Context(), out, args, s); err != nil {
				return err
			}
			store, err := dataset.Open(out)
			if err != nil {
				return err
			}
			defer store.Close()
			return show.print(&dataImportResult{out, store.Len()}, func(w io.Writer) {
				fmt.Fprintf(w, "%s: %d pairs\n", out, store.Len())
			})
		},
	}
	problem.add(cmd)
	cmd.Flags().StringVarP(&out, "out", "o", "", "folder")
	cmd.Flags().BoolVar(&noisy, "noisy", false,
		"whether y in the files already has measurement noise")
	setFlag(cmd, nil, "grid=28")
	demote(cmd, "", "grid", "noise")
	required(cmd, "out")
	show.of(a, cmd, "")
	return cmd
}

func (a *app) dataVerifyCommand() *cobra.Command {
	var show printer[*dataVerifyResult]
	cmd := &cobra.Command{
		Use:     "verify DIR",
		Short:   "Check the hashes of a dataset and name missing and damaged ranges",
		Example: "  csdm data verify pairs",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := a.env()
			if err != nil {
				return err
			}
			report, err := dataset.Verify(cmd.Context(), args[0], env.Threads)
			if err != nil {
				return err
			}
			var damaged []string
			for _, c := range report.Corrupt {
				damaged = append(damaged, fmt.Sprintf("%v: %v", c.Pairs, c.Err))
			}
			out := &dataVerifyResult{report.OK(), report.Manifest.Pairs, report.Bytes,
				report.Missing, damaged, report.Failed}
			err = show.print(out, func(w io.Writer) {
				fmt.Fprintf(w, "%d pairs, %.1f MB read\n", report.Manifest.Pairs,
					float64(report.Bytes)/1e6)
				for _, span := range report.Missing {
					fmt.Fprintln(w, "missing: pairs", span)
				}
				for _, d := range damaged {
					fmt.Fprintln(w, "damaged: pairs", d)
				}
				if n := len(report.Failed); n > 0 {
					fmt.Fprintf(w,
						"left out: %d pairs at which the forward model failed, the first of them "+
							"%d\n", n, report.Failed[0])
				}
				if report.OK() {
					fmt.Fprintln(w, "complete and intact")
				}
			})
			if err == nil && !report.OK() {
				err = cli.Data(fmt.Errorf("%s is incomplete or damaged; run the csdm data "+
					"command that made it again", args[0]))
			}
			return err
		},
	}
	show.of(a, cmd, "")
	return cmd
}
