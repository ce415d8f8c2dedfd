package phantom

import "csdm/problems"

// Presets returns the hyper-parameters: tiny for minutes on two cores, small
// for hours at the full grid, and paper as Tables 1 and 2 have them. tiny and
// small are our own; their schedules meet Eqs. 17 and 18.
func Presets() []problems.Preset {
	return []problems.Preset{
		{
			Name:    "tiny",
			Options: problems.Options{Grid: 28},
			Pairs:   8192,
			Network: problems.Network{NGF: 16, Pool: "max",
				Parameterization: problems.Preconditioned},
			Training: problems.Training{
				Batch: 32, Steps: 3500, LearningRate: 1e-3, WarmUp: 200, Decay: 0.3,
				Beta1: 0.9, Beta2: 0.99, ClipNorm: 500, EMA: 0.999, SigmaLaw: problems.LogUniform,
			},
			Schedule: problems.Schedule{SigmaMax: 10, SigmaMin: 0.01, Levels: 88, StepsPerLevel: 5,
				Epsilon: 1.1e-5},
		},
		{
			Name:    "small",
			Options: problems.Options{Grid: 56},
			Pairs:   10_000,
			Network: problems.Network{NGF: 24, Pool: "max",
				Parameterization: problems.Preconditioned},
			Training: problems.Training{
				Batch: 32, Steps: 20_000, LearningRate: 1e-3, WarmUp: 200, Decay: 0.3,
				Beta1: 0.9, Beta2: 0.99, ClipNorm: 1000, EMA: 0.999, SigmaLaw: problems.LogUniform,
			},
			Schedule: problems.Schedule{SigmaMax: 20, SigmaMin: 0.01, Levels: 198, StepsPerLevel: 5,
				Epsilon: 5.7e-6},
		},
		{
			Name:    "paper",
			Options: problems.Options{Grid: 56},
			Pairs:   10_000,
			Network: problems.Network{NGF: 64, Pool: "max", Parameterization: problems.PaperForm},
			Training: problems.Training{
				Batch: 128, Steps: 400_000, LearningRate: 1e-4,
				Beta1: 0.9, Beta2: 0.999, EMA: 0.999, SigmaLaw: problems.OfLevels,
			},
			Schedule: problems.Schedule{SigmaMax: 50, SigmaMin: 0.01, Levels: 256, StepsPerLevel: 5,
				Epsilon: 5.7e-6},
		},
	}
}
