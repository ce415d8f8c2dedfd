package nn

import (
	"fmt"
	"math"

	"csdm/internal/phase"
)

// Parameterization turns the output F of a network into a score, and back into
// what F has to learn.
type Parameterization interface {
	// Name is what model files call it.
	Name() string
	// Extra is the number of constant channels behind y: Arch.Extra of its
	// networks.
	Extra() int
	// At gives the coefficients at noise level sigma > 0.
	At(sigma float64) Coefficients
	// Standardize sets plane, normalized values of measurement channel c in
	// rows×cols, to what the network sees of them.
	Standardize(plane []float64, c, rows, cols int)
	// YUnit is how much of normalized y a step of 1 in what the network sees of
	// channel c is worth.
	YUnit(c int) float64
	// Validate returns an error if the parameters make no sense for
	// measurements of that many channels.
	Validate(yChannels, pixels int) error
}

// Coefficients are what a parameterization comes to at one noise level σ, with
// x̃ = x + σz:
//
//	network input   In·x̃, and Level in the extra channel
//	denoiser        D = Skip·x̃ + Out·F
//	score           s = (D - x̃)/σ² = ScoreX·x̃ + ScoreF·F
//	loss            ½‖F - (TargetX·x + TargetZ·z)‖²
//
// The loss is ‖D - x‖²/(2 Out²), with its target written in x and z so that
// nothing cancels at small σ.
type Coefficients struct {
	In, Level        float64
	Skip, Out        float64
	ScoreX, ScoreF   float64
	TargetX, TargetZ float64
}

// Paper is the parameterization of the paper: s = F(x̃, y)/σ, inputs as they
// are. Its loss, Eq. 15, is ½‖σs + z‖² = ½‖F + z‖².
type Paper struct{}

// Name is "paper".
func (Paper) Name() string { return "paper" }

// Extra is 0.
func (Paper) Extra() int { return 0 }

// At implements Parameterization.
func (Paper) At(sigma float64) Coefficients {
	return Coefficients{In: 1, Skip: 1, Out: sigma, ScoreF: 1 / sigma, TargetZ: -1}
}

// Standardize leaves y as it is.
func (Paper) Standardize([]float64, int, int, int) {}

// YUnit is 1.
func (Paper) YUnit(int) float64 { return 1 }

// Validate returns nil.
func (Paper) Validate(int, int) error { return nil }

// Preconditioned is the parameterization of Karras, Aittala, Aila and Laine
// (2022, "Elucidating the design space of diffusion-based generative models",
// table 1): with data of standard deviation σ_d,
//
//	c_in = 1/√(σ²+σ_d²), c_skip = σ_d²/(σ²+σ_d²), c_out = σσ_d/√(σ²+σ_d²), c_noise = ¼ ln σ
//
// y is standardized and not scaled with σ, so that it is not drowned by x̃ at
// high noise; c_noise is one more channel. From y is taken the mean of its
// channel, or the mean of each of its values if YMean has as many: where all
// measurements share a large smooth part, such as the displacement of a
// homogeneous specimen, what tells them apart is then of unit size rather than
// a ripple on that part. Where y is a phase, known but for whole turns, it is
// unwrapped first, and counts from its own mean: a jump by a turn is nothing to
// a convolution that it could undo.
type Preconditioned struct {
	SigmaData float64 `json:"sigma_data"` // pixel standard deviation of the normalized fields
	// mean of the normalized measurements, of each channel (C) or of each value
	// (C, H, W)
	YMean []float64 `json:"y_mean"`
	YStd  []float64 `json:"y_std"` // standard deviation of each channel from that mean

	// of normalized y, if its values are known but for multiples of it; else 0.
	// YMean and YStd are of y unwrapped.
	YPeriod float64 `json:"y_period,omitempty"`
}

// Name is "preconditioned".
func (*Preconditioned) Name() string { return "preconditioned" }

// Extra is 1: the noise level.
func (*Preconditioned) Extra() int { return 1 }

// At implements Parameterization.
func (p *Preconditioned) At(sigma float64) Coefficients {
	d := p.SigmaData
	root := math.Hypot(sigma, d)
	return Coefficients{
		In:    1 / root,
		Level: math.Log(sigma) / 4,
		Skip:  d / root * (d / root),
		Out:   sigma * d / root,
		// (c_skip - 1)/σ² and c_out/σ².
		ScoreX: -1 / (root * root),
		ScoreF: d / (sigma * root),
		// (x - c_skip·x̃)/c_out = ((1 - c_skip)·x - c_skip·σz)/c_out.
		TargetX: sigma / (d * root),
		TargetZ: -d / root,
	}
}

// Standardize implements Parameterization: (y − mean)/deviation, of y unwrapped
// if it has a period.
func (p *Preconditioned) Standardize(plane []float64, c, rows, cols int) {
	if p.YPeriod > 0 {
		phase.Unwrap(plane, rows, cols, p.YPeriod)
	}
	pixels, scale := len(p.YMean)/len(p.YStd), 1/p.YStd[c]
	mean := p.YMean[c*pixels : (c+1)*pixels]
	for k, v := range plane {
		plane[k] = (v - mean[k%pixels]) * scale
	}
}

// YUnit is the standard deviation of the channel.
func (p *Preconditioned) YUnit(c int) float64 { return p.YStd[c] }

// Validate implements Parameterization.
func (p *Preconditioned) Validate(yChannels, pixels int) error {
	if !(p.SigmaData > 0) || math.IsInf(p.SigmaData, 0) {
		return fmt.Errorf("nn: sigma_data is %v; it must be positive", p.SigmaData)
	}
	if len(p.YMean) != yChannels && len(p.YMean) != yChannels*pixels || len(p.YStd) != yChannels {
		return fmt.Errorf("nn: %d means and %d deviations for %d measurement channels of %d pixels",
			len(p.YMean), len(p.YStd), yChannels, pixels)
	}
	if !(p.YPeriod >= 0) || math.IsInf(p.YPeriod, 0) {
		return fmt.Errorf("nn: y_period is %v; it must be positive, or 0 for none", p.YPeriod)
	}
	for i, m := range p.YMean {
		if m-m != 0 {
			return fmt.Errorf("nn: mean %d of the measurement channels is %v", i, m)
		}
	}
	for c, s := range p.YStd {
		if !(s > 0) || math.IsInf(s, 0) {
			return fmt.Errorf("nn: measurement channel %d has deviation %v", c, s)
		}
	}
	return nil
}
