package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"csdm/bench"
	"csdm/calibrate"
	"csdm/internal/cli"
	"csdm/internal/shard"
)

// bandsHelp is the part of the help text of check about bands.
const bandsHelp = `With --conformal, check calibrates bands instead: intervals around the first
draws of a posterior, one for each pixel and each physical quantity. It makes held-out measurements,
or takes them from --data, draws from the posterior of each, and finds the levels from which the
intervals hold the true values. -o DIR gets model.safetensors, a copy of the model with these
levels; its weights are the same. csdm sample with that file reports the bands. Averaged over the
prior, they hold at least 90 % of the pixels, and each quantity in at least 90 % of the
measurements whose field has it. This needs no forward model. It is no statement about one
measurement or about one pixel.`

// bandFlags holds the flags of check for bands.
type bandFlags struct {
	conformal    bool
	data         string
	coverage     float64
	fresh, first int
	dry          bool // only print what the call needs
	show         printer[*calibrate.BandResult]
}

func (b *bandFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&b.conformal, "conformal", false,
		"calibrate bands, and write a copy of the model that has them")
	f.StringVar(&b.data, "data", "", "folder of pairs that training has not seen (default: the "+
		"problem makes them)")
	number(cmd, &b.coverage, "coverage", 0.9, "share of the true values that bands hold")
	f.IntVar(&b.fresh, "fresh", 0,
		"further measurements on which --conformal counts the coverage")
	f.IntVar(&b.first, "first", 0, "index of the first pair of --data that is judged")
	demote(cmd, "", "data", "coverage", "fresh", "first")
}

// bandOnly are the flags that go with --conformal only.
var bandOnly = []string{"coverage", "fresh"}

// unused returns an error if a flag for bands is given without --conformal.
func (b *bandFlags) unused(cmd *cobra.Command) error {
	for _, name := range bandOnly {
		if cmd.Flags().Changed(name) {
			return cli.Usage(fmt.Errorf("%s is for bands; give --conformal with it", name))
		}
	}
	return nil
}

// conformal calibrates the bands of a model, or measures the shard's part for
// them. s holds the settings that bands share with a check.
func (a *app) conformal(cmd *cobra.Command, job calibrate.BandJob, b *bandFlags,
	s calibrate.Settings, part shard.Shard) error {
	switch {
	case job.Dir == "":
		return cli.Usage(errors.New("--conformal writes a model: give a folder for it, -o DIR"))
	case s.Certify:
		return cli.Usage(errors.New("bands are of the network's own draws: leave out --certify"))
	case cmd.Flags().Changed("at"):
		return cli.Usage(errors.New("--at checks one measurement, and bands are for all: leave " +
			"out --at or --conformal"))
	case s.Spoil != "":
		return cli.Usage(errors.New("--conformal judges no posterior: leave out spoil"))
	}
	if !b.dry {
		if _, err := a.rehearse(cmd.Context(), job.Model, s.Sampling, false); err != nil {
			return err
		}
	}
	env, err := a.env()
	if err != nil {
		return err
	}
	settings := calibrate.BandSettings{Measurements: s.Measurements, Fresh: b.fresh,
		Coverage: b.coverage, First: b.first, Sampling: s.Sampling, Seed: s.Seed}
	if b.dry {
		return a.needs(job.Needs(settings, env))
	}
	if divided(cmd) {
		call, err := a.shardCall(cmd, part)
		if err != nil {
			return err
		}
		return a.part(calibrate.ConformalShard(cmd.Context(), job, settings, call, env))
	}
	r, err := calibrate.Conformal(cmd.Context(), job, settings, env)
	if err != nil {
		return err
	}
	return b.show.print(r, func(w io.Writer) { printBands(w, r) })
}

// printBands prints the levels of bands and their coverage on fresh
// measurements.
func printBands(w io.Writer, r *calibrate.BandResult) {
	if r.AlreadyThere {
		fmt.Fprintln(w, "already there:", r.Out)
	}
	b, percent := r.Bands, 100*r.Bands.Coverage
	fmt.Fprintf(w, "%s; bands of %g %% coverage from %d held-out measurements, around %d draws "+
		"each by %s\n\n", r.Model, percent, b.Count, b.Sampling.Draws, b.Sampling)
	t := cli.NewTable(w, "bands of", "level", "coverage of fresh", "standard error", "count")
	row := func(name string, level any, h *calibrate.HeldShare) {
		if h == nil || h.Count == 0 {
			t.Row(name, level)
			return
		}
		t.Row(name, level, fmt.Sprintf("%.2f %%", 100*h.Share), fmt.Sprintf("%.2f %%", 100*h.Error),
			h.Count)
	}
	for k, share := range r.Regions {
		var h *calibrate.HeldShare
		if r.Fresh != nil {
			h = &r.Fresh.Regions[k]
		}
		row(fmt.Sprintf("pixels, %.3g %% of the field", 100*share),
			fmt.Sprintf("%.3f", b.Levels[k]), h)
	}
	if r.Fresh != nil {
		row("all pixels", "", &r.Fresh.Pixels)
	}
	for k, q := range b.Quantities {
		var h *calibrate.HeldShare
		if r.Fresh != nil {
			h = &r.Fresh.Quantities[k]
		}
		level := "none"
		if q.Level != nil {
			level = fmt.Sprintf("%.3f", *q.Level)
		}
		row(q.Name, level, h)
	}
	t.Flush()
	fmt.Fprintln(w)
	least := bench.LeastMeasurements(b.Coverage)
	for _, q := range b.Quantities {
		switch {
		case q.Count < least:
			fmt.Fprintf(w, "no band for %s: %d fields have it, and at least %d are needed\n",
				q.Name, q.Count, least)
		case q.Level == nil:
			fmt.Fprintf(w, "no band for %s: of %d fields that have it, too few have such draws\n",
				q.Name, q.Count)
		case q.Count < b.Count:
			fmt.Fprintf(w, "%s: %d of %d fields do not have it and do not count\n", q.Name,
				b.Count-q.Count, b.Count)
		}
	}
	fmt.Fprintln(w, "the first row is the part of the field with the most uncertain pixels; "+
		"level 1 goes from the smallest draw to the largest")
	fmt.Fprintln(w, "model with bands:", r.Out)
}
