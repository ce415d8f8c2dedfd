package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/internal/shard"
)

// shardFlag is the name of the flag for a part of a verb's work.
const shardFlag = "shard"

// The forms of output that several verbs have, in words for printer.of.
const (
	withShard  = "with --shard"
	withDryRun = "with --dry-run"
	withCases  = "with a range of measurements, such as --case 0:10"
)

// addShard adds the flag --shard to a verb whose work divides.
func addShard(cmd *cobra.Command) {
	cmd.Flags().String(shardFlag, "", "do part K of M only, as K/M; auto takes both from the "+
		"scheduler, auto/M only K")
}

// divided reports whether the verb does a part of its work.
func divided(cmd *cobra.Command) bool { return cmd.Flags().Changed(shardFlag) }

// shard returns the shard of the flag. It prints where the shard of auto comes
// from, and a remark if several tasks do the same work without a shard.
func (a *app) shard(cmd *cobra.Command) (shard.Shard, error) {
	text := cmd.Flags().Lookup(shardFlag).Value.String()
	s, source, err := shard.Parse(text, a.getenv)
	if err != nil {
		return s, err
	}
	if source != "" {
		a.console.note(fmt.Sprintf("shard %v, from %s", s, source))
	}
	if remark := shard.Repeats(a.getenv); !divided(cmd) && remark != "" {
		a.console.note(remark)
	}
	return s, nil
}

// recordsEnd returns a function that records how a call for a shard has ended,
// so that csdm status also shows a failure before the part was begun, such as a
// missing model. The verbs record later failures themselves.
func (a *app) recordsEnd(cmd *cobra.Command) func(error) error {
	none := func(error) error { return nil }
	if cmd.Flags().Lookup(shardFlag) == nil || !divided(cmd) {
		return none
	}
	// A range of measurements changes --out.
	dir := cmd.Flags().Lookup("out").Value.String()
	s, _, err := shard.Parse(cmd.Flags().Lookup(shardFlag).Value.String(), a.getenv)
	if err != nil || dir == "" {
		return none
	}
	return func(failed error) error {
		// A wrong command line makes no folder, and a folder of something else
		// gets no record.
		if code := cli.Code(failed); code == cli.ExitUsage || code == cli.ExitExists || a.recorded {
			return nil
		}
		if failed != nil {
			if err := disk.MkdirAll(dir); err != nil {
				return err
			}
		}
		return s.Record(dir, failed)
	}
}

// argumentsKey is the key of the command line in a verb's context.
type argumentsKey struct{}

// ownFlags lists the flags that a call has for itself: another call for the
// same result may have others.
var ownFlags = []string{"out", shardFlag, "threads", "json", "quiet", "overwrite", timeLimitFlag}

// shardCall returns the call for a shard of a divided verb, with its command
// line.
func (a *app) shardCall(cmd *cobra.Command, s shard.Shard) (call shard.Assignment, err error) {
	call.Dir, call.Shard = cmd.Flags().Lookup("out").Value.String(), s
	if call.Dir == "" {
		return call, cli.Usage(errors.New("--shard needs -o, the folder of the parts"))
	}
	if a.overwrite {
		return call, cli.Usage(errors.New("--overwrite does not go with --shard: other shards " +
			"may be at work in the folder; remove it, or choose another one"))
	}
	call.Plan = &shard.Plan{Verb: strings.TrimPrefix(cmd.CommandPath(), "csdm "),
		Arguments: []string{}, Version: provenance().Version}
	given, _ := cmd.Context().Value(argumentsKey{}).([]string)
	return call, cmd.Flags().ParseAll(given, func(flag *pflag.Flag, value string) error {
		if !slices.Contains(ownFlags, flag.Name) {
			call.Plan.Arguments = append(call.Plan.Arguments, "--"+flag.Name+"="+value)
		}
		return nil
	})
}

// partialFile returns the file of unfinished work of a result.
func partialFile(out string) string { return out + ".partial" }

// part prints the result of a call for a shard.
func (a *app) part(made *shard.Made, err error) error {
	if err != nil {
		return err
	}
	return a.parts.print(made, func(w io.Writer) {
		if made.From == made.To {
			fmt.Fprintf(w, "%s: this shard has no %s\n", made.Dir, made.Items)
			return
		}
		fmt.Fprintf(w, "%s: %s %v: %d made, %d already there\n", made.Dir, made.Items,
			made.ItemRange,
			made.Made, made.Found)
	})
}
