package run

import (
	"errors"
	"fmt"

	"csdm/dataset"
	"csdm/langevin"
	"csdm/nn"
	"csdm/nn/train"
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/builtin"
)

// Config is everything that the result of a run depends on. It is kept,
// resolved, as config.toml of the run folder. What does not change results
// (threads, time limits) is in env.Env.
type Config struct {
	Problem      string  `toml:"problem" comment:"inverse problem (csdm problems lists them)"`
	Preset       string  `toml:"preset" comment:"what the other settings started from"`
	Grid         int     `toml:"grid" comment:"nodes along the shorter side of the field"`
	NoisePercent float64 `toml:"noise_percent" comment:"measurement noise, in percent of the problem's scale"`
	Seed         uint64  `toml:"seed" comment:"of everything random in this run"`

	Data      Data      `toml:"data"`
	Network   Network   `toml:"network"`
	Training  Training  `toml:"training"`
	Sampling  Sampling  `toml:"sampling"`
	Reference Reference `toml:"reference"`
}

// What Network.Center may be.
const (
	CenterPixel   = "pixel"
	CenterChannel = "channel"
)

// Data says how many pairs are drawn, and how many of them are never trained
// on.
type Data struct {
	Pairs   int  `toml:"pairs"`
	HeldOut int  `toml:"held_out" comment:"pairs at the end that are never trained on; 0: a tenth, at most 512"`
	Spread  bool `toml:"spread" comment:"x is normalized by its mean and standard deviation, not by its extremes"`
}

// Network is the score network.
type Network struct {
	Variant          string `toml:"variant" comment:"base, deeper or deepest (RefineNet), light or light4"`
	NGF              int    `toml:"ngf" comment:"channels at full resolution"`
	Pool             string `toml:"pool" comment:"max or avg"`
	Parameterization string `toml:"parameterization" comment:"preconditioned or paper"`
	Center           string `toml:"center" comment:"mean that preconditioned takes from y: of each pixel, or of each channel"`
}

// Training is how the network is trained (package nn/train says more of each).
type Training struct {
	Steps        int     `toml:"steps"`
	Batch        int     `toml:"batch"`
	LearningRate float64 `toml:"learning_rate"`
	WarmUp       int     `toml:"warm_up" comment:"steps of linear rise of the rate"`
	Decay        float64 `toml:"decay" comment:"last fraction of the steps, over which the rate falls to 0"`
	Beta1        float64 `toml:"beta1"`
	Beta2        float64 `toml:"beta2"`
	Muon         float64 `toml:"muon" comment:"momentum of hidden layers' weights, which then move by Muon; 0: all move by Adam"`
	Clip         float64 `toml:"clip" comment:"bound of the gradient's norm; 0: none"`
	EMA          float64 `toml:"ema"`
	SigmaMin     float64 `toml:"sigma_min"`
	SigmaMax     float64 `toml:"sigma_max"`
	SigmaLevels  int     `toml:"sigma_levels" comment:"noise levels drawn from; 0: continuous"`
	SigmaMedian  float64 `toml:"sigma_median" comment:"of the log-normal law that the noise level is drawn from; 0: log-uniform"`
	SigmaLogStd  float64 `toml:"sigma_log_std" comment:"of ln sigma in that law"`
	Neighbours   int     `toml:"neighbours" comment:"pairs whose weighted mean takes the place of each sample's field as target; 0: the field itself"`
	HeldOutEvery int     `toml:"held_out_every" comment:"steps between held-out losses"`
	KeepEvery    int     `toml:"keep_every" comment:"steps between checkpoints that are kept for good; 0: none"`
	Init         string  `toml:"init" comment:"model file, builtin:NAME or kept checkpoint whose (averaged) weights training starts from; empty: random weights"`
}

// Sampling says how posterior draws are made, and of how many held-out
// measurements.
type Sampling struct {
	Cases         int     `toml:"cases" comment:"held-out measurements to infer"`
	Draws         int     `toml:"draws" comment:"posterior draws of each"`
	Sampler       string  `toml:"sampler" comment:"annealed, heun, dpmpp2m or pc"`
	Steps         int     `toml:"steps" comment:"noise levels"`
	SigmaMax      float64 `toml:"sigma_max"`
	SigmaMin      float64 `toml:"sigma_min"`
	StepsPerLevel int     `toml:"steps_per_level" comment:"T of annealed Langevin, corrections a level of pc"`
	Corrections   int     `toml:"corrections" comment:"of dpmpp2m, at one noise level"`
	CorrectAt     float64 `toml:"correct_at" comment:"that noise level"`
	CorrectKeep   float64 `toml:"correct_keep" comment:"share of its noise that the state keeps in each, 0 to less than 1"`
	Epsilon       float64 `toml:"epsilon" comment:"of annealed Langevin, in its form; 0: by Eq. 18"`
	Form          string  `toml:"form" comment:"of annealed Langevin: eq18 or algorithm1"`
}

// Reference says how the true posterior is had.
type Reference struct {
	Method string `toml:"method" comment:"auto, quadrature, importance, adaptive or none"`
	Draws  int    `toml:"draws" comment:"prior draws of importance sampling; forward solves at most of adaptive importance sampling"`
}

// exactVariables is up to how many variables of the prior quadrature is tried
// unasked: beyond that it meets its limits where measurements are precise.
const exactVariables = 2

// adaptiveVariables is up to how many variables adaptive importance sampling
// takes its place. It reaches posteriors of more, but the problems that have
// more, with the two layers' six, also have forward models of a tenth of a
// second, and a reference would take minutes.
const adaptiveVariables = 4

// Resolve returns the configuration of a preset of a problem, under options
// whose zero values mean the preset's own.
func Resolve(problem, preset string, options problems.Options, seed uint64) (*Config, error) {
	p, err := builtin.Preset(problem, preset)
	if err != nil {
		return nil, err
	}
	if options.Grid == 0 {
		options.Grid = p.Options.Grid
	}
	if options.NoisePercent == 0 {
		options.NoisePercent = p.Options.NoisePercent
	}
	c := &Config{
		Problem: problem, Preset: preset, Grid: options.Grid, NoisePercent: options.NoisePercent,
		Seed: seed,
		Data: Data{Pairs: p.Pairs, HeldOut: min(128, p.Pairs/10), Spread: p.Spread},
		Network: Network{Variant: p.Network.Variant, NGF: p.Network.NGF, Pool: p.Network.Pool,
			Parameterization: p.Network.Parameterization, Center: CenterPixel},
		Training: Training{
			Steps: p.Training.Steps, Batch: p.Training.Batch, LearningRate: p.Training.LearningRate,
			WarmUp: p.Training.WarmUp,
			Decay:  p.Training.Decay, Beta1: p.Training.Beta1, Beta2: p.Training.Beta2,
			Muon: p.Training.Muon, Clip: p.Training.ClipNorm, EMA: p.Training.EMA,
			SigmaMin: p.Schedule.SigmaMin, SigmaMax: p.Schedule.SigmaMax, HeldOutEvery: 500,
		},
		Sampling: Sampling{
			Cases: 2, Draws: 256, Sampler: string(langevin.SamplerDPMSolverPP2M), Steps: 12,
			SigmaMax: p.Schedule.SigmaMax, SigmaMin: p.Schedule.SigmaMin,
		},
		Reference: Reference{Method: MethodNone},
	}
	if q := p.SamplingFor(options.NoisePercent); q.Levels > 0 {
		c.Sampling.Steps, c.Sampling.SigmaMax = q.Levels, q.SigmaMax
		c.Sampling.Corrections, c.Sampling.CorrectAt, c.Sampling.CorrectKeep = q.Corrections,
			q.CorrectAt, q.CorrectKeep
	}
	made, err := builtin.Lookup(problem, options)
	if err != nil {
		return nil, err
	}
	_, parametric := made.(problems.Parametric)
	_, known := made.Measurement().(priors.Likelihood)
	switch n := len(made.Spec().Variables); {
	case !parametric || !known:
	case n <= exactVariables:
		c.Reference.Method = MethodQuadrature
	case n <= adaptiveVariables:
		c.Reference = Reference{Method: MethodAdaptive, Draws: AdaptiveSolves}
	}
	if c.Network.Variant == "" {
		c.Network.Variant = string(nn.Base)
	}
	switch c.Training.Neighbours = p.Training.Neighbours; p.Training.SigmaLaw {
	case problems.OfLevels:
		c.Training.SigmaLevels = p.Schedule.Levels
	case problems.LogNormal:
		c.Training.SigmaMedian, c.Training.SigmaLogStd = p.Training.SigmaMedian,
			p.Training.SigmaLogStd
	}
	if preset == "paper" { // the paper's own sampler (Table 2)
		c.Sampling.Sampler, c.Sampling.Steps = string(langevin.SamplerAnnealed), p.Schedule.Levels
		c.Sampling.StepsPerLevel, c.Sampling.Epsilon, c.Sampling.Form = p.Schedule.StepsPerLevel,
			p.Schedule.Epsilon, string(langevin.FormEq18)
	}
	return c, nil
}

// FineTune makes the training one that takes over, at another noise level, from
// the checkpoint that a training as this would have been had kept at that step:
// for the steps that were left, at a rate that begins higher than it was there,
// as there is something new to learn, and falls to nothing.
func (c *Config) FineTune(checkpoint string, step int) {
	t := &c.Training
	t.Init, t.Steps, t.LearningRate, t.WarmUp, t.Decay = checkpoint, t.Steps-step,
		0.6*t.LearningRate, t.WarmUp/2, 0.9
}

// NewProblem returns the configured problem.
func (c *Config) NewProblem() (problems.Problem, error) {
	return builtin.Lookup(c.Problem, problems.Options{Grid: c.Grid, NoisePercent: c.NoisePercent})
}

// Validate returns an error that names the first setting that makes no sense.
func (c *Config) Validate() error {
	problem, err := c.NewProblem()
	if err != nil {
		return err
	}
	bad := func(name string, value any, want string) error {
		return fmt.Errorf("setting %s = %v: must be %s", name, value, want)
	}
	switch {
	case c.Data.Pairs < 2:
		return bad("data.pairs", c.Data.Pairs, "at least 2")
	case c.Sampling.Cases < 0 || c.Sampling.Cases > 1000:
		return bad("sampling.cases", c.Sampling.Cases, "between 0 and 1000")
	case c.Sampling.Draws < 2:
		return bad("sampling.draws", c.Sampling.Draws, "at least 2")
	case c.Network.Parameterization != problems.Preconditioned &&
		c.Network.Parameterization != problems.PaperForm:
		return bad("network.parameterization", c.Network.Parameterization, problems.Preconditioned+
			" or "+problems.PaperForm)
	case c.Network.Center != CenterPixel && c.Network.Center != CenterChannel:
		return bad("network.center", c.Network.Center, CenterPixel+" or "+CenterChannel)
	case c.Training.Neighbours < 0:
		return bad("training.neighbours", c.Training.Neighbours, "0 (none) or a number of pairs")
	}
	if _, ok := problem.Measurement().(priors.Likelihood); !ok && c.Training.Neighbours > 1 {
		return bad("training.neighbours", c.Training.Neighbours,
			"0: neighbours are weighed by the density of a measurement, which "+c.Problem+
				" does not know")
	}
	if c.Reference.Method != MethodNone {
		if err := errors.Join(c.Reference.Validate(), c.Reference.Fits(problem)); err != nil {
			return fmt.Errorf("settings of section reference: %w (%s leaves it out)", err,
				MethodNone)
		}
	}
	settings := c.trainSettings(1)
	if err := settings.Validate(); err != nil {
		return err
	}
	spec := problem.Spec()
	if _, err := dataset.NewManifest(spec,
		dataset.Settings{Pairs: c.Data.Pairs, Seed: c.Seed}); err != nil {
		return fmt.Errorf("settings of section data: %w", err)
	}
	if dataset.Split(c.Data.Pairs, c.Data.HeldOut, spec.ImagesPerSimulation) < 1 {
		return bad("data.held_out", c.Data.HeldOut,
			fmt.Sprintf("fewer than the %d pairs", c.Data.Pairs))
	}
	if most := maxSamples / spec.XLen(); c.Sampling.Draws > most {
		return bad("sampling.draws", c.Sampling.Draws, fmt.Sprintf("at most %d", most))
	}
	arch := c.arch(spec)
	if err := errors.Join(arch.Validate(), arch.CheckSize(spec.Rows, spec.Cols)); err != nil {
		return fmt.Errorf("settings of section network: %w", err)
	}
	if err := c.Sampling.Validate(); err != nil {
		return fmt.Errorf("settings of section sampling: %w", err)
	}
	return nil
}

// trainSettings returns the trainer's settings.
func (c *Config) trainSettings(threads int) train.Settings {
	t, s := c.Training, train.Default()
	s.Steps, s.Batch, s.LearningRate, s.WarmUp, s.Decay = t.Steps, t.Batch, t.LearningRate,
		t.WarmUp, t.Decay
	s.Beta1, s.Beta2, s.Muon, s.Clip, s.EMA = t.Beta1, t.Beta2, t.Muon, t.Clip, t.EMA
	s.SigmaMin, s.SigmaMax, s.SigmaLevels, s.Seed = t.SigmaMin, t.SigmaMax, t.SigmaLevels, c.Seed
	s.SigmaMedian, s.SigmaLogStd = t.SigmaMedian, t.SigmaLogStd
	s.HeldOutEvery, s.KeepEvery, s.LogEvery, s.CheckpointMinutes = t.HeldOutEvery, t.KeepEvery, 10,
		1
	s.Threads = threads
	return s
}

// Settings returns the sampler's settings for the measurement of that number.
func (s Sampling) Settings(seed, measurement uint64, threads int) (langevin.Settings, error) {
	sigmas, err := langevin.Geometric(s.SigmaMax, s.SigmaMin, s.Steps)
	if err != nil {
		return langevin.Settings{}, err
	}
	l := langevin.Settings{
		Sampler: langevin.Sampler(s.Sampler), Sigmas: sigmas, Draws: s.Draws, Seed: seed,
		Measurement: measurement, Threads: threads,
	}
	switch l.Sampler {
	case langevin.SamplerAnnealed:
		l.StepsPerLevel, l.Epsilon, l.Form = s.StepsPerLevel, s.Epsilon, langevin.Form(s.Form)
		if l.StepsPerLevel == 0 {
			l.StepsPerLevel = 5
		}
	case langevin.SamplerPredictorCorrector:
		l.StepsPerLevel = s.StepsPerLevel
	case langevin.SamplerDPMSolverPP2M:
		if s.Corrections != 0 {
			l.Corrections = langevin.Corrections{At: s.CorrectAt, Steps: s.Corrections,
				Keep: s.CorrectKeep}
		}
	}
	return l, l.Validate()
}

// String says how draws are made, as "dpmpp2m, 12 levels, 5 corrections at 0.3
// that keep 0.55".
func (s Sampling) String() string {
	text := fmt.Sprintf("%s, %d levels", s.Sampler, s.Steps)
	if s.Sampler == string(langevin.SamplerDPMSolverPP2M) && s.Corrections > 0 {
		text += fmt.Sprintf(", %d corrections at %g that keep %g", s.Corrections, s.CorrectAt,
			s.CorrectKeep)
	}
	return text
}

// arch returns the architecture of the score network for a problem.
func (c *Config) arch(spec *problems.Spec) nn.Arch {
	a := nn.Arch{NGF: c.Network.NGF, YChannels: spec.YChannels, Pool: nn.Pool(c.Network.Pool),
		Variant: nn.Variant(c.Network.Variant)}
	if c.Network.Parameterization == problems.Preconditioned {
		a.Extra = (*nn.Preconditioned)(nil).Extra()
	}
	return a
}

// Validate returns an error that says what of the sampler's settings makes no
// sense.
func (s Sampling) Validate() error {
	_, err := s.Settings(0, 0, 1)
	return err
}
