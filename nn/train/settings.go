package train

import (
	_ "embed"
	"math"
	"strconv"

	"csdm/internal/setting"
	"csdm/rng"
)

// Settings are the choices of one training (the section [training] of a
// recipe), and settings of one call. The checkpoint stores every setting that
// affects the result, and resuming with different values is an error; the
// others may change from call to call. The zero value is not valid: start from
// Default.
type Settings struct {
	// optimizer steps in all
	Steps int `toml:"steps" range:"[1, inf)"`
	// training samples in each step
	Batch int `toml:"batch" range:"[1, inf)"`
	// step size of the optimizer
	LearningRate float64 `toml:"learning_rate" range:"(0, inf)"`
	// first steps, over which the learning rate rises linearly
	WarmUp int `toml:"warm_up" range:"[0, inf)"`
	// last fraction of the steps, over which the learning rate falls to 0
	Decay float64 `toml:"decay" range:"[0, 1]"`

	// decay of Adam's mean of gradients
	Beta1 float64 `toml:"beta1" default:"0.9" range:"[0, 1)" is:"expert"`
	// decay of Adam's mean of squared gradients
	Beta2 float64 `toml:"beta2" default:"0.999" range:"[0, 1)" is:"expert"`
	// addend to the root of Adam's mean of squared gradients
	Epsilon float64 `toml:"epsilon" default:"1e-8" range:"(0, inf)" is:"expert"`
	// momentum of the hidden layers, which then move by Muon; 0: all layers
	// move by Adam
	Muon float64 `toml:"muon" range:"[0, 1)"`

	// upper bound of the Euclidean norm of the batch's mean gradient; 0: none
	ClipNorm float64 `toml:"clip_norm" range:"[0, inf)"`

	// momentum of the running average of the weights; 0: no averaging
	EMA float64 `toml:"ema" default:"0.999" range:"[0, 1)" is:"expert"`

	// smallest noise level of training
	SigmaMin float64 `toml:"sigma_min" range:"(0, inf)"`
	// largest noise level of training
	SigmaMax float64 `toml:"sigma_max" range:"(0, inf)"`
	// number of geometric noise levels to train at; 0: all levels between the
	// smallest and the largest
	SigmaLevels int `toml:"sigma_levels" range:"[0, inf)"`

	// median of the log-normal distribution of the noise level; 0: the level is
	// log-uniform
	//
	// It is e^P_mean of Karras et al. (2022), and SigmaLogStd their P_std,
	// before the distribution is cut off at SigmaMin and SigmaMax.
	SigmaMedian float64 `toml:"sigma_median" range:"[0, inf)"`
	// standard deviation of ln sigma in the log-normal distribution
	SigmaLogStd float64 `toml:"sigma_log_std" range:"[0, inf)"`

	// steps from one held-out loss to the next; 0: none
	HeldOutEvery int `toml:"held_out_every" default:"500" range:"[0, inf)" is:"neutral"`

	// number of geometric noise levels of the held-out loss
	HeldOutLevels int `toml:"held_out_levels" default:"10" range:"[2, inf)" is:"expert neutral"`
	// steps between the checkpoints that are kept for good; 0: only the last
	// two are kept
	KeepEvery int `toml:"keep_every" range:"[0, inf)" is:"neutral"`

	// model file, builtin:NAME or kept checkpoint whose averaged weights
	// training starts from; empty: random weights
	//
	// It is for the caller of Run, who gives the network its first weights.
	Init string `toml:"init" is:"neutral"`

	// Seed of noise levels and diffusion noise. The source has its own seed for
	// pairs.
	Seed uint64 `toml:"-"`

	Threads           int     `toml:"-"` // workers, at least 1
	LogEvery          int     `toml:"-"` // steps between lines of metrics, at least 1
	CheckpointEvery   int     `toml:"-"` // steps between checkpoints; 0: not by steps
	CheckpointMinutes float64 `toml:"-"` // time between checkpoints; 0: not by time
	// Time within which the call ends, including its last checkpoint; 0: no
	// limit.
	TimeLimitMinutes float64 `toml:"-"`
}

//go:embed settings.go
var source string

// Source returns the file whose comments describe the settings.
func (*Settings) Source() string { return source }

// Default returns the defaults of the fields, with one thread, metrics of each
// step, and a checkpoint every ten minutes. The caller must set Steps, Batch,
// LearningRate, SigmaMin and SigmaMax.
func Default() Settings {
	s := Settings{Threads: 1, LogEvery: 1, CheckpointMinutes: 10}
	setting.Defaults(&s)
	return s
}

// Validate returns a *setting.Error about the first setting that is out of its
// range, by its name in files.
func (s *Settings) Validate() error {
	if err := setting.Check(s); err != nil {
		return err
	}
	normal := s.SigmaMedian != 0
	for _, c := range []struct {
		ok    bool
		name  string
		value any
		want  string
	}{
		{s.SigmaMax > s.SigmaMin, "sigma_max", s.SigmaMax, "larger than sigma_min"},
		{s.SigmaLevels != 1, "sigma_levels", s.SigmaLevels, "0 (continuous) or at least 2"},
		{!normal || s.SigmaLevels == 0, "sigma_median", s.SigmaMedian,
			"0 where there are sigma_levels"},
		{!normal && s.SigmaLogStd == 0 || normal && s.SigmaLogStd > 0 && s.normalMass() > 1e-6,
			"sigma_log_std", s.SigmaLogStd, "0 without a median, else such that the " +
				"distribution reaches between sigma_min and sigma_max"},
		{s.Threads > 0, "threads", s.Threads, "at least 1"},
		{s.LogEvery > 0, "log_every", s.LogEvery, "at least 1"},
		{s.CheckpointEvery >= 0, "checkpoint_every", s.CheckpointEvery, "at least 0"},
		{s.CheckpointMinutes >= 0, "checkpoint_minutes", s.CheckpointMinutes, "at least 0"},
		{s.TimeLimitMinutes >= 0, "time_limit_minutes", s.TimeLimitMinutes, "at least 0"},
	} {
		if !c.ok {
			return &setting.Error{Name: c.name, Value: c.value, Want: c.want}
		}
	}
	return nil
}

// Rate returns the learning rate of the step with the given index, counted from
// 0:
//
//	rate · min(1, (step+1)/WarmUp) · min(1, (Steps-step)/(Decay·Steps))
func (s *Settings) Rate(step int) float64 {
	rate := s.LearningRate
	if step < s.WarmUp {
		rate *= float64(step+1) / float64(s.WarmUp)
	}
	if decay := s.Decay * float64(s.Steps); float64(s.Steps-step) < decay {
		rate *= float64(s.Steps-step) / decay
	}
	return rate
}

// EMADecay returns the weight of the past in the running average after n ≥ 1
// steps, min(m, (1+n)/(10+n)). It is Eq. 19 with a smaller m at first, so that
// the initial weights do not dominate the average of a short run.
func (s *Settings) EMADecay(n int) float64 {
	return min(s.EMA, float64(1+n)/float64(10+n))
}

// drawSigma draws the noise level of a training sample: log-uniform or
// log-normal in [SigmaMin, SigmaMax], or one of the SigmaLevels levels with
// equal probability.
func (s *Settings) drawSigma(stream *rng.Stream) float64 {
	if s.SigmaLevels > 0 {
		u := float64(stream.Uint64n(uint64(s.SigmaLevels))) / float64(s.SigmaLevels-1)
		return s.SigmaMax * math.Pow(s.SigmaMin/s.SigmaMax, u)
	}
	return s.Level(stream.Float64())
}

// Level returns the noise level that a share of the log-uniform or log-normal
// distribution lies below.
func (s *Settings) Level(share float64) float64 {
	if s.SigmaMedian > 0 {
		lo, hi := s.normalBounds()
		z := math.Sqrt2 * math.Erfinv(lo+(hi-lo)*share)
		return min(max(s.SigmaMedian*math.Exp(s.SigmaLogStd*z), s.SigmaMin), s.SigmaMax)
	}
	return s.SigmaMax * math.Pow(s.SigmaMin/s.SigmaMax, 1-share)
}

// LevelShare is the inverse of Level.
func (s *Settings) LevelShare(sigma float64) float64 {
	if s.SigmaMedian > 0 {
		lo, hi := s.normalBounds()
		return (s.normalAt(sigma) - lo) / (hi - lo)
	}
	return math.Log(sigma/s.SigmaMin) / math.Log(s.SigmaMax/s.SigmaMin)
}

// normalBounds returns erf(z/√2) at the ends of the range of σ, where z is (ln
// σ - ln SigmaMedian)/SigmaLogStd.
func (s *Settings) normalBounds() (lo, hi float64) {
	return s.normalAt(s.SigmaMin), s.normalAt(s.SigmaMax)
}

// normalAt returns erf(z/√2) at sigma.
func (s *Settings) normalAt(sigma float64) float64 {
	return math.Erf(math.Log(sigma/s.SigmaMedian) / (s.SigmaLogStd * math.Sqrt2))
}

// normalMass returns the probability of the range of σ under the log-normal
// distribution.
func (s *Settings) normalMass() float64 {
	lo, hi := s.normalBounds()
	return (hi - lo) / 2
}

// HeldOutSigma returns the noise levels of the held-out loss, ascending.
func (s *Settings) HeldOutSigma() []float64 {
	sigma := make([]float64, s.HeldOutLevels)
	for l := range sigma {
		sigma[l] = s.SigmaMin * math.Pow(s.SigmaMax/s.SigmaMin, float64(l)/float64(len(sigma)-1))
	}
	return sigma
}

// decisive returns the settings that the result of training depends on, as a
// checkpoint stores them: all except Steps, which may change if the learning
// rates of the finished steps do not change.
func (s *Settings) decisive() map[string]string {
	out := map[string]string{"seed": strconv.FormatUint(s.Seed, 10)}
	for _, f := range setting.Of(s) {
		if !f.Neutral && f.Name != "steps" {
			out[f.Name] = f.Text()
		}
	}
	return out
}

// formerly holds the names of settings in checkpoints of earlier versions.
var formerly = map[string]string{"clip_norm": "clip"}

// extends reports whether the first done steps of a training of former steps
// are also steps of s, that is, whether their learning rates agree.
func (s *Settings) extends(former, done int) bool {
	if done > s.Steps {
		return false
	}
	t := *s
	t.Steps = former
	for step := range done {
		if s.Rate(step) != t.Rate(step) {
			return false
		}
	}
	return true
}
