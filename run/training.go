package run

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"csdm/dataset"
	"csdm/env"
	"csdm/explain"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/identity"
	"csdm/internal/kernel"
	"csdm/measured"
	"csdm/models"
	"csdm/nn"
	"csdm/nn/train"
	"csdm/problems"
	"csdm/recipe"
)

// Generate makes the pairs of a problem in dir, and resumes where an earlier
// call stopped (Step 1 of the paper's Section 3.5). Of the settings it uses
// those that choose pairs. Up to env.MaxFailed percent of the pairs may fail; a
// note gives the number of failed pairs.
//
// Threads, notes and progress come from env; they change no pair.
func Generate(ctx context.Context, dir string, p problems.Problem, s dataset.Settings,
	env env.Env) (dataset.Generated, error) {
	made, err := dataset.Generate(ctx, dir, p, dataset.Settings{
		Pairs: s.Pairs, Seed: s.Seed, BlockPairs: s.BlockPairs, Shard: s.Shard,
		Threads: env.Threads, Version: env.Version, MaxFailed: env.MaxFailed, Note: env.Note,
		Progress: func(done, total int) { env.Progress("data", done, total, "") },
	})
	if made.Made > 0 {
		env.ReportSaved()
	}
	if err == nil && made.Failed > 0 {
		env.Note(fmt.Sprintf("the forward model failed at %d of %d pairs, which are left out",
			made.Failed, made.Found+made.Made+made.Failed))
	}
	return made, err
}

// Train fits a score network to the pairs in dataDir with the folder's settings
// and writes model.safetensors with the averaged weights (Step 2). It resumes
// from the newest checkpoint. If the file exists, it is read and nothing is
// trained. When ctx ends, or shortly before its deadline, Train writes a
// checkpoint and returns an error for which errors.Is(err, train.ErrStopped)
// holds.
func (f *Folder) Train(ctx context.Context, dataDir string) (*nn.Model, error) {
	store, err := dataset.Open(dataDir)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	if err := f.claim(store); err != nil {
		return nil, err
	}
	if err := f.keep(ModelFile, func(path string) error {
		return f.train(ctx, store, path)
	}); err != nil {
		return nil, err
	}
	return OpenModel(f.path(ModelFile))
}

// train trains and writes the model to path.
//
// The order is: pairs and their normalization (dataset.NewSource), the model,
// its initial weights, the identity that a checkpoint must share, the training,
// and last the measurements with the finished network: test of novelty and
// limits of the judgment. All of it is in the model file, so that sampling
// needs no pairs.
//
// The averaged weights are kept (exponential moving average): the last weights
// alone scatter with the last batches.
//
// The identity grows only by settings that are used, such as masks. A
// checkpoint of an earlier version, which did not know the setting, then still
// resumes.
func (f *Folder) train(ctx context.Context, store *dataset.Store, path string) error {
	c := f.Recipe
	problem, err := c.NewProblem()
	if err != nil {
		return err
	}
	if err := store.Check(problem.Spec()); err != nil {
		return err
	}
	if err := f.forecast(ctx, problem, func(e *Forecast) {
		*e = Forecast{Steps: e.Steps, Uncounted: e.Uncounted, evaluations: e.evaluations}
	}); err != nil {
		return err
	}
	pairs := c.PairSettings(f.env.Threads)
	pairs.Problem = problem
	source, err := dataset.NewSource(ctx, store, problem.Measurement(), pairs)
	if err != nil {
		return err
	}
	scaling := source.Scaling()
	if c.Network.Linear && c.Network.Preconditioned() {
		if scaling.Linear, err = source.Linear(ctx, f.env.Threads); err != nil {
			return stopped(ctx, err)
		}
	}
	model, err := newModel(c, problem.Spec(), scaling)
	if err != nil {
		return err
	}
	if model.Meta.Typical, err = measured.TypicalOf(model, source); err != nil {
		return err
	}
	init, err := initialize(c, model)
	if err != nil {
		return err
	}
	identity, err := f.identity(store, model)
	if err != nil {
		return err
	}
	if init != "" {
		identity["init"] = f.sameInit(init)
	}
	if c.Data.Neighbors > 1 {
		identity["neighbours"] = strconv.Itoa(c.Data.Neighbors)
	}
	if c.Data.Redraw {
		identity["redraw"] = "true"
	}
	if c.Data.Masks > 0 {
		identity["masks"] = shortest(c.Data.Masks)
	}
	settings := c.TrainSettings(f.env.Threads)
	if deadline, ok := ctx.Deadline(); ok {
		settings.TimeLimitMinutes = max(time.Until(deadline).Minutes(), 1e-9) // 0 is no limit
	}
	network := train.ScoreNetwork(model.Net, model.Parameterization, model.Meta.Rows,
		model.Meta.Cols)
	options := train.Options{Folder: f.Dir, Identity: identity, Note: f.env.Note,
		Progress: f.trainingProgress()}
	if f.Watcher != nil {
		f.Watcher.follow(&options, model)
	}
	result, err := train.Run(ctx, network, source, settings, options)
	if errors.Is(err, train.ErrStopped) { // after a checkpoint
		f.env.ReportSaved()
	}
	if err != nil {
		return err
	}
	copy(model.Net.Flat(), result.EMA)
	model.Net.Repack()
	model.Meta.Training = nn.Training{
		Program: f.env.Program(), Command: f.env.Command, Seed: c.Seed, Pairs: store.Len(),
		Steps: result.Step, Batch: c.Training.Batch, LearningRate: c.Training.LearningRate,
		HeldOutLoss: result.Last.Mean,
		Seconds:     result.Elapsed.Round(time.Second).Seconds(), Machine: f.env.Machine(),
		Threads: f.env.Threads, Kernel: kernel.Implementation(), Init: init,
	}
	training := model.Meta.Training
	if err := f.update(func(m *Manifest) { m.Training = &training }); err != nil {
		return err
	}
	if model.Novelty, err = f.novelty(ctx, model, problem, store, source); err != nil {
		return stopped(ctx, err)
	}
	if count := infer.CalibrationSize(result.Step*c.Training.Batch,
		recipe.Sampling(model, infer.ExplainDraws)); count > 0 && explain.HasForward(problem) {
		f.env.Note(fmt.Sprintf("drawing from the posteriors of %d simulated measurements, which "+
			"set the limits for judging a measurement", count))
		job := infer.LimitJob{Model: model, Problem: problem, Count: count,
			Seed: c.Seed ^ infer.CalibrationSeed}
		if model.Meta.Calibration, err = infer.Calibrate(ctx, job, "", false,
			f.env); err != nil {
			return stopped(ctx, err)
		}
	}
	return model.WriteFile(path, false)
}

// Watcher sees a training while it runs.
type Watcher struct {
	Step func(train.StepReport) // called after each step
	// Kept is called at each step of the setting keep_every, with a copy of the
	// model that has the averaged weights. An error ends the training.
	Kept func(step int, then *nn.Model, last train.HeldOut) error
}

// follow makes the options of a training call w.
//
// Kept gets a clone of the network: the training changes its own weights while
// w looks.
func (w *Watcher) follow(options *train.Options, model *nn.Model) {
	options.Progress = w.Step
	options.Kept = func(step int, averaged []float32, last train.HeldOut) error {
		then := *model
		then.Net = model.Net.Clone()
		copy(then.Net.Flat(), averaged)
		then.Net.Repack()
		return w.Kept(step, &then, last)
	}
}

// stopped returns err as the error of a stopped training if ctx has ended; the
// last checkpoint is then safe.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", train.ErrStopped, err)
	}
	return err
}

// The part of a training that is timed before its total time is forecast.
const (
	measuredSteps = 20
	measuredTime  = 5 * time.Second
)

// trainingProgress returns a function that reports steps. After some steps it
// also prints, once, a forecast of the total time.
//
// The forecast comes after at least 20 steps and 5 seconds, so that the first
// steps, which allocate memory, have little weight.
func (f *Folder) trainingProgress() func(train.StepReport) {
	start, steps, told := time.Now(), 0, false
	return func(p train.StepReport) {
		if steps++; !told && steps >= measuredSteps && time.Since(start) >= measuredTime &&
			p.Step < p.Steps {
			told = true
			f.env.Note(fmt.Sprintf("training will take %v for the %d steps to go, until about %s",
				p.Remaining.Round(time.Second), p.Steps-p.Step,
				time.Now().Add(p.Remaining).Format("15:04")))
		}
		note := fmt.Sprintf("loss %.1f", p.Loss)
		if p.HeldOut > 0 {
			note += fmt.Sprintf(", held out %.2f", p.HeldOut)
		}
		f.env.Progress("training", p.Step, p.Steps, note+
			fmt.Sprintf(", %.0f samples/s", p.SamplesPerSecond))
	}
}

// newModel returns the model of a recipe for data with scaling s. Its weights
// are not set.
//
// The paper's parameterization has no data-dependent scales. The preconditioned
// one (Karras et al. 2022, Table 1) needs the standard deviation of normalized
// fields, σ_data, and standardizes y by the mean and deviation of each channel
// or, with CenterPixel, by the mean of each pixel. A channel without any spread
// has no standardization; Validate reports it.
func newModel(c *recipe.Recipe, spec *problems.Spec, s dataset.Scaling) (*nn.Model, error) {
	var par nn.Parameterization = nn.Paper{}
	arch := c.Arch(spec)
	if c.Network.Preconditioned() {
		p := &nn.Preconditioned{SigmaData: s.SigmaData, YMean: s.YMean, YStd: s.YStd,
			YPeriod: s.YPeriod}
		if c.Network.Center == nn.CenterPixel {
			p.YMean, p.YStd = s.YField, s.YSpread
		}
		if s.Linear != nil {
			p.Linear = (*nn.Linear)(s.Linear).FromNormalized(p, spec.Rows, spec.Cols)
			arch.Linear = true
		}
		par = p
	}
	if err := par.Validate(spec.YChannels, spec.Plane()); err != nil {
		return nil, cli.Data(fmt.Errorf("the pairs cannot be standardized: %w", err))
	}
	n := s.Normalization
	model := &nn.Model{Net: nn.NewNet[float32](arch),
		Parameterization: par,
		Meta: nn.Metadata{
			Problem: spec.Name, Rows: spec.Rows, Cols: spec.Cols,
			YRows: spec.YRows, YCols: spec.YCols,
			NoisePercent: spec.Options.NoisePercent,
			LengthUnit:   spec.LengthUnit, XUnit: spec.XUnit, YUnit: spec.YUnit, Width: spec.Width,
			Height: spec.Height,
			Normalization: nn.Normalization{XMin: n.X.Min, XMax: n.X.Max, YMin: n.Y.Min,
				YMax: n.Y.Max},
		}, Sampling: c.Sampling}
	if !spec.HasYGrid() {
		model.Meta.Sensors = spec.Sensors
	}
	for k, f := range spec.XFields {
		model.Meta.Normalization.Fields = append(model.Meta.Normalization.Fields,
			nn.Field{Name: f.Name, Unit: f.Unit, Min: n.Fields[k].Min, Max: n.Fields[k].Max})
	}
	if c.Data.Spread || len(spec.XFields) > 0 {
		model.Meta.XExtremes = nn.Extremes(s.XExtremes)
	}
	return model, nil
}

// initialize sets the model's weights to the initial weights of the training.
// It returns a description of them with a hash, or "" for random weights.
//
// A checkpoint is tried first and a model file second. If neither can be read,
// the error is of the checkpoint if the file is one. The architectures must be
// equal, since weights are copied by position.
func initialize(c *recipe.Recipe, model *nn.Model) (string, error) {
	name := c.Training.Init
	if name == "" {
		model.Net.Init(c.Seed)
		return "", nil
	}
	checkpoint, damaged := train.ReadCheckpoint(name)
	if damaged == nil {
		arch, err := identity.ShortHash(model.Net.Arch())
		if err != nil {
			return "", err
		}
		if checkpoint.Identity["architecture"] != arch {
			return "", cli.Config(fmt.Errorf("setting training.init: %s is of another network "+
				"than this training's, %+v", name, model.Net.Arch()))
		}
		return begin(model, checkpoint.EMA, checkpoint.Identity["problem"],
			checkpoint.Identity["noise"], checkpoint.Step)
	}
	from, err := OpenModel(name)
	if err != nil {
		if train.IsCheckpoint(name) {
			err = damaged
		}
		return "", err
	}
	if a, b := from.Net.Arch(), model.Net.Arch(); a != b {
		return "", cli.Config(fmt.Errorf("setting training.init: the network of %s is %+v; this "+
			"training needs %+v", name, a, b))
	}
	return begin(model, from.Net.Flat(), from.Meta.Problem, shortest(from.Meta.NoisePercent),
		from.Meta.Training.Steps)
}

// begin sets the weights of model to the weights of another training of the
// same network, and returns a description of them.
//
// The description names the problem and the hash of these weights. It is part
// of a checkpoint's identity, so that a resumed training cannot start from
// other weights.
func begin(model *nn.Model, weights []float32, problem, noise string, steps int) (string, error) {
	copy(model.Net.Flat(), weights)
	model.Net.Repack()
	hash, err := identity.ShortHash(weights)
	return fmt.Sprintf("%s at %s %% noise, %d steps, weights %s", problem, noise, steps, hash), err
}

// initSeconds matches the time of training, which earlier versions put into the
// description by begin. The time does not change a weight.
var initSeconds = regexp.MustCompile(` in \d+ s, weights `)

// sameInit returns the description of the initial weights in the newest
// checkpoint if an earlier version wrote it for the same weights, so that
// training resumes from that checkpoint. Otherwise it returns init.
func (f *Folder) sameInit(init string) string {
	c, _, err := train.Latest(f.Dir)
	if err != nil || c == nil {
		return init // train.Run reports the fault of the checkpoint
	}
	if was := c.Identity["init"]; initSeconds.ReplaceAllString(was, ", weights ") == init {
		return was
	}
	return init
}

// shortest returns the shortest text of a number that reads back the same.
func shortest(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// OpenModel reads a model file, or the embedded model of a name with the prefix
// models.Prefix. For a model in a run folder it also reads the time, machine
// and speed of the training from run.json.
//
// The model file holds nothing that depends on machine, threads or time, so
// that equal trainings give equal files (TestModelBytes). These facts are in
// run.json next to it, and are taken only if everything else agrees.
func OpenModel(name string) (*nn.Model, error) {
	if embedded, ok := strings.CutPrefix(name, models.Prefix); ok {
		return infer.BuiltinModel(embedded)
	}
	model, err := nn.ReadModelFile(name)
	if err != nil {
		return nil, err
	}
	m, err := ReadManifest(filepath.Dir(name))
	if err == nil && m.Training != nil && m.Training.Reproducible() == model.Meta.Training {
		model.Meta.Training = *m.Training
	}
	return model, nil // an unreadable manifest is not a fault of the model
}

// identity returns the identity of a training's network and data. A checkpoint
// resumes only with the same identity.
//
// The version of the program is left out, since it changes no pair.
func (f *Folder) identity(store *dataset.Store, model *nn.Model) (map[string]string, error) {
	manifest := *store.Manifest()
	manifest.Version = ""
	id := map[string]string{"problem": model.Meta.Problem,
		"noise": shortest(model.Meta.NoisePercent)}
	var failed error
	for name, v := range map[string]any{
		"data": manifest, "held_out": f.Recipe.Data.HeldOut, "architecture": model.Net.Arch(),
		"parameterization": []any{model.Parameterization.Name(), model.Parameterization},
	} {
		hash, err := identity.ShortHash(v)
		id[name], failed = hash, errors.Join(failed, err)
	}
	if l := model.Parameterization.Estimate(); l != nil {
		hash, err := identity.ShortHash(l)
		id["linear"], failed = hash, errors.Join(failed, err)
	}
	return id, failed
}
