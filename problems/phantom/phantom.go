package phantom

import (
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/internal/compression"
)

// Name is the problem's name.
const Name = "phantom"

// The numbers of Section 4.2.1, in mm and kPa.
const (
	Width      = 26.297
	Height     = 34.608
	UBottom    = 0.392 // upward, as is UTop
	UTop       = 0.084
	Background = 4.7
	NoiseStd   = 0.001
	UMax       = UBottom // noise in percent refers to it

	defaultGrid = 56
)

// New returns the problem for the given options: any grid of at least 8 nodes
// per side; noise in percent of UMax, by default NoiseStd.
func New(o problems.Options) (problems.Parametric, error) {
	o, err := o.Resolve(Name, problems.Options{Grid: defaultGrid,
		NoisePercent: 100 * NoiseStd / UMax})
	if err != nil {
		return nil, err
	}
	prior := priors.CircularInclusion{
		Grid: priors.Grid{Rows: o.Grid, Cols: o.Grid, Width: Width, Height: Height},
		X:    priors.Uniform{Lo: 7.1, Hi: 19.2}, Y: priors.Uniform{Lo: 7.1, Hi: 27.5},
		Radius: priors.Uniform{Lo: 3.5, Hi: 7}, Ratio: priors.Uniform{Lo: 1, Hi: 8},
		Background: Background,
	}
	return compression.New(problems.Spec{
		Name: Name, Title: "Inclusion in a compressed gel", Section: "4.2.1", Options: o,
		LengthUnit: "mm", XName: "shear modulus", XUnit: "kPa", YName: "vertical displacement",
		YUnit: "mm",
	}, prior, UBottom, UTop, priors.Gaussian{Std: o.NoisePercent / 100 * UMax})
}
