package csdm

import "embed"

// Sources holds the source files that the lab shows next to their results, and
// the files of the structs that the verbs print with --json: their comments are
// the help of csdm help --json.
//
//go:embed fem/planestress.go bench/table.go bench/quadrature.go priors/inclusion.go
//go:embed langevin/annealed.go langevin/dpmpp2m.go langevin/points.go langevin/corrections.go
//go:embed nn/parameterization.go nn/worker.go nn/train/step.go
//go:embed bench/sbc.go bench/calibration_spoil.go explain/verdict.go certify/gate.go
//go:embed nn/train/muon.go dataset/stable.go measured/take.go
//go:embed infer/posterior.go infer/explained.go infer/certified.go
//go:embed accuracy/cost.go accuracy/quantity.go accuracy/row.go
//go:embed accuracy/study.go accuracy/summary.go accuracy/truth.go
//go:embed bench/calibration.go bench/sbc.go calibrate/bandlevels.go
//go:embed calibrate/bands.go calibrate/check.go calibrate/memorization.go
//go:embed calibrate/weighting.go certify/gate.go certify/noise.go
//go:embed cmd/csdm/bench.go cmd/csdm/benchconv.go cmd/csdm/benchlayers.go
//go:embed cmd/csdm/benchtrain.go cmd/csdm/help.go cmd/csdm/keep.go
//go:embed cmd/csdm/outputs.go cmd/csdm/results.go dataset/errors.go
//go:embed dataset/manifest.go env/env.go explain/verdict.go fidelity/correct.go
//go:embed fidelity/correction.go fidelity/judge.go infer/bands.go
//go:embed infer/certified.go infer/compare.go infer/exactscore.go
//go:embed infer/quantities.go infer/reference.go infer/result.go
//go:embed infer/stored.go infer/support.go internal/cli/provenance.go
//go:embed internal/shard/failed.go internal/shard/part.go
//go:embed internal/shard/status.go langevin/check.go langevin/settings.go
//go:embed measured/cover.go measured/verdict.go nn/arch.go nn/bands.go
//go:embed nn/calibration.go nn/metadata.go nn/novelty.go peers/peers.go
//go:embed problems/normalization.go problems/spec.go problems/specimen/file.go
//go:embed problems/specimen/functional.go run/certifiedcase.go run/chain.go
//go:embed run/errorsplit.go run/folder.go run/forecast.go run/needs.go
//go:embed run/truth.go table5/curves.go table5/study.go tasks/study.go
var Sources embed.FS
