package run

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"csdm/dataset"
	"csdm/internal/kernel"
	"csdm/nn"
	"csdm/nn/train"
	"csdm/problems"
)

// Generate makes the pairs of the configuration in dir, going on where an earlier call stopped (Step 1 of the paper's Section 3.5).
func Generate(ctx context.Context, dir string, p problems.Problem, pairs int, seed uint64, shard dataset.Shard, env Env) (dataset.Generated, error) {
	return dataset.Generate(ctx, dir, p, dataset.Settings{
		Pairs: pairs, Seed: seed, Shard: shard, Threads: env.Threads, Version: env.Version,
		Progress: func(done, total int) { env.Progress("data", done, total, "") },
	})
}

// Train fits a score network to the pairs in dataDir as the folder's configuration says, going on from the newest
// checkpoint, and writes model.safetensors with the averaged weights (Step 2). If that file is there already it is
// read and nothing is trained. A stop by ctx or by the time limit gives an error
// for which errors.Is(err, train.ErrStopped) holds, after a good checkpoint.
func (f *Folder) Train(ctx context.Context, dataDir string, env Env) (*nn.Model, error) {
	if exists(f.path(modelFile)) {
		return nn.ReadModelFile(f.path(modelFile))
	}
	c := f.Config
	problem, err := c.NewProblem()
	if err != nil {
		return nil, err
	}
	store, err := dataset.Open(dataDir)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	if err := store.Check(problem.Spec()); err != nil {
		return nil, err
	}
	source, err := dataset.NewSource(ctx, store, problem.Measurement(), dataset.SourceSettings{Seed: c.Seed, HeldOut: c.Data.HeldOut, Threads: env.Threads})
	if err != nil {
		return nil, err
	}
	model, err := c.newModel(problem.Spec(), source.Scaling())
	if err != nil {
		return nil, err
	}
	network := train.ScoreNetwork(model.Net, model.Parameterization, model.Meta.Rows, model.Meta.Cols)
	identity, err := f.identity(store, model)
	if err != nil {
		return nil, err
	}
	result, err := train.Run(ctx, network, source, c.trainSettings(env), train.Options{
		Folder: f.Dir, Identity: identity, Note: env.Note,
		Progress: func(p train.Progress) { env.Progress("training", p.Step, p.Steps, trainingNote(p)) },
	})
	if err != nil {
		return nil, err
	}
	copy(model.Net.Flat(), result.EMA)
	model.Net.Repack()
	c.describe(model, result, store, env)
	if err := model.WriteFile(f.path(modelFile), false); err != nil {
		return nil, err
	}
	return model, f.recordResults(modelFile)
}

func trainingNote(p train.Progress) string {
	note := fmt.Sprintf("loss %.1f", p.Loss)
	if p.HeldOut > 0 {
		note += fmt.Sprintf(", held out %.2f", p.HeldOut)
	}
	return note + fmt.Sprintf(", %.0f samples/s", p.SamplesPerSecond)
}

// newModel returns the untrained model of the configuration, for data of that scaling.
func (c *Config) newModel(spec *problems.Spec, s dataset.Scaling) (*nn.Model, error) {
	var par nn.Parameterization = nn.Paper{}
	if c.Network.Parameterization == problems.Preconditioned {
		par = &nn.Preconditioned{SigmaData: s.SigmaData, YMean: s.YMean, YStd: s.YStd}
		if c.Network.Center == CenterPixel {
			par = &nn.Preconditioned{SigmaData: s.SigmaData, YMean: s.YField, YStd: s.YSpread}
		}
	}
	arch := nn.Arch{NGF: c.Network.NGF, YChannels: spec.YChannels, Extra: par.Extra(), Pool: c.pool(), Variant: nn.Variant(c.Network.Variant)}
	if err := errors.Join(arch.Validate(), arch.CheckSize(spec.Rows, spec.Cols), par.Validate(spec.YChannels, spec.XLen())); err != nil {
		return nil, err
	}
	levels := c.Training.SigmaLevels
	if levels == 0 {
		levels = c.Sampling.Steps
	}
	n := s.Normalization
	model := &nn.Model{Net: nn.NewNet[float32](arch), Parameterization: par, Meta: nn.Metadata{
		Problem: c.Problem, Rows: spec.Rows, Cols: spec.Cols, NoisePercent: spec.Options.NoisePercent,
		LengthUnit: spec.LengthUnit, XUnit: spec.XUnit, YUnit: spec.YUnit,
		Normalization: nn.Normalization{XMin: n.X.Min, XMax: n.X.Max, YMin: n.Y.Min, YMax: n.Y.Max},
		Schedule:      nn.Schedule{Sigma1: c.Training.SigmaMax, SigmaL: c.Training.SigmaMin, Levels: levels},
	}}
	model.Net.Init(c.Seed)
	return model, nil
}

// identity tells a training's network and data from others: a checkpoint goes on only with the same.
func (f *Folder) identity(store *dataset.Store, model *nn.Model) (map[string]string, error) {
	hash := func(v any) (string, error) {
		text, err := json.Marshal(v)
		sum := sha256.Sum256(text)
		return hex.EncodeToString(sum[:8]), err
	}
	manifest := *store.Manifest()
	manifest.Version = ""
	id := map[string]string{"problem": model.Meta.Problem, "noise": fmt.Sprint(model.Meta.NoisePercent)}
	for name, v := range map[string]any{
		"data": manifest, "held_out": f.Config.Data.HeldOut, "architecture": model.Net.Arch(),
		"parameterization": []any{model.Parameterization.Name(), model.Parameterization},
	} {
		text, err := hash(v)
		if err != nil {
			return nil, err
		}
		maps.Copy(id, map[string]string{name: text})
	}
	return id, nil
}

// describe writes the origin of the weights into the model's metadata.
func (c *Config) describe(model *nn.Model, result *train.Result, store *dataset.Store, env Env) {
	model.Meta.Training = nn.Training{
		Program: "csdm " + env.Version, Command: env.Command, Seed: c.Seed, Pairs: store.Len(),
		Steps: result.Step, Batch: c.Training.Batch, LearningRate: c.Training.LearningRate, HeldOutLoss: result.Last.Mean,
		Seconds: result.Elapsed.Round(time.Second).Seconds(), Machine: env.Machine, Kernel: kernel.Implementation(),
	}
}
