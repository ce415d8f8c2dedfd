package opticnerve

import "csdm/problems"

// Presets returns the hyper-parameters: tiny for some twenty minutes on two
// cores, small for hours at the full grid, and paper as Tables 1 and 2 have
// them.
//
// σ₁ of tiny and small exceeds the largest distance found between two of 3,000
// prior fields in normalized units, 19.2 on Grid 32 and so 38.3 on Grid 64;
// Levels and Epsilon follow Eqs. 17 and 18.
func Presets() []problems.Preset {
	return []problems.Preset{
		{
			Name:    "tiny",
			Options: problems.Options{Grid: 32},
			Pairs:   12_288,
			Network: problems.Network{NGF: 16, Pool: "max",
				Parameterization: problems.Preconditioned},
			Training: problems.Training{
				Batch: 32, Steps: 4000, LearningRate: 1e-3, WarmUp: 200, Decay: 0.5,
				Beta1: 0.9, Beta2: 0.99, ClipNorm: 500, EMA: 0.999, SigmaLaw: problems.LogUniform,
			},
			Schedule: problems.Schedule{SigmaMax: 24, SigmaMin: 0.02, Levels: 105, StepsPerLevel: 5,
				Epsilon: 4.0e-5},
		},
		{
			Name:    "small",
			Options: problems.Options{Grid: 64},
			Pairs:   12_000,
			Network: problems.Network{NGF: 24, Pool: "max",
				Parameterization: problems.Preconditioned},
			Training: problems.Training{
				Batch: 32, Steps: 20_000, LearningRate: 1e-3, WarmUp: 200, Decay: 0.3,
				Beta1: 0.9, Beta2: 0.99, ClipNorm: 1000, EMA: 0.999, SigmaLaw: problems.LogUniform,
			},
			Schedule: problems.Schedule{SigmaMax: 48, SigmaMin: 0.01, Levels: 253, StepsPerLevel: 5,
				Epsilon: 5.7e-6},
		},
		{
			Name:    "paper",
			Options: problems.Options{Grid: 64},
			Pairs:   12_000,
			Network: problems.Network{NGF: 64, Pool: "max", Parameterization: problems.PaperForm},
			Training: problems.Training{
				Batch: 64, Steps: 300_000, LearningRate: 1e-4,
				Beta1: 0.9, Beta2: 0.999, EMA: 0.999, SigmaLaw: problems.OfLevels,
			},
			Schedule: problems.Schedule{SigmaMax: 50, SigmaMin: 0.01, Levels: 256, StepsPerLevel: 5,
				Epsilon: 5.7e-6},
		},
	}
}
