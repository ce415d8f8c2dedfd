package lab

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"

	"csdm/bench"
	"csdm/dataset"
	"csdm/infer"
	"csdm/internal/disk"
	"csdm/nn"
	"csdm/nn/train"
	"csdm/problems"
	"csdm/recipe"
	"csdm/run"
)

// training is the room where a network is trained: the first steps of csdm run
// with the preset lesson, in a temporary folder.
type training struct {
	server *Server
	mu     sync.Mutex
	folder string // of the server's trainings; "": none yet
	count  int    // trainings so far
}

func (s *Server) addTraining() error {
	s.training = &training{server: s}
	s.rooms["training"] = s.training.train
	return nil
}

// trainingInput is the state of the room.
type trainingInput struct {
	Seed      uint64 `json:"seed"`
	Channels  int    `json:"channels"`
	Muon      bool   `json:"muon"`
	Neighbors int    `json:"neighbors"` // 0: each pair is its own target
	Steps     int    `json:"steps"`
}

// stretches is the number of parts of a training. Each ends with a held-out
// loss and a draw.
const stretches = 12

// stretchHeldOut is the number of held-out pairs. With more, their losses would
// take longer than the training.
const stretchHeldOut = 16

// check returns an error for a setting out of range, or for steps that do not
// divide into stretches.
func (in *trainingInput) check() error {
	if in.Steps%stretches != 0 || in.Channels%8 != 0 {
		return refused("steps is %d and channels is %d; they must be multiples of %d and 8",
			in.Steps, in.Channels, stretches)
	}
	return errors.Join(between("the number of steps", float64(in.Steps), 12, 960),
		between("the number of channels", float64(in.Channels), 8, 24),
		between("the number of neighbors", float64(in.Neighbors), 0, 256))
}

// recipe returns the settings of the training, and the command that makes the
// same.
func (in *trainingInput) recipe() (*recipe.Recipe, string, error) {
	r, err := recipe.Resolve("quasistatic", recipe.Lesson, problems.Options{}, in.Seed)
	if err != nil {
		return nil, "", err
	}
	r.Network.NGF, r.Data.Neighbors, r.Training.Steps = in.Channels, in.Neighbors, in.Steps
	r.Data.HeldOut = stretchHeldOut
	every := in.Steps / stretches
	r.Training.KeepEvery, r.Training.HeldOutEvery = every, every
	if !in.Muon {
		r.Training.Muon = 0
	}
	command := fmt.Sprintf("csdm run --problem quasistatic --preset %s --seed %d", recipe.Lesson,
		in.Seed)
	for _, set := range []string{
		"network.ngf=" + strconv.Itoa(in.Channels),
		"training.muon=" + strconv.FormatFloat(r.Training.Muon, 'g', -1, 64),
		"data.neighbors=" + strconv.Itoa(in.Neighbors),
		"data.held_out=" + strconv.Itoa(stretchHeldOut),
		"training.steps=" + strconv.Itoa(in.Steps),
		"training.keep_every=" + strconv.Itoa(every),
		"training.held_out_every=" + strconv.Itoa(every),
	} {
		command += " --set " + set
	}
	return r, command + " -o training", nil
}

// newFolder returns the folder of the pairs of a seed, and a new folder for a
// training.
func (t *training) newFolder(seed uint64) (pairs, run string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.folder == "" {
		if t.folder, err = disk.MkdirTemp("csdm-lab-"); err != nil {
			return "", "", err
		}
	}
	t.count++
	return filepath.Join(t.folder, fmt.Sprintf("pairs-%d", seed)),
		filepath.Join(t.folder, fmt.Sprintf("training-%d", t.count)), nil
}

// close removes the folders of all trainings.
func (t *training) close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.folder == "" {
		return nil
	}
	err := disk.RemoveAll(t.folder)
	t.folder = ""
	return err
}

// errShown ends a training whose last draw was shown: the page needs no file of
// the model.
var errShown = errors.New("lab: the training has ended")

// train trains, and emits the measurement with its exact posterior, then the
// loss of steps, and after each stretch the losses by noise level and a draw.
//
// The pairs of a seed stay for the next training with it; the folder of the
// training itself is removed at its end.
func (t *training) train(ctx context.Context, input []byte, emit func(any) error) error {
	in := &trainingInput{}
	if err := read(input, in); err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	r, command, err := in.recipe()
	if err != nil {
		return err
	}
	problem, err := r.NewProblem()
	if err != nil {
		return err
	}
	env := t.server.env
	pairs, dir, err := t.newFolder(in.Seed)
	if err != nil {
		return err
	}
	if _, err := run.Generate(ctx, pairs, problem, dataset.Settings{Pairs: r.Data.Pairs,
		Seed: r.Seed}, env); err != nil {
		return err
	}
	show, err := t.show(ctx, r, problem, pairs)
	if err != nil {
		return err
	}
	show.emit = emit
	show.first["command"] = command
	if err := emit(show.first); err != nil {
		return err
	}
	folder, err := run.Open(dir, r, env)
	if err != nil {
		return err
	}
	folder.Watcher = &run.Watcher{Step: show.step, Kept: show.kept}
	_, err = folder.Train(ctx, pairs)
	if errors.Is(err, errShown) {
		err = nil
	}
	return errors.Join(err, folder.Close(), disk.RemoveAll(dir))
}

// trainingShow shows a training to a page. Its measurement is the first
// held-out pair, as the first case of csdm run.
type trainingShow struct {
	ctx     context.Context
	recipe  *recipe.Recipe
	problem problems.Parametric
	y       []float64
	fields  bench.Weighted // of the exact posterior
	first   map[string]any
	emit    func(any) error
	failed  error
	threads int
}

// show reads the measurement and computes its exact posterior, as csdm run
// does.
func (t *training) show(ctx context.Context, r *recipe.Recipe, problem problems.Problem,
	pairs string) (*trainingShow, error) {
	parametric, ok := problem.(problems.Parametric)
	if !ok {
		return nil, errors.New("lab: the problem has no variables")
	}
	store, err := dataset.Open(pairs)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	spec := problem.Spec()
	pair := dataset.Split(store.Len(), r.Data.HeldOut, spec.ImagesPerSimulation)
	x, y, err := run.Measured(store, problem, pair, r.Seed)
	if err != nil {
		return nil, err
	}
	threads := t.server.env.Threads
	exact, err := infer.ReferencePosterior(ctx, problem, y, r.Reference, infer.Job{Seed: r.Seed},
		t.server.env)
	if err != nil {
		return nil, err
	}
	settings := r.TrainSettings(threads)
	return &trainingShow{ctx: ctx, recipe: r, problem: parametric, y: y, fields: exact.Points,
		threads: threads,
		first: map[string]any{"rows": spec.Rows, "x": floats(x), "measured": floats(y),
			"mean": floats(exact.Mean), "std": floats(exact.Std), "steps": r.Training.Steps,
			"parameters": r.Arch(spec).ParameterCount(), "pairs": pair,
			"sigmas": settings.HeldOutSigma()}}, nil
}

// step emits the loss of a step, per pixel.
//
// An error of the connection cannot be returned from here; it is kept and ends
// the training at the next stretch.
func (s *trainingShow) step(p train.StepReport) {
	const every = 4 // a page needs no more lines
	if s.failed == nil && (p.Step%every == 0 || p.Step == p.Steps) {
		s.failed = s.emit(map[string]any{"step": p.Step, "loss": number(p.Loss / float64(
			s.problem.Spec().XLen())), "rate": p.Rate, "seconds": p.Elapsed.Seconds()})
	}
}

// kept emits the losses and the draw of a stretch.
//
// The losses are of both scores at the same noisy fields (run.LossesAt), so
// that their difference is the error of the network.
func (s *trainingShow) kept(step int, then *nn.Model, last train.HeldOut) error {
	if s.failed != nil {
		return s.failed
	}
	size := float64(s.problem.Spec().XLen())
	n := &then.Meta.Normalization
	points, err := bench.ExactScore(s.ctx, s.problem, s.fields, problems.Range{Min: n.XMin,
		Max: n.XMax}, s.threads)
	if err != nil {
		return err
	}
	posterior := run.ExactPosterior{Problem: s.problem, Y: s.y, Fields: s.fields, Points: points}
	losses, err := run.LossesAt(s.ctx, then, last.Sigma, posterior, s.threads)
	if err != nil {
		return err
	}
	draw, err := s.draw(then)
	if err != nil {
		return err
	}
	exact := make([]number, len(losses.Exact))
	for l, v := range losses.Exact {
		exact[l] = number(v)
	}
	if err := s.emit(map[string]any{"stretch": step, "held_out": number(last.Mean / size),
		"network": losses.Network, "exact": exact, "draw": floats(draw)}); err != nil {
		return err
	}
	if step == s.recipe.Training.Steps {
		return errShown
	}
	return nil
}

// draw returns draw 0 of the measurement's posterior, as csdm run makes it, in
// physical units.
func (s *trainingShow) draw(then *nn.Model) ([]float64, error) {
	film, err := infer.Film(s.ctx, then, s.y, s.recipe.Sampling, s.recipe.Seed)
	if err != nil {
		return nil, err
	}
	draw := film.Frames[len(film.Frames)-1].State
	then.Meta.Normalization.PhysicalX(draw, draw, len(draw))
	return draw, nil
}
