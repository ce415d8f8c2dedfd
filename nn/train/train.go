package train

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"csdm/internal/atomicfile"
	"csdm/internal/disk"
	"csdm/internal/kernel"
	"csdm/internal/setting"
)

// ErrStopped reports that training was stopped before its end, after writing a
// checkpoint. Call Run again with the same arguments to resume.
var ErrStopped = errors.New("training stopped")

// Options hold the folder, the identity and the callbacks of Run, none of which
// affects the computed numbers.
type Options struct {
	Folder string // run folder; Run creates it if it is missing
	// Values that identify network and data, by name (architecture,
	// parameterization, hash of the data). Run refuses a checkpoint with other
	// values.
	Identity map[string]string
	Progress func(StepReport) // called after every step, if not nil
	// Called, if not nil, at each step of Settings.KeepEvery, after its
	// checkpoint, with the averaged weights and the last held-out loss. It must
	// not change the weights. An error ends the training.
	Kept func(step int, averaged []float32, last HeldOut) error
	// Called with remarks for the user, such as a resumed step or a damaged
	// checkpoint, if not nil.
	Note func(string)
}

// Result holds the outcome of a finished or stopped training.
type Result struct {
	Step       int           // steps done
	Elapsed    time.Duration // time in all calls together
	Loss       float64       // loss of the last step
	EMA        []float32     // averaged weights: the result of the training
	Last, Best HeldOut       // Step 0: none
	Checkpoint string        // path of the newest checkpoint; empty if there is none
}

// Run trains network, starting from the newest checkpoint in the folder if
// there is one and otherwise from the current weights. At the end the network
// holds the last weights, and the result holds the averaged ones.
//
// When ctx ends or the time limit is reached, Run finishes the current step,
// writes a checkpoint and returns the result so far with an error for which
// errors.Is(err, ErrStopped) holds. Every call makes at least one step before
// its time limit stops it. When a step fails (*NonFiniteError, an error of the
// source), Run also writes a checkpoint from before that step. Other errors are
// *setting.Error, *MismatchError, *DamagedError if no checkpoint is complete,
// and errors of the disk.
func Run(ctx context.Context, network Network, source Source, settings Settings,
	options Options) (*Result, error) {
	if err := settings.Validate(); err != nil {
		return nil, err
	}
	if options.Progress == nil {
		options.Progress = func(StepReport) {}
	}
	if options.Note == nil {
		options.Note = func(string) {}
	}
	if settings.HeldOutEvery > 0 && source.HeldOutLen() == 0 {
		return nil, &setting.Error{Name: "held_out_every", Value: settings.HeldOutEvery,
			Want: "0, since the data have no held-out pairs"}
	}
	r := &run{stepper: newStepper(network, source, settings), options: options, start: time.Now()}
	defer r.crew.close()
	if n := r.threads(); n < settings.Threads {
		options.Note(fmt.Sprintf("training uses %d of %d threads: %d for each of %d samples at a "+
			"time", n, settings.Threads, r.division.Share, r.division.Teams))
	}
	if err := r.resume(); err != nil {
		return nil, err
	}
	defer r.metrics.file.Close()
	err := r.loop(ctx)
	return &Result{
		Step: r.steps, Elapsed: r.elapsed(), Loss: r.progress.Loss, EMA: r.ema,
		Last: r.last, Best: r.best, Checkpoint: r.newest,
	}, err
}

// run holds the variables of one call of Run.
type run struct {
	*stepper
	options  Options
	metrics  *metrics
	progress StepReport

	start   time.Time     // start of the call
	before  time.Duration // time spent in earlier calls
	begun   int           // steps done before the call
	saved   time.Time     // time of the last checkpoint, or start
	unsaved bool          // something has changed since the last checkpoint
	newest  string        // path of the newest checkpoint
	longest time.Duration
}

func (r *run) elapsed() time.Duration { return r.before + time.Since(r.start) }

// resume prepares the folder and restores the newest checkpoint.
func (r *run) resume() error {
	folder := r.options.Folder
	r.saved = r.start
	if err := disk.MkdirAll(filepath.Join(folder, checkpointFolder)); err != nil {
		return err
	}
	if err := atomicfile.Sweep(filepath.Join(folder, checkpointFolder), checkpointPrefix+"*"+
		checkpointSuffix, 0); err != nil {
		return err
	}
	c, damaged, err := Latest(folder)
	if err != nil {
		return err
	}
	if c != nil {
		if err := c.fits(&r.settings, r.options.Identity, len(r.weights)); err != nil {
			return err
		}
		for _, d := range damaged {
			if err := disk.Rename(d.Path, d.Path+".damaged"); err != nil {
				return err
			}
			r.options.Note(fmt.Sprintf("%v; renamed to %s.damaged", d, filepath.Base(d.Path)))
		}
		if c.Kernel != kernel.Implementation() {
			r.options.Note(fmt.Sprintf("the checkpoint was computed by kernel %s, this machine "+
				"uses %s: results will agree to rounding, not bit for bit", c.Kernel,
				kernel.Implementation()))
		}
		if c.Summation != summation && c.Step < r.settings.Steps {
			r.options.Note("another version made the checkpoint; it added gradients in another " +
				"order: results will agree to rounding, not bit for bit")
		}
		r.restore(c)
		r.options.Note(fmt.Sprintf("resumed from step %d of %d", r.steps, r.settings.Steps))
	}
	r.metrics, err = openMetrics(filepath.Join(folder, "metrics.jsonl"), c)
	return err
}

// loop makes steps until all are done or training is to stop. After each step
// come the held-out loss and the checkpoint, in this order, so that a
// checkpoint records whether the loss of its step was computed.
func (r *run) loop(ctx context.Context) error {
	s := &r.settings
	limit := time.Duration(s.TimeLimitMinutes * float64(time.Minute))
	for {
		began := time.Now()
		finished := r.steps == s.Steps
		if every := s.HeldOutEvery; every > 0 && r.steps > 0 && (finished || r.steps%every == 0) &&
			r.last.Step != r.steps && ctx.Err() == nil {
			if err := r.heldOutRecord(ctx); err != nil && ctx.Err() == nil {
				return errors.Join(err, r.save())
			}
		}
		late := limit > 0 && r.steps > r.begun && time.Since(r.start)+r.longest > limit
		stop := ctx.Err() != nil || late
		if finished || stop || r.checkpointDue() {
			if err := r.save(); err != nil {
				return err
			}
		}
		if r.options.Kept != nil && r.kept() {
			if err := r.options.Kept(r.steps, r.ema, r.last); err != nil {
				return err
			}
		}
		switch {
		case finished && r.heldOutDone():
			return nil
		case stop:
			return fmt.Errorf("%w after step %d of %d", ErrStopped, r.steps, s.Steps)
		}
		if err := r.stepRecord(); err != nil {
			return errors.Join(err, r.save())
		}
		r.longest = max(r.longest, time.Since(began))
	}
}

// heldOutDone reports whether the held-out loss of the last step has been
// computed, if one is wanted.
func (r *run) heldOutDone() bool { return r.settings.HeldOutEvery == 0 || r.last.Step == r.steps }

// stepRecord makes a step, records it and reports progress.
func (r *run) stepRecord() error {
	s := &r.settings
	began := time.Now()
	loss, norm, err := r.step()
	if err != nil {
		return err
	}
	r.unsaved = true
	pace := time.Since(r.start) / time.Duration(r.steps-r.begun)
	r.progress = StepReport{
		Step: r.steps, Steps: s.Steps, Loss: loss, GradNorm: norm, Rate: r.adam.Rate,
		Elapsed:          r.elapsed(),
		SamplesPerSecond: float64(s.Batch) / time.Since(began).Seconds(),
		Remaining:        pace * time.Duration(s.Steps-r.steps),
		HeldOut:          r.last.Mean,
	}
	if r.steps%s.LogEvery == 0 || r.steps == s.Steps {
		if err := r.metrics.step(&r.progress); err != nil {
			return err
		}
	}
	r.options.Progress(r.progress)
	return nil
}

// heldOutRecord computes the held-out loss and records it.
func (r *run) heldOutRecord(ctx context.Context) error {
	h, err := r.heldOutLoss(ctx)
	if err != nil {
		return err
	}
	r.last = h
	if r.best.Step == 0 || h.Mean < r.best.Mean {
		r.best = h
	}
	r.unsaved = true
	return r.metrics.heldOut(&h)
}

func (r *run) checkpointDue() bool {
	s := &r.settings
	return s.CheckpointEvery > 0 && r.steps%s.CheckpointEvery == 0 || r.kept() ||
		s.CheckpointMinutes > 0 && time.Since(r.saved).Minutes() >= s.CheckpointMinutes
}

// kept reports whether the checkpoint of this step is kept for good.
func (r *run) kept() bool {
	every := r.settings.KeepEvery
	return every > 0 && r.steps > 0 && r.steps%every == 0
}

// save writes a checkpoint if anything has changed since the last one. It keeps
// the previous checkpoint and removes older ones that are not kept permanently.
// It first makes the metrics durable, so that a checkpoint never has more steps
// than the metrics.
func (r *run) save() error {
	if !r.unsaved {
		return nil
	}
	if err := r.metrics.flush(); err != nil {
		return err
	}
	c := r.checkpoint()
	c.Elapsed, c.Identity, c.Loss = r.elapsed(), r.options.Identity, r.progress.Loss
	path := CheckpointPath(r.options.Folder, r.steps)
	if err := c.writeFile(path); err != nil {
		return err
	}
	r.newest, r.saved, r.unsaved = path, time.Now(), false
	paths, err := listCheckpoints(r.options.Folder)
	if err != nil {
		return err
	}
	for _, old := range paths[min(2, len(paths)):] {
		if r.settings.keeps(old) {
			continue
		}
		if err := disk.Remove(old); err != nil {
			return err
		}
	}
	return nil
}

// checkpoint returns a description of the state that shares the state's memory.
func (t *stepper) checkpoint() *Checkpoint {
	return &Checkpoint{
		Step: t.steps, Steps: t.settings.Steps, Settings: t.settings.decisive(),
		Kernel: kernel.Implementation(), Summation: summation,
		Last: t.last, Best: t.best, Weights: t.weights, EMA: t.ema, M: t.m, V: t.v,
	}
}

// restore sets the state to c.
func (r *run) restore(c *Checkpoint) {
	copy(r.weights, c.Weights)
	copy(r.ema, c.EMA)
	copy(r.m, c.M)
	copy(r.v, c.V)
	r.steps, r.begun, r.last, r.best = c.Step, c.Step, c.Last, c.Best
	r.before, r.newest = c.Elapsed, c.Path
	r.progress = StepReport{Step: c.Step, Steps: r.settings.Steps, Loss: c.Loss}
	r.weightsChanged()
}
