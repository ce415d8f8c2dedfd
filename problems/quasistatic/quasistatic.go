package quasistatic

import (
	"csdm/priors"
	"csdm/problems"
	"csdm/problems/internal/compression"
)

// Name is the problem's name.
const Name = "quasistatic"

// The numbers of Section 4.1.1, in cm and kPa.
const (
	Side       = 1.0
	UMax       = 0.01 // displacement of the top, downward
	Radius     = 0.12
	CenterMin  = 0.2 // for both coordinates (Table 3, with its unit corrected)
	CenterMax  = 0.8
	Background = 0.1
	Inclusion  = 1.5
	Truncation = 3.0 // of the noise, in standard deviations

	defaultGrid  = 56
	defaultNoise = 5 // percent
)

// New returns the problem for the given options: any grid of at least 8 nodes
// per side, and any positive noise.
func New(o problems.Options) (problems.Parametric, error) {
	o, err := o.Resolve(Name, problems.Options{Grid: defaultGrid, NoisePercent: defaultNoise})
	if err != nil {
		return nil, err
	}
	prior := priors.CircularInclusion{
		Grid:   priors.Grid{Rows: o.Grid, Cols: o.Grid, Width: Side, Height: Side},
		X:      priors.Uniform{Lo: CenterMin, Hi: CenterMax},
		Y:      priors.Uniform{Lo: CenterMin, Hi: CenterMax},
		Radius: priors.Constant(Radius), Ratio: priors.Constant(Inclusion / Background),
		Background: Background,
	}
	noise := priors.TruncatedGaussian{Std: o.NoisePercent / 100 * UMax, Limit: Truncation}
	return compression.New(problems.Spec{
		Name: Name, Title: "Stiff inclusion in a compressed square", Section: "4.1.1", Options: o,
		LengthUnit: "cm", XName: "shear modulus", XUnit: "kPa", YName: "vertical displacement",
		YUnit: "cm",
	}, prior, 0, -UMax, noise)
}
