package train

import (
	"fmt"
	"math"
	"strconv"

	"csdm/rng"
)

// Settings are the choices of one training. Those that the result depends on
// are written into the checkpoint, which only goes on under the same ones; the
// others (see neutral) may change from call to call. The zero value is not
// valid: start from Default.
type Settings struct {
	Steps int `toml:"steps"` // optimizer steps in all
	Batch int `toml:"batch"` // samples a step
	// parts of the batch whose gradients are summed apart: as many threads find
	// work; 0: 16, or Batch if that is less
	Groups int `toml:"groups"`

	LearningRate float64 `toml:"learning_rate"`
	// first steps, over which the rate rises linearly; 0: none
	WarmUp int `toml:"warm_up"`
	// last fraction of the steps, over which the rate falls linearly towards 0;
	// 0: constant rate
	Decay float64 `toml:"decay"`

	Beta1   float64 `toml:"beta1"`   // decay of Adam's mean of gradients
	Beta2   float64 `toml:"beta2"`   // decay of Adam's mean of squared gradients
	Epsilon float64 `toml:"epsilon"` // added to the root of the latter
	// momentum of hidden layers' weights, which then move by Muon; 0: all move
	// by Adam
	Muon float64 `toml:"muon"`
	// upper bound of the Euclidean norm of the batch's mean gradient; 0: none
	Clip float64 `toml:"clip"`
	// momentum m of the running average of the weights; 0: no averaging
	EMA float64 `toml:"ema"`

	SigmaMin float64 `toml:"sigma_min"`
	SigmaMax float64 `toml:"sigma_max"`
	// noise levels in geometric progression from SigmaMax to SigmaMin; 0:
	// continuous between them
	SigmaLevels int `toml:"sigma_levels"`
	// of the log-normal law of Karras et al. (2022), e^P_mean, before it is cut
	// off at SigmaMin and SigmaMax; 0: log-uniform
	SigmaMedian float64 `toml:"sigma_median"`
	SigmaLogStd float64 `toml:"sigma_log_std"` // standard deviation of ln σ in that law, P_std

	// of noise levels and diffusion noise; that of the pairs is the source's
	// affair
	Seed uint64 `toml:"seed"`

	// workers; the result does not depend on it
	Threads int `toml:"threads"`
	// steps from one line of metrics to the next
	LogEvery int `toml:"log_every"`
	// steps from one held-out loss to the next, and one at the end; 0: none at
	// all
	HeldOutEvery int `toml:"held_out_every"`
	// noise levels of the held-out loss, log-spaced from SigmaMin to SigmaMax;
	// at least 2 unless HeldOutEvery is 0
	HeldOutLevels int `toml:"held_out_levels"`
	// steps from one checkpoint to the next; 0: not by steps
	CheckpointEvery int `toml:"checkpoint_every"`
	// steps between checkpoints that are kept for good, to see later how far
	// training had come; 0: only the last two are kept
	KeepEvery int `toml:"keep_every"`
	// minutes from one checkpoint to the next; 0: not by time
	CheckpointMinutes float64 `toml:"checkpoint_minutes"`
	// stop so that the call, with its last checkpoint, ends within this time;
	// 0: no limit
	TimeLimitMinutes float64 `toml:"time_limit_minutes"`
}

// Default returns the settings that need no thought: Adam's constants, EMA
// momentum 0.999, no warm-up, decay or clipping, one thread, metrics of each
// step, a held-out loss at 10 levels every 500 steps, a checkpoint every ten
// minutes. Steps, Batch, LearningRate, SigmaMin and SigmaMax remain to be set.
func Default() Settings {
	return Settings{
		Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, EMA: 0.999,
		Threads: 1, LogEvery: 1, HeldOutEvery: 500, HeldOutLevels: 10, CheckpointMinutes: 10,
	}
}

// SettingsError tells which setting is not valid, by its name in files.
type SettingsError struct {
	Setting string
	Value   any
	Want    string
}

func (e *SettingsError) Error() string {
	return fmt.Sprintf("training setting %s = %v: must be %s", e.Setting, e.Value, e.Want)
}

// Validate returns a *SettingsError about the first setting that is out of its
// range.
func (s *Settings) Validate() error {
	finite := func(v float64) bool { return math.Abs(v) <= math.MaxFloat64 }
	normal := s.SigmaMedian != 0
	for _, c := range []struct {
		ok      bool
		setting string
		value   any
		want    string
	}{
		{s.Steps > 0, "steps", s.Steps, "positive"},
		{s.Batch > 0, "batch", s.Batch, "positive"},
		{s.Groups >= 0 && s.Groups <= max(s.Batch, 0), "groups", s.Groups,
			"0 (automatic) to batch"},
		{s.LearningRate > 0 && finite(s.LearningRate), "learning_rate", s.LearningRate, "positive"},
		{s.WarmUp >= 0, "warm_up", s.WarmUp, "0 (none) or a number of steps"},
		{s.Decay >= 0 && s.Decay <= 1, "decay", s.Decay, "in [0, 1]"},
		{s.Beta1 >= 0 && s.Beta1 < 1, "beta1", s.Beta1, "in [0, 1)"},
		{s.Beta2 >= 0 && s.Beta2 < 1, "beta2", s.Beta2, "in [0, 1)"},
		{s.Epsilon > 0 && finite(s.Epsilon), "epsilon", s.Epsilon, "positive"},
		{s.Muon >= 0 && s.Muon < 1, "muon", s.Muon, "0 (Adam alone), or below 1"},
		{s.Clip >= 0 && finite(s.Clip), "clip", s.Clip, "0 (none) or positive"},
		{s.EMA >= 0 && s.EMA < 1, "ema", s.EMA, "in [0, 1)"},
		{s.SigmaMin > 0, "sigma_min", s.SigmaMin, "positive"},
		{s.SigmaMax > s.SigmaMin && finite(s.SigmaMax), "sigma_max", s.SigmaMax,
			"larger than sigma_min"},
		{s.SigmaLevels == 0 || s.SigmaLevels >= 2, "sigma_levels", s.SigmaLevels,
			"0 (continuous) or at least 2"},
		{!normal || s.SigmaMedian > 0 && finite(s.SigmaMedian) && s.SigmaLevels == 0,
			"sigma_median", s.SigmaMedian, "0 (log-uniform) or positive, and then without levels"},
		{!normal && s.SigmaLogStd == 0 || normal && s.SigmaLogStd > 0 && finite(s.SigmaLogStd) &&
			s.normalMass() > 1e-6, "sigma_log_std", s.SigmaLogStd,
			"0 without a median, else such that the law reaches between sigma_min and sigma_max"},
		{s.Threads > 0, "threads", s.Threads, "positive"},
		{s.LogEvery > 0, "log_every", s.LogEvery, "positive"},
		{s.HeldOutEvery >= 0, "held_out_every", s.HeldOutEvery, "0 (never) or a number of steps"},
		{s.HeldOutLevels >= 2 || s.HeldOutEvery == 0, "held_out_levels", s.HeldOutLevels,
			"at least 2"},
		{s.CheckpointEvery >= 0, "checkpoint_every", s.CheckpointEvery,
			"0 (not by steps) or a number of steps"},
		{s.KeepEvery >= 0, "keep_every", s.KeepEvery, "0 (not by steps) or a number of steps"},
		{s.CheckpointMinutes >= 0, "checkpoint_minutes", s.CheckpointMinutes,
			"0 (not by time) or positive"},
		{s.TimeLimitMinutes >= 0, "time_limit_minutes", s.TimeLimitMinutes,
			"0 (no limit) or positive"},
	} {
		if !c.ok {
			return &SettingsError{c.setting, c.value, c.want}
		}
	}
	return nil
}

// groups returns the number of groups that the batch is cut into.
func (s *Settings) groups() int {
	if s.Groups > 0 {
		return s.Groups
	}
	return min(16, s.Batch)
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
// steps, min(m, (1+n)/(10+n)): Eq. 19 with m held back at first, so that the
// initial weights don't rule the average of a short run.
func (s *Settings) EMADecay(n int) float64 {
	return min(s.EMA, float64(1+n)/float64(10+n))
}

// drawSigma draws the noise level of a training sample: log-uniform or
// log-normal in [SigmaMin, SigmaMax], or one of the SigmaLevels levels with
// equal chances.
func (s *Settings) drawSigma(stream *rng.Stream) float64 {
	if s.SigmaMedian > 0 {
		lo, hi := s.normalBounds()
		z := math.Sqrt2 * math.Erfinv(lo+(hi-lo)*stream.Float64())
		return min(max(s.SigmaMedian*math.Exp(s.SigmaLogStd*z), s.SigmaMin), s.SigmaMax)
	}
	var u float64 // place between SigmaMax at 0 and SigmaMin at 1
	if s.SigmaLevels > 0 {
		u = float64(stream.Uint64n(uint64(s.SigmaLevels))) / float64(s.SigmaLevels-1)
	} else {
		u = 1 - stream.Float64()
	}
	return s.SigmaMax * math.Pow(s.SigmaMin/s.SigmaMax, u)
}

// normalBounds returns erf(z/√2) at the ends of the range of σ, where z is (ln
// σ - ln SigmaMedian)/SigmaLogStd.
func (s *Settings) normalBounds() (lo, hi float64) {
	at := func(sigma float64) float64 {
		return math.Erf(math.Log(sigma/s.SigmaMedian) / (s.SigmaLogStd * math.Sqrt2))
	}
	return at(s.SigmaMin), at(s.SigmaMax)
}

// normalMass is the probability that the log-normal law has within the range of
// σ.
func (s *Settings) normalMass() float64 {
	lo, hi := s.normalBounds()
	return (hi - lo) / 2
}

// heldOutSigma returns the noise levels of the held-out loss, ascending.
func (s *Settings) heldOutSigma() []float64 {
	sigma := make([]float64, s.HeldOutLevels)
	for l := range sigma {
		sigma[l] = s.SigmaMin * math.Pow(s.SigmaMax/s.SigmaMin, float64(l)/float64(len(sigma)-1))
	}
	return sigma
}

// setting is one that the result depends on, as a checkpoint stores it.
type setting struct{ Name, Value string }

// decisive returns the settings that the result of training depends on, except
// Steps, which may change as far as the learning rates of the steps done don't.
func (s *Settings) decisive() []setting {
	g := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	return []setting{
		{"batch", strconv.Itoa(s.Batch)},
		{"groups", strconv.Itoa(s.groups())},
		{"learning_rate", g(s.LearningRate)},
		{"warm_up", strconv.Itoa(s.WarmUp)},
		{"decay", g(s.Decay)},
		{"beta1", g(s.Beta1)},
		{"beta2", g(s.Beta2)},
		{"epsilon", g(s.Epsilon)},
		{"muon", g(s.Muon)},
		{"clip", g(s.Clip)},
		{"ema", g(s.EMA)},
		{"sigma_min", g(s.SigmaMin)},
		{"sigma_max", g(s.SigmaMax)},
		{"sigma_levels", strconv.Itoa(s.SigmaLevels)},
		{"sigma_median", g(s.SigmaMedian)},
		{"sigma_log_std", g(s.SigmaLogStd)},
		{"seed", strconv.FormatUint(s.Seed, 10)},
	}
}

// neutral names the settings that don't touch the weights.
var neutral = []string{
	"threads", "log_every", "held_out_every", "held_out_levels", "checkpoint_every", "keep_every",
	"checkpoint_minutes", "time_limit_minutes",
}

// extends tells whether the first done steps of a training of former steps are
// also those of s: whether their learning rates agree.
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
