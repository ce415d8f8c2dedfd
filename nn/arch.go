package nn

import (
	"fmt"
	"slices"
)

// Arch is the architecture of a score network: everything that determines its
// parameters, their shapes, and the kind of its pools.
type Arch struct {
	NGF       int `json:"ngf"`        // g, channels at full resolution; at least 2
	YChannels int `json:"y_channels"` // channels of the measurement
	Extra     int `json:"extra"`      // constant input channels that a parameterization adds
	// kind of the chained residual pooling: max or avg
	Pool Pool `json:"pool"`
	// member of the family of networks
	Variant Variant `json:"variant"`

	// Masked states that values of a measurement may be missing. One more
	// channel is then 1 where all channels were measured, and 0 elsewhere. The
	// number of weights determines it.
	Masked bool `json:"masked,omitempty" identity:"-"`

	// XChannels is the number of fields of x; 0 means 1. The number of weights
	// determines it.
	XChannels int `json:"x_channels,omitempty" identity:"-"`

	// Linear states that a linear estimate of x from y stands below the
	// network, which reads it in one channel per field (type Linear). The
	// number of weights determines it.
	Linear bool `json:"linear,omitempty" identity:"-"`
}

// Pool is the kind of 5×5 pooling in the refinement blocks.
type Pool string

const (
	MaxPool Pool = "max" // as the NCSNv2 code does
	AvgPool Pool = "avg"
)

// Variant is the shape of a network: a member of the NCSNv2 family, which fixes
// the number of levels of its encoder and the width of the lowest ones, or a
// light network.
type Variant string

const (
	Base    Variant = "base"    // NCSNv2: one halving, 2g channels at the bottom
	Deeper  Variant = "deeper"  // NCSNv2Deeper: two halvings, 4g channels
	Deepest Variant = "deepest" // NCSNv2Deepest: three halvings, 4g channels
	Light   Variant = "light"   // an encoder of y, and a denoiser on tiles of 2×2 pixels (light.go)
	Light4  Variant = "light4"  // the same on tiles of 4×4, with one scale more
)

// Describe returns a short description of the architecture in words.
func (a Arch) Describe() string {
	if a.isLight() {
		return fmt.Sprintf("%s network, ngf %d, %d parameters", a.Variant, a.NGF,
			a.ParameterCount())
	}
	return fmt.Sprintf("RefineNet %s, ngf %d, %s pooling, %d parameters", a.Variant, a.NGF, a.Pool,
		a.ParameterCount())
}

// inputs returns the number of input channels of the network: x̃, the channels
// of the measurement and the extra ones.
func (a Arch) inputs() int { return a.Fields() + a.measured() + a.Extra }

// Fields returns the number of fields of x, which is also the number of output
// channels of the network.
func (a Arch) Fields() int { return max(1, a.XChannels) }

// measured returns the number of input channels for the measurement: y and,
// where it has them, the mask and the linear estimate.
func (a Arch) measured() int {
	n := a.YChannels
	if a.Masked {
		n++
	}
	if a.Linear {
		n += a.Fields()
	}
	return n
}

// Validate returns an error if a field of the architecture is out of range.
func (a Arch) Validate() error {
	switch {
	case a.NGF < 2:
		return fmt.Errorf("nn: ngf is %d; it must be at least 2, for the variance over "+
			"channels", a.NGF)
	case a.NGF > 1024:
		return fmt.Errorf("nn: ngf is %d; at most 1024 is supported", a.NGF)
	case a.YChannels < 1 || a.YChannels > 4096:
		return fmt.Errorf("nn: %d measurement channels; between 1 and 4096 are supported",
			a.YChannels)
	case a.XChannels < 0 || a.XChannels > 4096:
		return fmt.Errorf("nn: %d fields; between 1 and 4096 are supported", a.XChannels)
	case a.Extra < 0 || a.Extra > 1:
		return fmt.Errorf("nn: %d extra channels; 0 or 1 is supported", a.Extra)
	case a.Pool != MaxPool && a.Pool != AvgPool:
		return fmt.Errorf("nn: pool is %q; it must be %q or %q", a.Pool, MaxPool, AvgPool)
	case !slices.Contains(variants, a.Variant):
		return fmt.Errorf("nn: variant is %q; it must be one of %q", a.Variant, variants)
	case a.isLight() && a.NGF%normGroup != 0:
		return fmt.Errorf("nn: ngf is %d; the %s network needs a multiple of %d", a.NGF, a.Variant,
			normGroup)
	case a.isLight() && a.Extra != 1:
		return fmt.Errorf("nn: %d extra channels; the %s network needs 1, for the noise level",
			a.Extra, a.Variant)
	}
	return nil
}

// CheckSize returns an error if images of rows×cols are too small for the
// halvings of the network, or no multiple of its tiles.
func (a Arch) CheckSize(rows, cols int) error {
	least := a.leastSize()
	if rows < least || cols < least {
		return fmt.Errorf("nn: images of %d×%d are too small for the %s network, which needs "+
			"%d×%d or more", rows, cols, a.Variant, least, least)
	}
	if t := lightShapes[a.Variant].tile; t > 0 && (rows%t != 0 || cols%t != 0) {
		return fmt.Errorf("nn: images of %d×%d; the %s network needs multiples of %d", rows, cols,
			a.Variant, t)
	}
	return nil
}

// leastSize returns the smallest number of rows and columns of an image.
func (a Arch) leastSize() int {
	if a.isLight() {
		s := lightShapes[a.Variant]
		return s.tile << s.scales
	}
	least := 1
	for _, l := range a.levels() {
		if l.halves() {
			least *= 2
		}
	}
	return least
}

// isLight reports whether the network is a light one.
func (a Arch) isLight() bool { return lightShapes[a.Variant].tile > 0 }

var variants = []Variant{Base, Deeper, Deepest, Light, Light4}

// ParameterCount returns the number of parameters:
//
//	light    2364g² + (323 + 72C + 18O)g + O
//	light4   3954g² + (465 + 288C + 50O)g + O
//	base     1811g² + (123 + 9(I + O))g + O
//	deeper   5091g² + (215 + 9(I + O))g + O
//	deepest  5743g² + (253 + 9(I + O))g + O
//
// for C measurement channels with mask and estimate, I input and O output
// channels.
func (a Arch) ParameterCount() int {
	g, outputs := a.NGF, a.Fields()
	io := 9 * (a.inputs() + outputs)
	switch a.Variant {
	case Light:
		return 2364*g*g + (323+72*a.measured()+18*outputs)*g + outputs
	case Light4:
		return 3954*g*g + (465+288*a.measured()+50*outputs)*g + outputs
	case Deeper:
		return 5091*g*g + (215+io)*g + outputs
	case Deepest:
		return 5743*g*g + (253+io)*g + outputs
	default:
		return 1811*g*g + (123+io)*g + outputs
	}
}

// level is one resolution of the network: two residual blocks of the encoder
// and a refinement block of the decoder.
type level struct {
	encoder string // name of the residual blocks
	width   int    // channels of the residual blocks, in units of g
	// The first block changes the scale: by dilation where dilation is not 1,
	// otherwise by halving.
	down     bool
	dilation int
	decoder  string // name of the refinement block
	refined  int    // channels of the refinement block, in units of g
}

// halves reports whether the image is half as large as on the level above.
func (l level) halves() bool { return l.down && l.dilation == 1 }

// levels returns the levels from full resolution down, with the names and
// widths of models/ncsnv2.py in ermongroup/ncsnv2.
func (a Arch) levels() []level {
	switch a.Variant {
	case Deeper:
		return []level{
			{"res1", 1, false, 1, "refine5", 1},
			{"res2", 2, true, 1, "refine4", 1},
			{"res3", 2, true, 1, "refine3", 2},
			{"res4", 4, true, 2, "refine2", 2},
			{"res5", 4, true, 4, "refine1", 4},
		}
	case Deepest:
		return []level{
			{"res1", 1, false, 1, "refine5", 1},
			{"res2", 2, true, 1, "refine4", 1},
			{"res3", 2, true, 1, "refine3", 2},
			{"res31", 2, true, 1, "refine31", 2},
			{"res4", 4, true, 2, "refine2", 2},
			{"res5", 4, true, 4, "refine1", 4},
		}
	default:
		return []level{
			{"res1", 1, false, 1, "refine4", 1},
			{"res2", 2, true, 1, "refine3", 1},
			{"res3", 2, true, 2, "refine2", 2},
			{"res4", 2, true, 4, "refine1", 2},
		}
	}
}
