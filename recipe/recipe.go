package recipe

import (
	_ "embed"
	"errors"
	"fmt"
	"math"

	"csdm/certify"
	"csdm/dataset"
	"csdm/internal/setting"
	"csdm/langevin"
	"csdm/nn"
	"csdm/nn/train"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/builtin"
)

// Recipe holds all inputs of the result of a run. Parameters that do not change
// results (threads, time limits) belong to the call.
type Recipe struct {
	// inverse problem: a name that csdm problems lists, or FILE.toml
	Problem string `toml:"problem"`
	// preset that the other settings started from
	Preset string `toml:"preset" default:"tiny"`
	// nodes along the shorter side of the field
	Grid int `toml:"grid"`
	// measurement noise, relative to the problem's scale; 0: the problem's own
	NoisePercent float64 `toml:"noise_percent" unit:"percent"`
	// seed of everything random in a run
	Seed uint64 `toml:"seed" default:"1"`
	// number of held-out measurements that a run infers
	Cases int `toml:"cases" default:"2" range:"[0, 1000]"`
	// whether a run certifies the posteriors of its cases
	Certify bool `toml:"certify"`

	Data      dataset.Settings  `toml:"data"`
	Network   nn.Settings       `toml:"network"`
	Training  train.Settings    `toml:"training"`
	Sampling  langevin.Settings `toml:"sampling"`
	Reference Reference         `toml:"reference"`
}

//go:embed recipe.go
var source string

// Source returns the file whose comments describe the settings.
func (*Recipe) Source() string { return source }

// FineTune makes the training continue, at another measurement noise, from the
// checkpoint that a training with these settings kept at the given step. It
// trains for the remaining steps. The learning rate starts higher than it was
// at that step, because the noise is new, and decays to zero.
func (r *Recipe) FineTune(checkpoint string, step int) {
	t := &r.Training
	t.Init, t.Steps, t.LearningRate, t.WarmUp, t.Decay = checkpoint, t.Steps-step,
		0.6*t.LearningRate, t.WarmUp/2, 0.9
}

// NewProblem returns the problem of the recipe.
func (r *Recipe) NewProblem() (problems.Problem, error) {
	return builtin.Lookup(r.Problem, problems.Options{Grid: r.Grid, NoisePercent: r.NoisePercent})
}

// Arch returns the architecture of the network for a problem.
func (r *Recipe) Arch(spec *problems.Spec) nn.Arch {
	a := r.Network.Arch(spec.YChannels)
	a.Masked, a.XChannels = r.Data.Masks > 0, len(spec.XFields)
	return a
}

// TrainSettings returns the trainer's settings for a call with the given number
// of threads.
func (r *Recipe) TrainSettings(threads int) train.Settings {
	s := r.Training
	s.Seed, s.Threads, s.LogEvery, s.CheckpointMinutes = r.Seed, threads, 10, 1
	return s
}

// PairSettings returns the dataset's settings for a training with the given
// number of threads.
func (r *Recipe) PairSettings(threads int) dataset.Settings {
	s := r.Data
	s.Seed, s.Threads = r.Seed, threads
	return s
}

// maxSamples is the largest number of values in the draws of one posterior,
// which are in memory together: 16 GiB.
const maxSamples = 1 << 31

// MostDraws returns the number of draws of a field of pixels pixels that fit in
// memory.
func MostDraws(pixels int) int { return int(min(maxSamples/int64(pixels), math.MaxInt)) }

// Validate returns an error for the first setting that is out of range:
// *setting.Error, or an error of the package whose settings they are.
func (r *Recipe) Validate() error {
	problem, err := r.NewProblem()
	if err != nil {
		return err
	}
	if err := setting.Check(r); err != nil {
		return err
	}
	spec := problem.Spec()
	bad := func(name string, value any, want string) error {
		return &setting.Error{Name: name, Value: value, Want: want}
	}
	if _, ok := problem.Measurement().(priors.Likelihood); !ok && r.Data.Neighbors > 1 {
		return bad("data.neighbors", r.Data.Neighbors, "0: the noise density weights neighbors, "+
			"and the noise model of "+r.Problem+" has none")
	}
	if r.Data.Masks > 0 && r.Data.Neighbors > 1 {
		return bad("data.masks", r.Data.Masks, "0, or data.neighbors 0: a measurement with gaps "+
			"has other neighbors")
	}
	if r.Data.Masks > 0 && priors.Period(problem.Measurement()) > 0 {
		return bad("data.masks", r.Data.Masks, "0: the phases of "+r.Problem+" cannot be "+
			"unwrapped over gaps")
	}
	if n := spec.YLen(); r.Data.Masks == 0 && priors.Values(problem.Measurement(), n) < n {
		return bad("data.masks", r.Data.Masks, "above 0: "+r.Problem+" is measured at sensors, "+
			"which its network needs to know; 1 always shows all of them")
	}
	if r.Certify {
		if err := certify.Possible(problem); err != nil {
			return bad("certify", r.Certify, "false: "+err.Error())
		}
	}
	if r.Reference.Method != MethodNone {
		if err := r.Reference.Fits(problem); err != nil {
			return fmt.Errorf("settings of section reference: %w (method %s leaves it out)", err,
				MethodNone)
		}
	}
	training := r.TrainSettings(1)
	if err := training.Validate(); err != nil {
		return setting.In("training", err)
	}
	if _, err := dataset.NewManifest(spec, dataset.Settings{Pairs: r.Data.Pairs,
		Seed: r.Seed}); err != nil {
		return fmt.Errorf("settings of section data: %w", err)
	}
	if dataset.Split(r.Data.Pairs, r.Data.HeldOut, spec.ImagesPerSimulation) < 1 {
		return bad("data.held_out", r.Data.HeldOut,
			fmt.Sprintf("fewer than the %d pairs", r.Data.Pairs))
	}
	if most := MostDraws(spec.XLen()); r.Sampling.Draws > most {
		return bad("sampling.draws", r.Sampling.Draws, fmt.Sprintf("at most %d", most))
	}
	arch := r.Arch(spec)
	if err := errors.Join(arch.Validate(), arch.CheckSize(spec.Rows, spec.Cols)); err != nil {
		return fmt.Errorf("settings of section network: %w", err)
	}
	sampling := r.Sampling
	sampling.Threads = 1
	if err := sampling.Validate(); err != nil {
		return fmt.Errorf("settings of section sampling: %w", err)
	}
	return nil
}
