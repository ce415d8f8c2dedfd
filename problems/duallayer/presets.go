package duallayer

import "csdm/problems"

// Presets returns the hyper-parameters: tiny for minutes on two cores, small
// for hours at the full grid, and paper as Tables 1 and 2 have them. tiny and
// small are our own: their σ₁ is the largest distance that two fields with
// values in [0, 1] can have, the root of the number of pixels, which layered
// fields come near to, and their Levels and Epsilon follow Eqs. 17 and 18. They
// have more pairs than the paper, for the model error is drawn but once a pair.
func Presets() []problems.Preset {
	return []problems.Preset{
		{
			Name:    "tiny",
			Options: problems.Options{Grid: tinyGrid},
			Pairs:   3584,
			Network: problems.Network{NGF: 16, Pool: "max",
				Parameterization: problems.Preconditioned},
			Training: problems.Training{
				Batch: 32, Steps: 3000, LearningRate: 1e-3, WarmUp: 200, Decay: 0.5,
				Beta1: 0.9, Beta2: 0.99, ClipNorm: 500, EMA: 0.999, SigmaLaw: problems.LogUniform,
			},
			Schedule: problems.Schedule{SigmaMax: 32, SigmaMin: 0.01, Levels: 119, StepsPerLevel: 5,
				Epsilon: 1.0e-5},
		},
		{
			Name:    "small",
			Options: problems.Options{Grid: fullGrid},
			Pairs:   6000,
			Network: problems.Network{NGF: 24, Pool: "max",
				Parameterization: problems.Preconditioned},
			Training: problems.Training{
				Batch: 32, Steps: 10_000, LearningRate: 1e-3, WarmUp: 200, Decay: 0.3,
				Beta1: 0.9, Beta2: 0.99, ClipNorm: 1000, EMA: 0.999, SigmaLaw: problems.LogUniform,
			},
			Schedule: problems.Schedule{SigmaMax: 64, SigmaMin: 0.01, Levels: 262, StepsPerLevel: 5,
				Epsilon: 5.7e-6},
		},
		{
			Name:    "paper",
			Options: problems.Options{Grid: fullGrid},
			Pairs:   3000,
			Network: problems.Network{NGF: 64, Pool: "max", Parameterization: problems.PaperForm},
			Training: problems.Training{
				Batch: 128, Steps: 300_000, LearningRate: 1e-4,
				Beta1: 0.9, Beta2: 0.999, EMA: 0.999, SigmaLaw: problems.OfLevels,
			},
			Schedule: problems.Schedule{SigmaMax: 50, SigmaMin: 0.01, Levels: 256, StepsPerLevel: 5,
				Epsilon: 5.7e-6},
		},
	}
}
