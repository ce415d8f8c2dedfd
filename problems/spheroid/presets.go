package spheroid

import "csdm/problems"

// Presets returns the hyper-parameters: tiny for minutes on two cores at pixels
// of 8 µm, small for hours and paper as Tables 1 and 2 have them, both at the
// full grid with the deeper network. Pairs of paper are the paper's 5,000
// simulations, of which it holds 6,000 pairs out. tiny and small are our own;
// their schedules meet Eqs. 17 and 18, and their σ₁ exceeds the largest
// distance of two normalized fields.
func Presets() []problems.Preset {
	return []problems.Preset{
		{
			Name:    "tiny",
			Options: problems.Options{Grid: 32},
			Pairs:   24_000,
			Network: problems.Network{NGF: 16, Pool: "max",
				Parameterization: problems.Preconditioned},
			Training: problems.Training{
				Batch: 32, Steps: 4500, LearningRate: 1e-3, WarmUp: 200, Decay: 0.5,
				Beta1: 0.9, Beta2: 0.99, Muon: 0.95, ClipNorm: 500, EMA: 0.999,
				SigmaLaw: problems.LogUniform,
			},
			Schedule: problems.Schedule{SigmaMax: 10, SigmaMin: 0.01, Levels: 102, StepsPerLevel: 5,
				Epsilon: 1e-5},
		},
		{
			Name:    "small",
			Options: problems.Options{Grid: 256},
			Pairs:   6000,
			Network: problems.Network{Variant: "deeper", NGF: 16, Pool: "max",
				Parameterization: problems.Preconditioned},
			Training: problems.Training{
				Batch: 8, Steps: 6000, LearningRate: 5e-4, WarmUp: 200, Decay: 0.3,
				Beta1: 0.9, Beta2: 0.99, ClipNorm: 4000, EMA: 0.999, SigmaLaw: problems.LogUniform,
			},
			Schedule: problems.Schedule{SigmaMax: 80, SigmaMin: 0.01, Levels: 1082,
				StepsPerLevel: 5, Epsilon: 1.6e-6},
		},
		{
			Name:    "paper",
			Options: problems.Options{Grid: 256},
			Pairs:   30_000,
			Network: problems.Network{Variant: "deeper", NGF: 64, Pool: "max",
				Parameterization: problems.PaperForm},
			Training: problems.Training{
				Batch: 32, Steps: 300_000, LearningRate: 1e-4,
				Beta1: 0.9, Beta2: 0.999, EMA: 0.999, SigmaLaw: problems.OfLevels,
			},
			Schedule: problems.Schedule{SigmaMax: 120, SigmaMin: 0.01, Levels: 680,
				StepsPerLevel: 5, Epsilon: 5.7e-6},
		},
	}
}
