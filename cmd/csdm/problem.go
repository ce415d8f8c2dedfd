package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/measured"
	"csdm/models"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/problems/specimen"
	"csdm/recipe"
	"csdm/run"
)

// problemFlags holds the flags that choose a problem, by its name or by a model
// that was trained for it.
type problemFlags struct {
	problem, model string
	grid           int
	noise          percent
}

func (p *problemFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&p.problem, "problem", "",
		"inverse problem (csdm problems lists them), FILE.toml of an external one, or "+
			"a model that sets problem, grid and noise")
	f.StringVar(&p.model, "model", "",
		"model file or builtin:NAME that sets problem, grid and noise")
	if err := f.MarkHidden("model"); err != nil { // --problem takes models, too
		panic(err)
	}
	p.addOptions(cmd)
}

// addOptions adds the flags for the options of the problem.
func (p *problemFlags) addOptions(cmd *cobra.Command) {
	cmd.Flags().IntVar(&p.grid, "grid", 0,
		"nodes along the shorter side of the field (0: the problem's or the model's)")
	noiseFlag(cmd, &p.noise,
		"measurement noise in percent, such as 5 or 0.1% (default: the problem's or the model's)")
}

// choice returns the name and options that the flags give, with "" and zeros
// for those that they do not give.
func (p *problemFlags) choice() (name string, o problems.Options, err error) {
	if p.model == "" && isModel(p.problem) {
		p.problem, p.model = "", p.problem
	}
	name, o = p.problem, problems.Options{Grid: p.grid, NoisePercent: float64(p.noise)}
	if builtin.IsFile(name) { // absolute, so that a run folder resumes from any directory
		if name, err = filepath.Abs(name); err != nil {
			return "", o, err
		}
	}
	if p.model == "" {
		return name, o, nil
	}
	if p.problem != "" && !builtin.IsFile(name) {
		return "", o, cli.Usage(errors.New("--problem and --model exclude each other; give one"))
	}
	m, err := run.OpenModel(p.model)
	if err != nil {
		return "", o, err
	}
	if !m.Meta.Known() {
		return "", o, cli.Data(fmt.Errorf("%s does not store its problem; give --problem",
			p.model))
	}
	if name != "" {
		if err := measured.IsFor(m, name); err != nil {
			return "", o, fmt.Errorf("%s: %w", p.model, err)
		}
	} else if _, err := builtin.Find(m.Meta.Problem); err != nil {
		return "", o, cli.Data(fmt.Errorf("%s: %w (for an external problem also give --problem "+
			"FILE.toml)", p.model, err))
	} else {
		name = m.Meta.Problem
	}
	if o.Grid == 0 {
		o.Grid = min(m.Meta.Rows, m.Meta.Cols)
	}
	if o.NoisePercent == 0 {
		o.NoisePercent = m.Meta.NoisePercent
	}
	return name, o, nil
}

// resolve returns the problem.
func (p *problemFlags) resolve() (problems.Problem, error) {
	name, options, err := p.choice()
	if err != nil {
		return nil, err
	}
	if name == "" {
		return nil, errNoProblem
	}
	return builtin.Lookup(name, options)
}

// describe names the resolved problem and the options that no flag gave.
func (p *problemFlags) describe(s *problems.Spec) string {
	from := "the problem's"
	if p.model != "" {
		from = "the model's"
	}
	text := fmt.Sprintf("%s on %d×%d nodes", s.Name, s.Rows, s.Cols)
	if p.grid == 0 {
		text += " (" + from + ")"
	}
	if s.Options.NoisePercent > 0 {
		text += fmt.Sprintf(", noise %.4g %%", s.Options.NoisePercent)
		if p.noise == 0 {
			text += " (" + from + "; --noise changes it)"
		}
	}
	return text
}

// isModel reports whether a name belongs to a model, not to a problem.
func isModel(name string) bool {
	return strings.HasPrefix(name, models.Prefix) || filepath.Ext(name) == ".safetensors"
}

var errNoProblem = cli.Usage(
	errors.New("--problem is missing: a problem (csdm problems lists them) or a model"))

func (a *app) problemsCommand() *cobra.Command {
	var name string
	var show printer[*problemsResult]
	var file printer[*tomlResult]
	cmd := &cobra.Command{
		Use:     "problems",
		Short:   "List the inverse problems and the embedded models",
		Example: "  csdm problems",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if name != "" {
				text, err := specimen.Described(name)
				if err != nil {
					return err
				}
				return file.print(&tomlResult{text}, func(w io.Writer) {
					fmt.Fprint(w, text)
				})
			}
			out := &problemsResult{Models: models.Names()}
			for _, entry := range builtin.List() {
				p, err := entry.New(problems.Options{})
				if err != nil {
					return err
				}
				item := listedProblem{Spec: *p.Spec()}
				item.Presets = recipe.Presets(entry.Name)
				out.Problems = append(out.Problems, item)
			}
			return show.print(out, func(w io.Writer) {
				t := cli.NewTable(w, "problem", "section", "field", "measurement", "unit of x",
					"unit of y", "presets")
				for _, p := range out.Problems {
					t.Row(p.Name, p.Section, fmt.Sprintf("%d×%d", p.Rows, p.Cols),
						fmt.Sprintf("%d×%d×%d", p.YChannels, p.Rows, p.Cols),
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
	cmd.Flags().StringVar(&name, "toml", "", "print the file of a specimen that describes this "+
		"problem, to edit: quasistatic or phantom")
	show.of(a, cmd, "")
	file.of(a, cmd, "with --toml")
	return cmd
}
