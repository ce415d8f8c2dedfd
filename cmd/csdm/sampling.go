package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/internal/setting"
	"csdm/langevin"
	"csdm/nn"
	"csdm/recipe"
)

// samplingFlags holds the flags that change the sampling settings of a model.
type samplingFlags struct {
	draws, levels int
	sampler       string
	set           []string
}

func (f *samplingFlags) add(cmd *cobra.Command, draws int) {
	flags := cmd.Flags()
	flags.IntVar(&f.draws, "draws", draws, "number of posterior draws per measurement")
	flags.StringVar(&f.sampler, "sampler", "", "algorithm that draws: "+
		strings.Join(samplers(), ", ")+" (default dpmpp2m)")
	flags.IntVar(&f.levels, "levels", 0, "number of noise levels (default: the model's, at most "+
		"12; for annealed the number that Eq. 17 requires)")
	setFlag(cmd, &f.set, "sampling.sigma_max=5")
	formerFlags(cmd, &langevin.Settings{}, "sampling.", &f.set)
	former(cmd, map[string]string{"n": "draws", "steps": "levels", "T": "steps-per-level"})
	explainSettings(cmd, "sampling.")
}

// hide hides the flags of the sampler and its levels, which --set also gives.
func (f *samplingFlags) hide(cmd *cobra.Command) {
	for _, name := range []string{"sampler", "levels"} {
		cmd.Flags().Lookup(name).Hidden = true
	}
}

func samplers() (names []string) {
	for _, s := range langevin.Samplers() {
		names = append(names, string(s))
	}
	return names
}

// assigned returns the flags as assignments of --set. The flags come first, so
// that --set overrides them.
func (f *samplingFlags) assigned() []string {
	var all []string
	if f.sampler != "" {
		all = append(all, "sampling.sampler="+f.sampler)
	}
	if f.levels != 0 {
		all = append(all, fmt.Sprintf("sampling.levels=%d", f.levels))
	}
	return append(all, f.set...)
}

// resolve returns the settings of a model with the changes by the flags. A
// setting that the sampler does not use is an error.
func (f *samplingFlags) resolve(m *nn.Model) (langevin.Settings, error) {
	return f.change(recipe.Sampling(m, f.draws), m.Meta.XLen())
}

// change returns settings for fields of pixels pixels with the changes by the
// flags.
func (f *samplingFlags) change(from langevin.Settings, pixels int) (langevin.Settings, error) {
	r := &recipe.Recipe{Sampling: from}
	set := map[string]bool{}
	for _, assignment := range f.assigned() {
		name, err := assign(r, assignment)
		if err == nil && !strings.HasPrefix(name, "sampling.") {
			err = fmt.Errorf("--set %s: the name must begin with sampling and a dot", assignment)
		}
		if err != nil {
			return r.Sampling, cli.Usage(err)
		}
		set[strings.TrimPrefix(name, "sampling.")] = true
	}
	s := &r.Sampling
	if s.Sampler == langevin.SamplerAnnealed && !set["levels"] {
		check, err := langevin.Ladder{Dim: pixels, SigmaMax: s.SigmaMax,
			SigmaMin: s.SigmaMin, StepsPerLevel: 5, Form: langevin.FormEq18}.Propose(0.5)
		if err != nil {
			return *s, cli.Usage(err)
		}
		s.Levels = check.Levels
	}
	for _, of := range setting.Of(s) {
		if set[of.Name] && !of.GoesWith(string(s.Sampler)) {
			return *s, cli.Usage(fmt.Errorf("sampling.%s is a setting of %s, not of %s", of.Name,
				strings.ReplaceAll(of.Of, "|", " and "), s.Sampler))
		}
	}
	if err := setting.Check(s); err != nil {
		return *s, cli.Usage(setting.In("sampling", err))
	}
	return *s, cli.Usage(s.Validate())
}
