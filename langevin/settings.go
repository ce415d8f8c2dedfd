package langevin

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"csdm/internal/setting"
)

// Settings choose how Sample draws (the section [sampling] of a recipe) and
// which draws a call makes. Settings that a sampler does not use are ignored.
type Settings struct {
	// number of posterior draws of each measurement
	Draws int `toml:"draws" default:"256" range:"[2, inf)"`
	// algorithm that draws from the posterior
	Sampler Sampler `toml:"sampler" default:"dpmpp2m" range:"annealed|heun|dpmpp2m|pc"`
	// number of noise levels, which are geometric from sigma_max to sigma_min
	Levels int `toml:"levels" default:"12" range:"[1, 1048576]"`
	// noise level that sampling begins at
	SigmaMax float64 `toml:"sigma_max" range:"(0, inf)"`
	// noise level that sampling ends at
	SigmaMin float64 `toml:"sigma_min" range:"(0, inf)"`
	// where a walk begins: around the mean of x, or around zero
	//
	// From zero, the mean of the draws is off by the norm of x over sigma_max,
	// in standard deviations of the posterior. Model files without this setting
	// are of versions that began there.
	Start Start `toml:"start" default:"mean" range:"mean|zero" of:"dpmpp2m|heun|pc" identity:"omitzero"`
	// T: Langevin steps at each noise level of annealed (0: 5), corrections at
	// each noise level of pc
	StepsPerLevel int `toml:"steps_per_level" range:"[0, inf)" of:"annealed|pc"`

	// number of steps, at the noise level correct_at, that renew the noise of
	// the state; 0: none
	Corrections int `toml:"corrections" range:"[0, inf)" of:"dpmpp2m"`
	// noise level that is corrected: the nearest one in ratio is taken
	CorrectAt float64 `toml:"correct_at" range:"[0, inf)" of:"dpmpp2m"`
	// share of its noise that the state keeps in each correction
	CorrectKeep float64 `toml:"correct_keep" range:"[0, 1)" of:"dpmpp2m"`

	// base step size of annealed Langevin, in its form; 0: the one that Eq. 18
	// requires
	Epsilon float64 `toml:"epsilon" range:"[0, inf)" of:"annealed" is:"expert"`
	// form of the Langevin step: the form of Eq. 18, or the form of Algorithm 1
	Form Form `toml:"form" default:"eq18" range:"eq18|algorithm1" of:"annealed" is:"expert"`
	// ratio of signal to noise in the corrections of pc; 0: 0.16
	SNR float64 `toml:"snr" range:"[0, inf)" of:"pc" is:"expert"`

	Sigmas Schedule `toml:"-"` // noise levels, if not geometric; nil: they are. Not changed
	// seed of all draws: draw j has the stream (Seed, Chain, j, Measurement)
	Seed uint64 `toml:"-"`
	// Number that distinguishes measurements sampled with one seed: the second
	// index of the stream.
	Measurement uint64 `toml:"-"`
	First       int    `toml:"-"` // index of the first draw, ≥ 0: draws First … Draws−1 are made
	// Skip reports which draws already exist; nil: none. It is called in order,
	// by one goroutine.
	Skip func(draw int) bool `toml:"-"`
	// threads, ≥ 1: chains at once, and where fewer are left, threads of each,
	// if its scorer is Threaded
	Threads int `toml:"-"`
}

// Start is the center of the states that a walk begins with, which have the
// first noise level around it.
type Start string

const (
	StartMean Start = "mean" // the denoised state there, about the mean of x
	StartZero Start = "zero"
)

//go:embed settings.go
var source string

// Source returns the file whose comments describe the settings.
func (*Settings) Source() string { return source }

// Default returns the default of each setting, for one thread. The caller must
// set SigmaMax and SigmaMin.
func Default() Settings {
	s := Settings{Threads: 1}
	setting.Defaults(&s)
	return s
}

// MarshalJSON writes the section [sampling], without the settings of a call.
func (s Settings) MarshalJSON() ([]byte, error) { return setting.JSON(&s) }

// UnmarshalJSON reads what MarshalJSON writes. Settings that are not named get
// their defaults, except Start: versions that did not name it began at zero.
func (s *Settings) UnmarshalJSON(data []byte) error {
	*s = Settings{}
	var named struct {
		Start *Start `json:"start"`
	}
	if err := setting.SetJSON(s, data); err != nil {
		return err
	}
	if err := json.Unmarshal(data, &named); err != nil {
		return err
	}
	if named.Start == nil {
		s.Start = StartZero
	}
	return nil
}

// resolve checks s and returns it with its noise levels, with the documented
// defaults, and without the settings that its sampler does not use.
func (s Settings) resolve() (Settings, error) {
	unused := []string{"draws"}
	if s.Sigmas != nil {
		unused = append(unused, "levels", "sigma_max", "sigma_min")
	}
	for _, f := range setting.Of(&s) {
		if !f.GoesWith(string(s.Sampler)) {
			f.Clear()
			unused = append(unused, f.Name) // zero may be out of its range
		}
	}
	if err := setting.Check(&s, unused...); err != nil {
		return s, fmt.Errorf("langevin: %w", err)
	}
	switch {
	case s.Draws < 0 || s.First < 0:
		return s, fmt.Errorf("langevin: %d draws from index %d: neither may be negative", s.Draws,
			s.First)
	case s.Threads < 1:
		return s, fmt.Errorf("langevin: %d threads; at least 1 is needed", s.Threads)
	}
	var err error
	if s.Sigmas == nil {
		if s.Sigmas, err = Geometric(s.SigmaMax, s.SigmaMin, s.Levels); err != nil {
			return s, err
		}
	}
	if err := s.Sigmas.Validate(); err != nil {
		return s, err
	}
	if err := s.corrections().validate(s.Sigmas); err != nil {
		return s, err
	}
	if s.SNR == 0 {
		s.SNR = 0.16
	}
	if s.Sampler != SamplerAnnealed {
		return s, nil
	}
	if s.StepsPerLevel == 0 {
		s.StepsPerLevel = 5
	}
	if s.Form == "" {
		s.Form = FormEq18
	}
	if s.Epsilon == 0 {
		last := len(s.Sigmas) - 1
		if last == 0 {
			return s, fmt.Errorf("langevin: with one noise level epsilon must be given")
		}
		s.Epsilon = ProposeEpsilon(s.Sigmas[last], ratio(s.Sigmas[0], s.Sigmas[last], last+1),
			s.StepsPerLevel, s.Form)
	}
	return s, nil
}

// Validate returns the error that Sample would return for s before the first
// draw.
func (s Settings) Validate() error {
	_, err := s.resolve()
	return err
}

// String describes how draws are made, such as "dpmpp2m, 12 levels, 5
// corrections at 0.3 that keep 0.55".
func (s Settings) String() string {
	from := ""
	if s.Start == StartMean {
		from = " from around the mean"
	}
	return fmt.Sprintf("%s, %d levels%s%s", s.Sampler, s.Levels, from, s.corrections())
}

// ForMeasurement returns the settings of a call that draws for the measurement
// of that number, or the error that Sample would return.
func (s Settings) ForMeasurement(seed, measurement uint64, threads int) (Settings, error) {
	s.Seed, s.Measurement, s.Threads = seed, measurement, threads
	return s, s.Validate()
}
