package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/models"
	"csdm/nn"
	"csdm/nn/train"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/run"
)

// problemFlags choose a problem, by name or through a model that was trained for it.
type problemFlags struct {
	problem, model string
	grid           int
	noise          float64
}

func (p *problemFlags) add(cmd *cobra.Command, withModel bool) {
	f := cmd.Flags()
	f.StringVar(&p.problem, "problem", "", "inverse problem (csdm problems lists them)")
	if withModel {
		f.StringVar(&p.model, "model", "", "model file or builtin:NAME, whose problem, grid and noise are taken")
	}
	f.IntVar(&p.grid, "grid", 0, "nodes along the shorter side of the field (0: the problem's)")
	f.Float64Var(&p.noise, "noise", 0, "measurement noise in percent (0: the problem's)")
}

// resolve returns the problem.
func (p *problemFlags) resolve() (problems.Problem, error) {
	name, options := p.problem, problems.Options{Grid: p.grid, NoisePercent: p.noise}
	switch {
	case p.problem != "" && p.model != "":
		return nil, cli.Usage(errors.New("--problem and --model say the same thing: give one"))
	case p.model != "":
		m, err := readModel(p.model)
		if err != nil {
			return nil, err
		}
		if !m.Meta.Known() {
			return nil, cli.Data(fmt.Errorf("%s says nothing of its problem: give --problem", p.model))
		}
		name = m.Meta.Problem
		if options.Grid == 0 {
			options.Grid = min(m.Meta.Rows, m.Meta.Cols)
		}
		if options.NoisePercent == 0 {
			options.NoisePercent = m.Meta.NoisePercent
		}
	case p.problem == "":
		return nil, cli.Usage(errors.New("--problem is missing (csdm problems lists them)"))
	}
	problem, err := builtin.Lookup(name, options)
	return problem, usage(err)
}

// usage gives the errors of wrong names and options the code of wrong usage.
func usage(err error) error {
	var unknown *builtin.UnknownError
	var option *problems.OptionError
	if errors.As(err, &unknown) || errors.As(err, &option) {
		return cli.Usage(err)
	}
	return err
}

// readModel reads a model file, or an embedded model for builtin:NAME.
func readModel(name string) (*nn.Model, error) {
	if embedded, ok := strings.CutPrefix(name, models.Prefix); ok {
		return run.BuiltinModel(embedded)
	}
	return nn.ReadModelFile(name)
}

// stopped gives a training that was stopped after a good checkpoint its exit code, and wrong settings theirs.
func stopped(err error) error {
	var setting *train.SettingsError
	var mismatch *train.MismatchError
	var damaged *train.DamagedError
	switch {
	case errors.Is(err, train.ErrStopped):
		return fmt.Errorf("%w (%w)", cli.ErrStopped, err)
	case errors.As(err, &setting):
		return cli.Config(err)
	case errors.As(err, &mismatch):
		return cli.Exists(err)
	case errors.As(err, &damaged):
		return cli.Data(err)
	}
	return err
}

func (a *app) problemsCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "problems",
		Short:   "List the inverse problems and the embedded models",
		Example: "  csdm problems",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			type problem struct {
				problems.Spec
				Presets []string `json:"presets"`
			}
			out := struct {
				Problems []problem `json:"problems"`
				Models   []string  `json:"models"`
			}{Models: models.Names()}
			for _, entry := range builtin.List() {
				p, err := entry.New(problems.Options{})
				if err != nil {
					return err
				}
				item := problem{Spec: *p.Spec()}
				for _, preset := range entry.Presets {
					item.Presets = append(item.Presets, preset.Name)
				}
				out.Problems = append(out.Problems, item)
			}
			return a.result(out, func(w io.Writer) {
				t := cli.NewTable(w, "problem", "section", "field", "measurement", "unit of x", "unit of y", "presets")
				for _, p := range out.Problems {
					t.Row(p.Name, p.Section, fmt.Sprintf("%d×%d", p.Rows, p.Cols), fmt.Sprintf("%d×%d×%d", p.YChannels, p.Rows, p.Cols),
						p.XUnit, p.YUnit, strings.Join(p.Presets, " "))
				}
				t.Flush()
				fmt.Fprintln(w)
				for _, m := range out.Models {
					fmt.Fprintln(w, "embedded model", m)
				}
			})
		},
	}
}
