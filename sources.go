package csdm

import "embed"

// Sources holds the source files that the lab shows next to their results.
//
//go:embed fem/planestress.go bench/table.go bench/quadrature.go priors/inclusion.go
//go:embed langevin/annealed.go langevin/dpmpp2m.go langevin/points.go langevin/corrections.go
//go:embed nn/parameterization.go nn/worker.go nn/train/step.go
//go:embed bench/sbc.go bench/calibration_spoil.go explain/verdict.go certify/gate.go
//go:embed nn/train/muon.go dataset/stable.go measured/take.go
//go:embed infer/posterior.go infer/explained.go infer/certified.go
var Sources embed.FS
