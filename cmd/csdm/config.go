package main

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/recipe"
	"csdm/run"
)

// configFlags holds the flags that resolve a recipe: problem and preset, then a
// file, then single settings.
type configFlags struct {
	problemFlags
	preset, file string
	set          []string
}

func (c *configFlags) add(cmd *cobra.Command) {
	c.problemFlags.add(cmd)
	f := cmd.Flags()
	f.StringVar(&c.preset, "preset", "tiny", "settings to start from: tiny, small, full or paper; "+
		"lesson (quasistatic)")
	f.StringVar(&c.file, "config", "",
		"TOML file with the settings that differ from the preset, such as config.toml of a "+
			"run folder")
	setFlag(cmd, &c.set, "training.steps=2000")
	explainSettings(cmd, "")
}

// resolve returns the settings. If the run folder already has settings, the
// flags change those, so that the command that began the folder, or a shorter
// one, resumes it. (run.Open refuses a change and names it.)
func (c *configFlags) resolve(cmd *cobra.Command, a *app, folder string) (*recipe.Recipe, error) {
	name, options, err := c.choice()
	if err != nil {
		return nil, err
	}
	seed := a.seed
	config, err := run.ReadConfig(folder)
	if err != nil {
		return nil, err
	}
	if config == nil && name == "" && c.file != "" {
		if name, err = c.fromFile(cmd, &options, &seed); err != nil {
			return nil, err
		}
	}
	if name != "" {
		if err := recipe.KnownPreset(name, c.preset); err != nil {
			return nil, err
		}
	}
	switch {
	case config != nil:
		a.console.note("settings of " + filepath.Join(folder, "config.toml"))
		c.change(config, cmd, a, name, options)
	case name == "":
		return nil, errNoProblem
	default:
		if config, err = recipe.Resolve(name, c.preset, options, seed); err != nil {
			return nil, err
		}
	}
	if c.file != "" {
		if err := config.Overlay(c.file); err != nil {
			return nil, err
		}
		c.change(config, cmd, a, name, options) // flags win
		// A run folder resumes from any directory.
		if builtin.IsFile(config.Problem) {
			if config.Problem, err = filepath.Abs(config.Problem); err != nil {
				return nil, err
			}
		}
	}
	for _, assignment := range c.set {
		if _, err := assign(config, assignment); err != nil {
			return nil, cli.Usage(err)
		}
	}
	if err := config.Validate(); err != nil {
		return nil, cli.Config(err)
	}
	return config, nil
}

// sets reports whether --set gives a value to the setting.
func (c *configFlags) sets(name string) bool {
	return slices.ContainsFunc(c.set, func(assignment string) bool {
		return strings.HasPrefix(assignment, name+"=")
	})
}

// fromFile returns the problem that the file of --config names. It takes the
// preset, grid, noise and seed from the file where no flag gives them.
func (c *configFlags) fromFile(cmd *cobra.Command, o *problems.Options, seed *uint64) (
	problem string, err error) {
	file, err := recipe.Read(c.file)
	if err != nil {
		return "", err
	}
	if file.Preset != "" && !cmd.Flags().Changed("preset") {
		c.preset = file.Preset
	}
	if o.Grid == 0 {
		o.Grid = file.Grid
	}
	if o.NoisePercent == 0 {
		o.NoisePercent = file.NoisePercent
	}
	if !cmd.Flags().Changed("seed") {
		*seed = file.Seed
	}
	return file.Problem, nil
}

// change sets the settings of config that flags give, and keeps the others.
func (c *configFlags) change(config *recipe.Recipe, cmd *cobra.Command, a *app, name string,
	options problems.Options) {
	if name != "" {
		config.Problem = name
	}
	if options.Grid != 0 {
		config.Grid = options.Grid
	}
	if options.NoisePercent != 0 {
		config.NoisePercent = options.NoisePercent
	}
	if cmd.Flags().Changed("preset") {
		config.Preset = c.preset
	}
	if cmd.Flags().Changed("seed") {
		config.Seed = a.seed
	}
}
