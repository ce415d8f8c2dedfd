package nn

import (
	"fmt"
	"math"

	"csdm/internal/phase"
)

// Parameterization relates the output F of a network to the score, and the
// score to the training target of F.
type Parameterization interface {
	// Name returns the name that model files use.
	Name() string
	// Extra returns the number of constant channels after y: Arch.Extra of its
	// networks.
	Extra() int
	// At returns the coefficients at noise level sigma > 0.
	At(sigma float64) Coefficients
	// Standardize replaces plane, the normalized values of measurement channel
	// c in rows×cols, by the values that the network sees.
	Standardize(plane []float64, c, rows, cols int)
	// YUnit returns the change of normalized y for a step of 1 in the value
	// that the network sees of channel c.
	YUnit(c int) float64
	// Estimate returns the linear estimate below networks with Arch.Linear, or
	// nil. At then returns no coefficients of x, x̃ and z.
	Estimate() *Linear
	// Validate returns an error if the parameters do not fit measurements of
	// yChannels channels of the given number of pixels.
	Validate(yChannels, pixels int) error
}

// Standardized is a parameterization whose workers take measurements that are
// standardized already.
type Standardized struct{ Parameterization }

// Standardize does nothing: a caller has standardized y once for all
// evaluations of a sample.
func (Standardized) Standardize([]float64, int, int, int) {}

// Coefficients holds the numbers of a parameterization at one noise level σ,
// with x̃ = x + σz:
//
//	network input   In·x̃, and LogSigmaQuarter in the extra channel
//	denoiser        D = Skip·x̃ + Out·F
//	score           s = (D - x̃)/σ² = ScoreX·x̃ + ScoreF·F
//	loss            ½‖F - (TargetX·x + TargetZ·z)‖²
//
// The loss is ‖D - x‖²/(2 Out²). Its target is written in x and z so that
// nothing cancels at small σ. With a linear estimate the parts that are linear
// in x̃, x and z belong to Linear, and Skip, ScoreX, TargetX and TargetZ are 0.
type Coefficients struct {
	// c_in and ¼ ln σ
	In, LogSigmaQuarter float64
	// c_skip and c_out: the denoiser from state and output
	Skip, Out float64
	// the score from state and output, (D − x̃)/σ² without its cancellation
	ScoreX, ScoreF float64
	// training target of the output
	TargetX, TargetZ float64
}

// Paper is the parameterization of the paper: s = F(x̃, y)/σ, with unscaled
// inputs. Its loss, Eq. 15, is ½‖σs + z‖² = ½‖F + z‖².
type Paper struct{}

// Name returns "paper".
func (Paper) Name() string { return "paper" }

// Extra returns 0.
func (Paper) Extra() int { return 0 }

// At implements Parameterization.
func (Paper) At(sigma float64) Coefficients {
	return Coefficients{In: 1, Skip: 1, Out: sigma, ScoreF: 1 / sigma, TargetZ: -1}
}

// Standardize leaves y unchanged.
func (Paper) Standardize([]float64, int, int, int) {}

// YUnit returns 1.
func (Paper) YUnit(int) float64 { return 1 }

// Estimate returns nil.
func (Paper) Estimate() *Linear { return nil }

// Validate returns nil.
func (Paper) Validate(int, int) error { return nil }

// Preconditioned is the parameterization of Karras, Aittala, Aila and Laine
// (2022, "Elucidating the design space of diffusion-based generative models",
// table 1): with data of standard deviation σ_d,
//
//	c_in = 1/√(σ²+σ_d²), c_skip = σ_d²/(σ²+σ_d²),
//	c_out = σσ_d/√(σ²+σ_d²), c_noise = ¼ ln σ
//
// y is standardized and not scaled with σ, so that x̃ does not dominate it at
// high noise. c_noise is one more channel. The mean that is subtracted from y
// is the mean of its channel, or of each value if YMean has one entry per
// value. A mean per value helps where all measurements share a large smooth
// part, such as the displacement of a homogeneous specimen: the differences
// between measurements then have unit size instead of being a ripple on that
// part. A y that is a phase, known up to whole turns, is unwrapped first and
// counted from its own mean, because a convolution cannot undo a jump by a
// turn.
type Preconditioned struct {
	SigmaData float64 `json:"sigma_data"` // pixel standard deviation of the normalized fields
	// Mean of the normalized measurements: of each channel (C), or of each
	// value (C, H, W).
	YMean []float64 `json:"y_mean"`
	YStd  []float64 `json:"y_std"` // standard deviation of each channel from that mean

	// Period of normalized y if its values are known only up to multiples of
	// the period, otherwise 0. YMean and YStd are then of the unwrapped y.
	YPeriod float64 `json:"y_period,omitempty"`

	// Linear stands below a network for few values of y; nil: none. It replaces
	// c_skip and c_out. A file holds it as tensors.
	Linear *Linear `json:"-" identity:"omitzero"`
}

// Name returns "preconditioned".
func (*Preconditioned) Name() string { return "preconditioned" }

// Extra returns 1, for the noise level.
func (*Preconditioned) Extra() int { return 1 }

// At implements Parameterization.
func (p *Preconditioned) At(sigma float64) Coefficients {
	d := p.SigmaData
	root := math.Hypot(sigma, d)
	if p.Linear != nil { // the part that is linear in x̃ is D₀
		out := p.Linear.out(sigma)
		return Coefficients{In: 1 / root, LogSigmaQuarter: math.Log(sigma) / 4, Out: out,
			ScoreF: out / (sigma * sigma)}
	}
	return Coefficients{
		In:              1 / root,
		LogSigmaQuarter: math.Log(sigma) / 4,
		Skip:            d / root * (d / root),
		Out:             sigma * d / root,
		// (c_skip - 1)/σ² and c_out/σ².
		ScoreX: -1 / (root * root),
		ScoreF: d / (sigma * root),
		// (x - c_skip·x̃)/c_out = ((1 - c_skip)·x - c_skip·σz)/c_out.
		TargetX: sigma / (d * root),
		TargetZ: -d / root,
	}
}

// Standardize implements Parameterization: (y − mean)/deviation. A y with a
// period is unwrapped first.
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

// YUnit returns the standard deviation of the channel.
func (p *Preconditioned) YUnit(c int) float64 { return p.YStd[c] }

// Estimate implements Parameterization.
func (p *Preconditioned) Estimate() *Linear { return p.Linear }

// Validate implements Parameterization.
func (p *Preconditioned) Validate(yChannels, pixels int) error {
	if !(p.SigmaData > 0) || math.IsInf(p.SigmaData, 0) {
		return fmt.Errorf("nn: sigma_data is %v; it must be positive", p.SigmaData)
	}
	if len(p.YMean) != yChannels && len(p.YMean) != yChannels*pixels || len(p.YStd) != yChannels {
		return fmt.Errorf("nn: %d means and %d deviations do not fit %d measurement channels of "+
			"%d pixels", len(p.YMean), len(p.YStd), yChannels, pixels)
	}
	if !(p.YPeriod >= 0) || math.IsInf(p.YPeriod, 0) {
		return fmt.Errorf("nn: y_period is %v; it must be positive, or 0 if y has no period",
			p.YPeriod)
	}
	for i, m := range p.YMean {
		if m-m != 0 {
			return fmt.Errorf("nn: mean %d of the measurement channels is %v; it must be finite", i,
				m)
		}
	}
	for c, s := range p.YStd {
		if !(s > 0) || math.IsInf(s, 0) {
			return fmt.Errorf("nn: measurement channel %d has a deviation of %v; it must be "+
				"positive and finite", c, s)
		}
	}
	return nil
}
