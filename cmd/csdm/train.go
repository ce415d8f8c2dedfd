package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"csdm/dataset"
	"csdm/internal/cli"
	"csdm/problems"
	"csdm/run"
)

// configFlags resolve a run.Config: preset, then a file, then single settings.
type configFlags struct {
	preset, file string
	set          []string
	limit        string
}

func (c *configFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.preset, "preset", "tiny", "settings to start from: tiny, small or paper")
	f.StringVar(&c.file, "config", "", "settings that differ from the preset, TOML (as config.toml of a run folder)")
	f.StringArrayVar(&c.set, "set", nil, "one setting, as section.name=value, such as training.steps=2000 (may be repeated)")
	f.StringVar(&c.limit, "time-limit", "", "stop training after a checkpoint within this time (exit 75), such as 50m or 3h")
}

// resolve returns the settings for a problem. Where the run folder out has settings already, they are what
// the flags start from, so that the same command, or a shorter one, goes on.
func (c *configFlags) resolve(cmd *cobra.Command, a *app, p *problemFlags, out string) (*run.Config, error) {
	var config *run.Config
	existing := &run.Config{}
	err := cli.ReadConfig(filepath.Join(out, "config.toml"), existing)
	switch {
	case err == nil && !cmd.Flags().Changed("preset") && p.problem == "" && p.model == "":
		config = existing
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	default:
		problem, err := p.resolve()
		if err != nil {
			return nil, err
		}
		options := problems.Options{Grid: p.grid, NoisePercent: p.noise}
		if p.model != "" {
			options = problem.Spec().Options
		}
		if config, err = run.Resolve(problem.Spec().Name, c.preset, options, a.seed); err != nil {
			return nil, usage(err)
		}
	}
	if c.file != "" {
		if err := cli.ReadConfig(c.file, config); err != nil {
			return nil, err
		}
	}
	for _, assignment := range c.set {
		if err := assign(config, assignment); err != nil {
			return nil, cli.Usage(err)
		}
	}
	if err := config.Validate(); err != nil {
		return nil, cli.Config(err)
	}
	return config, nil
}

// assign sets one setting of a configuration, given as section.name=value by its names in the file.
func assign(config *run.Config, assignment string) error {
	name, value, ok := strings.Cut(assignment, "=")
	if !ok {
		return fmt.Errorf("--set %q: section.name=value is expected", assignment)
	}
	v := reflect.ValueOf(config).Elem()
	for part := range strings.SplitSeq(name, ".") {
		if v.Kind() != reflect.Struct {
			return fmt.Errorf("--set %s: there is no such setting", name)
		}
		field := reflect.Value{}
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("toml") == part {
				field = v.Field(i)
			}
		}
		if !field.IsValid() {
			return fmt.Errorf("--set %s: there is no setting %s", name, part)
		}
		v = field
	}
	var err error
	switch v.Kind() {
	case reflect.String:
		v.SetString(value)
	case reflect.Int:
		var n int
		n, err = strconv.Atoi(value)
		v.SetInt(int64(n))
	case reflect.Uint64:
		var n uint64
		n, err = strconv.ParseUint(value, 10, 64)
		v.SetUint(n)
	case reflect.Float64:
		var x float64
		if x, err = strconv.ParseFloat(value, 64); err == nil && (math.IsNaN(x) || math.IsInf(x, 0)) {
			err = errors.New("not a finite number")
		}
		v.SetFloat(x)
	default:
		return fmt.Errorf("--set %s: that is a section, not a setting", name)
	}
	if err != nil {
		return fmt.Errorf("--set %s: %w", assignment, err)
	}
	return nil
}

func (a *app) trainCommand() *cobra.Command {
	var (
		problem   problemFlags
		config    configFlags
		data, out string
	)
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train a score network on the pairs of a folder",
		Long: `train fits a score network and leaves model.safetensors in the run folder. It can be stopped at any moment: a signal
(SIGINT, SIGTERM, SIGUSR1) or --time-limit end it after a checkpoint with exit code 75, and the same command goes on to
the same bytes as if it had never stopped.`,
		Example: "  csdm train --problem quasistatic --grid 28 --data pairs -o trained --set training.steps=200",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.resolve(cmd, a, &problem, out)
			if err != nil {
				return err
			}
			if manifest, err := dataset.ReadManifest(data); err != nil {
				return dataError(err)
			} else {
				c.Data.Pairs = manifest.Pairs
			}
			env, err := a.env(cmd)
			if err != nil {
				return err
			}
			if env.TimeLimitMinutes, err = config.minutes(); err != nil {
				return err
			}
			folder, err := run.Open(out, c, a.call(env))
			if err != nil {
				return err
			}
			model, err := folder.Train(cmd.Context(), data, env)
			if err != nil {
				return dataError(stopped(err))
			}
			t := model.Meta.Training
			return a.result(t, func(w io.Writer) {
				fmt.Fprintf(w, "trained %d steps in %.0f s; held-out loss %.3f; model in %s\n",
					t.Steps, t.Seconds, t.HeldOutLoss, filepath.Join(out, "model.safetensors"))
			})
		},
	}
	problem.add(cmd, true)
	config.add(cmd)
	cmd.Flags().StringVar(&data, "data", "", "folder of pairs (csdm data)")
	cmd.Flags().StringVarP(&out, "out", "o", "", "run folder")
	required(cmd, "data", "out")
	return cmd
}

// minutes returns the time limit in minutes, 0 for none.
func (c *configFlags) minutes() (float64, error) {
	if c.limit == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(c.limit)
	if err != nil || d <= 0 {
		return 0, cli.Usage(fmt.Errorf("--time-limit %q: a duration such as 50m is expected", c.limit))
	}
	return d.Minutes(), nil
}
