package quasistatic

import "csdm/problems"

// Presets returns the hyper-parameters: tiny for minutes on two cores, small
// for an hour at the full grid, and paper as Tables 1 and 2 have them (56 × 56,
// 64 channels, the paper's parameterization), for days.
//
// Levels and Epsilon of tiny and small follow Eqs. 17 and 18 for their grids
// and σ₁; Table 2 meets Eq. 18 but not Eq. 17.
func Presets() []problems.Preset {
	return []problems.Preset{
		{
			Name:    "tiny",
			Options: problems.Options{Grid: 28, NoisePercent: 5},
			Pairs:   16_384,
			Network: problems.Network{NGF: 16, Pool: "max",
				Parameterization: problems.Preconditioned},
			Training: problems.Training{
				Batch: 32, Steps: 7000, LearningRate: 1e-3, WarmUp: 200, Decay: 0.5,
				Beta1: 0.9, Beta2: 0.99, ClipNorm: 500, EMA: 0.999, SigmaLaw: problems.LogUniform,
			},
			Schedule: problems.Schedule{SigmaMax: 10, SigmaMin: 0.02, Levels: 80, StepsPerLevel: 5,
				Epsilon: 4.4e-5},
		},
		{
			Name:    "small",
			Options: problems.Options{Grid: 56, NoisePercent: 5},
			Pairs:   65_536, // so many that each has neighbours within the posterior's width
			Network: problems.Network{NGF: 16, Pool: "max",
				Parameterization: problems.Preconditioned},
			Training: problems.Training{
				Batch: 32, Steps: 11_000, LearningRate: 1e-3, WarmUp: 100, Decay: 0.7,
				Beta1: 0.9, Beta2: 0.99, Muon: 0.95, ClipNorm: 1000, EMA: 0.999,
				SigmaLaw: problems.LogNormal, SigmaMedian: 0.7, SigmaLogStd: 1.3, Neighbours: 256,
			},
			Schedule: problems.Schedule{SigmaMax: 20, SigmaMin: 0.02, Levels: 180, StepsPerLevel: 5,
				Epsilon: 2.6e-5},
			Sampling: problems.Sampling{SigmaMax: 8, Levels: 12, Corrections: 5, CorrectAt: 0.3,
				CorrectKeep: 0.55},
			// found on phantoms with known posteriors: ARCHITECTURE.md
			SamplingAt: map[float64]problems.Sampling{
				10:  {SigmaMax: 8, Levels: 12, Corrections: 8, CorrectAt: 0.3},
				2.5: {SigmaMax: 2.2, Levels: 12, Corrections: 5, CorrectAt: 0.3, CorrectKeep: 0.4},
			},
		},
		{
			Name:    "paper",
			Options: problems.Options{Grid: 56, NoisePercent: 5},
			Pairs:   10_000,
			Network: problems.Network{NGF: 64, Pool: "max", Parameterization: problems.PaperForm},
			Training: problems.Training{
				Batch: 128, Steps: 100_000, LearningRate: 1e-4,
				Beta1: 0.9, Beta2: 0.999, EMA: 0.999, SigmaLaw: problems.OfLevels,
			},
			Schedule: problems.Schedule{SigmaMax: 20, SigmaMin: 0.01, Levels: 128, StepsPerLevel: 5,
				Epsilon: 5.7e-6},
		},
	}
}
