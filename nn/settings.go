package nn

import _ "embed"

// Settings choose a score network: the section [network] of a recipe.
type Settings struct {
	// shape of the network: RefineNets base, deeper or deepest, or light ones
	Variant Variant `toml:"variant" default:"base" range:"base|deeper|deepest|light|light4"`
	// number of channels at full resolution
	NGF int `toml:"ngf" default:"16" range:"[2, 1024]"`
	// pooling in the refinement blocks
	Pool Pool `toml:"pool" default:"max" range:"max|avg"`
	// form of the score: Karras et al. (2022) with y standardized, or the
	// paper's Eq. 15
	Parameterization string `toml:"parameterization" default:"preconditioned" range:"preconditioned|paper"`
	// mean that preconditioned takes from y: of each pixel, or of each channel
	Center Center `toml:"center" default:"pixel" range:"pixel|channel" is:"expert"`
	// whether a network for few sensors learns the difference to the best
	// linear estimate of x
	//
	// It does if all pairs miss the same values of y and have at most 128. The
	// network also reads the estimate, which has the smallest mean square error
	// over the training pairs.
	Linear bool `toml:"linear" default:"true" is:"expert"`
}

// Center is the mean that is subtracted from a measurement.
type Center string

const (
	CenterPixel   Center = "pixel"
	CenterChannel Center = "channel"
)

//go:embed settings.go
var source string

// Source returns the file whose comments describe the settings.
func (*Settings) Source() string { return source }

// Preconditioned reports whether the parameterization is Preconditioned.
func (s *Settings) Preconditioned() bool {
	return s.Parameterization == (*Preconditioned)(nil).Name()
}

// Arch returns the architecture for a measurement of yChannels channels.
func (s *Settings) Arch(yChannels int) Arch {
	a := Arch{NGF: s.NGF, YChannels: yChannels, Pool: s.Pool, Variant: s.Variant}
	if s.Preconditioned() {
		a.Extra = (*Preconditioned)(nil).Extra()
	}
	return a
}
