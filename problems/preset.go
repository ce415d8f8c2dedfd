package problems

// Preset is a complete set of hyper-parameters for a problem, from data to
// sampling: plain data that the packages which train and sample translate into
// their own settings.
type Preset struct {
	Name    string // "tiny", "small" or "paper"
	Options Options
	Pairs   int
	// x is normalized by its mean and standard deviation (dataset.BySpread),
	// not by its extremes
	Spread   bool
	Network  Network
	Training Training
	Schedule Schedule
	Sampling Sampling // zero: 12 levels over the range of Schedule

	// in place of Sampling, where the preset is asked for at other percentages
	// of measurement noise than that of Options
	SamplingAt map[float64]Sampling
}

// SamplingFor returns how to sample at so many percent of measurement noise.
func (p *Preset) SamplingFor(noisePercent float64) Sampling {
	if s, ok := p.SamplingAt[noisePercent]; ok {
		return s
	}
	return p.Sampling
}

// Network is the score network.
type Network struct {
	Variant          string // a name of nn.Variant; "": base
	NGF              int    // channels at full resolution
	Pool             string // "max" or "avg"
	Parameterization string // Preconditioned or PaperForm
}

// The parameterizations, and the laws of the diffusion noise level in training.
const (
	Preconditioned = "preconditioned" // Karras et al. 2022, with y standardized
	PaperForm      = "paper"          // F(x̃, y)/σ, Eq. 15

	LogUniform = "log-uniform" // σ log-uniform on [SigmaMin, SigmaMax]
	LogNormal  = "log-normal"  // σ log-normal, cut off at SigmaMin and SigmaMax
	OfLevels   = "levels"      // σ one of the schedule's levels
)

// Training is how the network is trained: by Adam, or by Muon where that
// applies.
type Training struct {
	Batch        int
	Steps        int
	LearningRate float64
	WarmUp       int     // steps of linear rise to LearningRate
	Decay        float64 // fraction of Steps, at the end, of linear fall to zero
	Beta1, Beta2 float64
	// momentum of the hidden layers, which then move by Muon; 0: all move by
	// Adam
	Muon        float64
	ClipNorm    float64 // of the gradient's global norm; 0: no clipping
	EMA         float64
	SigmaLaw    string  // LogUniform, LogNormal or OfLevels
	SigmaMedian float64 // of LogNormal
	SigmaLogStd float64 // of ln σ, of LogNormal
	// pairs whose weighted mean is the target of each sample; 0: its own field
	// is
	Neighbours int
}

// Schedule is the geometric sequence of diffusion noise levels, and Langevin's
// steps on it.
type Schedule struct {
	SigmaMax      float64 // σ₁
	SigmaMin      float64 // σ_L
	Levels        int     // L
	StepsPerLevel int     // T
	Epsilon       float64 // of α_i = ε σ_i²/σ_L², for steps x + α s + √(2α) z
}

// Sampling is over which noise levels a sampler of few steps goes, apart from
// the range of training.
type Sampling struct {
	SigmaMax float64
	Levels   int // to Schedule.SigmaMin

	Corrections int     // steps at one level that renew the noise
	CorrectAt   float64 // that level
	CorrectKeep float64 // share of the noise that the state keeps in each
}

// WithParameterization returns p for another parameterization, with the
// clipping that fits the size of its gradients: the summed loss of
// Preconditioned is about ten times that of PaperForm.
func (p Preset) WithParameterization(name string) Preset {
	if name != p.Network.Parameterization && p.Training.ClipNorm != 0 {
		switch name {
		case PaperForm:
			p.Training.ClipNorm /= 10
		case Preconditioned:
			p.Training.ClipNorm *= 10
		}
	}
	p.Network.Parameterization = name
	return p
}
