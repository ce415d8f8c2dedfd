package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"csdm/infer"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/report"
)

// filmFlag is the flag --film of sample.
type filmFlag struct{ path string }

func (f *filmFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.path, "film", "", "file for the walk of the first draw: state and "+
		"denoised state at each noise level, an animation (.svg) or arrays (.npz)")
	outputs(cmd, "film")
}

// check returns an error if the flag does not go with the others.
func (f *filmFlag) check(cmd *cobra.Command) error {
	if f.path == "" {
		return nil
	}
	if divided(cmd) || manyCases(cmd) {
		return cli.Usage(errors.New("--film is for one measurement in one call: leave out " +
			"--shard and --cases"))
	}
	return infer.CheckFilm(f.path)
}

// wanted reports whether the film is requested and is not there.
func (f *filmFlag) wanted() bool { return f.path != "" && !atomicfile.Exists(f.path) }

// refuse returns an error if a film of another result is there.
func (f *filmFlag) refuse(overwrite bool) error {
	if f.path != "" && !overwrite && atomicfile.Exists(f.path) {
		return cli.Exists(fmt.Errorf("%s exists, and its result does not: move it away, or give "+
			"--overwrite", f.path))
	}
	return nil
}

// write writes the film of make, unless none is requested.
func (f *filmFlag) write(overwrite bool, make func() (*report.Film, error)) error {
	if f.path == "" {
		return nil
	}
	film, err := make()
	if err != nil {
		return err
	}
	return infer.WriteFilm(f.path, film, overwrite)
}
