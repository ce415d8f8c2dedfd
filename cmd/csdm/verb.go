package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/problems/external"
)

// The annotations of a command that list names of its flags.
const (
	requiredFlags = "csdm_required" // flags that must be given
	outputFlags   = "csdm_output"   // flags that name output files
	numberFlags   = "csdm_number"   // flags for finite floating-point numbers

	// finishesInputs marks a verb that may finish the folder of an argument.
	finishesInputs = "csdm_finishes"
)

const timeLimitFlag = "time-limit"

func annotate(cmd *cobra.Command, key string, names ...string) {
	if cmd.Annotations == nil {
		cmd.Annotations = map[string]string{}
	}
	cmd.Annotations[key] = strings.TrimSpace(cmd.Annotations[key] + " " + strings.Join(names, " "))
}

func annotated(cmd *cobra.Command, key string) []string {
	return strings.Fields(cmd.Annotations[key])
}

// required marks flags that must be given. (The command library's own check has
// no exit code.)
func required(cmd *cobra.Command, names ...string) { annotate(cmd, requiredFlags, names...) }

// output adds the flag --out, -o for the output file of a verb.
func output(cmd *cobra.Command, path *string, usage string) {
	cmd.Flags().StringVarP(path, "out", "o", "", usage)
	required(cmd, "out")
	outputs(cmd, "out")
}

// outputs marks flags that name output files. The verb itself judges an
// existing file: if it is the result of the same command, the verb has nothing
// to do.
func outputs(cmd *cobra.Command, names ...string) { annotate(cmd, outputFlags, names...) }

// number adds a flag for a finite number.
func number(cmd *cobra.Command, v *float64, name string, value float64, usage string) {
	cmd.Flags().Float64Var(v, name, value, usage)
	annotate(cmd, numberFlags, name)
}

// parent returns a command that only groups other commands.
func parent(use, short string, children ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short}
	cmd.AddCommand(children...)
	return cmd
}

// finish adds the common checks to every verb. An unknown name, a missing or
// wrong flag, or an output that cannot be written ends the verb before it
// begins, and errors get their exit codes.
func (a *app) finish(cmd *cobra.Command) {
	if cmd.HasSubCommands() {
		cmd.Args, cmd.SuggestionsMinimumDistance = knownVerb, 2
	}
	if cmd.RunE == nil {
		cmd.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	}
	args, runE := cmd.Args, cmd.RunE
	if args != nil {
		cmd.Args = func(c *cobra.Command, given []string) error {
			if err := args(c, given); err != nil {
				return cli.Usage(fmt.Errorf("%w (see %s --help)", err, c.CommandPath()))
			}
			return nil
		}
	}
	cmd.RunE = func(c *cobra.Command, given []string) (err error) {
		defer func() {
			if cli.Code(err) == cli.ExitUsage && !strings.Contains(err.Error(), "--help") {
				err = fmt.Errorf("%w (see %s --help)", err, c.CommandPath())
			}
		}()
		if err := errors.Join(checkRequired(c), checkNumbers(c)); err != nil {
			return cli.Usage(err)
		}
		if a.instead != nil && c.Name() != "run" {
			return a.instead(c, "", nil)
		}
		end := a.recordsEnd(c)
		defer func() { err = errors.Join(err, end(err)) }()
		if err := checkInputs(c, given); err != nil {
			return err
		}
		if err := a.checkOutputs(c); err != nil {
			return err
		}
		ctx, cancel, err := a.limited(c)
		if err != nil {
			return err
		}
		defer cancel()
		c.SetContext(ctx)
		defer external.EndWith(ctx)()
		return withCode(ctx, runE(c, given), a.saved.Load() > 0)
	}
	for _, child := range cmd.Commands() {
		a.finish(child)
	}
}

// knownVerb returns an error for an argument of a command that only groups
// other commands.
func knownVerb(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := fmt.Errorf("%q is not a command of %s", args[0], cmd.CommandPath())
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		err = fmt.Errorf("%w; did you mean %s?", err, strings.Join(near, " or "))
	}
	return err
}

// checkRequired returns an error that names the required flags that are not
// set.
func checkRequired(cmd *cobra.Command) error {
	var missing []string
	for _, name := range annotated(cmd, requiredFlags) {
		if flag := cmd.Flags().Lookup(name); !flag.Changed || flag.Value.String() == "" {
			missing = append(missing, "--"+name)
		}
	}
	if missing == nil {
		return nil
	}
	return fmt.Errorf("%s is missing", strings.Join(missing, ", "))
}

// checkNumbers returns an error for NaN or infinity, which the flag parser
// accepts.
func checkNumbers(cmd *cobra.Command) error {
	for _, name := range annotated(cmd, numberFlags) {
		if v, err := cmd.Flags().GetFloat64(name); err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("--%s is %v; it must be a finite number", name, v)
		}
	}
	return nil
}

// checkOutputs returns an error if an output file cannot be written.
func (a *app) checkOutputs(cmd *cobra.Command) error {
	if manyCases(cmd) {
		return nil // overCases checks each file
	}
	if cmd.Flags().Lookup(shardFlag) != nil && divided(cmd) {
		return nil // a folder of parts
	}
	return a.checkOutputFiles(cmd)
}

func (a *app) checkOutputFiles(cmd *cobra.Command) error {
	for _, name := range annotated(cmd, outputFlags) {
		flag := cmd.Flags().Lookup(name)
		path := flag.Value.String()
		if there, err := os.Stat(path); !flag.Changed || err == nil && !there.IsDir() &&
			!a.overwrite {
			continue // a finished result is found even in a read-only folder
		}
		if err := mayWrite(path); err != nil {
			return err
		}
	}
	return nil
}

// mayWrite returns an error if a file cannot be written.
func mayWrite(path string) error {
	if there, err := os.Lstat(path); err == nil && there.IsDir() {
		return cli.IO(fmt.Errorf("%s is a folder, not a file to write", path))
	}
	if err := writable(filepath.Dir(path)); err != nil {
		return cli.IO(fmt.Errorf("%s cannot be written: %w", path, err))
	}
	return nil
}

// limited returns the context of a verb under its time limit, if it has one.
// The end of a Slurm job is a limit, too.
func (a *app) limited(cmd *cobra.Command) (context.Context, context.CancelFunc, error) {
	limit := time.Duration(0)
	if cmd.Flags().Changed(timeLimitFlag) {
		var err error
		if limit, err = cmd.Flags().GetDuration(timeLimitFlag); err != nil {
			return nil, nil, err
		}
		if limit <= 0 {
			return nil, nil, cli.Usage(fmt.Errorf("--%s is %v; it must be a duration such as 50m",
				timeLimitFlag, limit))
		}
	} else if left, ok := cli.SlurmLimit(time.Now(), a.getenv); ok {
		limit, a.jobLimit = left, left
	}
	if limit == 0 {
		return cmd.Context(), func() {}, nil
	}
	ctx, cancel := context.WithTimeoutCause(cmd.Context(), limit,
		fmt.Errorf("%w: time limit of %v", context.DeadlineExceeded, limit))
	return ctx, cancel, nil
}

// write writes an output file, whole or not at all. Without --overwrite an
// existing file with other content is an error; the same content is a success.
func (a *app) write(path string, content func(io.Writer) error) error {
	if a.overwrite {
		return atomicfile.Write(path, true, content)
	}
	return atomicfile.WriteSame(path, content)
}

func (a *app) writeNPZ(path string, arrays ...format.Named) error {
	return a.write(path, func(w io.Writer) error { return format.WriteNPZ(w, arrays...) })
}

func (a *app) writeNPY(path string, values []float64, shape ...int) error {
	return a.write(path, func(w io.Writer) error {
		return format.WriteNPY(w, format.Array64(values, shape...))
	})
}
