package recipe

import (
	"embed"
	"fmt"
	"slices"
	"strconv"

	"github.com/pelletier/go-toml/v2"

	"csdm/internal/cli"
	"csdm/internal/setting"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/problems/specimen"
)

//go:embed *.toml
var files embed.FS

// Lesson is a preset of those problems whose file has it: a whole chain in
// seconds, to be looked at.
const Lesson = "lesson"

// Presets returns the names of the presets of a problem.
func Presets(problem string) []string {
	names := []string{"tiny", "small", "full", "paper"}
	if _, has := read(file(problem))[Lesson]; has {
		names = append([]string{Lesson}, names...)
	}
	return names
}

// file returns the name of the embedded file of a problem.
func file(problem string) string {
	switch {
	case !builtin.IsFile(problem):
		return problem
	case specimen.Describes(problem):
		return "specimen"
	}
	return "external"
}

// KnownPreset returns a *builtin.UnknownError if a problem or a preset does not
// exist.
func KnownPreset(problem, preset string) error {
	if _, err := builtin.Find(problem); err != nil {
		return err
	}
	if known := Presets(problem); !slices.Contains(known, preset) {
		return &builtin.UnknownError{Kind: "preset of " + problem, Name: preset, Known: known}
	}
	return nil
}

// Resolve returns the recipe of a preset of a problem. Zero options mean the
// preset's own. Errors: *builtin.UnknownError and *problems.OptionError.
func Resolve(problem, preset string, o problems.Options, seed uint64) (*Recipe, error) {
	if err := KnownPreset(problem, preset); err != nil {
		return nil, err
	}
	r := &Recipe{}
	setting.Defaults(r)
	noise := map[string]any{}
	for _, name := range []string{"presets", file(problem)} {
		blocks := read(name)
		for _, name := range []string{"default", preset} {
			block, _ := blocks[name].(map[string]any)
			if at, ok := block["at_noise"].(map[string]any); ok {
				noise = at
				delete(block, "at_noise")
			}
			r.overlay(block)
		}
	}
	r.Problem, r.Preset, r.Seed = problem, preset, seed
	if o.Grid != 0 {
		r.Grid = o.Grid
	}
	if o.NoisePercent != 0 {
		r.NoisePercent = o.NoisePercent
	}
	if at, ok := noise[strconv.FormatFloat(r.NoisePercent, 'g', -1, 64)].(map[string]any); ok {
		r.overlay(at)
	}
	made, err := r.NewProblem()
	if err != nil {
		return nil, err
	}
	spec := made.Spec()
	if builtin.IsFile(problem) {
		r.Grid, r.NoisePercent = spec.Options.Grid, spec.Options.NoisePercent
		r.carryOver(float64(spec.XLen()))
	}
	if g, ok := made.(problems.Gapped); ok {
		r.Data.Masks = g.LeastShare()
	}
	if n := spec.YLen(); r.Data.Masks == 0 && priors.Values(made.Measurement(), n) < n {
		r.Data.Masks = 1 // the network needs to know where the sensors are
	}
	if r.Sampling.SigmaMax == 0 {
		r.Sampling.SigmaMax = r.Training.SigmaMax
	}
	if r.Sampling.SigmaMin == 0 {
		r.Sampling.SigmaMin = r.Training.SigmaMin
	}
	if r.Reference.Method == MethodAuto { // no block names another one
		r.Reference.Method = MethodFor(made)
	}
	return r, nil
}

// read returns the blocks of an embedded file.
func read(name string) (blocks map[string]any) {
	data, err := files.ReadFile(name + ".toml")
	if err == nil {
		err = toml.Unmarshal(data, &blocks)
	}
	if err != nil {
		panic(fmt.Sprintf("recipe: %s: %v", name, err))
	}
	return blocks
}

// overlay sets the settings that a block names.
func (r *Recipe) overlay(block map[string]any) {
	data, err := toml.Marshal(block)
	if err == nil {
		err = cli.DecodeConfig(data, "preset", r)
	}
	if err != nil {
		panic(fmt.Sprintf("recipe: %v", err))
	}
}
