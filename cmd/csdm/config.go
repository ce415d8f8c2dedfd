package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/problems/builtin"
	"csdm/run"
)

// configFlags resolve a run.Config: problem and preset, then a file, then
// single settings.
type configFlags struct {
	problemFlags
	preset, file string
	set          []string
}

func (c *configFlags) add(cmd *cobra.Command) {
	c.problemFlags.add(cmd)
	f := cmd.Flags()
	f.StringVar(&c.preset, "preset", "tiny", "settings to start from: tiny, small or paper")
	f.StringVar(&c.file, "config", "",
		"settings that differ from the preset, TOML (as config.toml of a run folder)")
	f.StringArrayVar(&c.set, "set", nil,
		"one setting, as section.name=value, such as training.steps=2000 (may be repeated)")
}

// resolve returns the settings. Where the run folder has settings already, they
// are what the flags change, so that the command that began it, or a shorter
// one, goes on. (run.Open refuses a change, and names it.)
func (c *configFlags) resolve(cmd *cobra.Command, a *app, folder string) (*run.Config, error) {
	name, options, err := c.choice()
	if err != nil {
		return nil, err
	}
	if name != "" {
		if _, err := builtin.Preset(name, c.preset); err != nil {
			return nil, err
		}
	}
	config, err := run.ReadConfig(folder)
	switch {
	case err != nil:
		return nil, err
	case config != nil:
		a.console.note("settings of " + filepath.Join(folder, "config.toml"))
		c.change(config, cmd, a, name, options.Grid, options.NoisePercent)
	case name == "":
		return nil, errNoProblem
	default:
		if config, err = run.Resolve(name, c.preset, options, a.seed); err != nil {
			return nil, err
		}
	}
	if c.file != "" {
		if err := cli.ReadConfig(c.file, config); err != nil {
			return nil, err
		}
	}
	for _, assignment := range c.set {
		name, value, ok := strings.Cut(assignment, "=")
		if !ok {
			return nil, cli.Usage(fmt.Errorf("--set %q: section.name=value is expected",
				assignment))
		}
		if err := config.Set(strings.TrimSpace(name), strings.TrimSpace(value)); err != nil {
			return nil, cli.Usage(fmt.Errorf("--set %s: %w", assignment, err))
		}
	}
	if err := config.Validate(); err != nil {
		return nil, cli.Config(err)
	}
	return config, nil
}

// change puts into config what flags say, and leaves what they don't.
func (c *configFlags) change(config *run.Config, cmd *cobra.Command, a *app, name string, grid int,
	noise float64) {
	if name != "" {
		config.Problem = name
	}
	if grid != 0 {
		config.Grid = grid
	}
	if noise != 0 {
		config.NoisePercent = noise
	}
	if cmd.Flags().Changed("preset") {
		config.Preset = c.preset
	}
	if cmd.Flags().Changed("seed") {
		config.Seed = a.seed
	}
}
